import type { ExecutionArgs, ExecutionResult } from 'graphql'
import type { Logger } from 'pino'
import type { LiveTurn, Ranks } from '../db/feed.ts'
import type { Head } from '../db/head.ts'
import type { Heads } from './heads.ts'
import { anonymous, operationKey } from './operation.ts'
import type { Job, Payer, Schedule } from './schedule.ts'
import { createLiveStream, type LiveStream, type Message, type Sink } from './sink.ts'

/** One execution of a live query: its masked result, and the heads of the snapshot it was read from. */
export interface LiveExecution {
  readonly result: ExecutionResult
  readonly heads: ReadonlyMap<number, Head> | undefined
}

/** Executes an operation once. */
export type ExecuteSnapshot = (
  args: ExecutionArgs,
  turn: Pick<LiveTurn, 'compareRanks'>,
  listener: string | undefined,
) => Promise<LiveExecution>

export interface SnapshotsOptions {
  readonly heads: Heads
  readonly schedule: Schedule
  readonly execute: ExecuteSnapshot
  readonly serialise: (result: ExecutionResult) => string
  /** Until an execution that failed on our side is tried again. */
  readonly retryMs: number
  readonly log: Logger
}

/**
 * Keeps the answers of live queries up to date, with one execution per distinct query and head, whoever listens. Each reader
 * gets the present state at once, then one for every head whose answer differs from what that reader was given last; who is
 * not ready gets the newest when it is. An answer that is an error ends the stream.
 */
export interface Snapshots {
  /** @param cost what an execution costs those who listen; the first one is paid. */
  readonly open: (args: ExecutionArgs, payer: Payer, cost: number) => LiveStream
  readonly size: () => { readonly readers: number; readonly queries: number }
  readonly stop: () => void
}

/** An answer without its moves, which say how it differs from another one. */
interface State {
  readonly message: Message
  readonly ranks: Ranks | undefined
  /** The answer with the moves since another state; undefined when the head has moved on. Keeps no state alive. */
  readonly since: WeakMap<State, Promise<Message | undefined>>
}

/** An execution, and the same answer without its moves. */
interface Answer {
  readonly execution: LiveExecution
  readonly json: string
  readonly withoutMoves: string
  readonly ranks: Ranks | undefined
}

interface SnapshotReader {
  readonly sink: Sink
  readonly payer: Payer
  taken: State | undefined
  isWaiting: boolean
}

interface Query {
  readonly key: string
  readonly args: ExecutionArgs
  readonly cost: number
  readonly readers: Set<SnapshotReader>
  state: State | undefined
  isRunning: boolean
  isStale: boolean
  /** The execution that waits for its turn, or runs. */
  job: Job<Answer> | undefined
  retry: NodeJS.Timeout | undefined
}

/** Failures that may pass; any other error is an answer. */
const PASSING: ReadonlySet<unknown> = new Set(['INTERNAL_SERVER_ERROR', 'TIMEOUT', 'NOT_READY'])

const isFailure = ({ data, errors }: ExecutionResult) => errors !== undefined && !data
const mayPass = ({ errors }: ExecutionResult) =>
  errors?.every(({ extensions }) => PASSING.has(extensions.code)) === true

/** Read from rows that a restarted indexer has taken back: older than what everyone was told. */
const isBehind = (read: LiveExecution['heads'], told: ReadonlyMap<number, Head>) =>
  read !== undefined &&
  [...told].some(([chainId, head]) => (read.get(chainId)?.number ?? -1) < head.number)

/** The data with nothing in the lists at these places. */
const emptied = (data: unknown, paths: readonly (readonly (string | number)[])[]): unknown => {
  if (paths.length === 0) return data
  if (paths.some((path) => path.length === 0)) return []
  return Object.fromEntries(
    Object.entries(data ?? {}).map(([key, value]) => [
      key,
      emptied(
        value,
        paths.filter(([first]) => first === key).map((path) => path.slice(1)),
      ),
    ]),
  )
}

/** Those who listen; with a state, those who were sent it last. */
function* payersOf({ readers }: Query, taken?: State): Generator<Payer, undefined> {
  for (const reader of readers)
    if (taken === undefined || reader.taken === taken) yield reader.payer
}

const byAudience = (one: Query, other: Query) => other.readers.size - one.readers.size

