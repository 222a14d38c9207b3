import { type SQL, sql } from 'drizzle-orm'
import type { AnyPgColumn } from 'drizzle-orm/pg-core'
import { block } from '../../../ponder.schema.ts'
import { decodeRow, type Raw, type Reader } from './reader.ts'

/** The newest indexed block of a chain. */
export interface Head {
  readonly chainId: number
  readonly number: number
  readonly hash: `0x${string}`
  readonly parentHash: `0x${string}`
  /** Seconds. */
  readonly timestamp: number
  /** Blocks up to this one will not be reorganised away; never above `number`. */
  readonly finalizedNumber: number
  /** The indexer's build: another one means other rules. */
  readonly buildId: string
}

/** The block number in a checkpoint of Ponder's: behind 10 digits of time and 16 of chain id. */
const numberIn = (checkpoint: SQL): SQL => sql`substring(${checkpoint} from 27 for 16)::bigint`

/** The block up to which a chain is final, as a value in a statement. */
export const finalizedOf = (chainId: SQL | AnyPgColumn): SQL => sql`(
  select ${numberIn(sql`finality.finalized_checkpoint`)} from _ponder_checkpoint finality where finality.chain_id = ${chainId})`

const decodeHead = (raw: Raw): Head => {
  const row = decodeRow(block, raw)
  return {
    chainId: row.chainId,
    number: row.number,
    hash: row.hash,
    parentHash: row.parentHash,
    timestamp: row.timestamp,
    finalizedNumber: Number(raw.finalized_number),
    buildId: String(raw.build_id ?? ''),
  }
}

/**
 * The head of each chain. The block is our own table's newest row, because it is reverted together with the facts;
 * Ponder's checkpoint may disagree with the rows and gives only the list of chains and what is final.
 */
export const heads = sql`(
  select newest.*, least(${numberIn(sql`checkpoint.finalized_checkpoint`)}, newest.number) as finalized_number,
    meta.value ->> 'build_id' as build_id
  from _ponder_checkpoint checkpoint
  cross join lateral (
    select * from ${block} where ${block.chainId} = checkpoint.chain_id
    order by ${block.number} desc limit 1
  ) newest
  left join _ponder_meta meta on meta.key = 'app'
) head`

export const listHeads = async (db: Reader): Promise<readonly Head[]> => {
  const rows = await db.rows(sql`select * from ${heads} order by chain_id`)
  return rows.map(decodeHead)
}
