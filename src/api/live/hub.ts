import { type DocumentNode, type ExecutionArgs, type ExecutionResult, print } from 'graphql'
import type { Logger } from 'pino'
import type { Head } from '../db/head.ts'
import type { Heads } from './heads.ts'
import { createLimiter } from './limiter.ts'
import { createOutbox, type Outbox } from './outbox.ts'

/** One execution of a live query: its masked result, and the heads of the snapshot it was read from. */
export interface LiveExecution {
  readonly result: ExecutionResult
  readonly heads: ReadonlyMap<number, Head> | undefined
}

/** Keeps the answers of live queries up to date, with one execution per distinct query and head, whoever listens. */
export interface Hub {
  /**
   * The present state at once, then one for every head whose answer differs from what this reader was given last; a slow
   * reader gets the newest only. An answer that is an error ends the stream.
   */
  readonly subscribe: (args: ExecutionArgs) => AsyncGenerator<ExecutionResult, undefined, undefined>
  /** A result of a stream as it was serialised to be compared; undefined for any other result. */
  readonly serialised: (result: ExecutionResult) => string | undefined
  /** Streams that are open, and distinct queries behind them. */
  readonly size: () => { readonly clients: number; readonly queries: number }
  /** Ends all streams. */
  readonly stop: () => void
}

export interface HubOptions {
  readonly heads: Heads
  readonly execute: (args: ExecutionArgs) => Promise<LiveExecution>
  /** A result as it goes over the wire. */
  readonly serialise: (result: ExecutionResult) => string
  /** Executions at once, so that live queries leave connections to the others. */
  readonly concurrency: number
  readonly log: Logger
  /** Until an execution that failed on our side is tried again. */
  readonly retryMs?: number
}

interface Query {
  readonly key: string
  readonly args: ExecutionArgs
  readonly clients: Set<Outbox<ExecutionResult>>
  /** The newest answer; it is in `jsons` too. */
  state: ExecutionResult | undefined
  isRunning: boolean
  isStale: boolean
  retry: NodeJS.Timeout | undefined
}

/** The same object with its keys in order, so that equal variables are equal text. */
const ordered = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(ordered)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, inner]) => [name, ordered(inner)]),
  )
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

export const createHub = (options: HubOptions): Hub => {
  const { heads, execute, serialise, log, retryMs = 1000 } = options
  const queries = new Map<string, Query>()
  const texts = new WeakMap<DocumentNode, string>()
  const jsons = new WeakMap<ExecutionResult, string>()
  const limit = createLimiter(options.concurrency)
  let clients = 0

  const keyOf = ({ document, operationName, variableValues }: ExecutionArgs) => {
    const text = texts.get(document) ?? print(document)
    texts.set(document, text)
    return JSON.stringify([text, operationName ?? null, ordered(variableValues ?? {})])
  }

  const finish = (query: Query) => {
    queries.delete(query.key)
    clearTimeout(query.retry)
    for (const client of [...query.clients]) client.end()
  }

  const isSame = (one: ExecutionResult, other: ExecutionResult) =>
    jsons.get(one) === jsons.get(other)

  const deliver = (query: Query, state: ExecutionResult) => {
    query.state = state
    for (const client of [...query.clients]) client.push(state)
  }

  const take = (
    query: Query,
    { result, heads: read }: LiveExecution,
    told: ReadonlyMap<number, Head>,
  ) => {
    const isFirst = query.state === undefined
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
    jsons.set(result, serialise(result))
    if (query.state === undefined || !isSame(query.state, result)) deliver(query, result)
    if (isFailure(result)) finish(query)
  }

  const run = async (query: Query) => {
    query.isRunning = true
    while (query.isStale && queries.get(query.key) === query) {
      await limit(async () => {
        query.isStale = false
        const told = heads.current()
        const execution = await execute(query.args)
        const isKnown = execution.heads === undefined || (await heads.confirm(execution.heads))
        if (isKnown && queries.get(query.key) === query) take(query, execution, told)
      })
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
    for (const query of queries.values()) refresh(query)
  })

  return {
    subscribe: (args) => {
      const key = keyOf(args)
      const known = queries.get(key)
      const { schema, document, operationName, variableValues } = args
      const query: Query = known ?? {
        key,
        // Nothing of the one who asked first stays with the query.
        args: {
          schema,
          document,
          operationName: operationName ?? null,
          variableValues: variableValues ?? {},
        },
        clients: new Set(),
        state: undefined,
        isRunning: false,
        isStale: false,
        retry: undefined,
      }
      const outbox = createOutbox<ExecutionResult>(isSame, () => {
        clients -= 1
        query.clients.delete(outbox)
        if (query.clients.size === 0 && queries.get(key) === query) finish(query)
      })
      clients += 1
      query.clients.add(outbox)
      if (query.state !== undefined) outbox.push(query.state)
      if (known === undefined) {
        queries.set(key, query)
        refresh(query)
      }
      return outbox.states
    },
    serialised: (result) => jsons.get(result),
    size: () => ({ clients, queries: queries.size }),
    stop: () => {
      stopListening()
      for (const query of [...queries.values()]) finish(query)
    },
  }
}
