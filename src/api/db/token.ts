import { asc, sql } from 'drizzle-orm'
import { token } from '../../../ponder.schema.ts'
import { rowsById } from './entity.ts'
import { decodeRow, type Reader } from './reader.ts'

export type TokenRow = typeof token.$inferSelect

export const tokensById = (db: Reader, ids: readonly string[]) => rowsById(db, token, ids)

/** Every token that a pool takes, chain by chain. There are few. */
export const listTokens = async (db: Reader): Promise<readonly TokenRow[]> => {
  const rows = await db.rows(
    sql`select * from ${token} order by ${token.chainId}, ${asc(token.address)}`,
  )
  return rows.map((raw) => decodeRow(token, raw))
}
