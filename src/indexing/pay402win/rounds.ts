import * as schema from '../../../ponder.schema.ts'
import * as Bounds from '../../domain/Bounds.ts'
import { CANCEL_REASONS, CARRY_REASONS, OUTCOMES } from '../../domain/enums.ts'
import * as Id from '../../domain/Id.ts'
import * as Integrity from '../../domain/Integrity.ts'
import * as PoolHour from '../../domain/PoolHour.ts'
import * as PoolNumber from '../../domain/PoolNumber.ts'
import * as PoolStats from '../../domain/PoolStats.ts'
import * as Round from '../../domain/Round.ts'
import {
  type Log,
  lower,
  nameOf,
  placeOf,
  poolOf,
  report,
  type Store,
  updatePoolHour,
  updatePoolStats,
  updateRound,
  upsert,
} from '../store.ts'

export const roundOpened = async (store: Store, event: Log<'Pay402Win:RoundOpened'>) => {
  const { db } = store
  const opened = {
    ...(await placeOf(store, event)),
    poolId: event.args.poolId,
    roundId: event.args.roundId,
    opensAt: Bounds.time(event.args.opensAt),
    closesAt: Bounds.time(event.args.closesAt),
    carryIn: event.args.carryIn,
  }
  const { chainId, poolId, roundId } = opened
  const id = Id.round(chainId, poolId, roundId)
  await db.insert(schema.roundOpened).values(opened)
  await db.insert(schema.round).values(Round.opened({ ...opened, id }))
  const pool = await poolOf(store, 'RoundOpened', opened)
  const { currentRoundId } = await updatePoolStats(store, 'RoundOpened', opened, (stats) =>
    PoolStats.roundOpened(stats, opened),
  )
  const previous =
    currentRoundId === 1n
      ? null
      : await db.find(schema.round, { id: Id.round(chainId, poolId, roundId - 1n) })
  await report(store, opened, `round ${id}`, Integrity.roundOpened(pool, previous, opened))
  await updatePoolHour(store, opened, (hour) => PoolHour.roundOpened(hour, opened))
}

export const roundClosed = async (store: Store, event: Log<'Pay402Win:RoundClosed'>) => {
  const closed = {
    ...(await placeOf(store, event)),
    ...event.args,
    closedBy: lower(event.args.closedBy),
  }
  await store.db.insert(schema.roundClosed).values(closed)
  await updateRound(
    store,
    'RoundClosed',
    closed,
    (round) => Round.closed(round, closed),
    (round) => Integrity.roundClosed(round, closed),
  )
}

export const randomnessRequested = async (
  store: Store,
  event: Log<'Pay402Win:RandomnessRequested'>,
) => {
  const requested = {
    ...(await placeOf(store, event)),
    ...event.args,
    coordinator: lower(event.args.coordinator),
  }
  await store.db.insert(schema.randomnessRequested).values(requested)
  const { chainId, blockNumber, logIndex } = requested
  // The coordinator logs a request as the last thing before it returns to the game.
  const taken = await store.db.find(schema.randomWordsRequested, {
    id: Id.fact(chainId, blockNumber, logIndex - 1),
  })
  await updateRound(
    store,
    'RandomnessRequested',
    requested,
    (round) => Round.requested(round, requested),
    (round) => Integrity.randomnessRequested(round, taken, requested),
  )
}

export const randomnessFulfilled = async (
  store: Store,
  event: Log<'Pay402Win:RandomnessFulfilled'>,
) => {
  const fulfilled = { ...(await placeOf(store, event)), ...event.args }
  await store.db.insert(schema.randomnessFulfilled).values(fulfilled)
  await updateRound(
    store,
    'RandomnessFulfilled',
    fulfilled,
    (round) => Round.fulfilled(round, fulfilled),
    (round) => Integrity.randomnessFulfilled(round, fulfilled),
  )
}

export const roundDrawn = async (store: Store, event: Log<'Pay402Win:RoundDrawn'>) => {
  const drawn = { ...(await placeOf(store, event)), ...event.args }
  const { chainId, poolId, roundId, winningNumber: number } = drawn
  await store.db.insert(schema.roundDrawn).values(drawn)
  const key = { id: Id.poolNumber(chainId, poolId, number), chainId, poolId, number }
  const onNumber = PoolNumber.inRound(
    (await store.db.find(schema.poolNumber, { id: key.id })) ?? PoolNumber.zero(key),
    roundId,
  )
  const round = await updateRound(
    store,
    'RoundDrawn',
    drawn,
    (before) => Round.drawn(before, { ...drawn, winningEntryIdSum: onNumber.entryIdSum }),
    (before) => Integrity.roundDrawn(before, onNumber, drawn),
  )
  const { drawnRounds: draw } = await updatePoolStats(store, 'RoundDrawn', drawn, (stats) =>
    PoolStats.roundDrawn(stats, round, drawn),
  )
  await upsert<PoolNumber.PoolNumber>(
    store.db.insert(schema.poolNumber),
    PoolNumber.zero(key),
    (before) => PoolNumber.drawn(before, { ...drawn, draw }),
  )
  await updatePoolHour(store, drawn, PoolHour.roundDrawn)
}

export const roundCancelled = async (store: Store, event: Log<'Pay402Win:RoundCancelled'>) => {
  const cancelled = {
    ...(await placeOf(store, event)),
    ...event.args,
    reason: nameOf(CANCEL_REASONS, event.args.reason, 'RoundCancelled'),
  }
  await store.db.insert(schema.roundCancelled).values(cancelled)
  const pool = await poolOf(store, 'RoundCancelled', cancelled)
  const round = await updateRound(
    store,
    'RoundCancelled',
    cancelled,
    (before) => Round.cancelled(before, cancelled),
    (before) => Integrity.roundCancelled(pool, before, cancelled),
  )
  await updatePoolStats(store, 'RoundCancelled', cancelled, (stats) =>
    PoolStats.roundCancelled(stats, round),
  )
}

export const prizeCarried = async (store: Store, event: Log<'Pay402Win:PrizeCarried'>) => {
  const { poolId, fromRoundId, toRoundId, amount, reason } = event.args
  const carried = {
    ...(await placeOf(store, event)),
    poolId,
    roundId: fromRoundId,
    toRoundId,
    amount,
    reason: nameOf(CARRY_REASONS, reason, 'PrizeCarried'),
  }
  await store.db.insert(schema.prizeCarried).values(carried)
  await updateRound(
    store,
    'PrizeCarried',
    carried,
    (round) => Round.carried(round, carried),
    (round) => Integrity.prizeCarried(round, carried),
  )
}

export const roundFinalized = async (store: Store, event: Log<'Pay402Win:RoundFinalized'>) => {
  const finalized = {
    ...(await placeOf(store, event)),
    ...event.args,
    outcome: nameOf(OUTCOMES, event.args.outcome, 'RoundFinalized'),
  }
  await store.db.insert(schema.roundFinalized).values(finalized)
  await updateRound(
    store,
    'RoundFinalized',
    finalized,
    (round) => Round.finalized(round, finalized),
    (round) => Integrity.roundFinalized(round, finalized),
  )
  await updatePoolStats(store, 'RoundFinalized', finalized, (stats) =>
    PoolStats.roundFinalized(stats, finalized),
  )
  if (finalized.outcome === 'ROLLED_OVER')
    await updatePoolHour(store, finalized, PoolHour.rolledOver)
}
