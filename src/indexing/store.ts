import type { Context } from 'ponder:registry'
import schema from 'ponder:schema'
import type { Credit } from '../domain/Credit.ts'
import { type Facts, InvariantError } from '../domain/errors.ts'
import * as Id from '../domain/Id.ts'
import type { PoolStats } from '../domain/PoolStats.ts'
import type { Round } from '../domain/Round.ts'
import type { RoundPlayer } from '../domain/RoundPlayer.ts'

/** The part of an event that says where it stands. */
interface LogEvent {
  readonly block: {
    readonly number: bigint
    readonly hash: `0x${string}`
    readonly parentHash: `0x${string}`
    readonly timestamp: bigint
  }
  readonly transaction: { readonly hash: `0x${string}` }
  readonly log: { readonly logIndex: number }
}

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
export const placeOf = async (context: Context, { block, transaction, log }: LogEvent) => {
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
export const insertBlock = (context: Context, block: LogEvent['block']) =>
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

/** Inserts `apply(zero)`, or applies the same function to the row that is there. Returns the new row. */
export const upsert = <Row>(
  into: {
    values(row: Row): { onConflictDoUpdate(apply: (row: Row) => Row): Promise<Row> }
  },
  zero: Row,
  apply: (row: Row) => Row,
): Promise<Row> => into.values(apply(zero)).onConflictDoUpdate(apply)

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
  context: Context,
  event: string,
  { chainId, poolId }: Pick<Round, 'chainId' | 'poolId'>,
) => {
  const pool = await context.db.find(schema.pool, { id: Id.pool(chainId, poolId) })
  if (pool === null) throw new InvariantError(event, 'unknown pool', { chainId, poolId })
  return pool
}

/** Applies an event to its round. @throws InvariantError when no RoundOpened was seen for it. */
export const updateRound = (
  { db }: Context,
  event: string,
  { chainId, poolId, roundId }: RoundKey,
  apply: (round: Round) => Round,
): Promise<Round> =>
  known(
    db.update(schema.round, { id: Id.round(chainId, poolId, roundId) }).set(apply),
    event,
    'unknown round',
    { chainId, poolId, roundId },
  )

/** Applies an event to its pool's counters. @throws InvariantError when no PoolCreated was seen for it. */
export const updatePoolStats = (
  { db }: Context,
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
  { db }: Context,
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
export const updateCredit = (
  { db }: Context,
  event: string,
  { chainId, account, token }: Pick<Credit, 'chainId' | 'account' | 'token'>,
  apply: (credit: Credit) => Credit,
): Promise<Credit> =>
  known(
    db.update(schema.credit, { id: Id.accountToken(chainId, account, token) }).set(apply),
    event,
    'nothing was credited to the account',
    { chainId, account, token },
  )
