import * as schema from '../../../ponder.schema.ts'
import * as Credit from '../../domain/Credit.ts'
import * as Id from '../../domain/Id.ts'
import * as Integrity from '../../domain/Integrity.ts'
import * as Money from '../../domain/Money.ts'
import * as PlayerToken from '../../domain/PlayerToken.ts'
import * as PoolHour from '../../domain/PoolHour.ts'
import * as PoolNumber from '../../domain/PoolNumber.ts'
import * as PoolPlayer from '../../domain/PoolPlayer.ts'
import * as PoolStats from '../../domain/PoolStats.ts'
import * as Round from '../../domain/Round.ts'
import * as RoundPlayer from '../../domain/RoundPlayer.ts'
import {
  type Log,
  lower,
  placeOf,
  poolOf,
  type Store,
  updateCredit,
  updatePoolHour,
  updatePoolStats,
  updateRound,
  updateRoundPlayer,
  upsert,
} from '../store.ts'

type Payout = typeof schema.payout.$inferInsert

/** The fact, and the credit that a failed push leaves behind. */
const insertPayout = async ({ db }: Store, payout: Payout) => {
  await db.insert(schema.payout).values(payout)
  if (payout.delivered) return
  const { chainId, recipient: account, token } = payout
  await upsert<Credit.Credit>(
    db.insert(schema.credit),
    Credit.zero({ id: Id.accountToken(chainId, account, token), chainId, account, token }),
    (credit) => Credit.credited(credit, payout),
  )
}

export const prizePaid = async (store: Store, event: Log<'Pay402Win:PrizePaid'>) => {
  const { db } = store
  const place = await placeOf(store, event)
  const { poolId, roundId, entryId, amount, delivered } = event.args
  const recipient = lower(event.args.winner)
  const { chainId } = place
  const { token } = await poolOf(store, 'PrizePaid', { chainId, poolId })
  const prize = { ...place, poolId, roundId, recipient, entryId, token, amount, delivered }
  await insertPayout(store, { ...prize, kind: 'PRIZE' })
  const entry = await db.find(schema.entry, { id: Id.entry(chainId, entryId) })

  const member = await updateRoundPlayer(store, 'PrizePaid', prize, recipient, (row) =>
    RoundPlayer.prizePaid(row, prize),
  )
  const win = { ...prize, isNewWin: member.winningEntries === 1, wonInRound: member.won }

  const { winningNumber } = await updateRound(
    store,
    'PrizePaid',
    prize,
    (round) => Round.prizePaid(round, prize),
    (round) => Integrity.prizePaid(round, entry, prize),
  )
  await updatePoolStats(store, 'PrizePaid', prize, (stats) => PoolStats.prizePaid(stats, win))
  await db
    .update(schema.poolPlayer, { id: Id.poolPlayer(chainId, poolId, recipient) })
    .set((player) => PoolPlayer.prizePaid(player, win))
  await db
    .update(schema.playerToken, { id: Id.accountToken(chainId, recipient, token) })
    .set((player) => PlayerToken.prizePaid(player, win))
  const number = winningNumber ?? 0
  await upsert<PoolNumber.PoolNumber>(
    db.insert(schema.poolNumber),
    PoolNumber.zero({ id: Id.poolNumber(chainId, poolId, number), chainId, poolId, number }),
    (row) => PoolNumber.prizePaid(row, prize),
  )
  await updatePoolHour(store, prize, (hour) => PoolHour.prizePaid(hour, prize))
}

export const entryRefunded = async (store: Store, event: Log<'Pay402Win:EntryRefunded'>) => {
  const { db } = store
  const place = await placeOf(store, event)
  const { poolId, roundId, entryId, amount, delivered } = event.args
  const recipient = lower(event.args.recipient)
  const { chainId, timestamp } = place
  const { token, feeBps } = await poolOf(store, 'EntryRefunded', { chainId, poolId })
  const refund = { ...place, poolId, roundId, recipient, entryId, token, amount, delivered }
  await insertPayout(store, { ...refund, kind: 'REFUND' })
  const entry = await db.find(schema.entry, { id: Id.entry(chainId, entryId) })

  await updateRoundPlayer(store, 'EntryRefunded', refund, recipient, (member) =>
    RoundPlayer.entryRefunded(member, refund),
  )
  await updateRound(
    store,
    'EntryRefunded',
    refund,
    (round) => Round.entryRefunded(round, refund),
    () => Integrity.entryRefunded(entry, refund),
  )
  await updatePoolStats(store, 'EntryRefunded', refund, (stats) =>
    PoolStats.entryRefunded(stats, refund),
  )
  await db
    .update(schema.poolPlayer, { id: Id.poolPlayer(chainId, poolId, recipient) })
    .set((player) => PoolPlayer.entryRefunded(player, refund))
  await db
    .update(schema.playerToken, { id: Id.accountToken(chainId, recipient, token) })
    .set((player) =>
      PlayerToken.entryRefunded(player, {
        amount,
        feeAmount: Money.fee(amount, feeBps),
        timestamp,
      }),
    )
  await updatePoolHour(store, refund, (hour) => PoolHour.entryRefunded(hour, refund))
}

export const protocolFeeCollected = async (
  store: Store,
  event: Log<'Pay402Win:ProtocolFeeCollected'>,
) => {
  const place = await placeOf(store, event)
  const { poolId, roundId, amount, delivered } = event.args
  const pool = await poolOf(store, 'ProtocolFeeCollected', { chainId: place.chainId, poolId })
  const fee = {
    ...place,
    poolId,
    roundId,
    recipient: lower(event.args.recipient),
    entryId: null,
    token: pool.token,
    amount,
    delivered,
  }
  await insertPayout(store, { ...fee, kind: 'FEE' })
  await updateRound(
    store,
    'ProtocolFeeCollected',
    fee,
    (round) => Round.feeCollected(round, fee),
    (round) => Integrity.feeCollected(pool, round, fee),
  )
  await updatePoolStats(store, 'ProtocolFeeCollected', fee, (stats) =>
    PoolStats.feeCollected(stats, fee),
  )
  await updatePoolHour(store, fee, (hour) => PoolHour.feeCollected(hour, fee))
}

export const creditClaimed = async (store: Store, event: Log<'Pay402Win:CreditClaimed'>) => {
  const claim = {
    ...(await placeOf(store, event)),
    account: lower(event.args.account),
    token: lower(event.args.token),
    recipient: lower(event.args.to),
    amount: event.args.amount,
  }
  await store.db.insert(schema.creditClaimed).values(claim)
  await updateCredit(
    store,
    'CreditClaimed',
    claim,
    (credit) => Credit.claimed(credit, claim),
    (credit) => Integrity.creditClaimed(credit, claim),
  )
}
