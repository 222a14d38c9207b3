import { sql } from 'drizzle-orm'
import { entry, pool, round } from '../../../ponder.schema.ts'
import { rowsById, rowsOfTransaction, tableEntity } from './entity.ts'
import { address, bigint, enumeration, hex, int } from './fields.ts'
import type { List } from './list.ts'
import { PLACE_KEY, placeFields } from './place.ts'
import { poolFields } from './pool.ts'
import { decodeRow, type Reader } from './reader.ts'
import { type RoundKey, roundFields } from './round.ts'

export type EntryRow = typeof entry.$inferSelect

export const entryFields = {
  ...placeFields(entry),
  poolId: bigint(entry.poolId),
  roundId: bigint(entry.roundId),
  entryId: bigint(entry.entryId),
  player: address(entry.player),
  payer: address(entry.payer),
  number: int(entry.number),
  amount: bigint(entry.amount),
  feeAmount: bigint(entry.feeAmount),
  paymentMethod: enumeration('PaymentMethod', entry.paymentMethod),
  paymentRef: hex(entry.paymentRef),
}

export const entryEntity = tableEntity(entry, entryFields, {
  pool: {
    fields: poolFields,
    from: sql`from ${pool} where ${pool.chainId} = ${entry.chainId} and ${pool.poolId} = ${entry.poolId}`,
  },
  round: {
    fields: roundFields,
    from: sql`from ${round} where ${round.chainId} = ${entry.chainId}
      and ${round.poolId} = ${entry.poolId} and ${round.roundId} = ${entry.roundId}`,
  },
})

const list = (name: string, parent: readonly string[], key: readonly string[]): List<EntryRow> => ({
  name,
  entity: entryEntity,
  parent,
  key,
})

/** Within a pool the order of rounds is the order of the chain, and one index serves both. */
const IN_POOL = ['roundId', 'blockNumber', 'logIndex']

export const entries = list('entries', [], PLACE_KEY)
export const poolEntries = list('pool.entries', ['chainId', 'poolId'], IN_POOL)
export const roundEntries = list(
  'round.entries',
  ['chainId', 'poolId', 'roundId'],
  ['blockNumber', 'logIndex'],
)
export const playerEntries = list(
  'player.entries',
  ['player', 'chainId'],
  ['blockNumber', 'logIndex'],
)

export const entriesById = (db: Reader, ids: readonly string[]) => rowsById(db, entry, ids)

/** A player's entries in a round, in chain order, `limit` at most. */
export const listEntriesInRound = async (
  db: Reader,
  { chainId, poolId, roundId }: RoundKey,
  player: string,
  limit: number,
): Promise<readonly EntryRow[]> => {
  const rows = await db.rows(sql`
    select * from ${entry}
    where ${entry.chainId} = ${String(chainId)} and ${entry.poolId} = ${String(poolId)}
      and ${entry.roundId} = ${String(roundId)} and ${entry.player} = ${player}
    order by ${entry.blockNumber}, ${entry.logIndex} limit ${String(limit)}`)
  return rows.map((raw) => decodeRow(entry, raw))
}

export const listEntriesOfTransaction = (
  db: Reader,
  chainId: number,
  hash: string,
  limit: number,
): Promise<readonly EntryRow[]> => rowsOfTransaction(db, entry, { chainId, hash }, limit)
