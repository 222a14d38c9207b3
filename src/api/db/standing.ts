import { type SQL, sql } from 'drizzle-orm'
import {
  block,
  entry,
  payout,
  playerToken,
  pool,
  poolPlayer,
  round,
  roundCancelled,
  roundDrawn,
  roundPlayer,
} from '../../../ponder.schema.ts'
import type { Standing } from '../../domain/Leaderboard.ts'
import { arrayOf, keysTable, matchesKey } from './keys.ts'
import type { Raw, Reader } from './reader.ts'
import { stakeSums, winningEntries } from './stakes.ts'

/** Whose flows are compared: those in one token, or in one pool of it, over all time or over a window of block times. */
export interface Scope {
  readonly chainId: number
  readonly token: string
  /** Null: all pools of the token. */
  readonly poolId: bigint | null
  /** In seconds: from the first on, before the second. Null: all time. */
  readonly window: { readonly from: number; readonly to: number } | null
}

const decode = (raw: Raw): Standing => ({
  chainId: Number(raw.chain_id),
  address: String(raw.address) as `0x${string}`,
  firstSeenAt: Number(raw.first_seen_at),
  entryCount: Number(raw.entry_count),
  wins: Number(raw.wins),
  wagered: BigInt(String(raw.wagered)),
  won: BigInt(String(raw.won)),
  refunded: BigInt(String(raw.refunded)),
  biggestWin: BigInt(String(raw.biggest_win)),
  pending: BigInt(String(raw.pending)),
  unpaid: BigInt(String(raw.unpaid)),
  unrefunded: BigInt(String(raw.unrefunded)),
})

/** The pools of the scope, as a condition on a table's own columns. */
const ofPools = (
  { chainId, token, poolId }: Scope,
  table: { readonly chainId: SQL | unknown; readonly poolId: SQL | unknown },
): SQL =>
  poolId === null
    ? sql`${table.chainId} = ${chainId} and ${table.poolId} in (
        select ${pool.poolId} from ${pool} where ${pool.chainId} = ${chainId} and ${pool.token} = ${token})`
    : sql`${table.chainId} = ${chainId} and ${table.poolId} = ${String(poolId)}`

/** Which players: a few, or the next so many in the order of their addresses. */
export type Players =
  | { readonly addresses: readonly string[] }
  | { readonly after: string; readonly limit: number }

const MEMBER = sql.raw('member')

/** What players have open in rounds that are not final: few rounds, however many there were. */
const openStakes = (scope: Scope, players: SQL): SQL => sql`
  select member.address, ${stakeSums(MEMBER)}
  from ${round}
  join ${roundPlayer} member on member.chain_id = ${round.chainId} and member.pool_id = ${round.poolId}
    and member.round_id = ${round.roundId} and ${players}
  ${winningEntries(MEMBER)}
  where not ${round.isFinalized} and ${ofPools(scope, round)}
  group by member.address`

const allTime = (scope: Scope, players: Players): SQL => {
  const isChosen = (address: SQL) =>
    'addresses' in players
      ? sql`${address} = any(${arrayOf(players.addresses)}::text[])`
      : sql`${address} > ${players.after}`
  const page =
    'addresses' in players ? sql`` : sql`order by address limit ${sql.raw(String(players.limit))}`
  const { token, poolId, chainId } = scope
  const flows =
    poolId === null
      ? sql`select ${playerToken.chainId}, ${playerToken.address}, ${playerToken.entryCount}, ${playerToken.roundsWon} as wins,
          ${playerToken.wagered}, ${playerToken.won}, ${playerToken.refunded}, ${playerToken.biggestWin}
        from ${playerToken} where ${playerToken.chainId} = ${chainId} and ${playerToken.token} = ${token}
          and ${isChosen(sql`${playerToken.address}`)} ${page}`
      : sql`select ${poolPlayer.chainId}, ${poolPlayer.address}, ${poolPlayer.entryCount}, ${poolPlayer.roundsWon} as wins,
          ${poolPlayer.wagered}, ${poolPlayer.won}, ${poolPlayer.refunded}, ${poolPlayer.biggestWin}
        from ${poolPlayer} where ${ofPools(scope, poolPlayer)} and ${isChosen(sql`${poolPlayer.address}`)} ${page}`
  return sql`
    with flows as materialized (${flows}),
      stakes as materialized (${openStakes(scope, sql`member.address in (select address from flows)`)})
    select flows.*, seen.first_seen_at, coalesce(stakes.pending, 0) as pending,
      coalesce(stakes.unpaid, 0) as unpaid, coalesce(stakes.unrefunded, 0) as unrefunded
    from flows left join stakes using (address)
    cross join lateral (
      select min(${playerToken.firstSeenAt}) as first_seen_at from ${playerToken}
      where ${playerToken.address} = flows.address and ${playerToken.chainId} = ${chainId}
    ) seen
    order by flows.address`
}

