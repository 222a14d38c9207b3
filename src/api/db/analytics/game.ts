import { sql } from 'drizzle-orm'
import {
  block,
  entry,
  pool,
  poolStats,
  randomnessRequested,
  round,
  roundDrawn,
  token,
} from '../../../../ponder.schema.ts'
import { NUMBERS } from '../../../domain/Round.ts'
import { statsFields, withCurrentRound } from '../pool.ts'
import { newestFact } from '../roundFacts.ts'
import { finality, label, money, plain, time, tokenColumns, tokenWord, type View } from './view.ts'

const ofToken = sql`join ${token} on ${token.chainId} = ${pool.chainId} and ${token.address} = ${pool.token}`

/** The pool of a row and its token. */
export const ofPool = (table: typeof round | typeof entry) => sql`
  join ${pool} on ${pool.chainId} = ${table.chainId} and ${pool.poolId} = ${table.poolId} ${ofToken}`

export const tokens: View = {
  name: 'tokens',
  comment: 'What entries are paid in. Amounts of different tokens are never comparable.',
  columns: [
    plain('chain_id', token.chainId, 'EIP-155 id of the chain.'),
    plain('token', token.address, 'Its address; the zero address is the native coin.'),
    tokenWord(
      'symbol',
      'symbol',
      "What the token calls itself; the deployment's word for the native coin.",
    ),
    tokenWord('name', 'name', 'The same at length.'),
    plain('decimals', token.decimals, 'A whole token is 10^decimals base units.'),
    plain('is_native', token.isNative, 'Whether it is the native coin of its chain.'),
    label(
      'text_source',
      token.textSource,
      'Where symbol and name come from: BLOCK (the token, at its first pool), LATEST (the token, later), CONFIGURATION, UNKNOWN.',
    ),
  ],
  from: sql`${token}`,
}

export const pools: View = {
  name: 'pools',
  comment:
    'One row per pool: its terms, which never change, and its sums over all rounds, the running one included.',
  columns: [
    plain('chain_id', pool.chainId, 'EIP-155 id of the chain.'),
    plain('pool_id', pool.poolId, 'Number of the pool in the contract.'),
    plain('name', pool.name, 'As its creator wrote it.'),
    ...tokenColumns(pool.token),
    plain('creator', pool.creator, 'Who created it.'),
    ...money('entry_fee', pool.entryFee, 'Price of one entry.'),
    plain('fee_bps', pool.feeBps, "The protocol's share of each entry, in basis points."),
    plain('fee_recipient', pool.feeRecipient, 'Who gets that share.'),
    plain('round_duration', pool.roundDuration, 'How long a round takes entries, in seconds.'),
    plain('min_entries', pool.minEntries, 'A round with fewer is cancelled.'),
    plain('max_entries', pool.maxEntries, 'A round with so many may be closed before its time.'),
    plain(
      'draw_timeout',
      pool.drawTimeout,
      'Seconds after closing until a round without a random word may be cancelled.',
    ),
    ...time('created', pool.timestamp, 'When it was created.'),
    plain('current_round_id', poolStats.currentRoundId, 'Its newest round.'),
    plain('round_count', statsFields.roundCount.sql, 'Rounds so far, the running one included.'),
    plain('entry_count', statsFields.entryCount.sql, 'Entries so far.'),
    plain('unique_players', statsFields.uniquePlayers.sql, 'Distinct players with an entry.'),
    plain('drawn_rounds', statsFields.drawnRounds.sql, 'Rounds with a winning number.'),
    plain('settled_rounds', poolStats.settledRounds, 'Rounds whose winners are all paid.'),
    plain('rolled_over_rounds', poolStats.rolledOverRounds, 'Rounds that nobody won.'),
    plain('cancelled_rounds', poolStats.cancelledRounds, 'Rounds that were cancelled.'),
    plain(
      'rollover_streak',
      statsFields.rolloverStreak.sql,
      'Draws in a row, up to the last one, that nobody won.',
    ),
    ...money('wagered', statsFields.wagered.sql, 'All stakes, those that came back included.'),
    ...money(
      'contributed',
      sql`(${poolStats.contributed} + coalesce(current.gross - current.fee_accrued, 0))`,
      'What entries added to the prize pools: stakes without fees.',
    ),
    ...money('fees_collected', poolStats.feesCollected, 'Fees taken by draws.'),
    ...money(
      'fees_accrued_open',
      sql`coalesce(current.fee_accrued, 0)`,
      'Fees of the running round; a cancellation gives them back.',
    ),
    ...money('prizes_won', poolStats.prizesWon, 'Prizes, delivered or credited.'),
    ...money('prizes_delivered', poolStats.prizesDelivered, 'Prizes that arrived at once.'),
    ...money('refunded', poolStats.refunded, 'Stakes of cancelled rounds that were sent back.'),
    ...money('biggest_prize', poolStats.biggestPrize, 'Most that one player took from one round.'),
    plain('biggest_prize_round_id', poolStats.biggestPrizeRoundId, 'That round.'),
    plain('biggest_prize_player', poolStats.biggestPrizePlayer, 'That player.'),
    plain('last_winning_number', poolStats.lastWinningNumber, 'Drawn last.'),
    ...time('last_draw', poolStats.lastDrawAt, 'When it was drawn.'),
  ],
  from: sql`${pool} ${ofToken} join (${withCurrentRound}) on ${poolStats.id} = ${pool.id}`,
}

const headTime = sql`(select newest.timestamp from ${block} newest where newest.chain_id = ${round.chainId}
  order by newest.number desc limit 1)`

