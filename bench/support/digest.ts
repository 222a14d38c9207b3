import postgres from 'postgres'

/** A digest of every row of every table of a schema, without Ponder's own. */
export const digest = async (url: string, schema: string): Promise<string> => {
  const sql = postgres(url, { max: 1, onnotice: () => undefined })
  try {
    const tables = await sql<{ name: string }[]>`
      select tablename as name from pg_tables
      where schemaname = ${schema} and not starts_with(tablename, '_') order by tablename`
    const digests: string[] = []
    for (const { name } of tables) {
      const [row] = await sql<{ digest: string }[]>`
        select count(*) || ' ' || md5(coalesce(string_agg(t::text, '|' order by id), '')) as digest
        from ${sql(schema)}.${sql(name)} t`
      digests.push(`${name} ${row?.digest ?? ''}`)
    }
    return digests.join('\n')
  } finally {
    await sql.end({ timeout: 1 })
  }
}
