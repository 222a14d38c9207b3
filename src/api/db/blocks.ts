import { sql } from 'drizzle-orm'
import { block } from '../../../ponder.schema.ts'
import { decodeRow, type Reader } from './reader.ts'

/** A block as its chain names it. */
export interface Block {
  readonly number: number
  readonly hash: `0x${string}`
  readonly parentHash: `0x${string}`
}

/** Indexed blocks of a chain from a number on, newest first, at most `limit`. */
export const listBlocks = async (
  db: Reader,
  chainId: number,
  from: number,
  limit: number,
): Promise<readonly Block[]> => {
  const rows = await db.rows(sql`
    select * from ${block} where ${block.chainId} = ${chainId} and ${block.number} >= ${from}::bigint
    order by ${block.number} desc limit ${limit}`)
  return rows.map((raw) => decodeRow(block, raw))
}