export const createSnapshots = (options: SnapshotsOptions): Snapshots => {
  const { heads, schedule, execute, serialise, log, retryMs } = options
  const queries = new Map<string, Query>()
  let readers = 0

  const leave = (query: Query, reader: SnapshotReader) => {
    if (!query.readers.delete(reader)) return
    readers -= 1
    if (query.readers.size > 0) return
    clearTimeout(query.retry)
    if (queries.get(query.key) === query) queries.delete(query.key)
    query.job?.forget()
  }

  const finish = (query: Query) => {
    queries.delete(query.key)
    for (const reader of [...query.readers]) {
      leave(query, reader)
      reader.sink.end('complete')
    }
  }

  const give = (query: Query, reader: SnapshotReader): void => {
    const { state } = query
    if (state === undefined || reader.isWaiting || !query.readers.has(reader)) return
    if (reader.taken?.message.json === state.message.json) {
      reader.taken = state
      return
    }
    if (!reader.sink.isReady()) {
      reader.isWaiting = true
      reader.sink.whenReady(() => {
        reader.isWaiting = false
        give(query, reader)
      })
      return
    }
    const { taken } = reader
    if (taken === undefined || state.ranks === undefined) {
      reader.taken = state
      reader.sink.send(state.message)
      return
    }
    reader.isWaiting = true
    movesSince(query, state, taken)
      .catch((error: unknown) => {
        log.error({ err: error }, 'moves not told')
        return undefined
      })
      .then((message) => {
        reader.isWaiting = false
        if (query.state !== state) return give(query, reader)
        // Without a message another state is on its way.
        if (message === undefined || !query.readers.has(reader)) return
        reader.taken = state
        reader.sink.send(message)
      })
  }

  const answer = async (
    query: Query,
    before: Ranks | undefined,
    listener: string | undefined,
  ): Promise<Answer> => {
    const paths: (readonly (string | number)[])[] = []
    const shown: { ranks: Ranks | undefined } = { ranks: undefined }
    const compareRanks: LiveTurn['compareRanks'] = (ranks, path) => {
      paths.push(path)
      shown.ranks = ranks
      return before
    }
    const execution = await execute(query.args, { compareRanks }, listener)
    const { result } = execution
    const json = serialise(result)
    const withoutMoves =
      paths.length === 0
        ? json
        : serialise({ ...result, data: emptied(result.data, paths) as Record<string, unknown> })
    return { execution, json, withoutMoves, ranks: shown.ranks }
  }

  const movesSince = (query: Query, state: State, before: State) => {
    const known = state.since.get(before)
    if (known !== undefined) return known
    const making = schedule
      .add({
        listeners: () => payersOf(query, before),
        run: (listener) => answer(query, before.ranks, listener),
        costOf: () => query.cost,
      })
      .done.then((made) => {
        // Those who listened went; who has come since asks again.
        if (made === undefined) state.since.delete(before)
        return made?.withoutMoves === state.message.json ? { json: made.json } : undefined
      })
    state.since.set(before, making)
    return making
  }

  const take = (query: Query, made: Answer, told: ReadonlyMap<number, Head>) => {
    const { result, heads: read } = made.execution
    const before = query.state
    const isFirst = before === undefined
    if (isFailure(result) && (mayPass(result) ? !isFirst : isFirst && heads.isRewinding())) {
      log.warn(
        { codes: result.errors?.map(({ extensions }) => extensions.code) },
        'live query failed',
      )
      query.retry = setTimeout(() => refresh(query), retryMs)
      return
    }
    // The watcher decides what a head that went back means; it calls again when there is something to say.
    if (!isFirst && isBehind(read, told)) return
    if (before?.message.json !== made.withoutMoves) {
      const moves = isFirst ? [] : [[before, Promise.resolve({ json: made.json })] as const]
      query.state = {
        message: { json: made.withoutMoves },
        ranks: made.ranks,
        since: new WeakMap(moves),
      }
      for (const reader of [...query.readers]) give(query, reader)
    }
    if (isFailure(result)) finish(query)
  }

  const run = async (query: Query) => {
    query.isRunning = true
    while (query.isStale && queries.get(query.key) === query) {
      let told = heads.current()
      query.job = schedule.add({
        listeners: () => payersOf(query),
        run: (listener) => {
          // What came while it waited is read now.
          query.isStale = false
          told = heads.current()
          return answer(query, query.state?.ranks, listener)
        },
        costOf: () => (query.state === undefined ? 0 : query.cost),
      })
      const made = await query.job.done
      query.job = undefined
      if (made === undefined) break
      const read = made.execution.heads
      const isKnown = read === undefined || (await heads.confirm(read))
      if (queries.get(query.key) !== query) break
      if (isKnown) take(query, made, told)
      // Those done longest ago come first.
      if (queries.delete(query.key)) queries.set(query.key, query)
    }
    query.isRunning = false
  }

  const refresh = (query: Query) => {
    query.isStale = true
    clearTimeout(query.retry)
    if (query.isRunning) return
    run(query).catch((error: unknown) => {
      log.error({ err: error }, 'live query ended')
      finish(query)
    })
  }

  const stopListening = heads.onChange(() => {
    // Which chains a query reads is not known, so one that rewinds keeps all of them silent; its end calls again.
    if (heads.isRewinding()) return
    for (const query of [...queries.values()].sort(byAudience)) refresh(query)
  })

  return {
    open: (args, payer, cost) => {
      const text = operationKey(args)
      // Those who ask the same hold the same text.
      const key = queries.get(text)?.key ?? text
      const kept = queries.get(text)?.args ?? anonymous(args)
      return createLiveStream((sink) => {
        const known = queries.get(key)
        const query: Query = known ?? {
          key,
          args: kept,
          cost,
          readers: new Set(),
          state: undefined,
          isRunning: false,
          isStale: false,
          job: undefined,
          retry: undefined,
        }
        const reader: SnapshotReader = { sink, payer, taken: undefined, isWaiting: false }
        readers += 1
        query.readers.add(reader)
        give(query, reader)
        query.job?.join(payer)
        if (known === undefined) {
          queries.set(key, query)
          refresh(query)
        }
        return () => leave(query, reader)
      })
    },
    size: () => ({ readers, queries: queries.size }),
    stop: () => {
      stopListening()
      for (const query of [...queries.values()]) finish(query)
    },
  }
}
