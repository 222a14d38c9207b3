import { sql } from 'drizzle-orm'
import * as schema from '../../../ponder.schema.ts'
import type { Reader } from './reader.ts'

/** One table for each way to call the game: whatever a transaction did, it left a row in one of them. */
const TABLES = [
  schema.entry,
  schema.payout,
  schema.roundClosed,
  schema.roundCancelled,
  schema.randomnessFulfilled,
  schema.creditClaimed,
  schema.pool,
  schema.tokenAuthorization,
  schema.tokenTransfer,
]

/** The block of a transaction that is indexed; null while it is not, or when it does not concern the game. */
export const findTransactionBlock = async (
  db: Reader,
  chainId: number,
  hash: string,
): Promise<number | null> => {
  const branches = TABLES.map(
    (table) => sql`(select ${table.blockNumber} as block_number from ${table}
      where ${table.transactionHash} = ${hash} and ${table.chainId} = ${String(chainId)} limit 1)`,
  )
  const [row] = await db.rows(sql`${sql.join(branches, sql` union all `)} limit 1`)
  return row === undefined ? null : Number(row.block_number)
}
