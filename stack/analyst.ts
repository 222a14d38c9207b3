import { randomBytes } from 'node:crypto'
import type postgres from 'postgres'
import { inTransaction, type Transaction } from '../src/api/db/connect.ts'
import { ConfigError } from '../src/domain/errors.ts'
import { closePublic, listOpen } from './analystLimits.ts'
import { MARK, pointViews, type ViewOptions } from './analystViews.ts'
import { isRoleName } from './database.ts'
import { scramVerifier } from './scram.ts'

export interface AnalystOptions extends ViewOptions {
  readonly role: string
  /** A new one; by itself a role that is new gets a generated one, and another keeps what it has. */
  readonly password?: string
  /** Generates a new password for a role that is there. */
  readonly rotate?: boolean
  readonly statementTimeoutMs?: number
  /** Most sessions at once. Default 5. */
  readonly connections?: number
  /** What every role of the database may do stays as it is, because others share the database. */
  readonly keepPublic?: boolean
}

export interface Analyst {
  /** Null: the role keeps the password it has. */
  readonly password: string | null
  /** What the role can do beyond reading the views, and could not be taken away here. */
  readonly open: readonly string[]
}

const PASSWORD = /^[\x21-\x7e]{12,128}$/

const expectNames = ({ role, password, schema, analyticsSchema }: AnalystOptions) => {
  const mistakes: string[] = []
  if (!isRoleName(role) || role.startsWith('pg_'))
    mistakes.push(`--role should be lower-case letters, digits and _, at most 63, not ${role}`)
  if (password !== undefined && !PASSWORD.test(password))
    mistakes.push('--password should be 12 to 128 printable ASCII characters without spaces')
  if (/^(public|information_schema|pg_.*|ponder_sync)$/.test(analyticsSchema))
    mistakes.push(`ANALYTICS_SCHEMA should be a schema of the views’ own, not ${analyticsSchema}`)
  if (analyticsSchema === schema)
    mistakes.push('ANALYTICS_SCHEMA should not be DATABASE_SCHEMA: a new build replaces that one')
  if (mistakes.length > 0) throw new ConfigError(mistakes)
}

/** Whether the role is there. @throws ConfigError when it is somebody else's, or may do more than ours ever may. */
const findRole = async (sql: postgres.ISql, role: string): Promise<boolean> => {
  const [found] = await sql<{ mark: string | null; isStrong: boolean }[]>`
    select shobj_description(oid, 'pg_authid') as mark,
      rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls as "isStrong"
    from pg_roles where rolname = ${role}`
  if (found === undefined) return false
  if (found.mark !== MARK)
    throw new ConfigError([`--role should be a new name: ${role} is somebody else’s role`])
  if (found.isStrong)
    throw new ConfigError([
      `--role should be a role without attributes: ${role} has been given some`,
    ])
  return true
}

/** What each session begins with. A session may change most of it, see docs/analysts.md. */
const settingsOf = ({ analyticsSchema, statementTimeoutMs = 30_000 }: AnalystOptions) => ({
  search_path: `"${analyticsSchema}"`,
  default_transaction_read_only: 'on',
  statement_timeout: String(statementTimeoutMs),
  transaction_timeout: String(2 * statementTimeoutMs),
  idle_in_transaction_session_timeout: '10000',
  idle_session_timeout: '600000',
  lock_timeout: '2000',
  work_mem: "'16MB'",
  max_parallel_workers_per_gather: '0',
  temp_file_limit: "'1GB'",
})

const applySettings = async (tx: Transaction, options: AnalystOptions) => {
  const { role } = options
  const known = await tx<{ name: string; isAllowed: boolean }[]>`
    select name, context = 'user' or (select rolsuper from pg_roles where rolname = current_user) as "isAllowed"
    from pg_settings`
  const allowed = new Set(known.filter(({ isAllowed }) => isAllowed).map(({ name }) => name))
  await tx.unsafe(`alter role ${role} reset all`)
  for (const [name, value] of Object.entries(settingsOf(options)))
    if (allowed.has(name)) await tx.unsafe(`alter role ${role} set ${name} = ${value}`)
}

const writeRole = async (tx: Transaction, options: AnalystOptions) => {
  const { role, rotate = false, connections = 5 } = options
  const isKnown = await findRole(tx, role)
  const generated = isKnown && !rotate ? null : randomBytes(24).toString('base64url')
  const password = options.password ?? generated
  if (!isKnown) await tx.unsafe(`create role ${role}`)
  await tx.unsafe(`alter role ${role} login noinherit connection limit ${connections}`)
  if (password !== null) await tx.unsafe(`alter role ${role} password '${scramVerifier(password)}'`)
  await tx.unsafe(`comment on role ${role} is '${MARK}'`)
  await applySettings(tx, options)
  const groups = await tx<{ name: string }[]>`
    select roleid::regrole::text as name from pg_auth_members where member = ${role}::regrole`
  for (const { name } of groups) await tx.unsafe(`revoke ${name} from ${role}`)
  return password
}

/** It reads the views, and nothing else is given to it. */
const grant = async (tx: Transaction, { role, analyticsSchema }: AnalystOptions) => {
  const [database] = await tx<{ name: string }[]>`select quote_ident(current_database()) as name`
  const statements = [
    `grant connect on database ${database?.name} to ${role}`,
    `revoke all on schema "${analyticsSchema}" from public, ${role}`,
    `revoke all on all tables in schema "${analyticsSchema}" from public, ${role}`,
    `grant usage on schema "${analyticsSchema}" to ${role}`,
    `grant select on all tables in schema "${analyticsSchema}" to ${role}`,
  ]
  for (const statement of statements) await tx.unsafe(statement)
}

/**
 * Points the views at the present tables and makes the role that may read them; again without harm, as often as wished.
 *
 * @throws ConfigError for what whoever runs it should change.
 */
export const createAnalyst = async (
  sql: postgres.Sql,
  options: AnalystOptions,
): Promise<Analyst> => {
  expectNames(options)
  await findRole(sql, options.role)
  await pointViews(sql, options)
  const password = await inTransaction(sql, async (tx) => {
    const written = await writeRole(tx, options)
    await grant(tx, options)
    return written
  })
  if (options.keepPublic !== true) await closePublic(sql)
  return { password, open: await listOpen(sql, options) }
}
