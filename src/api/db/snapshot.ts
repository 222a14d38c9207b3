import postgres from 'postgres'
import type { Database } from './database.ts'
import { type Head, listHeads } from './head.ts'
import type { Reader } from './reader.ts'

/** One moment of the database: every row read through `db` belongs to the blocks in `heads`. */
export interface Snapshot {
  readonly db: Reader
  /** The head of each chain, by chain id. Empty before the indexer's first block. */
  readonly heads: ReadonlyMap<number, Head>
}

export interface OpenSnapshot {
  readonly snapshot: Snapshot
  /** Ends the transaction. Safe to call twice. */
  readonly close: () => Promise<void>
}

/** lock_not_available and deadlock_detected: somebody changes the tables themselves. */
export const isLocked = (error: unknown) =>
  error instanceof postgres.PostgresError && (error.code === '55P03' || error.code === '40P01')

/** undefined_table: the indexer has not made its tables yet. */
export const isMissing = (error: unknown) =>
  error instanceof postgres.PostgresError && error.code === '42P01'

const MODE = 'isolation level repeatable read read only'

const open = async (database: Database): Promise<OpenSnapshot> => {
  const connection = await database.take()
  let ended: Promise<void> | undefined

  const end = async () => {
    try {
      if (!connection.isLost()) await connection.commit()
    } catch (error) {
      // The session went with its transaction. Nothing was written, so nothing is lost.
      if (!connection.isLost()) throw error
    } finally {
      connection.release()
    }
  }
  const close = () => {
    ended ??= end()
    return ended
  }
  // Whoever reads on after the end, late, would read outside the transaction.
  const db: Reader = {
    rows: async (statement) => {
      if (ended !== undefined) throw new Error('The snapshot is closed')
      return connection.db.rows(statement)
    },
  }

  try {
    const beginning: Reader = { rows: (first) => connection.begin(MODE, first) }
    const heads = await listHeads(beginning).catch((error: unknown) => {
      if (isMissing(error)) return []
      throw error
    })
    return { snapshot: { db, heads: new Map(heads.map((head) => [head.chainId, head])) }, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Each waits for a lock as long as the session's `lock_timeout`. */
const MOST_TRIES = 4

/**
 * Begins a REPEATABLE READ READ ONLY transaction and reads the heads in it. It holds a connection and keeps old rows from being cleaned
 * up, so open it late and close it early. Tries again when the tables were locked: nothing has been read yet.
 */
export const openSnapshot = async (
  database: Database,
  triesLeft = MOST_TRIES - 1,
): Promise<OpenSnapshot> => {
  try {
    return await open(database)
  } catch (error) {
    if (triesLeft === 0 || !isLocked(error)) throw error
    return openSnapshot(database, triesLeft - 1)
  }
}
