import postgres from 'postgres'
import { connect, inTime } from '../src/api/db/connect.ts'

/**
 * One session with PostgreSQL. Every use of it has a time limit on our side, whatever the server or the network does: a session that
 * does not answer in time is thrown away, and the next use opens another one.
 */
export interface Session {
  /** @throws SilentError after `limitMs`. */
  run<Value>(work: (sql: postgres.Sql) => Promise<Value>, limitMs?: number): Promise<Value>
  /** Resolves when the open session is closed by the other side; never for one that was thrown away here. */
  closed(): Promise<void>
  stop(): Promise<void>
}

interface Open {
  readonly sql: postgres.Sql
  readonly closed: Promise<void>
  isLost: boolean
}

const LIMIT_MS = 2_500
/** Also on the server, so that nothing which was given up here goes on there for long. */
const STATEMENT_TIMEOUT_MS = 60_000

const open = (url: string, applicationName: string): Open => {
  const { promise: closed, resolve } = Promise.withResolvers<void>()
  const opened: Open = {
    sql: connect(url, {
      ...{ max: 1, idle_timeout: 0, max_lifetime: null, fetch_types: false },
      onclose: () => {
        if (!opened.isLost) resolve()
        opened.isLost = true
      },
      connection: {
        application_name: applicationName,
        statement_timeout: STATEMENT_TIMEOUT_MS,
        // What is promised here must not be forgotten by a crash.
        synchronous_commit: 'on',
      },
    }),
    closed,
    isLost: false,
  }
  return opened
}

const isRefusal = (error: unknown) =>
  error instanceof postgres.PostgresError && !['FATAL', 'PANIC'].includes(error.severity)

/** Connects on first use. */
export const createSession = (url: string, applicationName: string): Session => {
  let current: Open | undefined

  const discard = async () => {
    const old = current
    current = undefined
    if (old === undefined) return
    old.isLost = true
    await old.sql.end({ timeout: 0 }).catch(() => undefined)
  }
  const use = () => {
    if (current?.isLost === true) void discard()
    current ??= open(url, applicationName)
    return current
  }

  return {
    run: async (work, limitMs = LIMIT_MS) => {
      const { sql } = use()
      try {
        return await inTime(limitMs, work(sql))
      } catch (error) {
        if (!isRefusal(error) && current?.sql === sql) void discard()
        throw error
      }
    },
    closed: () => use().closed,
    stop: discard,
  }
}
