import postgres from 'postgres'
import type { Database } from './database.ts'
import { type Head, listHeads } from './head.ts'
import { createReader, type Reader } from './reader.ts'

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

/** lock_not_available and deadlock_detected: a reorganisation held the tables. */
const isLocked = (error: unknown) =>
  error instanceof postgres.PostgresError && (error.code === '55P03' || error.code === '40P01')

const open = async (database: Database): Promise<OpenSnapshot> => {
  const opened = Promise.withResolvers<Snapshot>()
  const closing = Promise.withResolvers<void>()
  let failure: unknown

  const transaction = database.sql
    .begin('isolation level repeatable read read only', async (client) => {
      const reader = createReader(client)
      // A statement after the connection was lost would run on another one, outside this transaction.
      const db: Reader = {
        rows: async (statement) => {
          if (failure !== undefined) throw failure
          return reader.rows(statement)
        },
      }
      const heads = await listHeads(db)
      opened.resolve({ db, heads: new Map(heads.map((head) => [head.chainId, head])) })
      await closing.promise
    })
    .then(
      () => undefined,
      (error: unknown) => {
        failure = error
        opened.reject(error)
      },
    )

  const snapshot = await opened.promise
  return {
    snapshot,
    close: () => {
      // Whoever reads on after that, late, would read outside the transaction.
      failure ??= new Error('The snapshot is closed')
      closing.resolve()
      return transaction
    },
  }
}

/**
 * Begins a REPEATABLE READ READ ONLY transaction and reads the heads in it. While it is open a reorganisation has to
 * wait, so open it late and close it early. Tries once more when the tables were locked: nothing has been read yet.
 */
export const openSnapshot = async (database: Database): Promise<OpenSnapshot> => {
  try {
    return await open(database)
  } catch (error) {
    if (isLocked(error)) return open(database)
    throw error
  }
}
