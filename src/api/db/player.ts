import { sql } from 'drizzle-orm'
import type { AnyPgColumn } from 'drizzle-orm/pg-core'
import { credit, playerToken } from '../../../ponder.schema.ts'
import * as Id from '../../domain/Id.ts'
import { type Entity, rowsById } from './entity.ts'
import { address, type Field, int, type Kind, timestamp } from './fields.ts'
import { groupByKey, keysTable, matchesKey } from './keys.ts'
import type { List } from './list.ts'
import { decodeRow, type Raw, type Reader } from './reader.ts'

export type PlayerTokenRow = typeof playerToken.$inferSelect

/** One address on one chain: the sum over its tokens. Times in seconds. */
export interface PlayerRow {
  readonly id: string
  readonly chainId: number
  readonly address: `0x${string}`
  readonly firstSeenAt: number
  readonly lastSeenAt: number
  readonly entryCount: number
  readonly roundsEntered: number
  readonly roundsWon: number
  readonly winningEntries: number
  readonly poolsEntered: number
}

const described = (field: (column: AnyPgColumn) => Field, column: string): Field => ({
  ...field(playerToken.chainId),
  sql: sql.raw(`"player"."${column}"`),
})

export const playerFields = {
  chainId: described(int, 'chain_id'),
  address: described(address, 'address'),
  firstSeenAt: described(timestamp, 'first_seen_at'),
  lastSeenAt: described(timestamp, 'last_seen_at'),
  entryCount: described(int, 'entry_count'),
  roundsEntered: described(int, 'rounds_entered'),
  roundsWon: described(int, 'rounds_won'),
  winningEntries: described(int, 'winning_entries'),
  poolsEntered: described(int, 'pools_entered'),
}

/** Conditions on chain and address go into the sum, so one player costs one look at an index. */
export const summedPlayers = sql`(
  select ${playerToken.chainId}, ${playerToken.address},
    min(${playerToken.firstSeenAt}) as first_seen_at, max(${playerToken.lastSeenAt}) as last_seen_at,
    sum(${playerToken.entryCount})::integer as entry_count,
    sum(${playerToken.roundsEntered})::integer as rounds_entered,
    sum(${playerToken.roundsWon})::integer as rounds_won,
    sum(${playerToken.winningEntries})::integer as winning_entries,
    sum(${playerToken.poolsEntered})::integer as pools_entered
  from ${playerToken} group by ${playerToken.address}, ${playerToken.chainId}
) "player"`

const decode = (raw: Raw): PlayerRow => {
  const chainId = Number(raw.chain_id)
  const player = String(raw.address) as `0x${string}`
  return {
    id: Id.player(chainId, player),
    chainId,
    address: player,
    firstSeenAt: Number(raw.first_seen_at),
    lastSeenAt: Number(raw.last_seen_at),
    entryCount: Number(raw.entry_count),
    roundsEntered: Number(raw.rounds_entered),
    roundsWon: Number(raw.rounds_won),
    winningEntries: Number(raw.winning_entries),
    poolsEntered: Number(raw.pools_entered),
  }
}

export const playerEntity: Entity<PlayerRow> = {
  name: 'player',
  fields: playerFields,
  relations: {},
  select: (clauses) => sql`select * from ${summedPlayers} ${clauses(playerFields)}`,
  decode,
}

export const players: List<PlayerRow> = {
  name: 'players',
  entity: playerEntity,
  parent: [],
  key: ['address', 'chainId'],
}

/** One address on one chain. */
export interface PlayerKey {
  readonly address: string
  readonly chainId: number
}

export const PLAYER_KEY: readonly Kind[] = ['address', 'int']
export const playerKey = ({ address, chainId }: PlayerKey) => [address, chainId]

/** Players by id, in the order of the ids; null for an address that never had an entry. */
export const playersById = async (
  db: Reader,
  ids: readonly string[],
): Promise<readonly (PlayerRow | null)[]> => {
  const keys = ids.map((id) => id.split('-'))
  const { address, chainId } = playerFields
  // The offset keeps it a look at the index for each: a join would sum up every player there is.
  const rows = await db.rows(sql`
    select keys.position, "player".* from ${keysTable(['int', 'address'], keys)}
    cross join lateral (
      select * from ${summedPlayers} where ${matchesKey([chainId.sql, address.sql])} offset 0
    ) "player"`)
  return groupByKey(keys, rows, decode).map(([row]) => row ?? null)
}

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
