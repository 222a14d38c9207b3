import { afterAll, beforeAll, expect, it } from 'vitest'
import { views } from '../../../src/api/db/analytics/index.ts'
import { NATIVE } from '../../support/game.ts'
import {
  columnsOf,
  createSides,
  MONEY,
  money,
  type Node,
  placeOf,
  type Row,
  type Sides,
  TX,
} from './sides.ts'

let sides: Sides
const ask: Sides['ask'] = (text) => sides.ask(text)
const nodesOf: Sides['nodesOf'] = (...args) => sides.nodesOf(...args)
const rowsOf: Sides['rowsOf'] = (query) => sides.rowsOf(query)
beforeAll(async () => {
  sides = await createSides()
})
afterAll(() => sides?.stop())

const expectSame = (rows: readonly Row[], wanted: readonly Row[]) => {
  expect(wanted.length).toBeGreaterThan(0)
  expect(columnsOf(rows, wanted)).toEqual(wanted)
}

/** A time that may be missing, as the two columns of a view. */
const timeOf = (name: string, seconds?: number) => ({
  [`${name}_at`]: seconds === undefined ? null : String(seconds),
  [`${name}_time`]: seconds === undefined ? null : new Date(seconds * 1000),
})

it('heads are the heads', async () => {
  const { head, status } = await ask(
    '{ head { chainId number hash timestamp finalizedNumber } status { buildId } }',
  )
  expectSame(await rowsOf('select * from analytics.heads'), [
    {
      chain_id: head.chainId,
      block_number: head.number,
      block_hash: head.hash,
      block_at: String(head.timestamp),
      block_time: new Date(head.timestamp * 1000),
      finalized_number: head.finalizedNumber,
      build_id: status.buildId,
    },
  ])
})

it('pools are those of GraphQL, with their sums', async () => {
  const wanted = await nodesOf(
    'pools',
    `poolId name token { address symbol } creator entryFee ${MONEY} feeBps feeRecipient roundDuration minEntries maxEntries
     drawTimeout createdAt currentRound { roundId } stats { entryCount uniquePlayers roundCount drawnRounds settledRounds
     rolledOverRounds cancelledRounds rolloverStreak wagered ${MONEY} contributed ${MONEY} feesCollected ${MONEY}
     feesAccruedOpen ${MONEY} prizesWon ${MONEY} prizesDelivered ${MONEY} refunded ${MONEY} biggestPrize ${MONEY}
     biggestPrizeRound { roundId } biggestPrizePlayer { address } lastWinningNumber lastDrawAt }`,
  )
  expectSame(
    await rowsOf('select * from analytics.pools order by pool_id'),
    wanted.map(({ stats, ...pool }) => ({
      pool_id: pool.poolId,
      name: pool.name,
      token: pool.token.address,
      token_symbol: pool.token.symbol,
      creator: pool.creator,
      ...money('entry_fee', pool.entryFee),
      fee_bps: pool.feeBps,
      fee_recipient: pool.feeRecipient,
      round_duration: String(pool.roundDuration),
      min_entries: String(pool.minEntries),
      max_entries: String(pool.maxEntries),
      draw_timeout: String(pool.drawTimeout),
      created_at: String(pool.createdAt),
      created_time: new Date(pool.createdAt * 1000),
      current_round_id: pool.currentRound.roundId,
      round_count: stats.roundCount,
      entry_count: stats.entryCount,
      unique_players: stats.uniquePlayers,
      drawn_rounds: stats.drawnRounds,
      settled_rounds: stats.settledRounds,
      rolled_over_rounds: stats.rolledOverRounds,
      cancelled_rounds: stats.cancelledRounds,
      rollover_streak: stats.rolloverStreak,
      ...money('wagered', stats.wagered),
      ...money('contributed', stats.contributed),
      ...money('fees_collected', stats.feesCollected),
      ...money('fees_accrued_open', stats.feesAccruedOpen),
      ...money('prizes_won', stats.prizesWon),
      ...money('prizes_delivered', stats.prizesDelivered),
      ...money('refunded', stats.refunded),
      ...money('biggest_prize', stats.biggestPrize),
      biggest_prize_round_id: stats.biggestPrizeRound?.roundId ?? null,
      biggest_prize_player: stats.biggestPrizePlayer?.address ?? null,
      last_winning_number: stats.lastWinningNumber,
      last_draw_at: stats.lastDrawAt === null ? null : String(stats.lastDrawAt),
    })),
  )
})

