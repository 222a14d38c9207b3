import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import { type Block, newestBlocks } from '../db/blocks.ts'
import type { Database } from '../db/database.ts'
import type { Head } from '../db/head.ts'
import { isCaughtUp } from '../db/serving.ts'
import { openSnapshot, type Snapshot } from '../db/snapshot.ts'
import { firstNeeded, judge, MEMORY, type Told, tell, type Verdict } from './rewind.ts'

export interface HeadWait {
  readonly chainId: number
  readonly afterNumber: number
  readonly timeoutMs: number
  readonly signal?: AbortSignal
}

/** What the schema has: no rows yet, a part of the history, or all of it. */
export type Serving = 'MISSING' | 'BACKFILL' | 'SERVED'

/** How well the head is known. */
export interface HeadHealth {
  readonly heads: ReadonlyMap<number, Head>
  readonly serving: Serving
  /** Chains whose indexer is executing again what was told already. */
  readonly rewinding: ReadonlySet<number>
  /** Milliseconds since the database last answered; infinite before the first answer. */
  readonly lookedMsAgo: number
}

/** Watches the head of each chain, and tells what readers should know of it. */
export interface Heads {
  /** The heads that were told last. */
  readonly current: () => ReadonlyMap<number, Head>
  /** A chain's indexer is executing again what was told already: say nothing. */
  readonly isRewinding: () => boolean
  /** Called after every look that found a head to tell. Returns how to stop listening. */
  readonly onChange: (listener: () => void) => () => void
  /**
   * Resolves when the chain's rows are past `afterNumber` or come to another block, told or not, when the time is up or when the
   * signal aborts. A hint: whoever waits looks at the rows again.
   */
  readonly waitForHead: (wait: HeadWait) => Promise<void>
  /**
   * Whether these heads, read from some snapshot, are of the chain that was told. Looks once more when they are not known
   * yet, so that nothing is ever shown of a block that the watcher has not seen. False: show nothing, there will be news.
   */
  readonly confirm: (read: ReadonlyMap<number, Head>) => Promise<boolean>
  readonly health: () => HeadHealth
  /** Look now, or again when a look is under way. */
  readonly look: () => void
  readonly stop: () => Promise<void>
}

export interface HeadsOptions {
  readonly database: Database
  /** Between two looks when nobody asks for one. A revert of the indexer rings no bell. */
  readonly intervalMs: number
  /** How long a head that went back may stand still before it is believed: see rewind.ts. */
  readonly patienceMs: number
  readonly log: Logger
}

/** The least time between two looks, however often someone rings. */
const LEAST_GAP_MS = 5

const blocksFor = async (
  told: Told | undefined,
  head: Head,
  { db }: Snapshot,
): Promise<readonly Block[]> => {
  if (told?.head.number === head.number && told.head.hash === head.hash) return []
  // The told head's own child, the usual case, contradicts nothing.
  if (told?.head.number === head.number - 1 && told.head.hash === head.parentHash) return []
  const from = told === undefined ? head.number - MEMORY : firstNeeded(told, head)
  return newestBlocks(db, head.chainId, from, MEMORY)
}

