import * as Id from '../../domain/Id.ts'
import { type PoolRow, poolEntity, pools } from '../db/pool.ts'
import { builder } from './builder.ts'
import { createConnection, createPages, pageArgs } from './connection.ts'
import type { Context } from './context.ts'
import { encodeGlobalId } from './globalId.ts'
import { createFilter, createOrder } from './inputs.ts'
import { expectRow, poolById, poolStats } from './loaders.ts'
import { loadToken, Money, poolMoney } from './money.ts'
import { Node, Pool, PoolStats, Token } from './refs.ts'

const PoolFilter = createFilter('PoolFilter', poolEntity.fields)
const PoolOrder = createOrder('PoolOrder', poolEntity)
const PoolConnection = createConnection('Pool', Pool)
const readPools = createPages(pools, (context: Context, row: PoolRow) => {
  poolById(context).prime(row.id, row)
})

Pool.implement({
  description:
    'A game with one token, one fee and one length of round. Nothing about it ever changes.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({ resolve: (pool) => encodeGlobalId('Pool', pool.id) }),
    chainId: t.exposeInt('chainId'),
    poolId: t.expose('poolId', { type: 'BigInt' }),
    name: t.exposeString('name'),
    token: t.field({
      type: Token,
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
    roundDuration: t.exposeInt('roundDuration', { description: 'In seconds.' }),
    minEntries: t.exposeInt('minEntries', { description: 'A round with fewer is cancelled.' }),
    maxEntries: t.exposeInt('maxEntries', {
      description: 'A round with this many may be closed at once.',
    }),
    drawTimeout: t.exposeInt('drawTimeout', {
      description: 'Seconds after closing until a round without a random word may be cancelled.',
    }),
    createdAt: t.field({ type: 'Timestamp', resolve: (pool) => pool.timestamp }),
    stats: t.field({
      type: PoolStats,
      resolve: async (pool, _, context) =>
        expectRow(await poolStats(context).load(pool.id), pool.id),
    }),
  }),
})

PoolStats.implement({
  description: 'Sums over all rounds of a pool.',
  fields: (t) => ({
    entryCount: t.exposeInt('entryCount'),
  }),
})

builder.queryFields((t) => ({
  pool: t.field({
    type: Pool,
    nullable: true,
    args: { poolId: t.arg({ type: 'BigInt', required: true }), chainId: t.arg.int() },
    resolve: (_, { poolId, chainId }, context) =>
      poolById(context).load(Id.pool(context.deployment(chainId).chainId, poolId)),
  }),
  pools: t.field({
    type: PoolConnection,
    description: 'In the order of their ids unless asked otherwise.',
    args: {
      where: t.arg({ type: PoolFilter }),
      orderBy: t.arg({ type: [PoolOrder] }),
      ...pageArgs,
    },
    resolve: (_, args, context) => readPools(context, args),
  }),
}))