/** `Round.phase` of src/domain, by the time of the head. */
const phase = sql`case ${round.status}::text
  when 'OPEN' then case when ${headTime} >= ${round.closesAt} or ${round.entryCount} >= ${pool.maxEntries}
    then 'CLOSABLE' else 'ACCEPTING' end
  when 'DRAWING' then case when ${headTime} >= coalesce(${round.closedAt}, ${round.closesAt}) + ${pool.drawTimeout}
    then 'OVERDUE' else 'AWAITING_RANDOMNESS' end
  else case when ${round.isFinalized} then 'FINAL' else 'PAYING' end end`

const winnerCount = sql`case when ${round.winningNumber} is not null then (
  select count(distinct ${entry.player}) from ${entry} where ${entry.chainId} = ${round.chainId}
    and ${entry.poolId} = ${round.poolId} and ${entry.roundId} = ${round.roundId}
    and ${entry.number} = ${round.winningNumber}) end`

const newest = newestFact(
  (table) => sql`${table.chainId} = ${round.chainId} and ${table.poolId} = ${round.poolId}
    and ${table.roundId} = ${round.roundId}`,
)

/** Of a fact that a round has at most one of. */
const ofRound = (
  fact: typeof randomnessRequested | typeof roundDrawn,
  column: 'blockNumber' | 'timestamp',
) => sql`(select ${fact[column]} from ${fact} where ${fact.chainId} = ${round.chainId}
  and ${fact.poolId} = ${round.poolId} and ${fact.roundId} = ${round.roundId} limit 1)`

export const rounds: View = {
  name: 'rounds',
  comment: 'One row per round of a pool: it takes entries, closes, draws a number and pays.',
  columns: [
    plain('chain_id', round.chainId, 'EIP-155 id of the chain.'),
    plain('pool_id', round.poolId, 'Its pool.'),
    plain('round_id', round.roundId, 'Counts from 1 in each pool.'),
    ...tokenColumns(pool.token),
    label(
      'status',
      round.status,
      'What the contract has done with it: OPEN, DRAWING, DRAWN, SETTLED, ROLLED_OVER or CANCELLED.',
    ),
    plain(
      'phase',
      phase,
      'The status, and what the time of the head adds: ACCEPTING, CLOSABLE, AWAITING_RANDOMNESS, OVERDUE, PAYING or FINAL.',
    ),
    plain('is_finalized', round.isFinalized, 'Nothing is left to pay or to refund.'),
    label('cancel_reason', round.cancelReason, 'NO_ENTRIES, BELOW_MINIMUM or DRAW_TIMEOUT.'),
    ...time('opens', round.opensAt, 'When it began to take entries.'),
    ...time('closes', round.closesAt, 'When its time is up.'),
    ...time('closed', round.closedAt, 'When it stopped taking entries; null before.'),
    ...money('carry_in', round.carryIn, 'What the round before left in the prize pool.'),
    ...money('gross', round.gross, 'All stakes.'),
    ...money('fee_accrued', round.feeAccrued, 'The fees in these stakes, held until the draw.'),
    ...money('prize_pool', round.prizePool, 'carry_in and the stakes without their fees.'),
    ...money('carry_out', round.carryOut, 'What goes on to the next round; null before the end.'),
    ...money('fee_collected', round.feeCollected, 'The fee taken by the draw.'),
    ...money('prizes_paid', round.prizesPaid, 'Prizes so far, delivered or credited.'),
    ...money('prizes_delivered', round.prizesDelivered, 'Prizes that arrived at once.'),
    ...money('refunded', round.refunded, 'Stakes that were sent back.'),
    plain('entry_count', round.entryCount, 'Entries.'),
    plain('unique_players', round.uniquePlayers, 'Distinct players with an entry.'),
    plain('distinct_numbers', round.distinctNumbers, 'Numbers with at least one entry.'),
    plain(
      'coverage_bps',
      sql`${round.distinctNumbers} * 10000 / ${sql.raw(String(NUMBERS))}`,
      `The chance that somebody wins, in basis points: distinct_numbers of ${NUMBERS}, rounded down.`,
    ),
    plain('winning_number', round.winningNumber, `1 to ${NUMBERS}; null until the draw.`),
    plain('winning_entry_count', round.winningEntryCount, 'Entries on it; null until the draw.'),
    plain('winner_count', winnerCount, 'Distinct players with an entry on it.'),
    ...money('prize_per_entry', round.prizePerEntry, 'What each of these entries wins.'),
    plain(
      'payouts_pending',
      sql`coalesce(${round.winningEntryCount}, 0) - ${round.paidEntries}`,
      'Winning entries that are not paid yet.',
    ),
    plain(
      'refunds_pending',
      sql`case when ${round.status} = 'CANCELLED' then ${round.entryCount} - ${round.refundedEntries} else 0 end`,
      'Entries of a cancelled round whose stake is not sent back yet.',
    ),
    finality(round.chainId, newest),
    plain(
      'requested_block',
      ofRound(randomnessRequested, 'blockNumber'),
      'Block in which the random word was asked for; null before.',
    ),
    ...time(
      'requested',
      ofRound(randomnessRequested, 'timestamp'),
      'When the random word was asked for; null before.',
    ),
    plain(
      'drawn_block',
      ofRound(roundDrawn, 'blockNumber'),
      'Block in which the word came and the number was drawn; null before.',
    ),
    ...time(
      'drawn',
      ofRound(roundDrawn, 'timestamp'),
      'When the word came and the number was drawn; null before.',
    ),
  ],
  from: sql`${round} ${ofPool(round)}`,
}
