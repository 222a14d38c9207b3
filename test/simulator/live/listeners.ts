import { setTimeout as delay } from 'node:timers/promises'
import { WebSocket } from 'ws'
import {
  createFeed,
  createFold,
  type FeedAppend,
  type FeedUndo,
  type FeedVariables,
} from '../../../client/index.ts'
import type { Random } from '../../../stack/players/random.ts'

/** What the tests compare of an event. */
export interface Told {
  readonly tx: { readonly blockNumber: string; readonly blockHash: string }
}

type Where = NonNullable<FeedVariables['where']>

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

export const createListener = (
  random: Random,
  at: number,
  url: () => string,
  after?: string,
): Listener => {
  const where = filterOf(random, at)
  const isFinal = at % 9 === 8
  const fold = createFold<Told>()
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
      ...(after === undefined ? { fromStart: true } : {}),
    },
    ...(after === undefined ? {} : { after }),
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
      // The cursor of a head may be of a block that was not final: that alone can be taken back.
      const mayBeUndone = !isFinal || (after !== undefined && counts.messages === 0)
      if (!mayBeUndone) violations.push(`undone to ${message.toBlock}`)
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
