import type { Context, Event, EventNames } from 'ponder:registry'
import { getTableColumns } from 'drizzle-orm'
import type { Hex } from 'viem'
import * as schema from '../../ponder.schema.ts'
import * as Bucket from '../domain/Bucket.ts'
import type { Credit } from '../domain/Credit.ts'
import { type Facts, InvariantError } from '../domain/errors.ts'
import * as Id from '../domain/Id.ts'
import type { Violation } from '../domain/Integrity.ts'
import * as PoolHour from '../domain/PoolHour.ts'
import type { PoolStats } from '../domain/PoolStats.ts'
import type { Round } from '../domain/Round.ts'
import type { RoundPlayer } from '../domain/RoundPlayer.ts'

/**
 * What handlers need of Ponder's context. Narrow, so that the same handlers fill tables without a chain, for tests and for
 * data of any size.
 */
export interface Store {
  readonly chain: { readonly id: number }
  readonly db: Pick<Context['db'], 'find' | 'insert' | 'update'>
  /** `eth_call` at the event's block; with `cache`, at the newest one. */
  readonly client: {
    call(request: {
      readonly to?: Hex
      readonly data: Hex
      readonly cache?: 'immutable'
    }): Promise<{ data?: Hex | undefined }>
  }
}

/** What handlers need of an event that the contract's ABI calls `Name`. */
export interface Log<Name extends EventNames> {
  readonly args: Event<Name> extends { args: infer Args } ? Args : never
  readonly block: {
    readonly number: bigint
    readonly hash: Hex
    readonly parentHash: Hex
    readonly timestamp: bigint
  }
  readonly transaction: { readonly hash: Hex; readonly from: Hex; readonly input: Hex }
  readonly log: { readonly logIndex: number; readonly address: Hex }
}

type LogEvent = Pick<Log<EventNames>, 'block' | 'transaction' | 'log'>

/** Addresses are stored in lower case, as the API serves them. */
export const lower = (address: `0x${string}`) => address.toLowerCase() as `0x${string}`

/** The name of a Solidity enum's value; an unknown one means another contract's ABI. */
export const nameOf = <Name extends string>(
  names: readonly Name[],
  value: number,
  event: string,
): Name => {
  const name = names[value]
  if (name === undefined)
    throw new InvariantError(event, 'unknown enum value', { value, known: names.join(', ') })
  return name
}

/**
 * Writes the event's block, if it is not there yet, and returns the columns that say where the event stands.
 * `id` is the fact's own key.
 */
export const placeOf = async (context: Store, { block, transaction, log }: LogEvent) => {
  const chainId = context.chain.id
  await insertBlock(context, block)
  return {
    id: Id.fact(chainId, block.number, log.logIndex),
    chainId,
    blockNumber: Number(block.number),
    logIndex: log.logIndex,
    blockHash: block.hash,
    transactionHash: transaction.hash,
    timestamp: Number(block.timestamp),
  }
}

/** Blocks come from their own source and from events; the row is the same either way. */
export const insertBlock = (context: Store, block: LogEvent['block']) =>
  context.db
    .insert(schema.block)
    .values({
      id: Id.block(context.chain.id, block.number),
      chainId: context.chain.id,
      number: Number(block.number),
      hash: block.hash,
      parentHash: block.parentHash,
      timestamp: Number(block.timestamp),
    })
    .onConflictDoNothing()

/**
 * A copy of a row that Ponder hands out. Its rows are proxies, slow to spread, and later changed in place; reading them by name
 * is what they do fastest. `like` has the columns.
 */
const copyOf = <Row extends object>(row: Row, like: object): Row => {
  const copy: Partial<Row> = {}
  for (const name in like) copy[name as keyof Row & string] = row[name as keyof Row & string]
  return copy as Row
}

/**
 * Inserts `apply(zero)`, or applies the same function to the row that is there. `before` is the row as it was, null when there
 * was none.
 */
export const upsert = async <Row extends object>(
  into: {
    values(row: Row): { onConflictDoUpdate(apply: (row: Row) => Row): Promise<Row> }
  },
  zero: Row,
  apply: (row: Row) => Row,
): Promise<{ readonly before: Row | null; readonly after: Row }> => {
  const seen: { before: Row | null } = { before: null }
  const after = await into.values(apply(zero)).onConflictDoUpdate((row) => {
    seen.before = copyOf(row, zero)
    return apply(seen.before)
  })
  return { before: seen.before, after }
}

type Place = Awaited<ReturnType<typeof placeOf>>
type RoundKey = Pick<Round, 'chainId' | 'poolId' | 'roundId'>

/** Turns Ponder's "no such row" into the error that says which event cannot be. */
const known = async <Row>(
  row: Promise<Row>,
  event: string,
  shortMessage: string,
  facts: Facts,
): Promise<Row> => {
  try {
    return await row
  } catch (cause) {
    if (cause instanceof Error && cause.name === 'RecordNotFoundError')
      throw new InvariantError(event, shortMessage, facts)
    throw cause
  }
}

