import { sql } from 'drizzle-orm'
import { pool, poolStats } from '../../../ponder.schema.ts'
import { rowsById, tableEntity } from './entity.ts'
import { address, bigint, int, text, timestamp } from './fields.ts'
import type { List } from './list.ts'
import type { Reader } from './reader.ts'

export type PoolRow = typeof pool.$inferSelect
export type PoolStatsRow = typeof poolStats.$inferSelect

export const statsFields = {
  entryCount: int(poolStats.entryCount),
  uniquePlayers: int(poolStats.uniquePlayers),
  roundCount: int(poolStats.roundCount),
  drawnRounds: int(poolStats.drawnRounds),
  rolloverStreak: int(poolStats.rolloverStreak),
  wagered: bigint(poolStats.wagered),
  prizesWon: bigint(poolStats.prizesWon),
  lastWinningNumber: int(poolStats.lastWinningNumber),
  lastDrawAt: timestamp(poolStats.lastDrawAt),
}

export const poolFields = {
  chainId: int(pool.chainId),
  poolId: bigint(pool.poolId),
  name: text(pool.name),
  token: address(pool.token),
  creator: address(pool.creator),
  entryFee: bigint(pool.entryFee),
  feeBps: int(pool.feeBps),
  feeRecipient: address(pool.feeRecipient),
  roundDuration: int(pool.roundDuration),
  minEntries: int(pool.minEntries),
  maxEntries: int(pool.maxEntries),
  drawTimeout: int(pool.drawTimeout),
  createdAt: timestamp(pool.timestamp),
}

export const poolEntity = tableEntity(pool, poolFields, {
  stats: { fields: statsFields, from: sql`from ${poolStats} where ${poolStats.id} = ${pool.id}` },
})

export const pools: List<PoolRow> = {
  name: 'pools',
  entity: poolEntity,
  parent: [],
  key: ['chainId', 'poolId'],
}

export const poolsById = (db: Reader, ids: readonly string[]) => rowsById(db, pool, ids)

/** The counters of pools; they have the pools' ids. */
export const poolStatsById = (db: Reader, ids: readonly string[]) => rowsById(db, poolStats, ids)
