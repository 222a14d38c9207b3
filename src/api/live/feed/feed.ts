import { type ExecutionArgs, type ExecutionResult, GraphQLError } from 'graphql'
import type { Logger } from 'pino'
import type { FeedMessage } from '../../db/feed.ts'
import { encodeHeadCursor } from '../../db/headCursor.ts'
import type { OpenSnapshot, Snapshot } from '../../db/snapshot.ts'
import { type BackOff, createBackOff } from '../backOff.ts'
import type { Heads } from '../heads.ts'
import type { Job, Payer, Schedule } from '../schedule.ts'
import { createLiveStream, type LiveStream, type Message, type Sink } from '../sink.ts'
import { nextStep, outlook, type Position, type Story } from './plan.ts'
import type { Timeline } from './timeline.ts'
import { createTimelines, StaleError } from './timelines.ts'

/** One execution of a feed's operation for the message that `next` gives it. */
export type ExecuteFeed = (
  args: ExecutionArgs,
  next: (snapshot: Snapshot) => Promise<FeedMessage>,
  listener: string | undefined,
) => Promise<ExecutionResult>

export interface FeedOptions {
  readonly heads: Heads
  readonly schedule: Schedule
  readonly openSnapshot: () => Promise<OpenSnapshot>
  readonly execute: ExecuteFeed
  readonly serialise: (result: ExecutionResult) => string
  /** The game's contract on a chain, for cursors. */
  readonly contractOf: (chainId: number) => string
  /** A reader who gets nothing else gets an empty message after so much time, or so many blocks. */
  readonly quietMs: number
  readonly quietBlocks: number
  /** A reader who takes nothing for so long is cut off. */
  readonly slowMs: number
  /** A reader whose block the chain does not come to in so long is told so, and ends. */
  readonly aheadMs: number
  readonly retryMs: number
  readonly log: Logger
}

/** What an operation reads of the feed, whoever asked. */
export interface FeedQuery {
  /** Equal for operations that get equal messages. */
  readonly key: string
  readonly args: ExecutionArgs
  /** Of a message with 25 events. */
  readonly cost: number
  readonly story: Story
}

/**
 * Tells each reader the difference between what the chain says and what that reader has been told. Readers of the same operation
 * who have been told the same are one cohort: what comes next is read, executed and serialised once for all of them. A reader
 * who is not ready stays behind in its cohort and is told more at once later, so nothing queues up.
 */
export interface Feed {
  readonly open: (query: FeedQuery, position: Position | null, payer: Payer) => LiveStream
  readonly size: () => { readonly readers: number; readonly queries: number }
  readonly stop: () => void
}

interface FeedReader {
  readonly sink: Sink
  readonly payer: Payer
  cohort: Cohort
  /** Since when it does not take what there is for it; it will call when it does. */
  slowSince: number | undefined
}

interface Cohort {
  readonly key: string
  readonly position: Position | null
  /** When its readers were told something last. */
  since: number
  /** Nothing matched between the position and this block of this branch. */
  scanned: number
  branch: number
  readonly readers: Set<FeedReader>
  /** For executions that fail on our side. */
  readonly backOff: BackOff
  isBusy: boolean
  isStale: boolean
  /** What makes its next message. */
  job: Job<Outcome | Failure | null> | undefined
}

interface Outcome {
  readonly message: Message
  readonly isUndo: boolean
  readonly position: Omit<Position, 'origin'>
  readonly branch: number
  readonly events: number
}

interface Group extends FeedQuery {
  readonly cohorts: Map<string, Cohort>
  /** What was made since the head changed, by what it says. */
  readonly outcomes: Map<string, Job<Outcome | Failure | null>>
}

/** An answer that is an error. It ends the operation, unless it may pass. */
interface Failure {
  readonly failed: ExecutionResult
  readonly mayPass: boolean
}

const PASSING: ReadonlySet<unknown> = new Set(['INTERNAL_SERVER_ERROR', 'TIMEOUT', 'NOT_READY'])

/** A message with so many events costs what its operation is said to cost. */
const COST_EVENTS = 25

function* payersOf(cohorts: Iterable<Cohort>): Generator<Payer, undefined> {
  for (const { readers } of cohorts) for (const { payer } of readers) yield payer
}

