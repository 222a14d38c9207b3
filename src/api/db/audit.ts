import { getTableColumns, isTable, type SQL, sql } from 'drizzle-orm'
import type { AnyPgColumn, PgTable } from 'drizzle-orm/pg-core'
import * as schema from '../../../ponder.schema.ts'
import { listPages } from './page.ts'
import { type PaymentRow, x402Payments } from './payment.ts'
import { decodeRow, type Reader } from './reader.ts'

/** What an audit asks of the rows that the indexer wrote: which logs they come from, and whether they are complete. */

type Fact = PgTable & Readonly<Record<'chainId' | 'blockNumber' | 'logIndex', AnyPgColumn>>

const isFact = (table: PgTable): table is Fact => 'logIndex' in getTableColumns(table)

/** Every table of the schema. */
export const tables: readonly PgTable[] = Object.values(schema).filter(
  (value): value is PgTable & typeof value => isTable(value),
)

/** Tables with one row for each log. What a log broke is no log. */
const facts = tables.filter(isFact).filter((table) => table !== schema.integrityIssue)

/** Where a log stands, by the row that was made from it. */
export interface LogPlace {
  readonly blockNumber: number
  readonly logIndex: number
  readonly blockHash: string
}

/** The place of each fact in a range of blocks, both ends included. */
export const listLogPlaces = async (
  db: Reader,
  chainId: number,
  from: number,
  to: number,
): Promise<readonly LogPlace[]> => {
  const selects = facts.map(
    (table) => sql`
      select block_number, log_index, block_hash from ${table}
      where ${table.chainId} = ${chainId} and ${table.blockNumber} between ${from}::bigint and ${to}::bigint`,
  )
  const rows = await db.rows(sql`${sql.join(selects, sql` union all `)} order by 1, 2`)
  return rows.map((raw) => ({
    blockNumber: Number(raw.block_number),
    logIndex: Number(raw.log_index),
    blockHash: String(raw.block_hash),
  }))
}

/** Rows of a table on a chain, in the order of their ids, behind one of them. */
export const listRows = async <T extends PgTable>(
  db: Reader,
  table: T,
  chainId: number,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<readonly T['$inferSelect'][]> => {
  const rows = await db.rows(sql`
    select * from ${table} where chain_id = ${chainId} and id > ${after} order by id limit ${limit}`)
  return rows.map((raw) => decodeRow(table, raw))
}

/** Whether a round was drawn, cancelled or finalized above a block. */
export const hasRoundEnded = async (
  db: Reader,
  chainId: number,
  above: number,
): Promise<boolean> => {
  const ended = ([schema.roundDrawn, schema.roundCancelled, schema.roundFinalized] as const).map(
    (table): SQL => sql`exists (select from ${table}
      where ${table.chainId} = ${chainId} and ${table.blockNumber} > ${above}::bigint)`,
  )
  const [row] = await db.rows(sql`select ${sql.join(ended, sql` or `)} as ended`)
  return row?.ended === true
}

/** Rounds with nothing left to pay or to refund that are not final. */
export const listUnfinishedRounds = async (
  db: Reader,
  chainId: number,
  limit: number,
): Promise<readonly (typeof schema.round.$inferSelect)[]> => {
  const { round } = schema
  const rows = await db.rows(sql`
    select * from ${round}
    where ${round.chainId} = ${chainId} and not ${round.isFinalized} and (
      (${round.status} = 'CANCELLED' and ${round.refundedEntries} = ${round.entryCount}) or
      (${round.status} in ('DRAWN', 'SETTLED', 'ROLLED_OVER') and ${round.paidEntries} = ${round.winningEntryCount}))
    order by ${round.poolId}, ${round.roundId} limit ${limit}`)
  return rows.map((raw) => decodeRow(round, raw))
}

/** Payments from a block on whose amount, price, entries or nonces do not agree. */
export const listMismatchedPayments = async (
  db: Reader,
  chainId: number,
  from: number,
  limit: number,
): Promise<readonly PaymentRow[]> => {
  const where = {
    linkStatus: { eq: 'MISMATCH' },
    chainId: { eq: chainId },
    blockNumber: { gte: from },
  }
  const [page] = await listPages(db, x402Payments, [[]], { where, first: limit })
  return (page?.edges ?? []).map(({ node }) => node)
}

/** Stored blocks of a chain up to one of them: `count` of them, evenly apart, with the oldest and the newest. */
export const sampleBlocks = async (
  db: Reader,
  chainId: number,
  to: number,
  count: number,
): Promise<readonly (typeof schema.block.$inferSelect)[]> => {
  const { block } = schema
  const rows = await db.rows(sql`
    select sampled.* from generate_series(0, ${count - 1}) step
    cross join (select min(${block.number}) as lowest from ${block} where ${block.chainId} = ${chainId}) first
    cross join lateral (
      select * from ${block} where ${block.chainId} = ${chainId}
        and ${block.number} <= first.lowest + (${to}::bigint - first.lowest) * step / ${Math.max(1, count - 1)}
      order by ${block.number} desc limit 1
    ) sampled
    order by sampled.number`)
  return rows.map((raw) => decodeRow(block, raw))
}

/** Stored blocks of a chain in a range, both ends included, the lowest first, at most `limit`. */
export const listBlocksBetween = async (
  db: Reader,
  chainId: number,
  from: number,
  to: number,
  limit: number,
): Promise<readonly (typeof schema.block.$inferSelect)[]> => {
  const { block } = schema
  const rows = await db.rows(sql`
    select * from ${block} where ${block.chainId} = ${chainId}
      and ${block.number} between ${from}::bigint and ${to}::bigint
    order by ${block.number} limit ${limit}`)
  return rows.map((raw) => decodeRow(block, raw))
}

/** Which tables these are: another number after the schema was dropped and made again. Whether the indexer is live. */
export const identify = async (
  db: Reader,
): Promise<{ readonly tablesId: string; readonly isReady: boolean }> => {
  const [row] = await db.rows(sql`
    select 'block'::regclass::oid::text as tables_id,
      (select value ->> 'is_ready' = '1' from _ponder_meta where key = 'app') as is_ready`)
  return { tablesId: String(row?.tables_id ?? ''), isReady: row?.is_ready === true }
}
