import { ponder } from 'ponder:registry'
import schema from 'ponder:schema'
import { CANCEL_REASONS, CARRY_REASONS, OUTCOMES } from '../../domain/enums.ts'
import * as PoolStats from '../../domain/PoolStats.ts'
import * as Round from '../../domain/Round.ts'
import { lower, nameOf, placeOf, updatePoolStats, updateRound } from '../store.ts'

ponder.on('Pay402Win:RoundClosed', async ({ event, context }) => {
  const closed = {
    ...(await placeOf(context, event)),
    ...event.args,
    closedBy: lower(event.args.closedBy),
  }
  await context.db.insert(schema.roundClosed).values(closed)
  await updateRound(context, 'RoundClosed', closed, (round) => Round.closed(round, closed))
})

ponder.on('Pay402Win:RandomnessRequested', async ({ event, context }) => {
  await context.db.insert(schema.randomnessRequested).values({
    ...(await placeOf(context, event)),
    ...event.args,
    coordinator: lower(event.args.coordinator),
  })
})

ponder.on('Pay402Win:RandomnessFulfilled', async ({ event, context }) => {
  await context.db
    .insert(schema.randomnessFulfilled)
    .values({ ...(await placeOf(context, event)), ...event.args })
})

ponder.on('Pay402Win:RoundDrawn', async ({ event, context }) => {
  const drawn = { ...(await placeOf(context, event)), ...event.args }
  await context.db.insert(schema.roundDrawn).values(drawn)
  const { feeAccrued } = await updateRound(context, 'RoundDrawn', drawn, (round) =>
    Round.drawn(round, drawn),
  )
  await updatePoolStats(context, 'RoundDrawn', drawn, (stats) =>
    PoolStats.roundDrawn(stats, { ...drawn, feeAccrued }),
  )
})

ponder.on('Pay402Win:RoundCancelled', async ({ event, context }) => {
  const cancelled = {
    ...(await placeOf(context, event)),
    ...event.args,
    reason: nameOf(CANCEL_REASONS, event.args.reason, 'RoundCancelled'),
  }
  await context.db.insert(schema.roundCancelled).values(cancelled)
  const { feeAccrued } = await updateRound(context, 'RoundCancelled', cancelled, (round) =>
    Round.cancelled(round, cancelled),
  )
  await updatePoolStats(context, 'RoundCancelled', cancelled, (stats) =>
    PoolStats.roundCancelled(stats, { feeAccrued }),
  )
})

ponder.on('Pay402Win:PrizeCarried', async ({ event, context }) => {
  const { poolId, fromRoundId, toRoundId, amount, reason } = event.args
  const carried = {
    ...(await placeOf(context, event)),
    poolId,
    roundId: fromRoundId,
    toRoundId,
    amount,
    reason: nameOf(CARRY_REASONS, reason, 'PrizeCarried'),
  }
  await context.db.insert(schema.prizeCarried).values(carried)
  await updateRound(context, 'PrizeCarried', carried, (round) => Round.carried(round, carried))
})

ponder.on('Pay402Win:RoundFinalized', async ({ event, context }) => {
  const finalized = {
    ...(await placeOf(context, event)),
    ...event.args,
    outcome: nameOf(OUTCOMES, event.args.outcome, 'RoundFinalized'),
  }
  await context.db.insert(schema.roundFinalized).values(finalized)
  await updateRound(context, 'RoundFinalized', finalized, (round) =>
    Round.finalized(round, finalized),
  )
  await updatePoolStats(context, 'RoundFinalized', finalized, (stats) =>
    PoolStats.roundFinalized(stats, finalized),
  )
})
