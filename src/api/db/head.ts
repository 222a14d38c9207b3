import { type SQL, sql } from 'drizzle-orm'
import type { AnyPgColumn } from 'drizzle-orm/pg-core'
import { block } from '../../../ponder.schema.ts'
import { decodeRow, type Raw, type Reader, textOf } from './reader.ts'

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
export const numberIn = (checkpoint: SQL): SQL =>
  sql`substring(${checkpoint} from 27 for 16)::bigint`

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
    meta.value ->> 'build_id' as build_id, checkpoint.latest_checkpoint
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

/** Equal when the rows of these heads are. */
export const stateOf = (heads: Iterable<Head>): string =>
  [...heads]
    .map(({ chainId, hash, finalizedNumber, buildId }) =>
      [chainId, hash, finalizedNumber, buildId].join(),
    )
    .sort()
    .join(' ')

/** Rows, and what `decodeHeads` makes heads of: equal when the heads are, and the point in the block that the indexer has come to. */
export interface RowsAndHeads {
  readonly rows: readonly Raw[]
  /** Undefined before the first block. */
  readonly heads: string | undefined
}

/** Written once: it is the same for every statement. */
const BEFORE = sql.raw(
  textOf(sql`
    select case when row_number() over () = 1 then told.heads end as _heads, found.*
    from (select json_agg(head order by chain_id)::text as heads from ${heads}) told
    left join (select true as _found, statement.* from (`),
)
const BEHIND = sql.raw(') statement) found on true')

/**
 * Rows of a statement and the heads that they are of, read by one statement and so at one moment. The heads come in the first row, or in a
 * row of their own. The order of the rows stays as it is: what is joined to one row comes in its own order.
 */
export const rowsAndHeads = async (db: Reader, statement: SQL): Promise<RowsAndHeads> => {
  const raw = await db.rows(sql`${BEFORE}${statement}${BEHIND}`)
  const told = raw[0]?._heads
  return {
    rows: raw[0]?._found === true ? raw : [],
    heads: typeof told === 'string' ? told : undefined,
  }
}

let decoded: { readonly text: string; readonly heads: ReadonlyMap<number, Head> } = {
  text: '',
  heads: new Map(),
}

/** The head of each chain, by chain id. Most who ask have read the same. */
export const decodeHeads = (text: string): ReadonlyMap<number, Head> => {
  if (text !== decoded.text) {
    const raws: readonly Raw[] = JSON.parse(text)
    const heads = new Map(raws.map(decodeHead).map((head) => [head.chainId, head]))
    decoded = { text, heads }
  }
  return decoded.heads
}
