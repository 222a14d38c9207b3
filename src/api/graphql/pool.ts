import * as Id from '../../domain/Id.ts'
import { NUMBERS } from '../../domain/Round.ts'
import { poolEntries } from '../db/entry.ts'
import { pools } from '../db/pool.ts'
import { poolRounds } from '../db/round.ts'
import { contractId } from './arguments.ts'
import { Bucket, bucketArgs, buckets, readPoolBuckets } from './bucket.ts'
import { builder } from './builder.ts'
import { encodeGlobalId } from './globalId.ts'
import {
  EntryConnection,
  entryArgs,
  PoolConnection,
  poolArgs,
  RoundConnection,
  readPoolEntries,
  readPoolRounds,
  readPools,
  roundArgs,
} from './lists.ts'
import {
  currentRoundOf,
  loadPlayer,
  loadPoolStats,
  loadRound,
  loadToken,
  poolById,
} from './loaders.ts'
import { Money, optionalPoolMoney, poolMoney } from './money.ts'
import { NumberOrder, PoolNumber, readNumbers } from './poolNumber.ts'
import { paged, related, STATEMENT } from './price.ts'
import { Node, Player, Pool, PoolStats, Round, Token } from './refs.ts'

Pool.implement({
  description:
    'A game with one token, one fee and one length of round. Nothing about it ever changes.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({ resolve: (pool) => encodeGlobalId('Pool', pool.id) }),
    chainId: t.exposeInt('chainId'),
    poolId: t.expose('poolId', { type: 'BigInt' }),
    name: t.exposeString('name', {
      description: 'As its creator wrote it; U+FFFD stands for NUL.',
    }),
    token: t.field({
      type: Token,
      extensions: related,
      resolve: (pool, _, context) => loadToken(context, pool.chainId, pool.token),
    }),
    creator: t.expose('creator', { type: 'Address' }),
    entryFee: t.field({
      type: Money,
      description: 'The price of one entry.',
      resolve: (pool) => poolMoney(pool, pool.entryFee),
    }),
    feeBps: t.exposeInt('feeBps', {
      description: "The protocol's share of each entry, in basis points.",
    }),
    feeRecipient: t.expose('feeRecipient', { type: 'Address' }),
    roundDuration: t.expose('roundDuration', { type: 'UInt32', description: 'In seconds.' }),
    minEntries: t.expose('minEntries', {
      type: 'UInt32',
      description: 'A round with fewer is cancelled.',
    }),
    maxEntries: t.expose('maxEntries', {
      type: 'UInt32',
      description: 'A round with this many may be closed before its time.',
    }),
    drawTimeout: t.expose('drawTimeout', {
      type: 'UInt32',
      description: 'Seconds after closing until a round without a random word may be cancelled.',
    }),
    createdAt: t.expose('timestamp', { type: 'Timestamp' }),
    currentRound: t.field({
      type: Round,
      nullable: true,
      description: 'The newest round: the one that takes entries or waits for its draw.',
      extensions: { statement: 2 * STATEMENT, complexity: 4 },
      resolve: (pool, _, context) => currentRoundOf(context, pool),
    }),
    rounds: t.field({
      type: RoundConnection,
      description: 'Oldest first unless asked otherwise.',
      args: roundArgs,
      extensions: paged(poolRounds),
      resolve: (pool, args, context, info) =>
        readPoolRounds(context, args, [pool.chainId, pool.poolId], info),
    }),
    entries: t.field({
      type: EntryConnection,
      description: 'Oldest first unless asked otherwise.',
      args: entryArgs,
      extensions: paged(poolEntries),
      resolve: (pool, args, context, info) =>
        readPoolEntries(context, args, [pool.chainId, pool.poolId], info),
    }),
    numbers: t.field({
      type: [PoolNumber],
      description: 'All 402 numbers, over all rounds.',
      extensions: { statement: STATEMENT, complexity: 400, multiplier: NUMBERS },
      args: { orderBy: t.arg({ type: NumberOrder, defaultValue: 'NUMBER_ASC' }) },
      resolve: (pool, { orderBy }, context) => readNumbers(context, pool, orderBy ?? 'NUMBER_ASC'),
    }),
    buckets: t.field({
      type: [Bucket],
      description: 'What each hour, day or week brought.',
      extensions: buckets(['pool_id']),
      args: bucketArgs,
      resolve: (pool, asked, context) => readPoolBuckets(context, pool, asked),
    }),
    stats: t.field({
      type: PoolStats,
      extensions: related,
      resolve: (pool, _, context) => loadPoolStats(context, pool.id),
    }),
  }),
})

