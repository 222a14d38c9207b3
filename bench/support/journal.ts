import type postgres from 'postgres'

/** The entry itself, and what only its player and its number share. */
const OWN = ['entry', 'round_player', 'pool_player', 'player_token', 'pool_number']
/** One row for all entries of a block, a round, an hour. */
const SHARED = ['block', 'round', 'pool_hour']

/** How many rows were written. */
export interface Written {
  readonly own: number
  readonly shared: number
  /** What the contract says once a call, and anything else. */
  readonly other: number
}

const PREFIX = '_reorg__'

const journals = async (sql: postgres.Sql, schema: string) =>
  (
    await sql<{ name: string }[]>`
      select tablename as name from pg_tables where schemaname = ${schema} and starts_with(tablename, ${PREFIX})`
  ).map(({ name }) => name)

/** Where the journal of live blocks stands: its rows are numbered over all tables. */
export const journalEnd = async (sql: postgres.Sql, schema: string): Promise<number> => {
  const ends = await Promise.all(
    (await journals(sql, schema)).map(
      (name) => sql<{ end: number | null }[]>`
        select max(operation_id) as "end" from ${sql(schema)}.${sql(name)}`,
    ),
  )
  return Math.max(0, ...ends.map(([row]) => row?.end ?? 0))
}

/** The rows that live blocks wrote after a point of the journal. Blocks that are final by now are no longer in it. */
export const rowsWritten = async (
  sql: postgres.Sql,
  schema: string,
  since: number,
): Promise<Written> => {
  const written = { own: 0, shared: 0, other: 0 }
  for (const name of await journals(sql, schema)) {
    const table = name.slice(PREFIX.length)
    const [row] = await sql<{ count: number }[]>`
      select count(*)::int as count from ${sql(schema)}.${sql(name)} where operation_id > ${since}`
    const kind = OWN.includes(table) ? 'own' : SHARED.includes(table) ? 'shared' : 'other'
    written[kind] += row?.count ?? 0
  }
  return written
}
