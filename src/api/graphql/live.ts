import { responsePathAsArray } from 'graphql'
import * as Id from '../../domain/Id.ts'
import type { Ranks } from '../db/feed.ts'
import type { PoolRow } from '../db/pool.ts'
import { pools } from '../db/pool.ts'
import { contractId } from './arguments.ts'
import { builder } from './builder.ts'
import type { Context } from './context.ts'
import { UserInputError } from './errors.ts'
import { Head } from './head.ts'
import { LeaderboardEntry, type LiveBoard, liveArgs, readLiveBoard } from './leaderboard.ts'
import { poolWhere, readPoolEntries, readPools } from './lists.ts'
import { currentRoundOf, loadPlayer, playerById, poolById } from './loaders.ts'
import { ofPage, type Pricing, paged, ranked, related, STATEMENT } from './price.ts'
import { Entry, Player, Pool, Round } from './refs.ts'
import { IndexerStatus, readStatus } from './status.ts'

/**
 * Subscriptions are answered like queries, from one snapshot: whoever serves them executes the document again after each
 * block and sends what changed. `subscribe` alone gives the present state once.
 */
async function* once() {
  yield {}
}

const LAST_ENTRIES = 10

const lastEntries = async (context: Context, pool: PoolRow) => {
  const page = await readPoolEntries(context, { last: LAST_ENTRIES }, [pool.chainId, pool.poolId])
  return page.edges.map(({ node }) => node).reverse()
}

const readPool = async (context: Context, poolId: bigint, chainId: number | null | undefined) => {
  const id = Id.pool(context.deployment(chainId).chainId, contractId('poolId', poolId))
  const pool = await poolById(context).load(id)
  if (pool === null) throw new UserInputError('poolId: there is no such pool')
  return pool
}

const LivePool = builder.objectRef<PoolRow>('LivePool').implement({
  description: 'What a screen that shows one pool needs.',
  fields: (t) => ({
    head: t.field({ type: Head, resolve: (pool, _, context) => context.head(pool.chainId) }),
    pool: t.field({ type: Pool, resolve: (pool) => pool }),
    round: t.field({
      type: Round,
      extensions: { statement: 2 * STATEMENT, complexity: 4 },
      nullable: true,
      description: "The pool's current round.",
      resolve: (pool, _, context) => currentRoundOf(context, pool),
    }),
    lastEntries: t.field({
      type: [Entry],
      description: "The pool's ten newest entries, newest first.",
      extensions: { statement: STATEMENT, complexity: 10, multiplier: LAST_ENTRIES },
      resolve: (pool, _, context) => lastEntries(context, pool),
    }),
    participants: t.int({
      extensions: { statement: 2 * STATEMENT, complexity: 4 },
      description: 'Players with an entry in the current round.',
      resolve: async (pool, _, context) =>
        (await currentRoundOf(context, pool))?.uniquePlayers ?? 0,
    }),
  }),
})

interface Move {
  readonly chainId: number
  readonly address: string
  readonly from: number | null
  readonly to: number | null
}

const RankMove = builder.objectRef<Move>('RankMove').implement({
  description: 'Null: not in the shown part.',
  fields: (t) => ({
    player: t.field({
      type: Player,
      extensions: related,
      resolve: ({ chainId, address }, _, context) => loadPlayer(context, chainId, address),
    }),
    from: t.exposeInt('from', { nullable: true }),
    to: t.exposeInt('to', { nullable: true }),
  }),
})

/** Whose rank, or being shown at all, is another one. */
const movesBetween = (chainId: number, before: Ranks, after: Ranks): readonly Move[] =>
  [...new Set([...after.keys(), ...before.keys()])]
    .map((address) => ({
      chainId,
      address,
      from: before.get(address) ?? null,
      to: after.get(address) ?? null,
    }))
    .filter(({ from, to }) => from !== to)

const LeaderboardUpdate = builder.objectRef<LiveBoard>('LeaderboardUpdate').implement({
  fields: (t) => ({
    head: t.field({ type: Head, resolve: ({ head }) => head }),
    entries: t.field({
      type: [LeaderboardEntry],
      extensions: ofPage,
      resolve: ({ shown }) => shown,
    }),
    moves: t.field({
      type: [RankMove],
      description:
        'What changed in the shown part since the last message that you were sent; empty in the first.',
      // Those who are shown, and those who were.
      extensions: { multiplier: ({ page }: Pricing) => 2 * page },
      resolve: ({ head: { chainId }, shown }, _, context, info) => {
        const ranks = new Map(shown.map(({ standing, rank }) => [standing.address, rank]))
        const before = context.options.turn?.compareRanks?.(ranks, responsePathAsArray(info.path))
        return before === undefined ? [] : movesBetween(chainId, before, ranks)
      },
    }),
  }),
})

builder.subscriptionType({
  description:
    'The state now, and again after every block that changed it. A reorganisation sends the corrected state.',
  fields: (t) => ({
    livePool: t.field({
      type: LivePool,
      extensions: related,
      args: { poolId: t.arg({ type: 'BigInt', required: true }), chainId: t.arg.int() },
      subscribe: once,
      resolve: (_, { poolId, chainId }, context) => readPool(context, poolId, chainId),
    }),
    livePlayer: t.field({
      type: Player,
      description: 'An address without an entry is BAD_USER_INPUT.',
      args: { address: t.arg({ type: 'Address', required: true }), chainId: t.arg.int() },
      subscribe: once,
      resolve: async (_, { address, chainId }, context) => {
        const id = Id.player(context.deployment(chainId).chainId, address)
        const player = await playerById(context).load(id)
        if (player === null) throw new UserInputError('address: it has no entry yet')
        return player
      },
    }),
    leaderboard: t.field({
      type: LeaderboardUpdate,
      description: 'The best of a list, and who moved.',
      args: liveArgs,
      extensions: ranked,
      subscribe: once,
      resolve: (_, args, context) => readLiveBoard(context, args),
    }),
    status: t.field({
      type: IndexerStatus,
      args: { chainId: t.arg.int() },
      subscribe: once,
      resolve: (_, { chainId }, context) => readStatus(context, chainId),
    }),
    livePools: t.field({
      type: [LivePool],
      description: 'In the order of their ids.',
      extensions: paged(pools),
      args: { ...poolWhere, first: t.arg.int({ required: true, defaultValue: 20 }) },
      subscribe: once,
      resolve: async (_, args, context) =>
        (await readPools(context, args)).edges.map(({ node }) => node),
    }),
  }),
})
