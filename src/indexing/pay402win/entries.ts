import * as schema from '../../../ponder.schema.ts'
import * as Bucket from '../../domain/Bucket.ts'
import { PAYMENT_METHODS } from '../../domain/enums.ts'
import * as Id from '../../domain/Id.ts'
import * as Integrity from '../../domain/Integrity.ts'
import * as Payment from '../../domain/Payment.ts'
import * as PlayerToken from '../../domain/PlayerToken.ts'
import * as PoolHour from '../../domain/PoolHour.ts'
import * as PoolNumber from '../../domain/PoolNumber.ts'
import * as PoolPlayer from '../../domain/PoolPlayer.ts'
import * as Round from '../../domain/Round.ts'
import * as RoundPlayer from '../../domain/RoundPlayer.ts'
import {
  type Log,
  lower,
  nameOf,
  placeOf,
  poolOf,
  type Store,
  updatePoolHour,
  updateRound,
  upsert,
} from '../store.ts'

/** Eight rows: the entry, four of its player's and number's, and round, hour and block, shared with its neighbours. */
export const entryPlaced = async (store: Store, event: Log<'Pay402Win:EntryPlaced'>) => {
  const { db } = store
  const place = await placeOf(store, event)
  const { args } = event
  const { chainId, timestamp } = place
  const address = lower(args.player)
  const entry = {
    ...place,
    id: Id.entry(chainId, args.entryId),
    poolId: args.poolId,
    roundId: args.roundId,
    entryId: args.entryId,
    player: address,
    payer: lower(args.payer),
    number: args.number,
    amount: args.amount,
    feeAmount: args.feeAmount,
    paymentMethod: nameOf(PAYMENT_METHODS, args.paymentMethod, 'EntryPlaced'),
    paymentRef: args.paymentRef,
  }
  const { poolId, roundId, entryId, number } = entry
  await db.insert(schema.entry).values(entry)
  const pool = await poolOf(store, 'EntryPlaced', entry)
  const { token } = pool
  const previous = await db.find(schema.entry, { id: Id.entry(chainId, entryId - 1n) })

  const inRound = await upsert<RoundPlayer.RoundPlayer>(
    db.insert(schema.roundPlayer),
    RoundPlayer.zero({
      id: Id.roundPlayer(chainId, poolId, roundId, address),
      chainId,
      poolId,
      roundId,
      address,
    }),
    (member) => RoundPlayer.entryPlaced(member, entry),
  )
  const inPool = await upsert<PoolPlayer.PoolPlayer>(
    db.insert(schema.poolPlayer),
    PoolPlayer.zero(
      { id: Id.poolPlayer(chainId, poolId, address), chainId, poolId, address },
      timestamp,
    ),
    (player) => PoolPlayer.entryPlaced(player, entry),
  )
  const isNewInPool = inPool.before === null
  const inToken = await upsert<PlayerToken.PlayerToken>(
    db.insert(schema.playerToken),
    PlayerToken.zero(
      { id: Id.accountToken(chainId, address, token), chainId, address, token },
      timestamp,
    ),
    (player) =>
      PlayerToken.entryPlaced(player, {
        ...entry,
        isNewRound: inRound.before === null,
        isNewPool: isNewInPool,
      }),
  )
  const onNumber = await upsert<PoolNumber.PoolNumber>(
    db.insert(schema.poolNumber),
    PoolNumber.zero({ id: Id.poolNumber(chainId, poolId, number), chainId, poolId, number }),
    (before) => PoolNumber.entryPlaced(before, entry),
  )
  const { prizePool } = await updateRound(
    store,
    'EntryPlaced',
    entry,
    (round) =>
      Round.entryPlaced(round, {
        ...entry,
        isX402Direct: entry.paymentMethod === 'X402_DIRECT',
        isNewPlayer: inRound.before === null,
        isNewInPool,
        isNewNumber: onNumber.after.roundEntryCount === 1,
      }),
    (round) => Integrity.entryPlaced(pool, round, { ...entry, previous }),
  )
  await updatePoolHour(store, entry, (hour) =>
    PoolHour.entryPlaced(hour, {
      ...entry,
      prizePool,
      inPool: Bucket.firsts(inPool.before?.lastEntryAt ?? null, timestamp),
      inToken: Bucket.firsts(inToken.before?.lastEntryAt ?? null, timestamp),
    }),
  )
}

export const prizePoolUpdated = async (store: Store, event: Log<'Pay402Win:PrizePoolUpdated'>) => {
  const updated = { ...(await placeOf(store, event)), ...event.args }
  await store.db.insert(schema.prizePoolUpdated).values(updated)
  await updateRound(store, 'PrizePoolUpdated', updated, Round.prizePoolUpdated, (round) =>
    Integrity.prizePoolUpdated(round, updated),
  )
}

export const x402PaymentSettled = async (
  store: Store,
  event: Log<'Pay402Win:X402PaymentSettled'>,
) => {
  const { args, log, transaction } = event
  const settled = {
    ...(await placeOf(store, event)),
    ...args,
    payer: lower(args.payer),
    player: lower(args.player),
    token: lower(args.token),
    facilitator: lower(args.facilitator),
  }
  const { chainId, firstEntryId, entryCount } = settled
  const salt = Payment.saltIn(transaction.input, { ...settled, chainId, game: log.address })
  await store.db.insert(schema.x402PaymentSettled).values({ ...settled, salt })
  const pool = await poolOf(store, 'X402PaymentSettled', settled)
  const entries: (typeof schema.entry.$inferSelect)[] = []
  const most = firstEntryId + BigInt(Payment.MAX_ENTRIES)
  const end = firstEntryId + entryCount < most ? firstEntryId + entryCount : most
  for (let entryId = firstEntryId; entryId < end; entryId++) {
    const entry = await store.db.find(schema.entry, { id: Id.entry(chainId, entryId) })
    if (entry !== null) entries.push(entry)
  }
  await updateRound(
    store,
    'X402PaymentSettled',
    settled,
    (round) => Round.x402PaymentSettled(round, settled),
    (round) => Integrity.x402PaymentSettled(pool, round, entries, settled),
  )
  await updatePoolHour(store, settled, (hour) => PoolHour.x402PaymentSettled(hour, settled))
}
