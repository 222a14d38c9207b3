import { sql } from 'drizzle-orm'
import { numberIn } from './head.ts'
import type { Reader } from './reader.ts'

/**
 * Whether the schema has caught up with its chain since it was made. Before that its rows are a part of the history, of which nothing
 * should be said. Afterwards it is always served: an indexer that starts again is a moment behind, which each answer's head says.
 *
 * Ponder's own mark goes back at each start; the supervisor keeps one that does not, in a table that older ones do not have.
 */
export const isCaughtUp = async (db: Reader): Promise<boolean> => {
  const [row] = await db.rows(sql`
    select coalesce(value ->> 'is_ready', '1') <> '0' as is_ready,
      coalesce(has_table_privilege(to_regclass('_leader'), 'select'), false) as is_marked
    from _ponder_meta where key = 'app'`)
  if (row?.is_ready === true) return true
  if (row?.is_marked !== true) return false
  const [mark] = await db.rows(sql`select caught_up_at is not null as is_caught_up from _leader`)
  return mark?.is_caught_up === true
}

/** The block that the indexer has come to on a chain, in its first pass too, when it stores only blocks with events; undefined before. */
export const indexedTo = async (db: Reader, chainId: number): Promise<number | undefined> => {
  const [row] = await db.rows(sql`
    select ${numberIn(sql`latest_checkpoint`)} as number from _ponder_checkpoint where chain_id = ${chainId}`)
  return row === undefined ? undefined : Number(row.number)
}