/** The pool an event names. @throws InvariantError when no PoolCreated was seen for it. */
export const poolOf = async (
  context: Store,
  event: string,
  { chainId, poolId }: Pick<Round, 'chainId' | 'poolId'>,
) => {
  const pool = await context.db.find(schema.pool, { id: Id.pool(chainId, poolId) })
  if (pool === null) throw new InvariantError(event, 'unknown pool', { chainId, poolId })
  return pool
}

/**
 * Applies an event to its round. `check` looks at the round as it was, before the event is applied to it.
 *
 * @throws InvariantError when no RoundOpened was seen for it.
 */
export const updateRound = async (
  store: Store,
  event: string,
  place: Place & RoundKey,
  apply: (round: Round) => Round,
  check?: (round: Round) => readonly Violation[],
): Promise<Round> => {
  const { chainId, poolId, roundId } = place
  const seen: { violations: readonly Violation[] } = { violations: [] }
  const round = await known(
    store.db.update(schema.round, { id: Id.round(chainId, poolId, roundId) }).set((row: Round) => {
      const before = copyOf(row, getTableColumns(schema.round))
      seen.violations = check?.(before) ?? []
      return apply(before)
    }),
    event,
    'unknown round',
    { chainId, poolId, roundId },
  )
  await report(store, place, `round ${Id.round(chainId, poolId, roundId)}`, seen.violations)
  return round
}

/** Applies an event to the hour of its pool. */
export const updatePoolHour = async (
  { db }: Store,
  { chainId, poolId, timestamp }: Place & Pick<Round, 'poolId'>,
  apply: (hour: PoolHour.PoolHour) => PoolHour.PoolHour,
): Promise<void> => {
  const hour = Bucket.hourOf(timestamp)
  const id = Id.poolHour(chainId, poolId, hour)
  await upsert<PoolHour.PoolHour>(
    db.insert(schema.poolHour),
    PoolHour.zero({ id, chainId, poolId, hour }),
    apply,
  )
}

/** Writes down what an event broke, a row for each invariant. */
export const report = async (
  { db }: Store,
  place: Place,
  scope: string,
  violations: readonly Violation[],
): Promise<void> => {
  const byInvariant = Map.groupBy(violations, ({ invariant }) => invariant)
  const fact = Id.fact(place.chainId, place.blockNumber, place.logIndex)
  for (const [invariant, broken] of byInvariant)
    await db.insert(schema.integrityIssue).values({
      id: Id.issue(fact, invariant),
      chainId: place.chainId,
      blockNumber: place.blockNumber,
      logIndex: place.logIndex,
      blockHash: place.blockHash,
      transactionHash: place.transactionHash,
      timestamp: place.timestamp,
      invariant,
      scope,
      expected: broken.map(({ expected }) => expected).join(', '),
      actual: broken.map(({ actual }) => actual).join(', '),
    })
}

/** Applies an event to its pool's counters. @throws InvariantError when no PoolCreated was seen for it. */
export const updatePoolStats = (
  { db }: Store,
  event: string,
  { chainId, poolId }: Pick<Round, 'chainId' | 'poolId'>,
  apply: (stats: PoolStats) => PoolStats,
): Promise<PoolStats> =>
  known(
    db.update(schema.poolStats, { id: Id.pool(chainId, poolId) }).set(apply),
    event,
    'unknown pool',
    { chainId, poolId },
  )

/** Applies a payout to its recipient's membership. @throws InvariantError when the account never entered the round. */
export const updateRoundPlayer = (
  { db }: Store,
  event: string,
  { chainId, poolId, roundId }: RoundKey,
  address: `0x${string}`,
  apply: (member: RoundPlayer) => RoundPlayer,
): Promise<RoundPlayer> =>
  known(
    db
      .update(schema.roundPlayer, { id: Id.roundPlayer(chainId, poolId, roundId, address) })
      .set(apply),
    event,
    'the account has no entry in the round',
    { chainId, poolId, roundId, address },
  )

/** Applies a claim to the account's credit. @throws InvariantError when nothing was ever credited. */
export const updateCredit = async (
  store: Store,
  event: string,
  place: Place & Pick<Credit, 'account' | 'token'>,
  apply: (credit: Credit) => Credit,
  check: (credit: Credit) => readonly Violation[],
): Promise<void> => {
  const { chainId, account, token } = place
  const id = Id.accountToken(chainId, account, token)
  const seen: { violations: readonly Violation[] } = { violations: [] }
  await known(
    store.db.update(schema.credit, { id }).set((before: Credit) => {
      seen.violations = check(before)
      return apply(before)
    }),
    event,
    'nothing was credited to the account',
    { chainId, account, token },
  )
  await report(store, place, `credit ${id}`, seen.violations)
}