const windowed = (
  scope: Scope,
  { from, to }: { readonly from: number; readonly to: number },
  addresses: readonly string[] | null,
): SQL => {
  const { chainId } = scope
  const isChosen = (address: unknown) =>
    addresses === null ? sql`true` : sql`${address} = any(${arrayOf(addresses)}::text[])`
  // Not a join: the planner would read everything of the pools and then leave out what is not within.
  const isWithin = (number: unknown) =>
    sql`${number} between (select first from blocks) and (select last from blocks)`
  const blocks = sql`
    select coalesce(min(${block.number}), 1) as first, coalesce(max(${block.number}), 0) as last
    from ${block} where ${block.chainId} = ${chainId} and ${block.timestamp} >= ${from} and ${block.timestamp} < ${to}`
  return sql`
    with blocks as materialized (${blocks}),
    placed as (
      select ${entry.player} as address, count(*) as entry_count, sum(${entry.amount}) as wagered,
        sum(${entry.amount}) filter (where ${round.status} in ('OPEN', 'DRAWING')) as pending,
        sum(${round.prizePerEntry}) filter (where ${round.status} = 'DRAWN' and paid.entry_id is null
          and ${entry.number} = ${round.winningNumber}) as unpaid,
        sum(${entry.amount}) filter (where ${round.status} = 'CANCELLED' and not ${round.isFinalized}
          and paid.entry_id is null) as unrefunded
      from ${entry}
      join ${round} on ${round.chainId} = ${entry.chainId} and ${round.poolId} = ${entry.poolId}
        and ${round.roundId} = ${entry.roundId}
      left join ${payout} paid on not ${round.isFinalized} and ${round.status} in ('DRAWN', 'CANCELLED')
        and paid.chain_id = ${entry.chainId} and paid.entry_id = ${entry.entryId}
      where ${ofPools(scope, entry)} and ${isWithin(entry.blockNumber)} and ${isChosen(entry.player)}
      group by 1
    ),
    rounds as (
      select ${payout.recipient} as address, ${payout.poolId}, ${payout.roundId},
        sum(${payout.amount}) filter (where ${payout.kind} = 'PRIZE') as won,
        sum(${payout.amount}) filter (where ${payout.kind} = 'REFUND') as refunded
      from ${payout}
      where ${ofPools(scope, payout)} and ${payout.kind} <> 'FEE'
        and ${isWithin(payout.blockNumber)} and ${isChosen(payout.recipient)}
      group by 1, 2, 3
    ),
    received as (
      select address, count(won) as wins, sum(won) as won, sum(refunded) as refunded, max(won) as biggest_win
      from rounds group by address
    )
    select ${chainId}::integer as chain_id, moved.*, seen.first_seen_at
    from (
      select address, coalesce(entry_count, 0) as entry_count, coalesce(wins, 0) as wins,
        coalesce(wagered, 0) as wagered, coalesce(won, 0) as won, coalesce(refunded, 0) as refunded,
        coalesce(biggest_win, 0) as biggest_win, coalesce(pending, 0) as pending,
        coalesce(unpaid, 0) as unpaid, coalesce(unrefunded, 0) as unrefunded
      from placed full join received using (address)
    ) moved
    cross join lateral (
      select min(${playerToken.firstSeenAt}) as first_seen_at from ${playerToken}
      where ${playerToken.address} = moved.address and ${playerToken.chainId} = ${chainId}
    ) seen
    order by moved.address`
}

/** Standings of the chosen players, in the order of their addresses; those who are not in the scope are missing. */
export const listStandings = async (
  db: Reader,
  scope: Scope,
  players: Players,
): Promise<readonly Standing[]> => {
  if (scope.window === null) return (await db.rows(allTime(scope, players))).map(decode)
  if ('addresses' in players)
    return (await db.rows(windowed(scope, scope.window, players.addresses))).map(decode)
  return players.after === ''
    ? (await db.rows(windowed(scope, scope.window, null))).map(decode)
    : []
}

/** Everyone whose standing in the scope a block after `blockNumber` can have changed. */
export const listMovedPlayers = async (
  db: Reader,
  scope: Scope,
  blockNumber: number,
): Promise<readonly string[]> => {
  const after = (table: { readonly blockNumber: unknown }) =>
    sql`${table.blockNumber} > ${String(blockNumber)}`
  const ended = (table: typeof roundDrawn | typeof roundCancelled) => sql`
    select ${roundPlayer.address} from ${table} join ${roundPlayer} on ${roundPlayer.chainId} = ${table.chainId}
      and ${roundPlayer.poolId} = ${table.poolId} and ${roundPlayer.roundId} = ${table.roundId}
    where ${ofPools(scope, table)} and ${after(table)}`
  const rows = await db.rows(sql`
    select ${entry.player} as address from ${entry} where ${ofPools(scope, entry)} and ${after(entry)}
    union select ${payout.recipient} from ${payout}
      where ${ofPools(scope, payout)} and ${after(payout)} and ${payout.kind} <> 'FEE'
    union ${ended(roundDrawn)} union ${ended(roundCancelled)}`)
  return rows.map(({ address }) => String(address))
}

/** Which of the blocks are still the chain's. */
export const listKnownBlocks = async (
  db: Reader,
  chainId: number,
  blocks: readonly { readonly number: number; readonly hash: string }[],
): Promise<ReadonlySet<string>> => {
  const keys = blocks.map(({ number, hash }) => [chainId, number, hash])
  const rows = await db.rows(sql`
    select ${block.hash} from ${keysTable(['int', 'blockNumber', 'hex'], keys)}
    join ${block} on ${matchesKey([block.chainId, block.number, block.hash])}`)
  return new Set(rows.map(({ hash }) => String(hash)))
}

/** The newest block of which rows are kept, up to a number. */
export const findBlockUpTo = async (
  db: Reader,
  chainId: number,
  number: number,
): Promise<{ readonly number: number; readonly hash: string } | undefined> => {
  const [row] = await db.rows(sql`
    select ${block.number}, ${block.hash} from ${block}
    where ${block.chainId} = ${chainId} and ${block.number} <= ${String(number)}
    order by ${block.number} desc limit 1`)
  return row && { number: Number(row.number), hash: String(row.hash) }
}
