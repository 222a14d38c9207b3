import { sql } from 'drizzle-orm'
import { pool, round } from '../../../ponder.schema.ts'
import { rowsById, tableEntity } from './entity.ts'
import { bigint, boolean, enumeration, int, timestamp } from './fields.ts'
import type { List } from './list.ts'
import { poolFields } from './pool.ts'
import type { Reader } from './reader.ts'

export type RoundRow = typeof round.$inferSelect

/** The parts of a round's id. */
export type RoundKey = Pick<RoundRow, 'chainId' | 'poolId' | 'roundId'>

export const roundFields = {
  chainId: int(round.chainId),
  poolId: bigint(round.poolId),
  roundId: bigint(round.roundId),
  status: enumeration('RoundStatus', round.status),
  isFinalized: boolean(round.isFinalized),
  opensAt: timestamp(round.opensAt),
  closesAt: timestamp(round.closesAt),
  closedAt: timestamp(round.closedAt),
  carryIn: bigint(round.carryIn),
  gross: bigint(round.gross),
  prizePool: bigint(round.prizePool),
  carryOut: bigint(round.carryOut),
  prizesPaid: bigint(round.prizesPaid),
  refunded: bigint(round.refunded),
  entryCount: int(round.entryCount),
  uniquePlayers: int(round.uniquePlayers),
  distinctNumbers: int(round.distinctNumbers),
  winningNumber: int(round.winningNumber),
  winningEntryCount: int(round.winningEntryCount),
  prizePerEntry: bigint(round.prizePerEntry),
  cancelReason: enumeration('CancelReason', round.cancelReason),
}

export const roundEntity = tableEntity(round, roundFields, {
  pool: {
    fields: poolFields,
    from: sql`from ${pool} where ${pool.chainId} = ${round.chainId} and ${pool.poolId} = ${round.poolId}`,
  },
})

export const rounds: List<RoundRow> = {
  name: 'rounds',
  entity: roundEntity,
  parent: [],
  key: ['chainId', 'poolId', 'roundId'],
}

export const poolRounds: List<RoundRow> = {
  name: 'pool.rounds',
  entity: roundEntity,
  parent: ['chainId', 'poolId'],
  key: ['roundId'],
}

export const roundsById = (db: Reader, ids: readonly string[]) => rowsById(db, round, ids)
