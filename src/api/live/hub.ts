import type { ExecutionArgs, ExecutionResult } from 'graphql'
import type { Logger } from 'pino'
import { type ActivityRow, activityEntity } from '../db/activity.ts'
import { InputError } from '../db/errors.ts'
import type { LiveTurn } from '../db/feed.ts'
import { type Filter, filterCondition } from '../db/filter.ts'
import { type ChainPlace, decodeHeadCursor } from '../db/headCursor.ts'
import { filterTest } from '../db/matches.ts'
import type { OpenSnapshot } from '../db/snapshot.ts'
import { createFeed, type FeedQuery } from './feed/feed.ts'
import type { Position } from './feed/plan.ts'
import type { Heads } from './heads.ts'
import { anonymous, operationKeyWithout, type RootField, rootFieldOf } from './operation.ts'
import { createSchedule, type Payer, type Purse } from './schedule.ts'
import type { LiveStream } from './sink.ts'
import { createSnapshots, type LiveExecution } from './snapshots.ts'

/** A chain that the feed can be about. */
export interface FeedChain {
  readonly chainId: number
  /** The game's contract, in lower case. */
  readonly address: string
  readonly startBlock: number
}

/** A cursor of another chain or another contract. */
export class ForeignCursorError extends Error {
  override readonly name = 'ForeignCursorError'
}

/** A subscription that may be opened. */
export interface Subscribed {
  readonly payer: Payer
  /** What an execution costs, in the units of the payer's budget. */
  readonly cost: number
  /** The cursor that an event stream's client comes back with; it goes before `after`. */
  readonly lastEventId?: string | undefined
}

/** Serves every subscription of this process: live queries, and the feed. */
export interface Hub {
  /**
   * @throws InputError
   * @throws ForeignCursorError
   */
  readonly subscribe: (args: ExecutionArgs, subscribed: Subscribed) => LiveStream
  /** Streams that are open, and distinct operations behind them. */
  readonly size: () => { readonly clients: number; readonly queries: number }
  /** Ends all streams. */
  readonly stop: () => void
}

export interface HubOptions {
  readonly heads: Heads
  readonly openSnapshot: () => Promise<OpenSnapshot>
  /** @param listener who listens, when few do */
  readonly execute: (
    args: ExecutionArgs,
    turn: Partial<LiveTurn>,
    listener: string | undefined,
  ) => Promise<LiveExecution>
  /** A result as it goes over the wire. */
  readonly serialise: (result: ExecutionResult) => string
  /** The first one is the default. */
  readonly chains: readonly FeedChain[]
  /** Executions at once, so that subscriptions leave connections to the others. */
  readonly concurrency: number
  readonly purse: Purse
  readonly slowMs: number
  readonly quietMs: number
  /** How long a reader of the feed may wait for the chain to come to its block. */
  readonly aheadMs: number
  readonly log: Logger
  /** Until an execution that failed on our side is tried again. */
  readonly retryMs?: number
}

const QUIET_BLOCKS = 64

/** Arguments that say where to begin, not what is told. */
const BEGINNING = ['after', 'fromStart']

const beginning = (
  { values }: RootField,
  { chainId, address, startBlock }: FeedChain,
  lastEventId: string | undefined,
): Position | null => {
  const { after, fromStart } = values
  if (fromStart === true && after !== undefined && after !== null)
    throw new InputError('expected after or fromStart, not both')
  const cursor = lastEventId ?? after
  if (typeof cursor === 'string') {
    const { chainId: chain, contract, ...position } = decodeAfter(cursor)
    if (chain !== chainId || contract !== address)
      throw new ForeignCursorError(`after: the cursor belongs to ${contract} on chain ${chain}`)
    return { ...position, origin: 0 }
  }
  if (fromStart !== true) return null
  const number = Math.max(startBlock - 1, 0)
  const hash = `0x${'0'.repeat(64)}`
  return { number, hash, logIndex: null, finalizedNumber: number, origin: 0 }
}

const decodeAfter = (cursor: string): ChainPlace => {
  try {
    return decodeHeadCursor(cursor)
  } catch (error) {
    throw error instanceof InputError ? new InputError(`after: ${error.message}`) : error
  }
}

export const createHub = (options: HubOptions): Hub => {
  const { heads, openSnapshot, execute, serialise, chains, log, retryMs = 1000 } = options
  const schedule = createSchedule({ most: options.concurrency, purse: options.purse })

  const snapshots = createSnapshots({ heads, schedule, execute, serialise, retryMs, log })
  const feed = createFeed({
    heads,
    schedule,
    openSnapshot,
    execute: async (args, nextMessage, listener) =>
      (await execute(args, { nextMessage }, listener)).result,
    serialise,
    contractOf: (chainId) => chains.find((chain) => chain.chainId === chainId)?.address ?? '',
    quietMs: options.quietMs,
    quietBlocks: QUIET_BLOCKS,
    slowMs: options.slowMs,
    aheadMs: options.aheadMs,
    retryMs,
    log,
  })

  const openFeed = (
    args: ExecutionArgs,
    root: RootField,
    { payer, cost, lastEventId }: Subscribed,
  ) => {
    const { chainId, where, finality } = root.values
    const chain = chains.find((one) => one.chainId === (chainId ?? chains[0]?.chainId))
    if (chain === undefined) throw new InputError(`chainId: there is no game on ${String(chainId)}`)
    const filter = (where ?? null) as Filter | null
    // Refuses what SQL could not answer, before anything begins.
    filterCondition(activityEntity.fields, {}, filter)
    const query: FeedQuery = {
      key: operationKeyWithout(args, root, BEGINNING),
      args: anonymous(args),
      cost,
      story: {
        chainId: chain.chainId,
        where: filter,
        test: filterTest<ActivityRow>(activityEntity.fields, filter),
        isFinalOnly: finality === 'FINAL',
      },
    }
    return feed.open(query, beginning(root, chain, lastEventId), payer)
  }

  return {
    subscribe: (args, subscribed) => {
      const root = rootFieldOf(args)
      return root?.field.extensions.isFeed === true
        ? openFeed(args, root, subscribed)
        : snapshots.open(args, subscribed.payer, subscribed.cost)
    },
    size: () => {
      const [one, other] = [snapshots.size(), feed.size()]
      return { clients: one.readers + other.readers, queries: one.queries + other.queries }
    },
    stop: () => {
      snapshots.stop()
      feed.stop()
    },
  }
}
