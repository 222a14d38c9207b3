import type { SQL } from 'drizzle-orm'
import postgres from 'postgres'
import type { CacheSize } from '../cache.ts'
import { createPlans, createReader, type Raw, type Reader } from './reader.ts'

/** One session of the database, in the hands of one user at a time. */
export interface Connection {
  /** Statements run one after the other, all of them in this session: once it is lost, each is refused. */
  readonly db: Reader
  /** Begins a transaction and runs its first statement in one round trip. */
  readonly begin: (mode: string, first: SQL) => Promise<readonly Raw[]>
  readonly commit: () => Promise<void>
  readonly isLost: () => boolean
  /** Back to the others; a lost one is replaced. */
  readonly release: () => void
}

export interface Connections {
  /** The next free connection, in the order of asking. */
  readonly take: () => Promise<Connection>
  /** Of what counts which statements to prepare. */
  readonly plansSize: () => CacheSize
  /** Ends them; running statements get five seconds. */
  readonly stop: () => Promise<void>
}

export interface ConnectionOptions {
  readonly url: string
  readonly max: number
  /** Parameters of each session. */
  readonly session: Readonly<Record<string, string | number | boolean>>
  /** Called with the text of each statement. */
  readonly onStatement?: (text: string) => void
}

interface Session {
  readonly sql: postgres.Sql
  isLost: boolean
}

const openSession = ({ url, session, onStatement }: ConnectionOptions): Session => {
  const opened: Session = {
    sql: postgres(url, {
      max: 1,
      fetch_types: false,
      connect_timeout: 5,
      idle_timeout: 0,
      max_lifetime: null,
      onnotice: () => undefined,
      onclose: () => {
        opened.isLost = true
      },
      ...(onStatement === undefined
        ? {}
        : { debug: (_connection: number, text: string) => onStatement(text) }),
      connection: session,
    }),
    isLost: false,
  }
  return opened
}

const lost = () => new Error('The connection to the database was lost')

/** After such an error the session is gone, or going: nothing may be written to it any more. */
export const isFatal = (error: unknown): boolean =>
  !(error instanceof postgres.PostgresError) || ['FATAL', 'PANIC'].includes(error.severity)

const connectionOf = (
  session: Session,
  isPrepared: (text: string) => boolean,
  release: () => void,
): Connection => {
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(run: () => Promise<T>): Promise<T> => {
    const turn = last.then(async () => {
      if (session.isLost) throw lost()
      try {
        return await run()
      } catch (error) {
        session.isLost ||= isFatal(error)
        throw error
      }
    })
    last = turn.catch(() => undefined)
    return turn
  }
  const reader = createReader(session.sql, isPrepared)
  return {
    db: { rows: (statement) => inTurn(() => reader.rows(statement)) },
    begin: (mode, first) =>
      inTurn(async () => {
        // Sent together, in this order: the driver begins with a query only when it is told to, or awaited.
        const begun = session.sql.unsafe(`begin ${mode}`).execute()
        const [, rows] = await Promise.all([begun, reader.rows(first)])
        // A driver that had to connect again has read outside the transaction.
        if (session.isLost) throw lost()
        return rows
      }),
    commit: () => inTurn(async () => void (await session.sql.unsafe('commit'))),
    isLost: () => session.isLost,
    release,
  }
}

/**
 * A pool whose connections are never replaced behind one's back. The driver's own pool would reconnect in the middle of
 * a transaction, and after a loss it writes the transaction's end to a socket that is gone, which ends the process.
 * So each session is a driver of one connection here, and is thrown away when it closes.
 */
export const createConnections = (options: ConnectionOptions): Connections => {
  const idle: Session[] = []
  const waiting: ((session: Session) => void)[] = []
  const all = new Set<Session>()
  const plans = createPlans()

  const open = () => {
    const session = openSession(options)
    all.add(session)
    return session
  }
  const discard = (session: Session) => {
    all.delete(session)
    return session.sql.end({ timeout: 0 })
  }
  const next = (): Session | undefined => {
    for (let session = idle.pop(); session !== undefined; session = idle.pop()) {
      if (!session.isLost) return session
      void discard(session)
    }
    return all.size < options.max ? open() : undefined
  }
  const give = (session: Session) => {
    if (session.isLost) void discard(session)
    else idle.push(session)
    const waiter = waiting.shift()
    if (waiter === undefined) return
    const free = next()
    if (free === undefined) waiting.unshift(waiter)
    else waiter(free)
  }

  return {
    take: async () => {
      const session = next() ?? (await new Promise<Session>((resolve) => waiting.push(resolve)))
      let isOut = true
      return connectionOf(session, plans.isPrepared, () => {
        if (isOut) give(session)
        isOut = false
      })
    },
    plansSize: plans.size,
    stop: async () => {
      await Promise.all([...all].map(({ sql }) => sql.end({ timeout: 5 })))
    },
  }
}
