import { setTimeout as wait } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import type { Reader } from './reader.ts'

/** How large the tables are, as PostgreSQL estimates it: costs nothing to know, and is near enough to tell a page from a scan. */
export interface Statistics {
  /** Rows of a table. */
  readonly rows: (table: string) => number
  /** Rows that have the most frequent value of a column; all of them while nothing is known. */
  readonly most: (table: string, column: string) => number
}

/** Of tables that do not exist, and before the first look. */
export const NOTHING: Statistics = { rows: () => 0, most: () => 0 }

/** What was counted last, or has come since: neither needs a lock, so a table that somebody locks holds up nobody here. */
const SIZES = sql`
  select relname as name, greatest(reltuples, pg_stat_get_live_tuples(oid), 0) as rows
  from pg_class where relkind = 'r' and relnamespace = to_regnamespace(current_schema())`

/** A negative number of values is a share of the rows. */
const SHARES = sql`
  select tablename as name, attname as column, coalesce(most_common_freqs[1],
    case when n_distinct > 0 then 1 / n_distinct when n_distinct < 0 then 0 else 1 end) as share
  from pg_stats where schemaname = current_schema() and not inherited`

export const readStatistics = async (db: Reader): Promise<Statistics> => {
  const sizes = new Map(
    (await db.rows(SIZES)).map(({ name, rows }) => [String(name), Math.ceil(Number(rows))]),
  )
  const shares = new Map(
    (await db.rows(SHARES)).map(({ name, column, share }) => [`${name}.${column}`, Number(share)]),
  )
  const rows = (table: string) => sizes.get(table) ?? 0
  return {
    rows,
    most: (table, column) => Math.ceil(rows(table) * (shares.get(`${table}.${column}`) ?? 1)),
  }
}

/** The newest statistics that are known; never fails. */
export type KnownStatistics = () => Promise<Statistics>

/** The first operations wait so long for the first look. */
const FIRST_MS = 1_000

/** Reads them when they are asked for, and again when they are older than `everyMs`; meanwhile the older ones hold. */
export const createStatistics = (db: Reader, everyMs = 60_000): KnownStatistics => {
  let known: Statistics | undefined
  let reading: Promise<Statistics> | undefined
  let readAt = Number.NEGATIVE_INFINITY
  return async () => {
    if (reading === undefined && performance.now() - readAt >= everyMs) {
      readAt = performance.now()
      reading = readStatistics(db)
        .then((read) => {
          known = read
          return read
        })
        // Locked by a reorganisation, or not there yet: the next look is soon.
        .catch(() => known ?? NOTHING)
        .finally(() => {
          reading = undefined
        })
    }
    return known ?? Promise.race([reading ?? NOTHING, wait(FIRST_MS, NOTHING, { ref: false })])
  }
}
