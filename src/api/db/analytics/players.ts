import { type SQL, sql } from 'drizzle-orm'
import { credit, playerToken, pool, round, roundPlayer, token } from '../../../../ponder.schema.ts'
import { defaultMinEntries } from '../../../domain/Leaderboard.ts'
import { playerFields, summedPlayers } from '../player.ts'
import { stakeSums, winningEntries } from '../stakes.ts'
import { type Column, floorDiv, money, plain, time, tokenColumns, type View } from './view.ts'

const field = ({ sql: value }: (typeof playerFields)[keyof typeof playerFields]) => value

export const players: View = {
  name: 'players',
  comment:
    'One row per player: an address on a chain that has an entry. Counts over all tokens; the money is in player_tokens.',
  columns: [
    plain('chain_id', field(playerFields.chainId), 'EIP-155 id of the chain.'),
    plain('player', field(playerFields.address), 'The address.'),
    ...time('first_seen', field(playerFields.firstSeenAt), 'The first entry.'),
    ...time('last_seen', field(playerFields.lastSeenAt), 'The newest entry, prize or refund.'),
    plain('entry_count', field(playerFields.entryCount), 'Entries.'),
    plain('rounds_entered', field(playerFields.roundsEntered), 'Distinct rounds with an entry.'),
    plain('rounds_won', field(playerFields.roundsWon), 'Rounds with a prize, sent or credited.'),
    plain('winning_entries', field(playerFields.winningEntries), 'Entries with a prize.'),
    plain('pools_entered', field(playerFields.poolsEntered), 'Distinct pools with an entry.'),
  ],
  from: summedPlayers,
}

const MEMBER = sql.raw('member')

/** A player in a token, with what its flows do not show yet: few rounds are not final, however many there were. */
const withStakes = sql`${playerToken}
  join ${token} on ${token.chainId} = ${playerToken.chainId} and ${token.address} = ${playerToken.token}
  left join (
    select member.chain_id, ${pool.token}, member.address, ${stakeSums(MEMBER)}
    from ${round}
    join ${pool} on ${pool.chainId} = ${round.chainId} and ${pool.poolId} = ${round.poolId}
    join ${roundPlayer} member on member.chain_id = ${round.chainId} and member.pool_id = ${round.poolId}
      and member.round_id = ${round.roundId}
    ${winningEntries(MEMBER)}
    where not ${round.isFinalized} group by 1, 2, 3
  ) stakes on stakes.chain_id = ${playerToken.chainId} and stakes.token = ${playerToken.token}
    and stakes.address = ${playerToken.address}`

const pending = sql`coalesce(stakes.pending, 0)`
const receivable = sql`coalesce(stakes.unpaid + stakes.unrefunded, 0)`
const netProfit = sql`(${playerToken.won} + ${playerToken.refunded} - ${playerToken.wagered})`
/** `Stakes.realizedNetProfit` and `Stakes.roiBps` of src/domain. */
const realized = sql`(${netProfit} + ${pending} + ${receivable})`
const played = sql`(${playerToken.wagered} - ${playerToken.refunded} - ${pending} - coalesce(stakes.unrefunded, 0))`
const roiBps = floorDiv(sql`(${realized} * 10000)`, played)

const roundsDrawn = sql`(
  select count(*) from ${roundPlayer}
  join ${pool} on ${pool.chainId} = ${roundPlayer.chainId} and ${pool.poolId} = ${roundPlayer.poolId}
    and ${pool.token} = ${playerToken.token}
  join ${round} on ${round.chainId} = ${roundPlayer.chainId} and ${round.poolId} = ${roundPlayer.poolId}
    and ${round.roundId} = ${roundPlayer.roundId} and ${round.winningNumber} is not null
  where ${roundPlayer.address} = ${playerToken.address} and ${roundPlayer.chainId} = ${playerToken.chainId})`