/** Looks at once, then whenever `look` is called and at least every `intervalMs`. */
export const createHeads = (options: HeadsOptions): Heads => {
  const { database, intervalMs, patienceMs, log } = options
  const stopping = new AbortController()
  const listeners = new Set<() => void>()
  const waiting = new Set<() => void>()
  const ending = new Set<() => void>()
  const told = new Map<number, Told>()
  /** Chains whose head went back, where it stood last and since when. */
  const rewinding = new Map<number, { readonly hash: string; readonly since: number }>()
  let seen: ReadonlyMap<number, Head> = new Map()
  let heads: ReadonlyMap<number, Head> = new Map()
  let lookedAt = Number.NEGATIVE_INFINITY
  let isServed = false
  let bell = Promise.withResolvers<void>()
  /** Resolves when a look is over that has not begun yet. */
  let nextLook = Promise.withResolvers<void>()

  /** Holds a rewinding head back; the end of a rewind is news even when the head is the told one. */
  const patient = (head: Head, verdict: Verdict): Verdict => {
    if (verdict !== 'rewinding') {
      const wasRewinding = rewinding.delete(head.chainId)
      return wasRewinding && verdict === 'same' ? 'forward' : verdict
    }
    const held = rewinding.get(head.chainId)
    const now = performance.now()
    if (held?.hash !== head.hash) {
      if (held === undefined) log.info({ head }, 'the head went back: silent until it is clear why')
      rewinding.set(head.chainId, { hash: head.hash, since: now })
      return 'rewinding'
    }
    if (now - held.since < patienceMs) return 'rewinding'
    rewinding.delete(head.chainId)
    return 'reorganised'
  }

  const consider = async (head: Head, snapshot: Snapshot): Promise<boolean> => {
    const before = told.get(head.chainId)
    const blocks = await blocksFor(before, head, snapshot)
    const verdict = before === undefined ? 'forward' : patient(head, judge(before, head, blocks))
    if (verdict === 'reorganised') log.info({ from: before?.head, to: head }, 'reorganised')
    if (verdict === 'same' || verdict === 'rewinding') return false
    // Behind the fork the old hashes are still right: `tell` lets the rows overrule them.
    told.set(head.chainId, tell(before, head, blocks))
    return true
  }

  const take = async (snapshot: Snapshot) => {
    let isNews = false
    for (const head of snapshot.heads.values()) if (await consider(head, snapshot)) isNews = true
    if (!isServed && snapshot.heads.size > 0) {
      isServed = await isCaughtUp(snapshot.db)
      isNews ||= isServed
    }
    const hasMoved = [...snapshot.heads.values()].some(
      ({ chainId, hash }) => seen.get(chainId)?.hash !== hash,
    )
    lookedAt = performance.now()
    seen = snapshot.heads
    if (hasMoved) for (const notice of [...waiting]) notice()
    if (!isNews) return
    heads = new Map([...told].map(([chainId, { head }]) => [chainId, head]))
    for (const listener of [...listeners]) listener()
  }

  const lookOnce = async () => {
    const { snapshot, close } = await openSnapshot(database)
    try {
      await take(snapshot)
    } finally {
      await close()
    }
  }

  const run = async () => {
    const { signal } = stopping
    let isFailing = false
    while (!signal.aborted) {
      bell = Promise.withResolvers<void>()
      const thisLook = nextLook
      nextLook = Promise.withResolvers<void>()
      try {
        await lookOnce()
        if (isFailing) log.info('the database answers again')
        isFailing = false
      } catch (error) {
        if (!isFailing) log.warn({ err: error }, 'cannot look at the head; trying on')
        isFailing = true
      }
      thisLook.resolve()
      await delay(LEAST_GAP_MS)
      const { promise, resolve } = bell
      const timer = setTimeout(resolve, signal.aborted ? 0 : intervalMs)
      await promise
      clearTimeout(timer)
    }
  }
  const running = run()

  const isTold = (read: ReadonlyMap<number, Head>) =>
    [...read.values()].every(
      ({ chainId, number, hash }) => told.get(chainId)?.hashes.get(number) === hash,
    )

  return {
    current: () => heads,
    isRewinding: () => rewinding.size > 0,
    onChange: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    waitForHead: ({ chainId, afterNumber, timeoutMs, signal }) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      const before = seen.get(chainId)
      const end = () => resolve()
      const notice = () => {
        if (seen.get(chainId)?.hash !== before?.hash) resolve()
      }
      // Who waits may have read rows that are newer than the last look.
      const isThere = before !== undefined && before.number > afterNumber
      if (isThere || signal?.aborted === true || stopping.signal.aborted) resolve()
      const timer = setTimeout(resolve, timeoutMs)
      waiting.add(notice)
      ending.add(end)
      signal?.addEventListener('abort', end)
      return promise.finally(() => {
        clearTimeout(timer)
        waiting.delete(notice)
        ending.delete(end)
        signal?.removeEventListener('abort', end)
      })
    },
    confirm: async (read) => {
      if (isTold(read)) return true
      const look = nextLook.promise
      bell.resolve()
      await look
      return isTold(read)
    },
    health: () => ({
      heads,
      serving: isServed ? 'SERVED' : seen.size === 0 ? 'MISSING' : 'BACKFILL',
      rewinding: new Set(rewinding.keys()),
      lookedMsAgo: performance.now() - lookedAt,
    }),
    look: () => bell.resolve(),
    stop: async () => {
      stopping.abort()
      bell.resolve()
      for (const end of [...ending]) end()
      await running
      nextLook.resolve()
    },
  }
}
