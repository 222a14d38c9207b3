import { sql } from 'drizzle-orm'
import { credit, playerToken, pool, poolStats, token } from '../../../ponder.schema.ts'
import { withCurrentRound } from './pool.ts'
import type { Reader } from './reader.ts'

/** All pools of one token together. Money in base units of the token. */
export interface TokenTotalsRow {
  readonly chainId: number
  readonly token: string
  readonly wagered: bigint
  readonly feesCollected: bigint
  readonly prizesWon: bigint
  readonly refunded: bigint
  /** What the contract holds for its users: its liabilities, as they follow from the events. */
  readonly locked: bigint
  readonly players: number
  readonly pools: number
  readonly rounds: number
  readonly entries: number
}

const big = (value: unknown) => BigInt(String(value ?? 0))

/** Of every token of a chain that a pool takes, in the order of their addresses. */
export const listTokenTotals = async (
  db: Reader,
  chainId: number,
): Promise<readonly TokenTotalsRow[]> => {
  const rows = await db.rows(sql`
    select ${token.address}, totals.*,
      totals.held + (select coalesce(sum(${credit.credited} - ${credit.claimed}), 0) from ${credit}
        where ${credit.chainId} = ${token.chainId} and ${credit.token} = ${token.address}) as locked,
      (select count(*) from ${playerToken}
        where ${playerToken.chainId} = ${token.chainId} and ${playerToken.token} = ${token.address}) as players
    from ${token}
    cross join lateral (
      select count(*) as pools, sum(${poolStats.roundCount}) as rounds,
        sum(${poolStats.entryCount} + coalesce(current.entry_count, 0)) as entries,
        sum(${poolStats.wagered} + coalesce(current.gross, 0)) as wagered,
        sum(${poolStats.feesCollected}) as fees_collected, sum(${poolStats.prizesWon}) as prizes_won,
        sum(${poolStats.refunded}) as refunded,
        sum(${poolStats.owed} + coalesce(current.prize_pool + current.fee_accrued, 0)) as held
      from ${withCurrentRound}
      join ${pool} on ${pool.id} = ${poolStats.id}
      where ${pool.chainId} = ${token.chainId} and ${pool.token} = ${token.address}
    ) totals
    where ${token.chainId} = ${chainId} order by ${token.address}`)
  return rows.map((raw) => ({
    chainId,
    token: String(raw.address),
    wagered: big(raw.wagered),
    feesCollected: big(raw.fees_collected),
    prizesWon: big(raw.prizes_won),
    refunded: big(raw.refunded),
    locked: big(raw.locked),
    players: Number(raw.players),
    pools: Number(raw.pools),
    rounds: Number(raw.rounds ?? 0),
    entries: Number(raw.entries ?? 0),
  }))
}