it('rounds are those of GraphQL, phase and finality included', async () => {
  const wanted = await nodesOf(
    'rounds',
    `pool { poolId token { address } } roundId status phase cancelReason opensAt closesAt carryIn ${MONEY} gross ${MONEY}
     feeAccrued ${MONEY} prizePool ${MONEY} carryOut ${MONEY} feeCollected ${MONEY} prizesPaid ${MONEY}
     prizesDelivered ${MONEY} refunded ${MONEY} entryCount uniquePlayers distinctNumbers coverageBps winningNumber
     winningEntryCount winnerCount prizePerEntry ${MONEY} payoutsPending refundsPending finality
     draw { requestedTx { blockNumber timestamp } } drawnTx { blockNumber timestamp }`,
  )
  expectSame(
    await rowsOf('select * from analytics.rounds order by pool_id, round_id'),
    wanted.map((round) => ({
      pool_id: round.pool.poolId,
      round_id: round.roundId,
      token: round.pool.token.address,
      status: round.status,
      phase: round.phase,
      cancel_reason: round.cancelReason,
      opens_at: String(round.opensAt),
      opens_time: new Date(round.opensAt * 1000),
      closes_at: String(round.closesAt),
      ...money('carry_in', round.carryIn),
      ...money('gross', round.gross),
      ...money('fee_accrued', round.feeAccrued),
      ...money('prize_pool', round.prizePool),
      ...money('carry_out', round.carryOut),
      ...money('fee_collected', round.feeCollected),
      ...money('prizes_paid', round.prizesPaid),
      ...money('prizes_delivered', round.prizesDelivered),
      ...money('refunded', round.refunded),
      entry_count: round.entryCount,
      unique_players: round.uniquePlayers,
      distinct_numbers: round.distinctNumbers,
      coverage_bps: round.coverageBps,
      winning_number: round.winningNumber,
      winning_entry_count: round.winningEntryCount,
      winner_count: round.winnerCount === null ? null : String(round.winnerCount),
      ...money('prize_per_entry', round.prizePerEntry),
      payouts_pending: round.payoutsPending,
      refunds_pending: round.refundsPending,
      finality: round.finality,
      requested_block: round.draw?.requestedTx.blockNumber ?? null,
      ...timeOf('requested', round.draw?.requestedTx.timestamp),
      drawn_block: round.drawnTx?.blockNumber ?? null,
      ...timeOf('drawn', round.drawnTx?.timestamp),
    })),
  )
})

it('entries are those of GraphQL, in every status', async () => {
  const wanted = await nodesOf(
    'entries(first: 1000)',
    `entryId pool { poolId token { address symbol } } round { roundId } player { address } payer number amount ${MONEY}
     feeAmount ${MONEY} paymentMethod status ${TX}`,
  )
  expectSame(
    await rowsOf('select * from analytics.entries order by block_number, log_index'),
    wanted.map((entry) => ({
      entry_id: entry.entryId,
      pool_id: entry.pool.poolId,
      round_id: entry.round.roundId,
      player: entry.player.address,
      payer: entry.payer,
      number: entry.number,
      token: entry.pool.token.address,
      token_symbol: entry.pool.token.symbol,
      ...money('amount', entry.amount),
      ...money('fee', entry.feeAmount),
      payment_method: entry.paymentMethod,
      status: entry.status,
      ...placeOf(entry),
    })),
  )
})

it('payouts are those of GraphQL, claims included', async () => {
  const wanted = await nodesOf(
    'payouts(first: 1000)',
    `kind recipient entry { entryId } round { roundId pool { poolId } } amount { raw decimal token { address } } state
     claimTx { hash timestamp } ${TX}`,
  )
  expectSame(
    await rowsOf('select * from analytics.payouts order by block_number, log_index'),
    wanted.map((payout) => ({
      pool_id: payout.round.pool.poolId,
      round_id: payout.round.roundId,
      kind: payout.kind,
      recipient: payout.recipient,
      entry_id: payout.entry?.entryId ?? null,
      token: payout.amount.token.address,
      ...money('amount', payout.amount),
      state: payout.state,
      claim_transaction_hash: payout.claimTx?.hash ?? null,
      claimed_at: payout.claimTx === null ? null : String(payout.claimTx.timestamp),
      ...placeOf(payout),
    })),
  )
})

it('tokens are those of GraphQL, the native coin by the deployment’s words', async () => {
  const { tokens } = await ask(
    '{ tokens { chainId address symbol name textSource decimals isNative } }',
  )
  expect(await rowsOf('select * from analytics.tokens order by token')).toEqual(
    tokens
      .map(({ chainId, address, symbol, name, textSource, decimals, isNative }: Node) => ({
        ...{
          chain_id: chainId,
          token: address,
          symbol,
          name,
          decimals,
          is_native: isNative,
          text_source: textSource,
        },
      }))
      .sort((a: Row, b: Row) => (String(a.token) < String(b.token) ? -1 : 1)),
  )
})

it('names the native coin in every view that names tokens', async () => {
  const named = views.filter(({ columns }) => columns.some(({ name }) => name === 'token_symbol'))
  expect(named.length).toBe(8)
  for (const { name } of named)
    expect(
      await rowsOf(`select distinct token_symbol from analytics.${name} where token = '${NATIVE}'`),
    ).toEqual(name === 'payments' ? [] : [{ token_symbol: 'ETH' }])
})
