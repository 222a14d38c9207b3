import type { SQL } from 'drizzle-orm'
import type { CacheSize } from '../cache.ts'
import { LostError } from './errors.ts'
import { createPlans, createReader, type Raw, type Reader } from './reader.ts'
import { openSession, type Session, type SessionOptions } from './session.ts'
import { type Caller, createTurns } from './turns.ts'

/** One session of the database, in the hands of one user at a time. */
export interface Connection {
  /** Statements run one after the other, all of them in this session: once it is lost, each is refused. */
  readonly db: Reader
  /** Begins a transaction and runs its first statement in one round trip. */
  readonly begin: (mode: string, first: SQL) => Promise<readonly Raw[]>
  readonly commit: () => Promise<void>
  readonly isLost: () => boolean
  /** Back to the others once nothing runs in it any more; a lost one is replaced. */
  readonly release: () => void
}

export interface Connections {
  /**
   * The next free connection. The server's own work goes first, then the clients take turns: see turns.ts. When the caller's signal
   * aborts, it leaves the queue, and what it runs in the connection is stopped.
   *
   * @throws GoneError
   */
  readonly take: (caller?: Caller) => Promise<Connection>
  /** Of what counts which statements to prepare. */
  readonly plansSize: () => CacheSize
  /** Ends them; running statements get five seconds. */
  readonly stop: () => Promise<void>
}

export interface ConnectionOptions extends Omit<SessionOptions, 'onSilence'> {
  readonly max: number
}

/** A session that nobody used for so long is asked whether it is alive. */
const IDLE_MS = 5000
const STOP_SECONDS = 5

/** Of all connections so many are kept for the server's own work: heads, keys, and what is read for those who listen. */
export const keptForServer = (max: number): number => Math.max(1, Math.floor(max / 4))

const connectionOf = (
  session: Session,
  isPrepared: (text: string) => boolean,
  signal: AbortSignal | undefined,
  release: () => void,
): Connection => ({
  db: {
    rows: (statement) =>
      session.run((sql) => createReader(sql, isPrepared).rows(statement), signal),
  },
  begin: async (mode, first) => {
    const [, rows] = await session.run((sql) => {
      // Sent together, in this order: the driver begins with a query only when it is told to, or awaited.
      const begun = sql.unsafe(`begin ${mode}`).execute()
      return Promise.all([begun, createReader(sql, isPrepared).rows(first)])
    }, signal)
    // A driver that had to connect again has read outside the transaction.
    if (session.isLost()) throw new LostError()
    return rows
  },
  commit: () => session.run(async (sql) => void (await sql.unsafe('commit'))),
  isLost: session.isLost,
  release,
})

/**
 * A pool whose connections are never replaced behind one's back. The driver's own pool would reconnect in the middle of
 * a transaction, and after a loss it writes the transaction's end to a socket that is gone, which ends the process.
 * So each session is a driver of one connection here, and is thrown away when it closes or falls silent.
 */
export const createConnections = (options: ConnectionOptions): Connections => {
  const { max } = options
  /** The one used last comes last. */
  const idle: { readonly session: Session; readonly since: number }[] = []
  const all = new Set<Session>()
  const plans = createPlans()
  const mostOfClients = Math.max(1, max - keptForServer(max))
  const mostPerHolder = Math.max(1, Math.floor(mostOfClients / 2))
  const turns = createTurns({ most: max, mostOfClients, mostPerHolder })
  let isStopped = false

  const give = (session: Session) => {
    if (session.isLost() || isStopped) {
      all.delete(session)
      session.destroy()
    } else idle.push({ session, since: performance.now() })
  }
  const discardIdle = () => {
    for (const { session } of idle.splice(0)) {
      all.delete(session)
      session.destroy()
    }
  }

  const open = async (): Promise<Session> => {
    const session = await openSession({
      ...options,
      // What made one silent has most likely made the others so.
      onSilence: discardIdle,
    })
    if (isStopped) {
      session.destroy()
      throw new Error('The connections are closed')
    }
    all.add(session)
    return session
  }
  const nextIdle = (): Session | undefined => {
    for (let last = idle.pop(); last !== undefined; last = idle.pop()) {
      if (!last.session.isLost()) return last.session
      give(last.session)
    }
    return undefined
  }

  /** Who holds a turn finds a session, or room for one. */
  const take: Connections['take'] = async (caller = {}) => {
    if (isStopped) throw new Error('The connections are closed')
    const endTurn = await turns.take(caller)
    let session: Session
    try {
      session = nextIdle() ?? (await open())
    } catch (error) {
      endTurn()
      throw error
    }
    let isOut = true
    return connectionOf(session, plans.isPrepared, caller.signal, () => {
      if (!isOut) return
      isOut = false
      session.settled().then(() => {
        give(session)
        endTurn()
      })
    })
  }

  /** Those idle for long may have been cut off without a word. */
  const pingIdle = () => {
    const now = performance.now()
    for (;;) {
      const [longest] = idle
      if (longest === undefined || now - longest.since < IDLE_MS) return
      const endTurn = turns.takeFree()
      if (endTurn === undefined) return
      idle.shift()
      const { session } = longest
      session
        .ping()
        .catch(() => undefined)
        .then(() => {
          give(session)
          endTurn()
        })
    }
  }
  const heartbeat = setInterval(pingIdle, IDLE_MS)
  heartbeat.unref()

  return {
    take,
    plansSize: plans.size,
    stop: async () => {
      isStopped = true
      clearInterval(heartbeat)
      await Promise.all([...all].map((session) => session.end(STOP_SECONDS)))
    },
  }
}
