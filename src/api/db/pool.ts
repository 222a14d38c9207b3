import { type SQL, sql } from 'drizzle-orm'
import { pool, poolStats, round } from '../../../ponder.schema.ts'
import * as PoolStats from '../../domain/PoolStats.ts'
import { rowsById, tableEntity } from './entity.ts'
import { address, bigint, type Field, int, text, timestamp, uint32 } from './fields.ts'
import { arrayOf } from './keys.ts'
import type { List } from './list.ts'
import { decodeRow, type Raw, type Reader } from './reader.ts'

export type PoolRow = typeof pool.$inferSelect
export type PoolStatsRow = ReturnType<typeof PoolStats.withCurrent>

/** The counters of pools beside their newest rounds, as `current`, while those are not over. */
export const withCurrentRound = sql`${poolStats} left join ${round} current on current.chain_id = ${poolStats.chainId}
  and current.pool_id = ${poolStats.poolId} and current.round_id = ${poolStats.currentRoundId}
  and current.status in ('OPEN', 'DRAWING')`

const plus = (field: Field, running: SQL): Field => ({
  ...field,
  sql: sql`(${field.sql} + coalesce(${running}, 0))`,
})

export const statsFields = {
  entryCount: plus(int(poolStats.entryCount), sql`current.entry_count`),
  uniquePlayers: plus(int(poolStats.uniquePlayers), sql`current.new_players`),
  roundCount: int(poolStats.roundCount),
  drawnRounds: int(poolStats.drawnRounds),
  rolloverStreak: int(poolStats.rolloverStreak),
  wagered: plus(bigint(poolStats.wagered), sql`current.gross`),
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
  roundDuration: uint32(pool.roundDuration),
  minEntries: uint32(pool.minEntries),
  maxEntries: uint32(pool.maxEntries),
  drawTimeout: uint32(pool.drawTimeout),
  createdAt: timestamp(pool.timestamp),
}

export const poolEntity = tableEntity(pool, poolFields, {
  stats: {
    fields: statsFields,
    from: sql`from ${withCurrentRound} where ${poolStats.id} = ${pool.id}`,
  },
})

export const pools: List<PoolRow> = {
  name: 'pools',
  entity: poolEntity,
  parent: [],
  key: ['chainId', 'poolId'],
}

export const poolsById = (db: Reader, ids: readonly string[]) => rowsById(db, pool, ids)

const decodeCurrent = (raw: Raw) => {
  const status = raw.current_status
  if (status !== 'OPEN' && status !== 'DRAWING') return undefined
  return {
    status,
    entryCount: Number(raw.current_entry_count),
    newPlayers: Number(raw.current_new_players),
    gross: BigInt(String(raw.current_gross)),
    feeAccrued: BigInt(String(raw.current_fee_accrued)),
    prizePool: BigInt(String(raw.current_prize_pool)),
  } as const
}

const currentColumns = sql`current.status as current_status, current.entry_count as current_entry_count,
  current.new_players as current_new_players, current.gross as current_gross,
  current.fee_accrued as current_fee_accrued, current.prize_pool as current_prize_pool`

/** The counters of whole pools, the running round included; they have the pools' ids. */
export const poolStatsById = async (
  db: Reader,
  ids: readonly string[],
): Promise<readonly (PoolStatsRow | null)[]> => {
  const rows = await db.rows(sql`
    select ${poolStats}.*, ${currentColumns} from ${withCurrentRound}
    where ${poolStats.id} = any(${arrayOf(ids)}::text[])`)
  const byId = new Map(
    rows.map((raw) => [
      raw.id,
      PoolStats.withCurrent(decodeRow(poolStats, raw), decodeCurrent(raw)),
    ]),
  )
  return ids.map((id) => byId.get(id) ?? null)
}
