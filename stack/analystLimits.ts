import postgres from 'postgres'
import { inTransaction } from '../src/api/db/connect.ts'

/** What PostgreSQL lets every role do, and an analyst need not. */

/** Functions that write, lock, wait, or end sessions, and that every role may call. */
const FUNCTIONS = [
  // Locks by which the indexer and the auditor know that they are alone.
  ...['pg_advisory_lock', 'pg_advisory_lock_shared', 'pg_advisory_xact_lock'],
  ...['pg_advisory_xact_lock_shared', 'pg_try_advisory_lock', 'pg_try_advisory_lock_shared'],
  ...['pg_try_advisory_xact_lock', 'pg_try_advisory_xact_lock_shared'],
  // Large objects and the write-ahead log: disk, without a table.
  ...['lo_creat', 'lo_create', 'lo_from_bytea', 'lo_import', 'lo_export', 'lo_put', 'lowrite'],
  ...['lo_truncate', 'lo_truncate64', 'lo_unlink', 'lo_open', 'pg_logical_emit_message'],
  // Other sessions of the same role, and time. Not set_config: pg_dump needs it, and SET does the same.
  ...['pg_cancel_backend', 'pg_terminate_backend', 'pg_notify'],
  ...['pg_sleep', 'pg_sleep_for', 'pg_sleep_until'],
]

/** Extensions whose functions leave the database. */
const EXTENSIONS = ['dblink']

const NOT_ALLOWED = '42501'

interface Named {
  readonly name: string
}

const functions = (sql: postgres.ISql) => sql<Named[]>`
  select oid::regprocedure::text as name from pg_proc
  where (pronamespace = 'pg_catalog'::regnamespace and proname in ${sql(FUNCTIONS)})
    or oid in (select objid from pg_depend where classid = 'pg_proc'::regclass and deptype = 'e' and refobjid in (
      select oid from pg_extension where extname in ${sql(EXTENSIONS)}))
  order by 1`

/** Languages in which anyone may run a block, which can outlive the statement's time limit. */
const languages = (sql: postgres.ISql) => sql<Named[]>`
  select quote_ident(lanname) as name from pg_language where lanpltrusted and lanname <> 'sql' order by 1`

/** Takes from PUBLIC what an analyst need not, and leaves it to the owners of every indexer's tables in the database. */
export const closePublic = async (sql: postgres.Sql): Promise<void> => {
  const owners = await sql<Named[]>`
    select distinct quote_ident(pg_get_userbyid(relowner)) as name from pg_class where relname = '_ponder_meta'
    union select quote_ident(current_user)`
  const [database] = await sql<Named[]>`select quote_ident(current_database()) as name`
  const things = [
    `temporary on database ${database?.name}`,
    ...(await functions(sql)).map(({ name }) => `execute on function ${name}`),
    ...(await languages(sql)).map(({ name }) => `usage on language ${name}`),
  ]
  const to = owners.map(({ name }) => name).join(', ')
  const steps = [
    ...things.map((thing) => [`grant ${thing} to ${to}`, `revoke ${thing} from public`]),
    ['revoke create on schema public from public'],
  ]
  for (const step of steps)
    await inTransaction(sql, async (tx) => {
      for (const statement of step) await tx.unsafe(statement)
    }).catch((error: unknown) => {
      // Whose right it is not to give, cannot take: `listOpen` tells what is left.
      const code = error instanceof postgres.PostgresError ? error.code : undefined
      if (code !== NOT_ALLOWED && code !== '3F000') throw error
    })
}

const listed = (what: string, rows: readonly Named[]) =>
  rows.length === 0 ? [] : [`${what} ${rows.map(({ name }) => name).join(', ')}`]

/** What the role can do in this cluster beyond reading the views. Empty is best. */
export const listOpen = async (
  sql: postgres.Sql,
  { role, analyticsSchema }: { readonly role: string; readonly analyticsSchema: string },
): Promise<readonly string[]> => {
  const callable = await functions(sql)
  const usable = await languages(sql)
  const names = (rows: readonly Named[]) => sql.array(rows.map(({ name }) => name))
  return [
    ...listed(
      'can connect to other databases:',
      await sql<Named[]>`
        select datname as name from pg_database where datname <> current_database() and datallowconn
          and has_database_privilege(${role}, oid, 'CONNECT') order by 1`,
    ),
    ...listed(
      'can make temporary tables in',
      await sql<Named[]>`
        select current_database() as name
        where has_database_privilege(${role}, current_database(), 'TEMPORARY')`,
    ),
    ...listed(
      'can create in schemas',
      await sql<Named[]>`
        select nspname as name from pg_namespace where has_schema_privilege(${role}, oid, 'CREATE') order by 1`,
    ),
    ...listed(
      'can use tables',
      await sql<Named[]>`
        select oid::regclass::text as name from pg_class
        where relkind in ('r', 'p', 'v', 'm', 'f') and relnamespace not in (
            select oid from pg_namespace where nspname in ('pg_catalog', 'information_schema', ${analyticsSchema}))
          and has_schema_privilege(${role}, relnamespace, 'USAGE')
          and has_any_column_privilege(${role}, oid, 'SELECT, INSERT, UPDATE') order by 1`,
    ),
    ...listed(
      'can call',
      await sql<Named[]>`
        select name from unnest(${names(callable)}::text[]) name where has_function_privilege(${role}, name, 'EXECUTE')`,
    ),
    ...listed(
      'can run blocks in',
      await sql<Named[]>`
        select name from unnest(${names(usable)}::text[]) name where has_language_privilege(${role}, name, 'USAGE')`,
    ),
  ]
}
