import postgres from 'postgres'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { views } from '../../../src/api/db/analytics/index.ts'
import { pointViews } from '../../../stack/analystViews.ts'
import { NATIVE } from '../../support/game.ts'
import { createOperations, type Operations } from '../../support/operation.ts'
import { DOLLAR, writeStory } from '../../support/story.ts'
import { createTables, type Tables } from '../../support/tables.ts'
import { writePayments } from './payments.ts'

let tables: Tables
let operations: Operations
let sql: postgres.Sql

beforeAll(async () => {
  tables = await createTables()
  await writeStory(tables)
  await writePayments(tables)
  operations = createOperations(tables)
  sql = postgres(tables.url, { max: 1, onnotice: () => undefined })
  await pointViews(sql, { schema: tables.schema, analyticsSchema: 'analytics' })
})
afterAll(async () => {
  await sql?.end({ timeout: 5 })
  await operations?.stop()
  await tables?.stop()
})

type Row = Readonly<Record<string, unknown>>

interface Money {
  readonly raw: string
  readonly decimal: string
}
const MONEY = '{ raw decimal }'

/** Rows of a view, everything as GraphQL would write it: wide numbers as text. */
const rowsOf = async (query: string): Promise<readonly Row[]> =>
  (await sql.unsafe(query)).map((row) => ({ ...row }))

/** GraphQL's money as the two columns of a view. */
const money = (name: string, value: Money | null) => ({
  [`${name}_raw`]: value?.raw ?? null,
  [name]: value?.decimal ?? null,
})

/** Some columns of a row. */
const only = (row: Row, wanted: Row) =>
  Object.fromEntries(Object.keys(wanted).map((name) => [name, row[name]]))

const expectSame = (rows: readonly Row[], wanted: readonly Row[]) => {
  expect(wanted.length).toBeGreaterThan(0)
  expect(rows.map((row, at) => only(row, wanted[at] ?? {}))).toEqual(wanted)
}

// biome-ignore lint/suspicious/noExplicitAny: answers of operations that stand beside their use
type Node = any

const nodesOf = async (field: string, selection: string): Promise<readonly Node[]> => {
  const data = await operations.ask(`{ found: ${field} { edges { node { ${selection} } } } }`)
  return (data.found as { edges: { node: Node }[] }).edges.map(({ node }) => node)
}

const TX = 'tx { blockNumber logIndex blockHash hash timestamp } finality'
const placeOf = ({ tx, finality }: Node) => ({
  block_number: tx.blockNumber,
  log_index: tx.logIndex,
  block_hash: tx.blockHash,
  transaction_hash: tx.hash,
  block_at: String(tx.timestamp),
  block_time: new Date(tx.timestamp * 1000),
  finality,
})