PoolStats.implement({
  description: 'Sums over all rounds of a pool.',
  fields: (t) => ({
    entryCount: t.exposeInt('entryCount'),
    uniquePlayers: t.exposeInt('uniquePlayers'),
    roundCount: t.exposeInt('roundCount'),
    drawnRounds: t.exposeInt('drawnRounds'),
    settledRounds: t.exposeInt('settledRounds'),
    rolledOverRounds: t.exposeInt('rolledOverRounds'),
    cancelledRounds: t.exposeInt('cancelledRounds'),
    rolloverStreak: t.exposeInt('rolloverStreak', {
      description: 'Draws in a row, up to the last one, that nobody won.',
    }),
    wagered: t.field({ type: Money, resolve: (stats) => poolMoney(stats, stats.wagered) }),
    contributed: t.field({
      type: Money,
      description: 'What entries added to the prize pools: stakes without fees.',
      resolve: (stats) => poolMoney(stats, stats.contributed),
    }),
    feesCollected: t.field({
      type: Money,
      resolve: (stats) => poolMoney(stats, stats.feesCollected),
    }),
    feesAccruedOpen: t.field({
      type: Money,
      description: 'Fees of rounds that are not drawn yet; a cancelled round gives them back.',
      resolve: (stats) => poolMoney(stats, stats.feesAccruedOpen),
    }),
    prizesWon: t.field({
      type: Money,
      description: 'Delivered or credited.',
      resolve: (stats) => poolMoney(stats, stats.prizesWon),
    }),
    prizesDelivered: t.field({
      type: Money,
      resolve: (stats) => poolMoney(stats, stats.prizesDelivered),
    }),
    refunded: t.field({ type: Money, resolve: (stats) => poolMoney(stats, stats.refunded) }),
    biggestPrize: t.field({
      type: Money,
      nullable: true,
      description: 'The largest sum that one player took from one round.',
      resolve: (stats) => optionalPoolMoney(stats, stats.biggestPrize),
    }),
    biggestPrizeRound: t.field({
      type: Round,
      extensions: related,
      nullable: true,
      resolve: (stats, _, context) =>
        stats.biggestPrizeRoundId === null
          ? null
          : loadRound(context, { ...stats, roundId: stats.biggestPrizeRoundId }),
    }),
    biggestPrizePlayer: t.field({
      type: Player,
      extensions: related,
      nullable: true,
      resolve: (stats, _, context) =>
        stats.biggestPrizePlayer === null
          ? null
          : loadPlayer(context, stats.chainId, stats.biggestPrizePlayer),
    }),
    lastWinningNumber: t.exposeInt('lastWinningNumber', { nullable: true }),
    lastDrawAt: t.expose('lastDrawAt', { type: 'Timestamp', nullable: true }),
  }),
})

builder.queryFields((t) => ({
  pool: t.field({
    type: Pool,
    extensions: related,
    nullable: true,
    args: { poolId: t.arg({ type: 'BigInt', required: true }), chainId: t.arg.int() },
    resolve: (_, { poolId, chainId }, context) =>
      poolById(context).load(
        Id.pool(context.deployment(chainId).chainId, contractId('poolId', poolId)),
      ),
  }),
  pools: t.field({
    type: PoolConnection,
    description: 'In the order of their ids unless asked otherwise.',
    args: poolArgs,
    extensions: paged(pools),
    resolve: (_, args, context) => readPools(context, args),
  }),
}))
