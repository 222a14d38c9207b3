import type postgres from 'postgres'
import { connect, inTransaction } from '../src/api/db/connect.ts'
import { isSchemaName } from '../src/api/db/names.ts'

const ROLE = /^[a-z_][a-z0-9_]{0,62}$/

/** A session of our own that holds the right to index into one schema. */
export interface IndexingLock {
  readonly sql: postgres.Sql
  /** Resolves when the session is gone, and the right with it: PostgreSQL was restarted, or the network failed. */
  readonly lost: Promise<void>
  release(): Promise<void>
}

/** Whether a name can be a role's here: it is written into statements as it is. */
export const isRoleName = (name: string) => ROLE.test(name)

/**
 * Makes the schema, and lets `apiRole` read what the indexer will write there, and nothing else.
 *
 * @param apiRole an existing role, or one to be created when `isOurs` says that the whole server is.
 */
export const prepareDatabase = async (
  sql: postgres.Sql,
  { schema, apiRole, isOurs = false }: { schema: string; apiRole?: string; isOurs?: boolean },
): Promise<void> => {
  if (!isSchemaName(schema)) throw new Error(`not a name for a schema: ${schema}`)
  await sql`create schema if not exists ${sql(schema)}`
  await dropEagerTriggers(sql, schema)
  if (apiRole === undefined) return
  if (!isRoleName(apiRole)) throw new Error(`not a name for a role: ${apiRole}`)
  if (isOurs)
    await sql.unsafe(`do $$ begin
      if not exists (select from pg_roles where rolname = '${apiRole}') then
        create role ${apiRole} login nosuperuser nocreatedb nocreaterole noinherit;
      end if;
    end $$`)
  await sql`grant usage on schema ${sql(schema)} to ${sql(apiRole)}`
  await sql`grant select on all tables in schema ${sql(schema)} to ${sql(apiRole)}`
  await sql`alter default privileges in schema ${sql(schema)} grant select on tables to ${sql(apiRole)}`
}

/**
 * Ponder's own triggers act in every transaction, and it drops them where they must not. Ours act in a live block's alone and stay
 * (`patches.ts`), so those that an earlier version left have to go.
 */
const dropEagerTriggers = async (sql: postgres.Sql, schema: string) => {
  const eager = await sql<{ name: string; table: string }[]>`
    select tgname as name, relname as table from pg_trigger join pg_class on pg_class.oid = tgrelid
    where relnamespace = ${schema}::regnamespace and tgname in ('reorg', 'live_query') and tgqual is null`
  for (const { name, table } of eager)
    await sql`drop trigger ${sql(name)} on ${sql(schema)}.${sql(table)}`
}

/**
 * Takes the advisory lock of a schema and makes sure that nobody of before still writes there: ends the sessions of an
 * earlier Ponder, then clears two marks of that process, which cannot write any more: the lock, for which Ponder would wait 25
 * seconds, and its readiness, which would make the next one's start look like a stall.
 *
 * Waits for as long as PostgreSQL is away or another supervisor holds the lock, and says so through `log`.
 *
 * @param signal ends the waiting.
 */
export const takeIndexingLock = async (
  url: string,
  schema: string,
  log: (message: string) => void,
  signal: AbortSignal,
): Promise<IndexingLock> => {
  let said = ''
  const say = (message: string) => {
    if (message !== said) log(message)
    said = message
  }
  for (;;) {
    signal.throwIfAborted()
    let lose: () => void = () => undefined
    const lost = new Promise<void>((resolve) => {
      lose = resolve
    })
    const sql = connect(url, {
      max: 1,
      idle_timeout: 0,
      max_lifetime: null,
      connect_timeout: 5,
      onnotice: () => undefined,
      onclose: () => lose(),
      connection: { application_name: 'pay402win-supervisor' },
    })
    try {
      const [attempt] = await sql<{ taken: boolean }[]>`
        select pg_try_advisory_lock(hashtextextended(${`pay402win-indexer:${schema}`}, 0)) as taken`
      if (attempt?.taken === true) {
        await fence(sql, schema)
        return { sql, lost, release: () => sql.end({ timeout: 1 }) }
      }
      say(`another indexer holds schema ${schema}; waiting for it to leave`)
    } catch (error) {
      say(`PostgreSQL is not there yet: ${error instanceof Error ? error.message : String(error)}`)
    }
    await sql.end({ timeout: 1 })
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
}

const fence = async (sql: postgres.Sql, schema: string) => {
  await sql`
    select pg_terminate_backend(pid, 5000) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()
      and application_name in (${`${schema}_internal`}, ${`${schema}_user`}, ${`${schema}_readonly`})`
  const [meta] = await sql`select to_regclass(${`${schema}._ponder_meta`}) as name`
  if (meta?.name == null) return
  await sql`
    update ${sql(schema)}._ponder_meta set value = value || '{"is_locked": 0, "is_ready": 0}' where key = 'app'`
}

/**
 * The schema of a clean build's own cache of the chain, when it was given one (`npm run reindex`); undefined for Ponder's own,
 * which all others share.
 */
export const syncSchemaOf = async (
  sql: postgres.Sql,
  schema: string,
): Promise<string | undefined> => {
  const name = `${schema}_sync`
  const [found] = await sql`select from pg_namespace where nspname = ${name}`
  return found === undefined ? undefined : name
}

/** Tables that say which migrations Ponder's cache has been through. */
const MIGRATIONS = ['kysely_migration', 'kysely_migration_lock']

/**
 * Gives a schema that is to be built a cache of the chain of its own, empty. Ponder asks the database's catalogue whether its
 * tables are there, and would take those of the shared cache for them; so they are made here after those, when there are any.
 */
export const createSyncSchema = (sql: postgres.Sql, schema: string): Promise<unknown> =>
  inTransaction(sql, async (tx) => {
    const name = tx(`${schema}_sync`)
    await tx`create schema ${name}`
    const shared = await tx<{ table: string }[]>`
      select tablename as table from pg_tables where schemaname = 'ponder_sync'`
    for (const { table } of shared) {
      await tx`create table ${name}.${tx(table)} (like ponder_sync.${tx(table)} including all)`
      if (MIGRATIONS.includes(table))
        await tx`insert into ${name}.${tx(table)} select * from ponder_sync.${tx(table)}`
    }
  })

/** How far the indexer has come: whether it reached the finalized block since its start, and its newest block a chain. */
export const progressOf = async (
  sql: postgres.Sql,
  schema: string,
): Promise<{ readonly isReady: boolean; readonly heads: ReadonlyMap<number, number> }> => {
  const [meta] = await sql`select to_regclass(${`${schema}._ponder_meta`}) as name`
  if (meta?.name == null) return { isReady: false, heads: new Map() }
  const [app] = await sql<{ isReady: boolean }[]>`
    select (value ->> 'is_ready') = '1' as "isReady" from ${sql(schema)}._ponder_meta where key = 'app'`
  const heads = await sql<{ chainId: number; number: string }[]>`
    select chain_id as "chainId", max(number) as number from ${sql(schema)}.block group by chain_id`
  return {
    isReady: app?.isReady === true,
    heads: new Map(heads.map(({ chainId, number }) => [chainId, Number(number)])),
  }
}
