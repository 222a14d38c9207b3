import { sql } from 'drizzle-orm'
import { credit, player, playerToken } from '../../../ponder.schema.ts'
import { rowsById, tableEntity } from './entity.ts'
import { address, int, type Kind, timestamp } from './fields.ts'
import { groupByKey, keysTable, matchesKey } from './keys.ts'
import type { List } from './list.ts'
import { decodeRow, type Reader } from './reader.ts'

export type PlayerRow = typeof player.$inferSelect
export type PlayerTokenRow = typeof playerToken.$inferSelect

export const playerFields = {
  chainId: int(player.chainId),
  address: address(player.address),
  firstSeenAt: timestamp(player.firstSeenAt),
  lastSeenAt: timestamp(player.lastSeenAt),
  entryCount: int(player.entryCount),
  roundsEntered: int(player.roundsEntered),
  roundsWon: int(player.roundsWon),
  winningEntries: int(player.winningEntries),
  poolsEntered: int(player.poolsEntered),
}

export const playerEntity = tableEntity(player, playerFields)

export const players: List<PlayerRow> = {
  name: 'players',
  entity: playerEntity,
  parent: [],
  key: ['address', 'chainId'],
}

export const playersById = (db: Reader, ids: readonly string[]) => rowsById(db, player, ids)

/** One address on one chain. */
export interface PlayerKey {
  readonly address: string
  readonly chainId: number
}

export const PLAYER_KEY: readonly Kind[] = ['address', 'int']
export const playerKey = ({ address, chainId }: PlayerKey) => [address, chainId]

/** What each player has moved in each token, by token. */
export const listPlayerTokens = async (
  db: Reader,
  players: readonly PlayerKey[],
): Promise<readonly (readonly PlayerTokenRow[])[]> => {
  const keys = players.map(playerKey)
  const rows = await db.rows(sql`
    select keys.position, ${playerToken}.* from ${keysTable(PLAYER_KEY, keys)}
    join ${playerToken} on ${matchesKey([playerToken.address, playerToken.chainId])}
    order by keys.position, ${playerToken.token}`)
  return groupByKey(keys, rows, (raw) => decodeRow(playerToken, raw))
}

/** Ids are those of the player's tokens. */
export const playerTokensById = (db: Reader, ids: readonly string[]) =>
  rowsById(db, playerToken, ids)

/** Ids are those of the player's tokens. */
export const creditsById = (db: Reader, ids: readonly string[]) => rowsById(db, credit, ids)
