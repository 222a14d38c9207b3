import { type Connections, createConnections } from './connections.ts'
import type { Reader } from './reader.ts'
import type { Caller } from './turns.ts'

/** The API's connections. Every one of them can only read, and gives up rather than stand in the indexer's way. */
export interface Database extends Connections {
  /** Single statements outside any snapshot. Each sees the newest committed rows. */
  readonly db: Reader
  /** The same for someone: what it does counts in the caller's share, and stops when nobody waits for it any more. */
  readonly for: (caller: Caller) => Database
}

/** How much longer than its time-out a statement may be silent: its end has to come through, too. */
const ANSWER_MS = 1000

export interface DatabaseOptions {
  readonly url: string
  /** The indexer's schema; becomes the search path, with the schema of its audit behind it. Lower-case. */
  readonly schema: string
  readonly maxConnections: number
  /** How long a statement waits for a lock, as when somebody alters a table. The indexer's own never keep a reader waiting. */
  readonly lockTimeoutMs: number
  readonly statementTimeoutMs: number
  /** Called with the text of each statement; for tests and logs. */
  readonly onStatement?: (text: string) => void
}

/** Connects on first use. */
export const createDatabase = (options: DatabaseOptions): Database => {
  const { onStatement } = options
  const connections = createConnections({
    url: options.url,
    max: options.maxConnections,
    session: {
      application_name: 'pay402win-api',
      search_path: `${options.schema},${options.schema}_audit`,
      default_transaction_read_only: true,
      lock_timeout: options.lockTimeoutMs,
      statement_timeout: options.statementTimeoutMs,
      idle_in_transaction_session_timeout: 2000,
      // One client's statement takes one core, however large.
      max_parallel_workers_per_gather: 0,
    },
    silenceMs: options.statementTimeoutMs + ANSWER_MS,
    ...(onStatement === undefined ? {} : { onStatement }),
  })
  return databaseFor(connections, {})
}

const databaseFor = (connections: Connections, caller: Caller): Database => ({
  ...connections,
  take: (other = caller) => connections.take(other),
  for: (other) => databaseFor(connections, other),
  db: {
    rows: async (statement) => {
      const connection = await connections.take(caller)
      try {
        return await connection.db.rows(statement)
      } finally {
        connection.release()
      }
    },
  },
})
