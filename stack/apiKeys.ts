import { createHash, randomInt } from 'node:crypto'
import type postgres from 'postgres'
import { inTransaction, type Transaction } from '../src/api/db/connect.ts'
import { KEY_ROLES, type KeyRole } from '../src/api/db/names.ts'

/** A key as it is stored and listed; of its secret only the hash is. */
export interface StoredKey {
  readonly id: string
  readonly name: string
  readonly role: KeyRole
  /** null: the role's. */
  readonly costPerMinute: number | null
  readonly createdAt: Date
  /** null: in force. */
  readonly revokedAt: Date | null
}

export interface NewKey extends Pick<StoredKey, 'name' | 'role' | 'costPerMinute'> {
  /** An existing role, which is let read the keys. */
  readonly apiRole?: string
}

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const ID_LENGTH = 8
/** As many letters as 32 random bytes need. */
const SECRET_LENGTH = 43

const randomText = (length: number) =>
  Array.from({ length }, () => ALPHABET.charAt(randomInt(ALPHABET.length))).join('')

const columns = (sql: postgres.ISql) =>
  sql`id, name, role, cost_per_minute::float8 as "costPerMinute",
    created_at as "createdAt", revoked_at as "revokedAt"`

const exists = async (sql: postgres.Sql, schema: string) => {
  const [found] =
    await sql`select from pg_tables where schemaname = ${schema} and tablename = 'api_key'`
  return found !== undefined
}

/** Makes the schema, the table and what the API needs to read them, unless they are there. */
const prepare = async (tx: Transaction, schema: string, apiRole?: string) => {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`pay402win-access:${schema}`}, 0))`
  await tx`create schema if not exists ${tx(schema)}`
  await tx`create table if not exists ${tx(schema)}.api_key (
    id text primary key,
    hash bytea not null,
    name text not null,
    role text not null check (role in (${tx.unsafe(KEY_ROLES.map((role) => `'${role}'`).join())})),
    cost_per_minute bigint check (cost_per_minute > 0),
    created_at timestamptz not null default now(),
    revoked_at timestamptz
  )`
  if (apiRole === undefined) return
  await tx`grant usage on schema ${tx(schema)} to ${tx(apiRole)}`
  await tx`grant select on ${tx(schema)}.api_key to ${tx(apiRole)}`
}

/** A new key. Its text is given here and nowhere else: it cannot be had again. */
export const createApiKey = async (
  sql: postgres.Sql,
  schema: string,
  { name, role, costPerMinute, apiRole }: NewKey,
): Promise<{ readonly key: string; readonly stored: StoredKey }> => {
  const id = randomText(ID_LENGTH)
  const secret = randomText(SECRET_LENGTH)
  const hash = createHash('sha256').update(secret).digest()
  const stored = await inTransaction(sql, async (tx) => {
    await prepare(tx, schema, apiRole)
    const [row] = await tx<StoredKey[]>`
      insert into ${tx(schema)}.api_key (id, hash, name, role, cost_per_minute)
      values (${id}, ${hash}, ${name}, ${role}, ${costPerMinute})
      returning ${columns(tx)}`
    return row
  })
  if (stored === undefined) throw new Error('the key was not stored')
  return { key: `p402_${id}_${secret}`, stored }
}

/** All keys, the oldest first. */
export const listApiKeys = async (
  sql: postgres.Sql,
  schema: string,
): Promise<readonly StoredKey[]> =>
  (await exists(sql, schema))
    ? sql<StoredKey[]>`
        select ${columns(sql)} from ${sql(schema)}.api_key order by created_at, id`
    : []

/** Puts a key out of force, for ever. Doing so again changes nothing. Undefined when there is no such key. */
export const revokeApiKey = async (
  sql: postgres.Sql,
  schema: string,
  id: string,
): Promise<StoredKey | undefined> => {
  if (!(await exists(sql, schema))) return undefined
  const [row] = await sql<StoredKey[]>`
    update ${sql(schema)}.api_key set revoked_at = coalesce(revoked_at, now())
    where id = ${id} returning ${columns(sql)}`
  return row
}
