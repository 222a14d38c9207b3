import { sql } from 'drizzle-orm'
import postgres from 'postgres'
import { KEY_ROLES, type KeyRole } from './names.ts'
import type { Reader } from './reader.ts'

/** A key as it is stored: never its secret. */
export interface ApiKey {
  readonly id: string
  /** SHA-256 of the secret. */
  readonly hash: Buffer
  readonly role: KeyRole
  /** Instead of the role's. */
  readonly costPerMinute?: number
}

/** The schema, or the table, is not there, or not for this role. */
const NO_KEYS = ['3F000', '42P01', '42501']

const isRole = (role: unknown): role is KeyRole => KEY_ROLES.some((known) => known === role)

/**
 * Keys of these ids that are in force. Where keys cannot be read there are none.
 *
 * @param ids letters and digits.
 */
export const listApiKeys = async (
  db: Reader,
  schema: string,
  ids: readonly string[],
): Promise<readonly ApiKey[]> => {
  const table = sql`${sql.identifier(schema)}.${sql.identifier('api_key')}`
  try {
    const rows = await db.rows(sql`
      select id, encode(hash, 'hex') as hash, role, cost_per_minute from ${table}
      where id = any(string_to_array(${ids.join()}, ',')) and revoked_at is null`)
    return rows.flatMap(({ id, hash, role, cost_per_minute: cost }) =>
      isRole(role)
        ? {
            id: String(id),
            hash: Buffer.from(String(hash), 'hex'),
            role,
            ...(cost === null ? {} : { costPerMinute: Number(cost) }),
          }
        : [],
    )
  } catch (error) {
    if (error instanceof postgres.PostgresError && NO_KEYS.includes(error.code)) return []
    throw error
  }
}
