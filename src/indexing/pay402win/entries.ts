import { ponder } from 'ponder:registry'
import schema from 'ponder:schema'
import { PAYMENT_METHODS } from '../../domain/enums.ts'
import * as Id from '../../domain/Id.ts'
import * as Player from '../../domain/Player.ts'
import * as PlayerToken from '../../domain/PlayerToken.ts'
import * as PoolPlayer from '../../domain/PoolPlayer.ts'
import * as PoolStats from '../../domain/PoolStats.ts'
import * as Round from '../../domain/Round.ts'
import * as RoundPlayer from '../../domain/RoundPlayer.ts'
import { lower, nameOf, placeOf, poolOf, updatePoolStats, updateRound, upsert } from '../store.ts'

ponder.on('Pay402Win:EntryPlaced', async ({ event, context }) => {
  const place = await placeOf(context, event)
  const { args } = event
  const { chainId } = place
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
  const { poolId, roundId } = entry
  await context.db.insert(schema.entry).values(entry)
  const { token } = await poolOf(context, 'EntryPlaced', entry)

  const inRound = await upsert<RoundPlayer.RoundPlayer>(
    context.db.insert(schema.roundPlayer),
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
    context.db.insert(schema.poolPlayer),
    PoolPlayer.zero({ id: Id.poolPlayer(chainId, poolId, address), chainId, poolId, address }),
    PoolPlayer.entryPlaced,
  )
  const isNewRound = inRound.entryCount === 1
  const isNewPool = inPool.entryCount === 1

  await upsert<Player.Player>(
    context.db.insert(schema.player),
    Player.zero({ id: Id.player(chainId, address), chainId, address }, entry.timestamp),
    (player) => Player.entryPlaced(player, { timestamp: entry.timestamp, isNewRound, isNewPool }),
  )
  await upsert<PlayerToken.PlayerToken>(
    context.db.insert(schema.playerToken),
    PlayerToken.zero({ id: Id.accountToken(chainId, address, token), chainId, address, token }),
    (flows) => PlayerToken.entryPlaced(flows, entry),
  )
  await updateRound(context, 'EntryPlaced', entry, (round) =>
    Round.entryPlaced(round, { ...entry, isNewPlayer: isNewRound }),
  )
  await updatePoolStats(context, 'EntryPlaced', entry, (stats) =>
    PoolStats.entryPlaced(stats, { ...entry, isNewPlayer: isNewPool }),
  )
})

ponder.on('Pay402Win:PrizePoolUpdated', async ({ event, context }) => {
  await context.db
    .insert(schema.prizePoolUpdated)
    .values({ ...(await placeOf(context, event)), ...event.args })
})

ponder.on('Pay402Win:X402PaymentSettled', async ({ event, context }) => {
  const { args } = event
  await context.db.insert(schema.x402PaymentSettled).values({
    ...(await placeOf(context, event)),
    ...args,
    payer: lower(args.payer),
    player: lower(args.player),
    token: lower(args.token),
    facilitator: lower(args.facilitator),
  })
})
