import { type SQL, sql } from 'drizzle-orm'
import type { Database } from './database.ts'
import { GoneError } from './errors.ts'
import { decodeHeads, type Head, rowsAndHeads } from './head.ts'
import type { NewestHeads } from './newestHeads.ts'
import type { Raw, Reader } from './reader.ts'
import { isFatal } from './session.ts'
import { isLocked, isMissing } from './snapshot.ts'

/**
 * Reads without a transaction: each statement sees the newest rows and tells the heads that they are of. As long as those are
 * the same, all statements saw the same rows, because whatever is derived from a chain follows from its head.
 */
export interface LooseReading {
  /** @throws TornError */
  readonly db: Reader
  /** The heads of what was read; those of now when nothing was. @throws TornError */
  readonly heads: () => Promise<ReadonlyMap<number, Head>>
  /** Those of what was read so far; undefined when nothing was. */
  readonly seen: () => ReadonlyMap<number, Head> | undefined
  /** What was read does not belong together, or cannot be read like this: only a snapshot helps. */
  readonly isTorn: () => boolean
  /** Nothing more is read. */
  readonly close: () => void
}

/** A block came between two statements of one operation, or something stood in the way that a snapshot may get around. */
export class TornError extends Error {
  override readonly name = 'TornError'

  constructor(options?: ErrorOptions) {
    super('What was read does not belong together', options)
  }
}

export interface LooseOptions {
  readonly database: Pick<Database, 'db'>
  /** Heads that must be seen: a replica may be behind. */
  readonly expected?: NewestHeads
}

/** Another error would only come again. */
const isPassing = (error: unknown) =>
  !(error instanceof GoneError) && (isFatal(error) || isLocked(error) || isMissing(error))

const isExpected = (seen: ReadonlyMap<number, Head>, expected: readonly Head[]) =>
  expected.every(({ chainId, hash }) => seen.get(chainId)?.hash === hash)

const NOTHING: SQL = sql`select`

/**
 * For one operation. Its statements run one after the other, and hold a connection no longer than they run: who waits for a snapshot,
 * which is a connection too, must not hold one meanwhile.
 */
export const openLoose = ({ database, expected }: LooseOptions): LooseReading => {
  let expecting: Promise<readonly Head[]> | undefined
  let told: string | undefined
  let first: Promise<unknown> | undefined
  let last: Promise<unknown> = Promise.resolve()
  let isTorn = false
  let isClosed = false

  const tear = (cause?: unknown): never => {
    isTorn = true
    throw new TornError({ cause })
  }
  const read = async (statement: SQL): Promise<readonly Raw[]> => {
    if (isClosed) throw new Error('The operation is over')
    try {
      expecting ??= expected?.()
      const wanted = (await expecting) ?? []
      const { rows, heads } = await rowsAndHeads(database.db, statement)
      if (heads === undefined) return tear()
      if (told === undefined && isExpected(decodeHeads(heads), wanted)) told = heads
      return heads === told ? rows : tear()
    } catch (error) {
      return isPassing(error) ? tear(error) : Promise.reject(error)
    }
  }
  const rows = (statement: SQL) => {
    const reading = last.then(() => read(statement))
    last = reading.catch(() => undefined)
    first ??= last
    return reading
  }
  const seen = () => (told === undefined ? undefined : decodeHeads(told))

  return {
    db: { rows },
    seen,
    heads: async () => {
      await (first ?? rows(NOTHING))
      return seen() ?? tear()
    },
    isTorn: () => isTorn,
    close: () => {
      isClosed = true
    },
  }
}
