import { type SQL, sql } from 'drizzle-orm'
import type { AnyPgColumn } from 'drizzle-orm/pg-core'
import * as schema from '../../../ponder.schema.ts'
import * as Id from '../../domain/Id.ts'
import {
  boolean,
  countOrNull,
  type ExportTable,
  type Fact,
  integer,
  integerOrNull,
  money,
  moneyOrNull,
  ofRound,
  place,
  text,
  textOrNull,
  time,
  timeOrNull,
  token,
} from './exportColumns.ts'
import {
  ofSameRound,
  one,
  poolOf,
  roundStatus,
  roundSteps,
  sums,
  tokenOf,
  tokenValues,
} from './exportJoins.ts'

export const rounds: ExportTable = {
  base: schema.roundOpened,
  pageRows: 200,
  columns: [
    text('id', ({ chain_id, pool_id, round_id }) =>
      Id.round(Number(chain_id), BigInt(String(pool_id)), BigInt(String(round_id))),
    ),
    ...place,
    ...ofRound,
    ...time('opens_at'),
    ...time('closes_at'),
    ...token,
    ...money('carry_in'),
    text('status'),
    boolean('is_finalized'),
    textOrNull('cancel_reason'),
    ...timeOrNull('closed_at'),
    ...timeOrNull('drawn_at'),
    ...timeOrNull('cancelled_at'),
    ...timeOrNull('finalized_at'),
    integer('entry_count'),
    integer('unique_players'),
    integer('distinct_numbers'),
    integerOrNull('winning_number'),
    countOrNull('winning_entry_count'),
    integer('paid_entries'),
    integer('refunded_entries'),
    ...money('gross'),
    ...money('fee_accrued'),
    ...money('prize_pool'),
    ...moneyOrNull('carry_out'),
    ...moneyOrNull('prize_per_entry'),
    ...money('prizes_paid'),
    ...money('prizes_delivered'),
    ...money('refunded'),
    ...money('fee_collected'),
  ],
  select: (block) => ({
    values: sql`base.*, pool.token, ${tokenValues}, ${roundStatus} as status, finalized.id is not null as is_finalized,
      cancelled.reason as cancel_reason, coalesce(closed.timestamp, cancelled.timestamp) as closed_at,
      drawn.timestamp as drawn_at, cancelled.timestamp as cancelled_at, finalized.timestamp as finalized_at,
      entered.*, base.carry_in + entered.gross - entered.fee_accrued as prize_pool, paid.*,
      drawn.winning_number, drawn.winning_entry_count, drawn.prize_per_entry,
      coalesce(carried.amount, drawn.carry_out, case when cancelled.id is not null then 0 end) as carry_out`,
    joins: sql`${roundSteps('base', block)} ${poolOf} ${tokenOf(sql`pool.token`)}
      ${one(schema.prizeCarried, 'carried', block, ofSameRound(schema.prizeCarried, 'base'))}
      ${sums(
        schema.entry,
        'entered',
        block,
        sql`count(*) as entry_count, count(distinct player) as unique_players, count(distinct number) as distinct_numbers,
          coalesce(sum(amount), 0) as gross, coalesce(sum(fee_amount), 0) as fee_accrued`,
      )}
      ${sums(
        schema.payout,
        'paid',
        block,
        sql`count(*) filter (where kind = 'PRIZE') as paid_entries,
          count(*) filter (where kind = 'REFUND') as refunded_entries,
          coalesce(sum(amount) filter (where kind = 'PRIZE'), 0) as prizes_paid,
          coalesce(sum(amount) filter (where kind = 'PRIZE' and delivered), 0) as prizes_delivered,
          coalesce(sum(amount) filter (where kind = 'REFUND'), 0) as refunded,
          coalesce(sum(amount) filter (where kind = 'FEE'), 0) as fee_collected`,
      )}`,
  }),
}

/** How many such facts a pool has up to the block. */
const countOf = (
  table: Fact & Readonly<Record<'poolId', AnyPgColumn>>,
  block: SQL,
  where: SQL = sql`true`,
): SQL => sql`(select count(*) from ${table} where ${table.chainId} = base.chain_id
  and ${table.poolId} = base.pool_id and ${table.blockNumber} <= ${block} and ${where})`

export const pools: ExportTable = {
  base: schema.pool,
  pageRows: 200,
  columns: [
    text('id'),
    ...place,
    text('pool_id'),
    text('name'),
    text('creator'),
    ...token,
    ...money('entry_fee'),
    integer('fee_bps'),
    text('fee_recipient'),
    integer('round_duration'),
    integer('min_entries'),
    integer('max_entries'),
    integer('draw_timeout'),
    integer('round_count'),
    integer('drawn_rounds'),
    integer('settled_rounds'),
    integer('rolled_over_rounds'),
    integer('cancelled_rounds'),
  ],
  select: (block) => ({
    values: sql`base.*, ${tokenValues},
      ${countOf(schema.roundOpened, block)} as round_count,
      ${countOf(schema.roundDrawn, block)} as drawn_rounds,
      ${countOf(schema.roundFinalized, block, sql`outcome = 'SETTLED'`)} as settled_rounds,
      ${countOf(schema.roundFinalized, block, sql`outcome = 'ROLLED_OVER'`)} as rolled_over_rounds,
      ${countOf(schema.roundCancelled, block)} as cancelled_rounds`,
    joins: tokenOf(sql`base.token`),
  }),
}
