import { sql } from 'drizzle-orm'
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

/** Where the block number stands in a checkpoint of Ponder's: behind 10 digits of time and 16 of chain id. */
const NUMBER_START = 26
const NUMBER_END = 42

const decodeHead = (raw: Raw): Head => {
  const row = decodeRow(block, raw)
  const finalized = Number(String(raw.finalized_checkpoint).slice(NUMBER_START, NUMBER_END))
  return {
    chainId: row.chainId,
    number: row.number,
    hash: row.hash,
    parentHash: row.parentHash,
    timestamp: row.timestamp,
    finalizedNumber: Math.min(finalized, row.number),
    buildId: String(raw.build_id ?? ''),
  }
}

/**
 * The head of each chain. The block is our own table's newest row, because it is reverted together with the facts;
 * Ponder's checkpoint may disagree with the rows and gives only the list of chains and what is final.
 */
export const listHeads = async (db: Reader): Promise<readonly Head[]> => {
  const rows = await db.rows(sql`
    select newest.*, checkpoint.finalized_checkpoint, meta.value ->> 'build_id' as build_id
    from _ponder_checkpoint checkpoint
    cross join lateral (
      select * from ${block} where ${block.chainId} = checkpoint.chain_id
      order by ${block.number} desc limit 1
    ) newest
    left join _ponder_meta meta on meta.key = 'app'
    order by newest.chain_id`)
  return rows.map(decodeHead)
}
