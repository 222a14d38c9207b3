import { type SQL, sql } from 'drizzle-orm'
import type { AnyPgColumn } from 'drizzle-orm/pg-core'
import { creditClaimed, entry, payout, pool } from '../../../ponder.schema.ts'
import { type Interval, seconds, startOf } from '../../domain/Bucket.ts'
import type { Facts } from './aggregatePlan.ts'
import { type EntryRow, entryEntity, entryFields } from './entry.ts'
import { address, type Field, timestamp } from './fields.ts'
import { type PayoutRow, payoutEntity, payoutFields } from './payout.ts'
import { optional, type Raw } from './reader.ts'

/** What entries and payouts are grouped by. */

const STATES = ['DELIVERED', 'CREDITED', 'CLAIMED'] as const

/** Where a group stands: null for what it is not grouped by. Times in seconds. */
export interface OfGroup {
  readonly chainId: number | null
  readonly poolId: bigint | null
  readonly roundId: bigint | null
  readonly token: string | null
  readonly hour: number | null
  readonly day: number | null
  readonly week: number | null
}

export interface EntryKey extends OfGroup {
  readonly player: string | null
  readonly number: number | null
  readonly paymentMethod: EntryRow['paymentMethod'] | null
}

export interface PayoutKey extends OfGroup {
  readonly kind: PayoutRow['kind'] | null
  readonly state: (typeof STATES)[number] | null
  readonly recipient: string | null
}

/** `Bucket.startOf` in SQL; no block is older than the epoch, so `/` rounds down. */
const startSql = (interval: Interval, time: AnyPgColumn): Field => {
  const length = sql.raw(String(seconds(interval)))
  const offset = sql.raw(`(${startOf(interval, 0)})`)
  return { ...timestamp(time), sql: sql`(${time} - ${offset}) / ${length} * ${length} + ${offset}` }
}

const starts = (time: AnyPgColumn) => ({
  hour: startSql('HOUR', time),
  day: startSql('DAY', time),
  week: startSql('WEEK', time),
})

const OF_POOL = {
  POOL: ['chainId', 'poolId'],
  ROUND: ['chainId', 'poolId', 'roundId'],
  TOKEN: ['chainId', 'token'],
}
const TIMES = { HOUR: ['hour'], DAY: ['day'], WEEK: ['week'] }

const decodeGroup = (raw: Raw): OfGroup => ({
  chainId: optional(raw.chainId, Number),
  poolId: optional(raw.poolId, BigInt),
  roundId: optional(raw.roundId, BigInt),
  token: optional(raw.token, String),
  hour: optional(raw.hour, Number),
  day: optional(raw.day, Number),
  week: optional(raw.week, Number),
})

export const entryFacts = {
  table: entry,
  entity: entryEntity,
  columns: { ...entryFields, token: address(pool.token), ...starts(entry.timestamp) },
  dimensions: {
    ...OF_POOL,
    PLAYER: ['chainId', 'player'],
    NUMBER: ['number'],
    PAYMENT_METHOD: ['paymentMethod'],
    ...TIMES,
  },
  members: { name: 'players', columns: ['chainId', 'player'] },
  amounts: { amount: entry.amount, fee: entry.feeAmount },
  tokenJoin: sql`join ${pool} on ${pool.chainId} = ${entry.chainId} and ${pool.poolId} = ${entry.poolId}`,
  decode: (raw: Raw): EntryKey => ({
    ...decodeGroup(raw),
    player: optional(raw.player, String),
    number: optional(raw.number, Number),
    paymentMethod: optional(raw.paymentMethod, (name) => name as EntryRow['paymentMethod']),
  }),
} satisfies Facts<string, EntryKey>

/** As a position in `STATES`. A claim takes every credit that its account has in the token so far. */
const STATE: SQL = sql`case when ${payout.delivered} then 0 when exists (
  select 1 from ${creditClaimed}
  where ${creditClaimed.account} = ${payout.recipient} and ${creditClaimed.chainId} = ${payout.chainId}
    and ${creditClaimed.token} = ${payout.token}
    and (${creditClaimed.blockNumber}, ${creditClaimed.logIndex}) > (${payout.blockNumber}, ${payout.logIndex})
  ) then 2 else 1 end`

export const payoutFacts = {
  table: payout,
  entity: payoutEntity,
  columns: {
    ...payoutFields,
    state: { kind: 'int', sql: STATE, isNullable: false, values: [] },
    ...starts(payout.timestamp),
  },
  dimensions: {
    KIND: ['kind'],
    STATE: ['state'],
    ...OF_POOL,
    RECIPIENT: ['recipient'],
    ...TIMES,
  },
  members: { name: 'recipients', columns: ['recipient'] },
  amounts: { amount: payout.amount },
  tokenJoin: sql``,
  decode: (raw: Raw): PayoutKey => ({
    ...decodeGroup(raw),
    kind: optional(raw.kind, (name) => name as PayoutRow['kind']),
    state: optional(raw.state, (at) => STATES[Number(at)] ?? 'DELIVERED'),
    recipient: optional(raw.recipient, String),
  }),
} satisfies Facts<string, PayoutKey>
