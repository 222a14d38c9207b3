import { type SQL, sql } from 'drizzle-orm'
import { pool, poolHour } from '../../../ponder.schema.ts'
import type { Interval } from '../../domain/Bucket.ts'
import { optional, type Raw, type Reader } from './reader.ts'

/** One interval of a pool, or of all pools of a token. Money in base units of the token. */
export interface BucketRow {
  /** Seconds. */
  readonly start: number
  readonly entryCount: number
  readonly wagered: bigint
  readonly fees: bigint
  readonly prizes: bigint
  readonly refunds: bigint
  readonly x402Count: number
  readonly x402Amount: bigint
  readonly uniquePlayers: number
  readonly newPlayers: number
  readonly roundsDrawn: number
  readonly rollovers: number
  /** The greatest and the last prize pool that an event of the interval left; null when none changed it. */
  readonly prizePoolHigh: bigint | null
  readonly prizePoolClose: bigint | null
}

/** Hours, and the hour in which the interval of an hour began. A week begins on Monday; the epoch was a Thursday. */
export const STARTS: Record<Interval, SQL> = {
  HOUR: sql`${poolHour.hour}`,
  DAY: sql`${poolHour.hour} / 24 * 24`,
  WEEK: sql`(${poolHour.hour} + 72) / 168 * 168 - 72`,
}

const PLAYERS: Record<Interval, { readonly ofPool: SQL; readonly ofToken: SQL }> = {
  HOUR: { ofPool: sql`${poolHour.hourPlayers}`, ofToken: sql`${poolHour.tokenHourPlayers}` },
  DAY: { ofPool: sql`${poolHour.dayPlayers}`, ofToken: sql`${poolHour.tokenDayPlayers}` },
  WEEK: { ofPool: sql`${poolHour.weekPlayers}`, ofToken: sql`${poolHour.tokenWeekPlayers}` },
}

const sums = sql`
  sum(${poolHour.entryCount}) as entry_count, sum(${poolHour.wagered}) as wagered, sum(${poolHour.fees}) as fees,
  sum(${poolHour.prizes}) as prizes, sum(${poolHour.refunds}) as refunds, sum(${poolHour.x402Count}) as x402_count,
  sum(${poolHour.x402Amount}) as x402_amount, sum(${poolHour.roundsDrawn}) as rounds_drawn,
  sum(${poolHour.rollovers}) as rollovers`

/** What an interval of a pool adds up to; within rows that are grouped by it. */
export const bucketSums = (interval: Interval): SQL => sql`${sums},
  sum(${PLAYERS[interval].ofPool}) as unique_players, sum(${poolHour.newPlayers}) as new_players,
  max(${poolHour.prizePoolHigh}) as prize_pool_high,
  (array_agg(${poolHour.prizePoolClose} order by ${poolHour.hour} desc)
    filter (where ${poolHour.prizePoolClose} is not null))[1] as prize_pool_close`

const decode = (raw: Raw): BucketRow => ({
  start: Number(raw.start) * 3_600,
  entryCount: Number(raw.entry_count),
  wagered: BigInt(String(raw.wagered)),
  fees: BigInt(String(raw.fees)),
  prizes: BigInt(String(raw.prizes)),
  refunds: BigInt(String(raw.refunds)),
  x402Count: Number(raw.x402_count),
  x402Amount: BigInt(String(raw.x402_amount)),
  uniquePlayers: Number(raw.unique_players),
  newPlayers: Number(raw.new_players),
  roundsDrawn: Number(raw.rounds_drawn),
  rollovers: Number(raw.rollovers),
  prizePoolHigh: optional(raw.prize_pool_high, BigInt),
  prizePoolClose: optional(raw.prize_pool_close, BigInt),
})

/** From the hour that holds `from` on, and before `to`; both in seconds, at the start of an interval. */
interface Range {
  readonly interval: Interval
  readonly from: number
  readonly to: number
}

const inRange = ({ from, to }: Range): SQL =>
  sql`${poolHour.hour} >= ${Math.floor(from / 3_600)} and ${poolHour.hour} < ${Math.ceil(to / 3_600)}`

/** The intervals of a pool in which something happened, in order. */
export const listPoolBuckets = async (
  db: Reader,
  { chainId, poolId }: { readonly chainId: number; readonly poolId: bigint },
  range: Range,
): Promise<readonly BucketRow[]> => {
  const { interval } = range
  const rows = await db.rows(sql`
    select ${STARTS[interval]} as start, ${bucketSums(interval)}
    from ${poolHour}
    where ${poolHour.chainId} = ${chainId} and ${poolHour.poolId} = ${String(poolId)} and ${inRange(range)}
    group by 1 order by 1`)
  return rows.map(decode)
}

/** The prize pool that stood in a pool when the interval began; null before its first round. */
export const findPrizePool = async (
  db: Reader,
  { chainId, poolId }: { readonly chainId: number; readonly poolId: bigint },
  { from }: Range,
): Promise<bigint | null> => {
  const [row] = await db.rows(sql`
    select ${poolHour.prizePoolClose} from ${poolHour}
    where ${poolHour.chainId} = ${chainId} and ${poolHour.poolId} = ${String(poolId)}
      and ${poolHour.hour} < ${Math.floor(from / 3_600)} and ${poolHour.prizePoolClose} is not null
    order by ${poolHour.hour} desc limit 1`)
  return optional(row?.prize_pool_close ?? null, BigInt)
}

/** The intervals of all pools of a token in which something happened, in order. Without prize pools. */
export const listTokenBuckets = async (
  db: Reader,
  { chainId, token }: { readonly chainId: number; readonly token: string },
  range: Range,
): Promise<readonly BucketRow[]> => {
  const { interval } = range
  const rows = await db.rows(sql`
    select ${STARTS[interval]} as start, ${sums},
      sum(${PLAYERS[interval].ofToken}) as unique_players, sum(${poolHour.tokenNewPlayers}) as new_players,
      null as prize_pool_high, null as prize_pool_close
    from ${pool} join ${poolHour} on ${poolHour.chainId} = ${pool.chainId} and ${poolHour.poolId} = ${pool.poolId}
    where ${pool.chainId} = ${chainId} and ${pool.token} = ${token} and ${inRange(range)}
    group by 1 order by 1`)
  return rows.map(decode)
}
