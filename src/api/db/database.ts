import postgres from 'postgres'
import { createReader, type Reader } from './reader.ts'

/** The API's connections. Every one of them can only read, and gives up rather than stand in the indexer's way. */
export interface Database {
  /** postgres.js itself, for LISTEN and for what needs a connection of its own. */
  readonly sql: postgres.Sql
  /** Single statements outside any snapshot. Each sees the newest committed rows. */
  readonly db: Reader
  /** Ends the connections; running statements get five seconds. */
  readonly stop: () => Promise<void>
}

export interface DatabaseOptions {
  readonly url: string
  /** The indexer's schema; becomes the search path. Lower-case. */
  readonly schema: string
  readonly maxConnections: number
  /** How long a statement waits for a lock. A reorganisation locks every table for a moment. */
  readonly lockTimeoutMs: number
  readonly statementTimeoutMs: number
  /** Called with the text of each statement that carries parameters or not; for tests and logs. */
  readonly onStatement?: (text: string) => void
}

/** Connects on first use. */
export const createDatabase = (options: DatabaseOptions): Database => {
  const { onStatement } = options
  const sql = postgres(options.url, {
    max: options.maxConnections,
    fetch_types: false,
    onnotice: () => undefined,
    ...(onStatement === undefined
      ? {}
      : { debug: (_connection: number, text: string) => onStatement(text) }),
    connection: {
      application_name: 'pay402win-api',
      search_path: options.schema,
      default_transaction_read_only: true,
      lock_timeout: options.lockTimeoutMs,
      statement_timeout: options.statementTimeoutMs,
      idle_in_transaction_session_timeout: 2000,
    },
  })
  return { sql, db: createReader(sql), stop: () => sql.end({ timeout: 5 }) }
}