/** The indexer may be behind, so the reader may come again with the same cursor. */
const AHEAD: ExecutionResult = {
  errors: [
    new GraphQLError('after: the chain has not come to the block of the cursor', {
      extensions: { code: 'CURSOR_AHEAD' },
    }),
  ],
}

const cohortKey = (position: Position | null) =>
  position === null
    ? 'new'
    : [
        position.number,
        position.hash,
        position.logIndex,
        position.finalizedNumber,
        position.origin,
      ].join()

export const createFeed = (options: FeedOptions): Feed => {
  const { heads, schedule, execute, serialise, contractOf, log } = options
  const groups = new Map<string, Group>()
  const timelines = createTimelines(options)
  let retry: NodeJS.Timeout | undefined
  let readers = 0
  let isStopped = false

  const readingOf = ({ story }: Group, cohort: Cohort, timeline: Timeline) => ({
    timeline,
    story,
    position: cohort.position,
    scanned: cohort.branch === timeline.branch ? cohort.scanned : 0,
  })

  const run = async (
    group: Group,
    cohort: Cohort,
    listener: string | undefined,
  ): Promise<Outcome | Failure | null> => {
    const { chainId } = group.story
    const made: {
      outcome: (Omit<Outcome, 'message'> & { cursor: string }) | undefined
      isStale: boolean
    } = {
      outcome: undefined,
      isStale: false,
    }
    const nextMessage = async (snapshot: Snapshot) => {
      try {
        const timeline = await timelines.at(chainId, snapshot)
        const step = await nextStep(snapshot.db, readingOf(group, cohort, timeline))
        if (step === null) throw new StaleError()
        const { message, position } = step
        const cursor = encodeHeadCursor({ chainId, contract: contractOf(chainId), ...position })
        made.outcome = {
          isUndo: message.kind === 'undo',
          events: message.kind === 'append' ? message.events.length : 0,
          position,
          branch: timeline.branch,
          cursor,
        }
        return message
      } catch (error) {
        made.isStale = error instanceof StaleError
        throw error
      }
    }
    const result = await execute(group.args, nextMessage, listener)
    if (made.isStale) return null
    if (!result.data) {
      const mayPass = result.errors?.every(({ extensions }) => PASSING.has(extensions.code))
      return { failed: result, mayPass: mayPass === true }
    }
    if (made.outcome === undefined) throw new Error('The feed was executed without its message')
    const { cursor, ...outcome } = made.outcome
    return { ...outcome, message: { json: serialise(result), cursor } }
  }

  /** What two cohorts have in common when the same message is next for both. */
  const outcomeKey = (group: Group, cohort: Cohort, timeline: Timeline): string => {
    const { head, branch } = timeline
    if (cohort.position === null) return `empty ${head.hash}`
    const coming = outlook(readingOf(group, cohort, timeline))
    if (coming.kind === 'quiet') return `empty ${head.hash}`
    return coming.kind === 'events' ? `events ${branch} ${coming.first}` : cohort.key
  }

  const makeFor = (group: Group, cohort: Cohort, isItsOwn: boolean) =>
    schedule.add({
      listeners: () => payersOf(isItsOwn ? [cohort] : group.cohorts.values()),
      run: (listener) => run(group, cohort, listener),
      costOf: (outcome) => {
        const events = outcome !== null && 'events' in outcome ? outcome.events : 0
        return (group.cost * Math.max(1, events)) / COST_EVENTS
      },
    })

  /** The cohort's next message; null when there is none now. Made once for all cohorts that it fits. */
  const produce = async (group: Group, cohort: Cohort, timeline: Timeline) => {
    const key = outcomeKey(group, cohort, timeline)
    const job = group.outcomes.get(key) ?? makeFor(group, cohort, key === cohort.key)
    group.outcomes.set(key, job)
    cohort.job = job
    const outcome = (await job.done) ?? null
    cohort.job = undefined
    const isFailed = outcome !== null && 'failed' in outcome
    const isFitting =
      outcome !== null &&
      ('failed' in outcome
        ? !outcome.mayPass
        : key === cohort.key || cohort.position === null || outcome.branch === timeline.branch)
    if (!isFitting && group.outcomes.get(key) === job) group.outcomes.delete(key)
    return isFitting || isFailed ? outcome : null
  }

  const cohortAt = (group: Group, position: Position | null, scanned: number): Cohort => {
    const key = cohortKey(position)
    const known = group.cohorts.get(key)
    if (known !== undefined) return known
    const branch = timelines.newest(group.story.chainId)?.branch ?? 0
    const cohort: Cohort = {
      key,
      position,
      since: performance.now(),
      scanned,
      branch,
      readers: new Set(),
      backOff: createBackOff(options.retryMs),
      isBusy: false,
      isStale: false,
      job: undefined,
    }
    group.cohorts.set(key, cohort)
    return cohort
  }

  const drop = (group: Group, cohort: Cohort) => {
    if (cohort.readers.size > 0) return
    if (group.cohorts.get(cohort.key) === cohort) group.cohorts.delete(cohort.key)
    if (group.cohorts.size === 0 && groups.get(group.key) === group) groups.delete(group.key)
  }

  const leave = (group: Group, reader: FeedReader) => {
    if (!reader.cohort.readers.delete(reader)) return
    readers -= 1
    drop(group, reader.cohort)
  }

  const end = (group: Group, reader: FeedReader, reason: 'complete' | 'slow', last?: Message) => {
    leave(group, reader)
    if (last !== undefined) reader.sink.send(last)
    reader.sink.end(reason)
  }

  /** Whether anyone in the cohort can be told something now. Those who cannot will call. */
  const hasReady = (group: Group, cohort: Cohort): boolean => {
    let isAny = false
    for (const reader of cohort.readers) {
      if (reader.sink.isReady()) {
        isAny = true
        continue
      }
      if (reader.slowSince !== undefined) continue
      reader.slowSince = performance.now()
      reader.sink.whenReady(() => {
        reader.slowSince = undefined
        if (reader.cohort.readers.has(reader)) advance(group, reader.cohort)
      })
    }
    return isAny
  }

  /** Nothing for this cohort, as far as memory can tell, and it need not be told so yet. */
  const isQuiet = (group: Group, cohort: Cohort, timeline: Timeline): boolean => {
    if (cohort.position === null) return false
    const { kind } = outlook(readingOf(group, cohort, timeline))
    if (kind === 'waiting' || kind === 'ahead') return true
    if (kind !== 'quiet') return false
    const { number, finalizedNumber } = timeline.head
    const target = group.story.isFinalOnly ? finalizedNumber : number
    cohort.scanned = target
    cohort.branch = timeline.branch
    return (
      target - cohort.position.number < options.quietBlocks &&
      performance.now() - cohort.since < options.quietMs
    )
  }

  const deliver = (group: Group, cohort: Cohort, outcome: Outcome) => {
    const { position, message, isUndo } = outcome
    const finalized = heads.current().get(group.story.chainId)?.finalizedNumber ?? 0
    const began = cohort.position?.origin ?? position.number
    const origin = isUndo ? Math.min(began, position.number) : began
    const next = cohortAt(
      group,
      { ...position, origin: origin <= finalized ? 0 : origin },
      position.number,
    )
    for (const reader of [...cohort.readers]) {
      if (!reader.sink.isReady()) continue
      if (next !== cohort) {
        cohort.readers.delete(reader)
        next.readers.add(reader)
        reader.cohort = next
      }
      reader.sink.send(message)
    }
    if (next === cohort) cohort.since = performance.now()
    drop(group, cohort)
    return next
  }

  /** The rows were not those of the head: the next head calls, and if there is none, the clock does. */
  const tryAgain = (): false => {
    retry ??= setTimeout(() => {
      retry = undefined
      advanceAll()
    }, options.retryMs)
    return false
  }

  const endAll = (group: Group, cohort: Cohort, failed: ExecutionResult): false => {
    const last = { json: serialise(failed) }
    for (const reader of [...cohort.readers]) end(group, reader, 'complete', last)
    return false
  }

  /** The chain has not come to the cohort's block for too long: the block is of another chain, or made up. */
  const isLost = (group: Group, cohort: Cohort, timeline: Timeline): boolean =>
    performance.now() - cohort.since > options.aheadMs &&
    outlook(readingOf(group, cohort, timeline)).kind === 'ahead'

  /** Later each time; in the end its readers get the error. */
  const failAgain = (group: Group, cohort: Cohort, failed: ExecutionResult): false => {
    const codes = failed.errors?.map(({ extensions }) => extensions.code)
    const waitMs = cohort.backOff.failed()
    if (waitMs !== undefined) {
      setTimeout(() => advance(group, cohort), waitMs).unref()
      return false
    }
    log.warn({ codes, readers: cohort.readers.size }, 'feed failed again and again')
    return endAll(group, cohort, failed)
  }

  /** Tells a cohort what is next for it; true when there may be more. */
  const tell = async (group: Group, cohort: Cohort): Promise<boolean> => {
    if (isStopped || cohort.readers.size === 0 || heads.isRewinding()) return false
    if (!cohort.backOff.isDue() || !hasReady(group, cohort)) return false
    const timeline = await timelines.current(group.story.chainId)
    if (timeline === undefined) return tryAgain()
    if (isLost(group, cohort, timeline)) return endAll(group, cohort, AHEAD)
    if (isQuiet(group, cohort, timeline)) return false
    const outcome = await produce(group, cohort, timeline)
    if (outcome === null) return tryAgain()
    if ('failed' in outcome)
      return outcome.mayPass
        ? failAgain(group, cohort, outcome.failed)
        : endAll(group, cohort, outcome.failed)
    cohort.backOff.succeeded()
    const next = deliver(group, cohort, outcome)
    if (next !== cohort) advance(group, next)
    return true
  }

  const work = async (group: Group, cohort: Cohort): Promise<void> => {
    cohort.isBusy = true
    try {
      let isMore = true
      while (isMore || cohort.isStale) {
        cohort.isStale = false
        isMore = await tell(group, cohort)
      }
    } catch (error) {
      log.error({ err: error }, 'feed ended')
      for (const reader of [...cohort.readers]) end(group, reader, 'complete')
    } finally {
      cohort.isBusy = false
    }
  }

  const advance = (group: Group, cohort: Cohort): void => {
    cohort.isStale = true
    if (!cohort.isBusy) work(group, cohort).catch(() => undefined)
  }

  const advanceAll = (): void => {
    const all = [...groups.values()].flatMap((group) => {
      group.outcomes.clear()
      return [...group.cohorts.values()].map((cohort) => ({ group, cohort }))
    })
    all.sort((one, other) => other.cohort.readers.size - one.cohort.readers.size)
    for (const { group, cohort } of all) advance(group, cohort)
  }
  const stopListening = heads.onChange(advanceAll)

  const sweep = setInterval(
    () => {
      const now = performance.now()
      for (const group of [...groups.values()])
        for (const cohort of [...group.cohorts.values()]) {
          for (const reader of [...cohort.readers])
            if (reader.slowSince !== undefined && now - reader.slowSince > options.slowMs)
              end(group, reader, 'slow')
          if (now - cohort.since > Math.min(options.quietMs, options.aheadMs))
            advance(group, cohort)
        }
    },
    Math.min(1000, options.slowMs, options.quietMs, options.aheadMs),
  )
  sweep.unref()

  return {
    open: (query, position, payer) =>
      createLiveStream((sink) => {
        const group = groups.get(query.key) ?? { ...query, cohorts: new Map(), outcomes: new Map() }
        groups.set(query.key, group)
        const cohort = cohortAt(group, position, 0)
        const reader: FeedReader = { sink, payer, cohort, slowSince: undefined }
        cohort.readers.add(reader)
        readers += 1
        cohort.job?.join(payer)
        advance(group, cohort)
        return () => leave(group, reader)
      }),
    size: () => ({ readers, queries: groups.size }),
    stop: () => {
      isStopped = true
      stopListening()
      clearInterval(sweep)
      clearTimeout(retry)
      for (const group of [...groups.values()])
        for (const cohort of [...group.cohorts.values()])
          for (const reader of [...cohort.readers]) end(group, reader, 'complete')
    },
  }
}
