import type postgres from 'postgres'
import { inTransaction } from '../src/api/db/connect.ts'
import { isSchemaName } from '../src/api/db/names.ts'
import { createSchema, type Lease } from './lease.ts'

const ROLE = /^[a-z_][a-z0-9_]{0,62}$/

/** Whether a name can be a role's here: it is written into statements as it is. */
export const isRoleName = (name: string) => ROLE.test(name)

/** Makes the schema, and lets `apiRole`, which is there, read what the indexer will write, and nothing else. */
export const prepareDatabase = async (
  sql: postgres.Sql,
  { schema, apiRole }: { schema: string; apiRole?: string },
): Promise<void> => {
  if (!isSchemaName(schema)) throw new Error(`not a name for a schema: ${schema}`)
  await createSchema(sql, schema)
  await dropEagerTriggers(sql, schema)
  if (apiRole === undefined) return
  if (!isRoleName(apiRole)) throw new Error(`not a name for a role: ${apiRole}`)
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

/** How long ended sessions may take to go, in ms. */
const FENCE_MS = 10_000
const LOOK_MS = 100

/**
 * Makes sure that no earlier indexer writes there any more: ends the sessions of its Ponder and of its auditor, and waits until they are gone.
 * Its Ponder opens no other ones: each asks for the term first (`preload.ts`), which is a later one by now. Then two marks of that process are
 * cleared: its lock, for which Ponder would wait 25 seconds, and its readiness, which would make the next one's start look like a stall.
 *
 * @throws when a session does not go, or when the term is over.
 */
export const fence = async ({ run, term, isTakeover }: Lease, schema: string): Promise<void> => {
  const names = ['internal', 'user', 'readonly', 'sync'].map((name) => `${schema}_${name}`)
  const deadline = performance.now() + FENCE_MS
  for (;;) {
    const ended = await run(
      (sql) => sql`
        select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and application_name in ${sql(names)}
          and exists (select from ${sql(schema)}._leader where term = ${term})`,
    )
    if (ended.length === 0) break
    if (performance.now() > deadline)
      throw new Error(`${ended.length} sessions of an earlier indexer do not end`)
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
  // The auditor beside this indexer may have that lock already, but not for longer than a lease lasts.
  if (isTakeover)
    await run(
      (sql) => sql`
      select pg_terminate_backend(activity.pid) from pg_locks held join pg_stat_activity activity on activity.pid = held.pid
      where locktype = 'advisory' and backend_start < clock_timestamp() - interval '10 s'
        and ((classid::bigint << 32) | objid::bigint) = hashtextextended(${`pay402win-auditor:${schema}`}, 0)
        and exists (select from ${sql(schema)}._leader where term = ${term})`,
    )
  const [meta] = await run((sql) => sql`select to_regclass(${`${schema}._ponder_meta`}) as name`)
  if (meta?.name == null) return
  await run(
    (sql) => sql`
      update ${sql(schema)}._ponder_meta set value = value || '{"is_locked": 0, "is_ready": 0}'
      where key = 'app' and exists (select from ${sql(schema)}._leader where term = ${term})`,
  )
}

/** Notes that the schema has caught up with the chain once: from now on it is served, also while the indexer starts again. */
export const markCaughtUp = async ({ run, term }: Lease, schema: string): Promise<void> => {
  await run(
    (sql) => sql`
      update ${sql(schema)}._leader set caught_up_at = clock_timestamp() where caught_up_at is null and term = ${term}`,
  )
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
