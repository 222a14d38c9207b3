import { sql } from 'drizzle-orm'
import { poolNumber } from '../../../ponder.schema.ts'
import { groupByKey, type Key, keysTable, matchesKey } from './keys.ts'
import { decodeRow, type Reader } from './reader.ts'

export type PoolNumberRow = typeof poolNumber.$inferSelect

/** The numbers of each pool that an entry or a draw has touched; keys are chain and pool. */
export const listPoolNumbers = async (
  db: Reader,
  pools: readonly Key[],
): Promise<readonly (readonly PoolNumberRow[])[]> => {
  const rows = await db.rows(sql`
    select keys.position, ${poolNumber}.* from ${keysTable(['int', 'bigint'], pools)}
    join ${poolNumber} on ${matchesKey([poolNumber.chainId, poolNumber.poolId])}`)
  return groupByKey(pools, rows, (raw) => decodeRow(poolNumber, raw))
}
