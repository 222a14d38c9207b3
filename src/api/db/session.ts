import postgres from 'postgres'
import { connect } from './connect.ts'
import { GoneError, LostError, SilentError } from './errors.ts'
import { CONNECT_MS, createWires, KEEP_ALIVE_MS, type Wires } from './wires.ts'

/** One session of the database. Once it is lost it is never connected again: whoever went on would be in another one. */
export interface Session {
  /**
   * Runs what `start` sends when everything before is over. When the signal aborts it rejects at once and the server is asked to
   * stop; what comes next waits until it has. A server that is silent for too long loses the session.
   *
   * @throws GoneError, SilentError, LostError, and what the server says of a statement
   */
  readonly run: <T>(start: (sql: Statements) => Promise<T>, signal?: AbortSignal) => Promise<T>
  /** Whether the server answers, in bounded time. Without an answer the session is lost. */
  readonly ping: () => Promise<void>
  /** Resolves when everything that was to run is over, also what nobody waits for any more. */
  readonly settled: () => Promise<unknown>
  readonly isLost: () => boolean
  /** Lets what runs finish within so many seconds. */
  readonly end: (seconds: number) => Promise<void>
  /** Ends it without a word: the other side may be silent. */
  readonly destroy: () => void
}

/** What sends statements. */
export type Statements = Pick<postgres.ISql, 'unsafe'>

export interface SessionOptions {
  readonly url: string
  /** Parameters of the session. */
  readonly session: Readonly<Record<string, string | number | boolean>>
  /** How long the server may be silent while something runs. */
  readonly silenceMs: number
  /** Called with the text of each statement. */
  readonly onStatement?: (text: string) => void
  /** Called when the server was silent for too long. */
  readonly onSilence?: () => void
}

/** Between two requests to stop: one that comes between two messages of a statement is not heard. */
const REPEAT_MS = 200
/** Until a statement that was sent just now is the server's. */
const SOON_MS = 5
/** A server that has not stopped after so long does not hear. */
const STOP_MS = 5000
/** A process that was too busy to look learns that the time is up when the answer may be there already. */
const GRACE_MS = 250

/** The statement that opens a session, and asks whether one is alive. */
const PING = 'select'

const noop = () => undefined

const delay = (milliseconds: number) =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds)
  })

/** After such an error the session is gone, or going: nothing may be written to it any more. */
export const isFatal = (error: unknown): boolean =>
  !(error instanceof postgres.PostgresError) || ['FATAL', 'PANIC'].includes(error.severity)

/** What of a driver's query is not in its types. */
interface Query {
  /** The server works on it now. */
  readonly active: boolean
  readonly state: { readonly pid: number; readonly secret: number } | null
}

const createDriver = (
  { url, session, onStatement }: SessionOptions,
  wires: Wires,
  onClose: () => void,
): postgres.Sql => {
  const settings = {
    max: 1,
    fetch_types: false,
    connect_timeout: CONNECT_MS / 1000,
    keep_alive: KEEP_ALIVE_MS / 1000,
    idle_timeout: 0,
    max_lifetime: null,
    onnotice: noop,
    onclose: onClose,
    socket: wires.open,
    // With it the driver takes a stack trace for each statement.
    ...(onStatement === undefined
      ? {}
      : {
          debug: (_connection: number, text: string) => {
            if (text !== PING) onStatement(text)
          },
        }),
    connection: session,
  }
  return connect(url, settings)
}

/** Connects. @throws LostError, SilentError: in bounded time when it cannot */
export const openSession = async (options: SessionOptions): Promise<Session> => {
  const { silenceMs, onSilence = noop } = options
  const wires = createWires()
  let isLost = false
  let last: Promise<unknown> = Promise.resolve()
  const sql = createDriver(options, wires, () => {
    isLost = true
  })

  const destroy = () => {
    isLost = true
    wires.cut()
    sql.end({ timeout: 0 }).catch(noop)
  }

  /** Asks the server to stop until it has. */
  const stop = async (queries: readonly Query[], over: Promise<unknown>) => {
    const until = performance.now() + STOP_MS
    let isOver = false
    over.then(() => {
      isOver = true
    })
    for (; !isOver && !isLost; ) {
      if (performance.now() > until) return destroy()
      const running = queries.find(({ active }) => active)
      if (running?.state) await wires.cancel(sql.options, running.state).catch(noop)
      await Promise.race([over, delay(running === undefined ? SOON_MS : REPEAT_MS)])
    }
  }

  /** As the work ends, or rejects, losing the session, when it does not. */
  const within = async <T>(work: Promise<T>, limitMs: number): Promise<T> => {
    const silent = Promise.withResolvers<never>()
    const giveUp = () => {
      silent.reject(new SilentError(limitMs))
      destroy()
      onSilence()
    }
    let timer = setTimeout(() => {
      timer = setTimeout(giveUp, GRACE_MS)
    }, limitMs)
    try {
      return await Promise.race([work, silent.promise])
    } catch (error) {
      isLost ||= isFatal(error)
      throw isLost && !(error instanceof SilentError) ? new LostError({ cause: error }) : error
    } finally {
      clearTimeout(timer)
    }
  }

  const inTurn = <T>(
    start: (sql: Statements) => Promise<T>,
    limitMs: number,
    signal?: AbortSignal,
  ): Promise<T> => {
    const turn = last.then(async () => {
      if (isLost) throw new LostError()
      if (signal === undefined) return within(start(sql), limitMs)
      if (signal.aborted) throw new GoneError()
      const queries: Query[] = []
      const watched = {
        unsafe: (...given: Parameters<Statements['unsafe']>) => {
          const query = sql.unsafe(...given)
          queries.push(query as unknown as Query)
          return query
        },
      } as Statements
      const work = within(start(watched), limitMs)
      const over = work.then(noop, noop)
      const cancel = () => {
        ending = stop(queries, over)
      }
      let ending: Promise<unknown> | undefined
      signal.addEventListener('abort', cancel, { once: true })
      try {
        return await work
      } finally {
        signal.removeEventListener('abort', cancel)
        // A request to stop that is still on its way would stop whatever comes next.
        await ending
      }
    })
    last = turn.then(noop, noop)
    return signal === undefined ? turn : unlessGone(turn, signal)
  }

  try {
    await inTurn((opening) => opening.unsafe(PING), CONNECT_MS)
  } catch (error) {
    destroy()
    throw error
  }
  return {
    run: (start, signal) => inTurn(start, silenceMs, signal),
    ping: () => inTurn(async (idle) => void (await idle.unsafe(PING)), CONNECT_MS),
    settled: () => last,
    isLost: () => isLost,
    destroy,
    end: async (seconds) => {
      await sql.end({ timeout: seconds })
      wires.cut()
    },
  }
}

/** Rejects at once when nobody waits any more. */
const unlessGone = async <T>(work: Promise<T>, signal: AbortSignal): Promise<T> => {
  const gone = Promise.withResolvers<never>()
  const leave = () => gone.reject(new GoneError())
  signal.addEventListener('abort', leave, { once: true })
  try {
    return await Promise.race([work, gone.promise])
  } finally {
    signal.removeEventListener('abort', leave)
  }
}
