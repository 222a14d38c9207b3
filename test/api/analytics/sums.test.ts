import { afterAll, beforeAll, expect, it } from 'vitest'
import { NATIVE } from '../../support/game.ts'
import { DOLLAR } from '../../support/story.ts'
import { columnsOf, createSides, MONEY, money, type Node, type Row, type Sides } from './sides.ts'

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
    const { head } = await ask('{ head { timestamp } }')
    for (const poolId of [1, 2]) {
      const { pool } =
        await ask(`{ pool(poolId: "${poolId}") { buckets(interval: ${interval}, from: 1699900000, to: ${head.timestamp + 1}, fillGaps: false) {
          start token { address } entryCount wagered ${MONEY} fees ${MONEY} prizes ${MONEY} refunds ${MONEY} x402Count
          x402Amount ${MONEY} uniquePlayers newPlayers roundsDrawn rollovers prizePoolOpen ${MONEY} prizePoolHigh ${MONEY}
          prizePoolClose ${MONEY} } } }`)
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