it('heads are the heads', async () => {
  const { head, status } = (await operations.ask(
    '{ head { chainId number hash timestamp finalizedNumber } status { buildId } }',
  )) as Record<string, Node>
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
      round_duration: pool.roundDuration,
      min_entries: pool.minEntries,
      max_entries: pool.maxEntries,
      draw_timeout: pool.drawTimeout,
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
     winningEntryCount winnerCount prizePerEntry ${MONEY} payoutsPending refundsPending finality`,
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

it('players and their tokens are those of GraphQL', async () => {
  const wanted = await nodesOf(
    'players',
    `address firstSeenAt lastSeenAt entryCount roundsEntered roundsWon winningEntries poolsEntered balances {
      token { address } wagered ${MONEY} won ${MONEY} refunded ${MONEY} feesPaid ${MONEY} pending ${MONEY}
      receivable ${MONEY} netProfit ${MONEY} realizedNetProfit ${MONEY} credited ${MONEY} claimed ${MONEY}
      claimable ${MONEY} biggestWin ${MONEY} biggestWinRound { roundId pool { poolId } } roiBps winRateBps }`,
  )
  expectSame(
    await rowsOf('select * from analytics.players order by player'),
    wanted.map((player) => ({
      player: player.address,
      first_seen_at: String(player.firstSeenAt),
      first_seen_time: new Date(player.firstSeenAt * 1000),
      last_seen_at: String(player.lastSeenAt),
      entry_count: player.entryCount,
      rounds_entered: player.roundsEntered,
      rounds_won: player.roundsWon,
      winning_entries: player.winningEntries,
      pools_entered: player.poolsEntered,
    })),
  )
  expectSame(
    await rowsOf('select * from analytics.player_tokens order by player, token'),
    wanted.flatMap(({ address, balances }) =>
      balances.map((balance: Node) => ({
        player: address,
        token: balance.token.address,
        win_rate_bps: balance.winRateBps === null ? null : String(balance.winRateBps),
        ...money('wagered', balance.wagered),
        ...money('won', balance.won),
        ...money('refunded', balance.refunded),
        ...money('fees_paid', balance.feesPaid),
        ...money('pending', balance.pending),
        ...money('receivable', balance.receivable),
        ...money('net_profit', balance.netProfit),
        ...money('realized_net_profit', balance.realizedNetProfit),
        ...money('biggest_win', balance.biggestWin),
        ...money('credited', balance.credited),
        ...money('claimed', balance.claimed),
        ...money('claimable', balance.claimable),
        biggest_win_pool_id: balance.biggestWinRound?.pool.poolId ?? null,
        biggest_win_round_id: balance.biggestWinRound?.roundId ?? null,
        roi_bps: balance.roiBps === null ? null : String(balance.roiBps),
      })),
    ),
  )
})

const METRICS = {
  REALIZED_NET_PROFIT: ['realized_net_profit_raw', 'realized_net_profit_rank'],
  WAGERED: ['wagered_raw', 'wagered_rank'],
  WINS: ['wins', 'wins_rank'],
  BIGGEST_WIN: ['biggest_win_raw', 'biggest_win_rank'],
  ROI: ['roi_bps', 'roi_rank'],
} as const

it.each(Object.entries(METRICS))(
  'leaderboards rank as GraphQL does, by %s',
  async (metric, [value, rank]) => {
    for (const token of [NATIVE, DOLLAR]) {
      const wanted = await nodesOf(
        `leaderboard(token: "${token}", metric: ${metric})`,
        'rank value player { address } entryCount',
      )
      const rows = await rowsOf(
        `select player, ${rank}::text as rank, ${value}::text as value, entry_count from analytics.leaderboards
       where token = '${token}' and ${rank} is not null order by player`,
      )
      expect(rows).toEqual(
        wanted
          .map((each) => ({
            player: each.player.address,
            rank: String(each.rank),
            value: each.value,
            entry_count: each.entryCount,
          }))
          .sort((a, b) => (a.player < b.player ? -1 : 1)),
      )
    }
  },
)

it.each(['HOUR', 'DAY', 'WEEK'])(
  'buckets of a pool are those of GraphQL, by %s',
  async (interval) => {
    const { head } = (await operations.ask('{ head { timestamp } }')) as Record<string, Node>
    for (const poolId of [1, 2]) {
      const { pool } = (await operations.ask(
        `{ pool(poolId: "${poolId}") { buckets(interval: ${interval}, from: 1699900000, to: ${head.timestamp + 1}, fillGaps: false) {
          start token { address } entryCount wagered ${MONEY} fees ${MONEY} prizes ${MONEY} refunds ${MONEY} x402Count
          x402Amount ${MONEY} uniquePlayers newPlayers roundsDrawn rollovers prizePoolOpen ${MONEY} prizePoolHigh ${MONEY}
          prizePoolClose ${MONEY} } } }`,
      )) as Record<string, Node>
      expectSame(
        await rowsOf(
          `select * from analytics.buckets where period = '${interval}' and pool_id = ${poolId} order by start_at`,
        ),
        pool.buckets.map((bucket: Node) => ({
          start_at: String(bucket.start),
          start_time: new Date(bucket.start * 1000),
          token: bucket.token.address,
          entry_count: String(bucket.entryCount),
          ...money('wagered', bucket.wagered),
          ...money('fees', bucket.fees),
          ...money('prizes', bucket.prizes),
          ...money('refunds', bucket.refunds),
          x402_count: String(bucket.x402Count),
          ...money('x402_amount', bucket.x402Amount),
          unique_players: String(bucket.uniquePlayers),
          new_players: String(bucket.newPlayers),
          rounds_drawn: String(bucket.roundsDrawn),
          rollovers: String(bucket.rollovers),
          ...money('prize_pool_open', bucket.prizePoolOpen),
          ...money('prize_pool_high', bucket.prizePoolHigh),
          ...money('prize_pool_close', bucket.prizePoolClose),
        })),
      )
    }
  },
)

it('payments are those of GraphQL, in every state of their link', async () => {
  const wanted = await nodesOf(
    'x402Payments',
    `token { address } authorizer nonce amount ${MONEY} facilitator linkStatus player { address }
     round { roundId pool { poolId } } ${TX}`,
  )
  expect(new Set(wanted.map(({ linkStatus }) => linkStatus))).toEqual(
    new Set(['LINKED', 'PENDING', 'ORPHAN', 'MISMATCH', 'CANCELLED']),
  )
  expectSame(
    await rowsOf('select * from analytics.payments order by block_number, log_index'),
    wanted.map((payment) => ({
      token: payment.token.address,
      authorizer: payment.authorizer,
      nonce: payment.nonce,
      ...money('amount', payment.amount),
      facilitator: payment.facilitator,
      link_status: payment.linkStatus,
      pool_id: payment.round?.pool.poolId ?? null,
      round_id: payment.round?.roundId ?? null,
      player: payment.player?.address ?? null,
      ...placeOf(payment),
    })),
  )
})

it('tokens are those of the table', async () => {
  expect(await rowsOf('select * from analytics.tokens order by token')).toEqual(
    await rowsOf(
      `select chain_id, address as token, symbol, name, decimals, is_native from ${tables.schema}.token order by address`,
    ),
  )
})

it('says in the database what every view and every column is', async () => {
  const found = await rowsOf(`
    select relname as view, attname as column, col_description(attrelid, attnum) as comment
    from pg_attribute join pg_class on pg_class.oid = attrelid
    where relnamespace = 'analytics'::regnamespace and attnum > 0 order by relname, attnum`)
  const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1)
  expect(found).toEqual(
    [...views]
      .sort(byName)
      .flatMap((view) =>
        view.columns.map(({ name, comment }) => ({ view: view.name, column: name, comment })),
      ),
  )
  expect(found.every(({ comment }) => typeof comment === 'string' && comment.length > 3)).toBe(true)
  const described = await rowsOf(`
    select relname as name, obj_description(oid, 'pg_class') as comment from pg_class
    where relnamespace = 'analytics'::regnamespace order by relname`)
  expect(described).toEqual([...views].sort(byName).map(({ name, comment }) => ({ name, comment })))
})

it('keeps whole tokens exact where a quotient would round', async () => {
  const raw = '123456789012345678901234567890123456789'
  const undo = new Error('undo')
  let row: Row = {}
  await tables.sql
    .begin(async (tx) => {
      await tx.unsafe(`update token set decimals = 30 where address = '${NATIVE}'`)
      await tx.unsafe(`update player_token set wagered = ${raw} where token = '${NATIVE}'`)
      const [found] = await tx.unsafe(
        `select distinct wagered_raw, wagered from analytics.player_tokens where token = '${NATIVE}'`,
      )
      row = { ...found }
      throw undo
    })
    .catch((error: unknown) => {
      if (error !== undo) throw error
    })
  expect(row).toEqual({ wagered_raw: raw, wagered: '123456789.012345678901234567890123456789' })
})
