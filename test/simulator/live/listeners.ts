import { setTimeout as delay } from 'node:timers/promises'
import { WebSocket } from 'ws'
import {
  createFeed,
  createFold,
  type FeedAppend,
  type FeedEvent,
  type FeedUndo,
  type FeedVariables,
} from '../../../client/index.ts'
import type { Random } from '../../../stack/players/random.ts'

/** What the tests compare of an event. */
export interface Told {
  readonly tx: { readonly blockNumber: string; readonly blockHash: string }
}

type Where = NonNullable<FeedVariables['where']>

/** What a query answered, and where to go on from it. */
export interface Page {
  readonly cursor: string
  readonly events: readonly (FeedEvent & Told)[]
}

/** One client that follows the feed through everything. */
export interface Listener {
  readonly where: Where
  readonly isFinal: boolean
  /** The block that it was brought to last. */
  readonly head: () => { readonly number: string; readonly hash: string } | undefined
  readonly events: ReadonlyMap<string, Told>
  /** What no client may ever see. */
  readonly violations: readonly string[]
  readonly counts: Readonly<Counts>
  readonly stop: () => Promise<void>
}

interface Counts {
  messages: number
  undone: number
  connections: number
}

const POOLS = ['1', '2', '3']
const KINDS = ['ENTRY_PLACED', 'ROUND_DRAWN', 'PRIZE_PAID', 'X402_PAYMENT', 'ENTRY_REFUNDED']

const filterOf = (random: Random, at: number): Where => {
  if (at % 4 === 0) return {}
  if (at % 4 === 1) return { poolId: { eq: random.pick(POOLS) } }
  if (at % 4 === 2) return { kind: { in: [random.pick(KINDS), random.pick(KINDS)] } }
  return { NOT: [{ kind: { eq: random.pick(KINDS) } }], logIndex: { lt: 40 } }
}

/** Begins with what a query answered, or with nothing at the game's first block. */
export const createListener = (
  random: Random,
  at: number,
  url: () => string,
  page?: Page,
): Listener => {
  const where = page === undefined ? filterOf(random, at) : {}
  const isFinal = page === undefined && at % 9 === 8
  const fold = createFold<Told>({ events: page?.events ?? [] })
  const violations: string[] = []
  const counts: Counts = { messages: 0, undone: 0, connections: 0 }
  let head: FeedAppend['head'] | undefined
  /** Some take their time over each message. */
  const isSlow = at % 7 === 3

  const feed = createFeed<Told>({
    url,
    transport: at % 3 === 0 ? 'sse' : 'ws',
    select: 'kind tx { blockNumber blockHash }',
    variables: {
      where,
      ...(isFinal ? { finality: 'FINAL' } : {}),
      ...(page === undefined ? { fromStart: true } : {}),
    },
    ...(page === undefined ? {} : { after: page.cursor }),
    webSocket: WebSocket as never,
    retry: { firstMs: 50, mostMs: 1000 },
    silenceMs: 15_000,
    onAppend: async (message) => {
      counts.messages += 1
      for (const { id, tx } of message.events) {
        if (fold.events.has(id)) violations.push(`${id} came twice`)
        if (isFinal && Number(tx.blockNumber) > Number(message.head.number))
          violations.push(`${id} was not final`)
      }
      fold.apply(message)
      head = message.head
      if (isSlow) await delay(50)
    },
    onUndo: (message: FeedUndo) => {
      counts.undone += 1
      if (isFinal) violations.push(`undone to ${message.toBlock}`)
      fold.apply(message)
      for (const id of message.removed)
        if (fold.events.has(id)) violations.push(`${id} was removed and is there`)
      head = message.head
    },
    onStatus: ({ state }) => {
      if (state === 'connecting') counts.connections += 1
    },
    onError: (error) => {
      if (error.isFinal) violations.push(`ended: ${error.code} ${error.message}`)
    },
  })
  return {
    where,
    isFinal,
    head: () => head,
    events: fold.events,
    violations,
    counts,
    stop: feed.stop,
  }
}
