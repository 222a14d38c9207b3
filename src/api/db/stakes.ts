import { sql } from 'drizzle-orm'
import { entry, pool, round, roundPlayer } from '../../../ponder.schema.ts'
import type { Stakes } from '../../domain/Stakes.ts'
import { groupByKey, keysTable, matchesKey } from './keys.ts'
import { PLAYER_KEY, type PlayerKey, playerKey } from './player.ts'
import type { Reader } from './reader.ts'

/** What a player has riding in one token. Derived when it is read: a draw changes it for all players of a round. */
export interface TokenStakes extends Stakes {
  readonly token: string
}

/** The stakes of each player, token by token, in one statement. */
export const listStakes = async (
  db: Reader,
  players: readonly PlayerKey[],
): Promise<readonly (readonly TokenStakes[])[]> => {
  const keys = players.map(playerKey)
  const { wagered, won, refunded } = roundPlayer
  const rows = await db.rows(sql`
    select keys.position, ${pool.token},
      coalesce(sum(${wagered}) filter (where ${round.status} in ('OPEN', 'DRAWING')), 0) as pending,
      coalesce(sum(winning.count * ${round.prizePerEntry} - ${won})
        filter (where ${round.status} = 'DRAWN'), 0) as unpaid,
      coalesce(sum(${wagered} - ${refunded}) filter (where ${round.status} = 'CANCELLED'), 0) as unrefunded,
      count(*) filter (where ${round.winningNumber} is not null) as rounds_drawn,
      count(*) filter (where ${roundPlayer.winningEntries} > 0) as rounds_won
    from ${keysTable(PLAYER_KEY, keys)}
    join ${roundPlayer} on ${matchesKey([roundPlayer.address, roundPlayer.chainId])}
    join ${round} on ${round.chainId} = ${roundPlayer.chainId}
      and ${round.poolId} = ${roundPlayer.poolId} and ${round.roundId} = ${roundPlayer.roundId}
    join ${pool} on ${pool.chainId} = ${roundPlayer.chainId} and ${pool.poolId} = ${roundPlayer.poolId}
    left join lateral (
      select count(*) from ${entry}
      where ${round.status} = 'DRAWN' and ${entry.chainId} = ${round.chainId}
        and ${entry.poolId} = ${round.poolId} and ${entry.roundId} = ${round.roundId}
        and ${entry.player} = ${roundPlayer.address} and ${entry.number} = ${round.winningNumber}
    ) winning on true
    group by keys.position, ${pool.token}`)
  return groupByKey(keys, rows, (raw) => ({
    token: String(raw.token),
    pending: BigInt(String(raw.pending)),
    unpaid: BigInt(String(raw.unpaid)),
    unrefunded: BigInt(String(raw.unrefunded)),
    roundsDrawn: Number(raw.rounds_drawn),
    roundsWon: Number(raw.rounds_won),
  }))
}
