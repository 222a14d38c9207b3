import postgres from 'postgres'

/** The hash of the newest block in the tables; undefined before there is one. */
export const newestHash = async (url: string): Promise<string | undefined> => {
  const sql = postgres(url, { max: 1, onnotice: () => undefined })
  try {
    const [row] = await sql<{ hash: string }[]>`
      select hash from pay402win.block order by number desc limit 1`
    return row?.hash
  } finally {
    await sql.end()
  }
}

/** A digest of every row of every table of the schema, without Ponder's own. By table: number of rows and hash. */
export const digest = async (url: string): Promise<Record<string, string>> => {
  const sql = postgres(url, { max: 1, onnotice: () => undefined })
  try {
    const tables = await sql<{ name: string }[]>`
      select table_name as name from information_schema.tables
      where table_schema = 'pay402win' and table_type = 'BASE TABLE' and not starts_with(table_name, '_')
      order by table_name`
    const digests = await Promise.all(
      tables.map(async ({ name }) => {
        const [row] = await sql<{ digest: string }[]>`
          select count(*) || ' ' || md5(coalesce(string_agg(t::text, '|' order by id), '')) as digest
          from ${sql('pay402win')}.${sql(name)} t`
        return [name, row?.digest ?? ''] as const
      }),
    )
    return Object.fromEntries(digests)
  } finally {
    await sql.end()
  }
}
