import { type Context, ponder } from 'ponder:registry'
import schema from 'ponder:schema'
import * as Credit from '../../domain/Credit.ts'
import * as Id from '../../domain/Id.ts'
import * as Money from '../../domain/Money.ts'
import * as Player from '../../domain/Player.ts'
import * as PlayerToken from '../../domain/PlayerToken.ts'
import * as PoolStats from '../../domain/PoolStats.ts'
import * as Round from '../../domain/Round.ts'
import * as RoundPlayer from '../../domain/RoundPlayer.ts'
import {
  lower,
  placeOf,
  poolOf,
  updateCredit,
  updatePoolStats,
  updateRound,
  updateRoundPlayer,
  upsert,
} from '../store.ts'

type Payout = typeof schema.payout.$inferInsert

/** The fact, and the credit that a failed push leaves behind. */
const insertPayout = async (context: Context, payout: Payout) => {
  await context.db.insert(schema.payout).values(payout)
  if (payout.delivered) return
  const { chainId, recipient: account, token } = payout
  await upsert<Credit.Credit>(
    context.db.insert(schema.credit),
    Credit.zero({ id: Id.accountToken(chainId, account, token), chainId, account, token }),
    (credit) => Credit.credited(credit, payout),
  )
}

ponder.on('Pay402Win:PrizePaid', async ({ event, context }) => {
  const place = await placeOf(context, event)
  const { poolId, roundId, entryId, amount, delivered } = event.args
  const recipient = lower(event.args.winner)
  const { chainId, timestamp } = place
  const { token } = await poolOf(context, 'PrizePaid', { chainId, poolId })
  const prize = { ...place, poolId, roundId, recipient, entryId, token, amount, delivered }
  await insertPayout(context, { ...prize, kind: 'PRIZE' })

  const member = await updateRoundPlayer(context, 'PrizePaid', prize, recipient, (row) =>
    RoundPlayer.prizePaid(row, prize),
  )
  const isNewWin = member.winningEntries === 1
  const wonInRound = member.won

  await updateRound(context, 'PrizePaid', prize, (round) =>
    Round.prizePaid(round, { ...prize, isNewWinner: isNewWin }),
  )
  await updatePoolStats(context, 'PrizePaid', prize, (stats) =>
    PoolStats.prizePaid(stats, { ...prize, wonInRound }),
  )
  await context.db
    .update(schema.player, { id: Id.player(chainId, recipient) })
    .set((player) => Player.prizePaid(player, { timestamp, isNewWin }))
  await context.db
    .update(schema.playerToken, { id: Id.accountToken(chainId, recipient, token) })
    .set((flows) => PlayerToken.prizePaid(flows, { ...prize, wonInRound }))
})

ponder.on('Pay402Win:EntryRefunded', async ({ event, context }) => {
  const place = await placeOf(context, event)
  const { poolId, roundId, entryId, amount, delivered } = event.args
  const recipient = lower(event.args.recipient)
  const { chainId, timestamp } = place
  const { token, feeBps } = await poolOf(context, 'EntryRefunded', { chainId, poolId })
  const refund = { ...place, poolId, roundId, recipient, entryId, token, amount, delivered }
  await insertPayout(context, { ...refund, kind: 'REFUND' })

  await updateRoundPlayer(context, 'EntryRefunded', refund, recipient, (member) =>
    RoundPlayer.entryRefunded(member, refund),
  )
  await updateRound(context, 'EntryRefunded', refund, (round) => Round.entryRefunded(round, refund))
  await updatePoolStats(context, 'EntryRefunded', refund, (stats) =>
    PoolStats.entryRefunded(stats, refund),
  )
  await context.db
    .update(schema.player, { id: Id.player(chainId, recipient) })
    .set((player) => Player.entryRefunded(player, { timestamp }))
  await context.db
    .update(schema.playerToken, { id: Id.accountToken(chainId, recipient, token) })
    .set((flows) =>
      PlayerToken.entryRefunded(flows, { amount, feeAmount: Money.fee(amount, feeBps) }),
    )
})

ponder.on('Pay402Win:ProtocolFeeCollected', async ({ event, context }) => {
  const place = await placeOf(context, event)
  const { poolId, roundId, amount, delivered } = event.args
  const { token } = await poolOf(context, 'ProtocolFeeCollected', {
    chainId: place.chainId,
    poolId,
  })
  const fee = {
    ...place,
    poolId,
    roundId,
    recipient: lower(event.args.recipient),
    entryId: null,
    token,
    amount,
    delivered,
  }
  await insertPayout(context, { ...fee, kind: 'FEE' })
  await updateRound(context, 'ProtocolFeeCollected', fee, (round) => Round.feeCollected(round, fee))
  await updatePoolStats(context, 'ProtocolFeeCollected', fee, (stats) =>
    PoolStats.feeCollected(stats, fee),
  )
})

ponder.on('Pay402Win:CreditClaimed', async ({ event, context }) => {
  const place = await placeOf(context, event)
  const account = lower(event.args.account)
  const token = lower(event.args.token)
  const claim = {
    ...place,
    account,
    token,
    recipient: lower(event.args.to),
    amount: event.args.amount,
  }
  await context.db.insert(schema.creditClaimed).values(claim)
  await updateCredit(context, 'CreditClaimed', claim, (credit) => Credit.claimed(credit, claim))
})
