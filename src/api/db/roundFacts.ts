import { type SQL, sql } from 'drizzle-orm'
import type { AnyPgColumn, PgTable } from 'drizzle-orm/pg-core'
import * as schema from '../../../ponder.schema.ts'
import * as Bounds from '../../domain/Bounds.ts'
import { groupByKey, isOfRound, keysTable, ROUND_KEY } from './keys.ts'
import { decodePlace, type Place } from './place.ts'
import type { Reader } from './reader.ts'
import type { RoundKey } from './round.ts'

const keyOf = ({ chainId, poolId, roundId }: RoundKey) => [chainId, poolId, roundId]

/** A step in the life of a round, and the log that made it. */
export interface RoundStep extends Place {
  readonly step: 'opened' | 'closed' | 'cancelled' | 'drawn' | 'finalized'
}

const STEPS = {
  opened: schema.roundOpened,
  closed: schema.roundClosed,
  cancelled: schema.roundCancelled,
  drawn: schema.roundDrawn,
  finalized: schema.roundFinalized,
} as const

const isStep = (step: unknown): step is RoundStep['step'] => String(step) in STEPS

/** The steps of each round, in chain order. */
export const listRoundSteps = async (
  db: Reader,
  rounds: readonly RoundKey[],
): Promise<readonly (readonly RoundStep[])[]> => {
  const keys = rounds.map(keyOf)
  const branches = Object.entries(STEPS).map(
    ([step, table]) => sql`
      select ${sql.raw(`'${step}'`)} as step, ${table.chainId}, ${table.blockNumber}, ${table.logIndex},
        ${table.blockHash}, ${table.transactionHash}, ${table.timestamp}
      from ${table} where ${isOfRound(table)}`,
  )
  const rows = await db.rows(sql`
    select keys.position, steps.* from ${keysTable(ROUND_KEY, keys)}
    cross join lateral (${sql.join(branches, sql` union all `)}) steps
    order by keys.position, steps.block_number, steps.log_index`)
  return groupByKey(keys, rows, (raw) => {
    if (!isStep(raw.step)) throw new Error(`There is no step ${String(raw.step)}`)
    return { step: raw.step, ...decodePlace(raw) }
  })
}

type Fact = PgTable & Record<'chainId' | 'poolId' | 'roundId' | 'blockNumber', AnyPgColumn>

/** Every table with facts of a round. The prize pool's updates share the blocks of the entries. */
const FACTS: readonly Fact[] = [
  schema.roundOpened,
  schema.entry,
  schema.roundClosed,
  schema.randomnessRequested,
  schema.randomnessFulfilled,
  schema.roundDrawn,
  schema.roundCancelled,
  schema.payout,
  schema.prizeCarried,
  schema.roundFinalized,
]

/** The block of a round's newest fact; `isOfRound` tells which facts of a table are the round's. */
export const newestFact = (isOfRound: (table: Fact) => SQL): SQL => {
  const newest = FACTS.map(
    (table) => sql`(select max(${table.blockNumber}) from ${table} where ${isOfRound(table)})`,
  )
  return sql`greatest(${sql.join(newest, sql`, `)})`
}

/** The block of the newest fact of each round. */
export const listLastBlocks = async (
  db: Reader,
  rounds: readonly RoundKey[],
): Promise<readonly number[]> => {
  const keys = rounds.map(keyOf)
  const rows = await db.rows(sql`
    select keys.position, ${newestFact(isOfRound)} as block_number
    from ${keysTable(ROUND_KEY, keys)}`)
  return groupByKey(keys, rows, (raw) => Number(raw.block_number)).map(([number]) => number ?? 0)
}

/** How many entries one number of a round has, and of how many players. */
export interface NumberCount {
  readonly number: number
  readonly entryCount: number
  readonly distinctPlayers: number
}

/** The numbers of each round that have an entry. */
export const listNumberCounts = async (
  db: Reader,
  rounds: readonly RoundKey[],
): Promise<readonly (readonly NumberCount[])[]> => {
  const keys = rounds.map(keyOf)
  const { entry } = schema
  const rows = await db.rows(sql`
    select keys.position, ${entry.number}, count(*) as entry_count,
      count(distinct ${entry.player}) as distinct_players
    from ${keysTable(ROUND_KEY, keys)} join ${entry} on ${isOfRound(entry)}
    group by keys.position, ${entry.number} order by keys.position, ${entry.number}`)
  return groupByKey(keys, rows, (raw) => ({
    number: Number(raw.number),
    entryCount: Number(raw.entry_count),
    distinctPlayers: Number(raw.distinct_players),
  }))
}

/** The contract's word on the prize pool after one entering call. */
export interface PrizePoolPoint {
  readonly at: number
  readonly prizePool: bigint
  readonly entryCount: number
}

/** The newest `last` points of each round, oldest first. */
export const listPrizePoolPoints = async (
  db: Reader,
  rounds: readonly RoundKey[],
  last: number,
): Promise<readonly (readonly PrizePoolPoint[])[]> => {
  const keys = rounds.map(keyOf)
  const { prizePoolUpdated: updated } = schema
  const rows = await db.rows(sql`
    select keys.position, points.* from ${keysTable(ROUND_KEY, keys)}
    cross join lateral (
      select * from ${updated} where ${isOfRound(updated)}
      order by ${updated.blockNumber} desc, ${updated.logIndex} desc limit ${String(last)}
    ) points
    order by keys.position, points.block_number, points.log_index`)
  return groupByKey(keys, rows, (raw) => ({
    at: Number(raw.timestamp),
    prizePool: BigInt(String(raw.prize_pool)),
    entryCount: Bounds.count(BigInt(String(raw.entry_count))),
  }))
}
