import { type Connections, createConnections } from './connections.ts'
import type { Reader } from './reader.ts'

/** The API's connections. Every one of them can only read, and gives up rather than stand in the indexer's way. */
export interface Database extends Connections {
  /** Single statements outside any snapshot. Each sees the newest committed rows. */
  readonly db: Reader
}

export interface DatabaseOptions {
  readonly url: string
  /** The indexer's schema; becomes the search path, with the schema of its audit behind it. Lower-case. */
  readonly schema: string
  readonly maxConnections: number
  /** How long a statement waits for a lock. A reorganisation locks every table for a moment. */
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
    },
    ...(onStatement === undefined ? {} : { onStatement }),
  })
  return {
    ...connections,
    db: {
      rows: async (statement) => {
        const connection = await connections.take()
        try {
          return await connection.db.rows(statement)
        } finally {
          connection.release()
        }
      },
    },
  }
}
