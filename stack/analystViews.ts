import postgres from 'postgres'
import { viewStatements } from '../src/api/db/analytics/index.ts'
import type { NativeCoin } from '../src/api/db/analytics/view.ts'
import { inTransaction, type Transaction } from '../src/api/db/connect.ts'
import type { Deployment } from '../src/domain/Deployment.ts'
import { ConfigError } from '../src/domain/errors.ts'

/** Longer than any statement of an analyst, so that one who reads now does not make it fail. */
const LOCK_TIMEOUT_MS = 60_000
/** Shorter than PostgreSQL's `deadlock_timeout`, so that it is never the indexer that has to give way. */
const SHORT_LOCK_TIMEOUT_MS = 500
/** Written on what is ours, so that nothing else is ever changed, and on a table of each schema that the views have shown. */
export const MARK = 'Pay402Win analysts'
const CANNOT_CHANGE_COLUMNS = '42P16'

export interface ViewOptions {
  /** The indexer's schema, and that of the views. */
  readonly schema: string
  readonly analyticsSchema: string
  /** They say what native coins are called; without one those of its chain have no name. */
  readonly deployments: readonly Pick<Deployment, 'chainId' | 'nativeSymbol' | 'nativeName'>[]
}

const expectTables = async (tx: Transaction, schema: string) => {
  const [found] = await tx`
    select to_regclass(${`${schema}.block`}) as block, to_regclass(${`${schema}._ponder_meta`}) as meta`
  if (found?.block == null || found.meta == null)
    throw new ConfigError([
      `DATABASE_SCHEMA should be a schema that an indexer has begun to fill: ${schema} has no tables`,
    ])
}

const prepareSchema = async (tx: Transaction, schema: string) => {
  const [found] = await tx<{ mark: string | null; isEmpty: boolean }[]>`
    select obj_description(oid, 'pg_namespace') as mark,
      not exists (select from pg_class where relnamespace = pg_namespace.oid) as "isEmpty"
    from pg_namespace where nspname = ${schema}`
  if (found !== undefined && !found.isEmpty && found.mark !== MARK)
    throw new ConfigError([
      `ANALYTICS_SCHEMA should be a new name: somebody else’s tables are in ${schema}`,
    ])
  if (found === undefined) await tx`create schema ${tx(schema)}`
  await tx.unsafe(`comment on schema "${schema}" is '${MARK}'`)
}

/** A view has no place for parameters: the server writes the words as literals. */
const coinsOf = async (tx: Transaction, deployments: ViewOptions['deployments']) => {
  const coins: NativeCoin[] = []
  for (const { chainId, nativeSymbol, nativeName } of deployments) {
    const [words] = await tx<Pick<NativeCoin, 'symbol' | 'name'>[]>`
      select quote_literal(${nativeSymbol}::text) as symbol, quote_literal(${nativeName}::text) as name`
    if (words !== undefined) coins.push({ chainId, ...words })
  }
  return coins
}

/** A view is changed in place, so that what reads it goes on; only when a column's type changed is it made again. */
const point = async (
  tx: Transaction,
  schema: string,
  [create = '', ...comments]: readonly string[],
) => {
  const view = /^create or replace view (\S+)/.exec(create)?.[1] ?? schema
  await tx.unsafe('savepoint view')
  await tx.unsafe(create).catch(async (error: unknown) => {
    if (!(error instanceof postgres.PostgresError) || error.code !== CANNOT_CHANGE_COLUMNS)
      throw error
    await tx.unsafe('rollback to savepoint view')
    await tx.unsafe(`drop view ${view}`)
    await tx.unsafe(create)
  })
  for (const comment of comments) await tx.unsafe(comment)
}

const viewsOf = (tx: Transaction, schema: string) => tx<
  { readonly id: number; readonly name: string }[]
>`
  select oid as id, oid::regclass::text as name from pg_class
  where relkind = 'v' and relnamespace = (select oid from pg_namespace where nspname = ${schema})`

/** A view that was not there before may be read by whoever may use the schema. */
const openNew = async (tx: Transaction, schema: string, before: ReadonlySet<number>) => {
  const readers = await tx<{ name: string }[]>`
    select distinct grantee::regrole::text as name from pg_namespace, aclexplode(nspacl)
    where nspname = ${schema} and privilege_type = 'USAGE' and grantee not in (0, nspowner)`
  const made = (await viewsOf(tx, schema)).filter(({ id }) => !before.has(id))
  for (const { name } of made)
    for (const reader of readers) await tx.unsafe(`grant select on ${name} to ${reader.name}`)
}

const pointAll = async (tx: Transaction, { schema, analyticsSchema, deployments }: ViewOptions) => {
  await expectTables(tx, schema)
  await prepareSchema(tx, analyticsSchema)
  const before = new Set((await viewsOf(tx, analyticsSchema)).map(({ id }) => id))
  await tx.unsafe(`set local search_path = "${schema}"`)
  for (const statements of viewStatements(analyticsSchema, await coinsOf(tx, deployments)))
    await point(tx, analyticsSchema, statements)
  await openNew(tx, analyticsSchema, before)
  await tx.unsafe(`comment on table "${schema}"._ponder_meta is '${MARK}'`)
}

/**
 * Points the views of `analyticsSchema` at the tables of `schema`, in one transaction: who reads sees the old ones or the new ones,
 * and who could read them still can.
 *
 * @throws ConfigError when there are no tables, or when something else is where the views belong.
 */
export const pointViews = async (sql: postgres.Sql, options: ViewOptions): Promise<void> => {
  await inTransaction(sql, async (tx) => {
    await tx.unsafe(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`)
    await pointAll(tx, options)
  })
}

/**
 * The same when there are views of ours and they have never shown these tables: an older indexer that starts again does not take
 * them back. Waits for nobody: it fails instead.
 *
 * @returns whether it pointed them.
 */
export const pointViewsOnce = async (sql: postgres.Sql, options: ViewOptions): Promise<boolean> =>
  inTransaction(sql, async (tx) => {
    await tx.unsafe(`set local lock_timeout = ${SHORT_LOCK_TIMEOUT_MS}`)
    const [found] = await tx`
      select from pg_namespace where nspname = ${options.analyticsSchema}
        and obj_description(oid, 'pg_namespace') = ${MARK}
        and obj_description(to_regclass(${`${options.schema}._ponder_meta`}), 'pg_class') is distinct from ${MARK}`
    if (found === undefined) return false
    await pointAll(tx, options)
    return true
  })