export const playerTokens: View = {
  name: 'player_tokens',
  comment: 'One row per player and token: money in that token over all its pools.',
  columns: [
    plain('chain_id', playerToken.chainId, 'EIP-155 id of the chain.'),
    plain('player', playerToken.address, 'The address.'),
    ...tokenColumns(playerToken.token),
    plain('entry_count', playerToken.entryCount, 'Entries.'),
    plain('pools_entered', playerToken.poolsEntered, 'Distinct pools with an entry.'),
    plain('rounds_entered', playerToken.roundsEntered, 'Distinct rounds with an entry.'),
    plain('rounds_drawn', roundsDrawn, 'Of these, those with a winning number.'),
    plain('rounds_won', playerToken.roundsWon, 'Rounds with a prize, sent or credited.'),
    plain('winning_entries', playerToken.winningEntries, 'Entries with a prize.'),
    plain(
      'win_rate_bps',
      sql`${playerToken.roundsWon} * 10000::bigint / nullif(${roundsDrawn}, 0)`,
      'rounds_won in basis points of rounds_drawn, rounded down; null without any.',
    ),
    ...money('wagered', playerToken.wagered, 'All stakes, whoever paid them.'),
    ...money('won', playerToken.won, 'Prizes, delivered or credited.'),
    ...money('refunded', playerToken.refunded, 'Stakes that came back from cancelled rounds.'),
    ...money('fees_paid', playerToken.feesPaid, 'Fees in the stakes that were not refunded.'),
    ...money('pending', pending, 'Stakes of rounds that are open or being drawn.'),
    ...money('receivable', receivable, 'Prizes and refunds that are due and not sent yet.'),
    ...money('net_profit', netProfit, 'won + refunded - wagered: open stakes look like a loss.'),
    ...money(
      'realized_net_profit',
      realized,
      'net_profit + pending + receivable: stakes whose round is not over are left out.',
    ),
    plain(
      'roi_bps',
      roiBps,
      'realized_net_profit in basis points of the stakes whose round is over, rounded down; null without any.',
    ),
    ...money('biggest_win', playerToken.biggestWin, 'Most taken from one round.'),
    plain('biggest_win_pool_id', playerToken.biggestWinPoolId, 'The pool of that round.'),
    plain('biggest_win_round_id', playerToken.biggestWinRoundId, 'That round.'),
    ...money('credited', sql`coalesce(${credit.credited}, 0)`, 'What could not be delivered.'),
    ...money('claimed', sql`coalesce(${credit.claimed}, 0)`, 'What was claimed of it.'),
    ...money(
      'claimable',
      sql`coalesce(${credit.credited} - ${credit.claimed}, 0)`,
      'What waits to be claimed.',
    ),
    ...time('first_seen', playerToken.firstSeenAt, 'The first entry in the token.'),
    ...time('last_seen', playerToken.lastSeenAt, 'The newest entry, prize or refund in the token.'),
  ],
  from: sql`${withStakes} left join ${credit} on ${credit.id} = ${playerToken.id}`,
}

const MIN_ENTRIES = sql.raw(String(defaultMinEntries('ROI')))
const isInRoi = sql`(standing.entry_count >= ${MIN_ENTRIES} and standing.roi_bps is not null)`

/** 1 + the number of players with a better value, within the token. */
const rank = (value: SQL, among: SQL = sql`true`): SQL => sql`rank() over (
  partition by standing.chain_id, standing.token, ${among} order by ${value} desc)`

const ranked = (name: string, comment: string): Column =>
  plain(`${name}_rank`, rank(sql.raw(`standing.${name}`)), comment)

/** What the view adds to a player in a token, under the names it has there. */
const standings = sql`(
  select ${playerToken.chainId}, ${playerToken.address}, ${playerToken.token}, ${playerToken.entryCount},
    ${playerToken.roundsWon} as wins, ${playerToken.wagered}, ${playerToken.biggestWin},
    ${realized} as realized_net_profit, ${roiBps} as roi_bps
  from ${withStakes}
) standing`

export const leaderboards: View = {
  name: 'leaderboards',
  comment:
    'One row per player and token: all-time ranks by each metric. A rank is 1 + the number of players with a strictly better value.',
  columns: [
    plain('chain_id', sql`standing.chain_id`, 'EIP-155 id of the chain.'),
    ...tokenColumns(sql`standing.token`),
    plain('player', sql`standing.address`, 'The address.'),
    plain('entry_count', sql`standing.entry_count`, 'Entries in the token.'),
    ...money('realized_net_profit', sql`standing.realized_net_profit`, 'As in player_tokens.'),
    ranked('realized_net_profit', 'Rank by realized_net_profit.'),
    ...money('wagered', sql`standing.wagered`, 'All stakes.'),
    ranked('wagered', 'Rank by wagered.'),
    plain('wins', sql`standing.wins`, 'Distinct rounds with a prize.'),
    ranked('wins', 'Rank by wins.'),
    ...money('biggest_win', sql`standing.biggest_win`, 'Most taken from one round.'),
    ranked('biggest_win', 'Rank by biggest_win.'),
    plain('roi_bps', sql`standing.roi_bps`, 'As in player_tokens.'),
    plain(
      'roi_rank',
      sql`case when ${isInRoi} then ${rank(sql`standing.roi_bps`, isInRoi)} end`,
      `Rank by roi_bps among players with at least ${defaultMinEntries('ROI')} entries; null for others.`,
    ),
  ],
  from: sql`${standings} join ${token} on ${token.chainId} = standing.chain_id and ${token.address} = standing.token`,
}
