import { type SQL, sql } from 'drizzle-orm'
import { entry, pool, round, roundPlayer } from '../../../ponder.schema.ts'
import type { Stakes } from '../../domain/Stakes.ts'
import { groupByKey, keysTable, matchesKey } from './keys.ts'
import { PLAYER_KEY, type PlayerKey, type PlayerTokenRow, playerKey } from './player.ts'
import type { Reader } from './reader.ts'

/** What a player has riding in one token. Derived when it is read: a draw changes it for all players of a round. */
export interface TokenStakes extends Stakes {
  readonly token: string
}

/** A player's row in a round, by its primary key. */
const isMember = (address: SQL): SQL =>
  sql`${roundPlayer.id} = ${round.chainId} || '-' || ${round.poolId} || '-' || ${round.roundId} || '-' || ${address}`

/**
 * What rows of `round_player` beside their rounds add up to: what is pending, unpaid and unrefunded. `member` names the row;
 * `winningEntries` has to stand behind the joins.
 */
export const stakeSums = (member: SQL): SQL => sql`
  coalesce(sum(${member}.wagered) filter (where ${round.status} in ('OPEN', 'DRAWING')), 0) as pending,
  coalesce(sum(winning.count * ${round.prizePerEntry} - ${member}.won) filter (where ${round.status} = 'DRAWN'), 0) as unpaid,
  coalesce(sum(${member}.wagered - ${member}.refunded) filter (where ${round.status} = 'CANCELLED'), 0) as unrefunded`

/** Joins how many entries of the member are on the number of a round whose prizes are being paid. */
export const winningEntries = (member: SQL): SQL => sql`
  left join lateral (
    select count(*) from ${entry}
    where ${round.status} = 'DRAWN' and ${entry.chainId} = ${round.chainId} and ${entry.poolId} = ${round.poolId}
      and ${entry.roundId} = ${round.roundId} and ${entry.player} = ${member}.address
      and ${entry.number} = ${round.winningNumber}
  ) winning on true`

/** The stakes of each player, token by token, in one statement. Few rounds are not final, however many were entered. */
export const listStakes = async (
  db: Reader,
  players: readonly PlayerKey[],
): Promise<readonly (readonly TokenStakes[])[]> => {
  const keys = players.map(playerKey)
  const rows = await db.rows(sql`
    select keys.position, ${pool.token}, ${stakeSums(sql`${roundPlayer}`)}
    from ${keysTable(PLAYER_KEY, keys)}
    join ${round} on not ${round.isFinalized} and ${round.chainId} = keys.key_1
    join ${roundPlayer} on ${isMember(sql`keys.key_0`)}
    join ${pool} on ${pool.chainId} = ${round.chainId} and ${pool.poolId} = ${round.poolId}
    ${winningEntries(sql`${roundPlayer}`)}
    group by keys.position, ${pool.token}`)
  return groupByKey(keys, rows, (raw) => ({
    token: String(raw.token),
    pending: BigInt(String(raw.pending)),
    unpaid: BigInt(String(raw.unpaid)),
    unrefunded: BigInt(String(raw.unrefunded)),
  }))
}

/** How many of the rounds that each player entered in the token were drawn. */
export const listRoundsDrawn = async (
  db: Reader,
  players: readonly PlayerTokenRow[],
): Promise<readonly number[]> => {
  const keys = players.map(({ address, chainId, token }) => [address, chainId, token])
  const rows = await db.rows(sql`
    select keys.position, count(*) from ${keysTable([...PLAYER_KEY, 'address'], keys)}
    join ${roundPlayer} on ${matchesKey([roundPlayer.address, roundPlayer.chainId])}
    join ${pool} on ${pool.chainId} = ${roundPlayer.chainId} and ${pool.poolId} = ${roundPlayer.poolId}
      and ${pool.token} = keys.key_2
    join ${round} on ${round.chainId} = ${roundPlayer.chainId} and ${round.poolId} = ${roundPlayer.poolId}
      and ${round.roundId} = ${roundPlayer.roundId} and ${round.winningNumber} is not null
    group by keys.position`)
  return groupByKey(keys, rows, (raw) => Number(raw.count)).map(([count]) => count ?? 0)
}
