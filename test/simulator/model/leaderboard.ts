import type { Hex } from 'viem'
import type { Facts, Pool } from './facts.ts'
import { ALWAYS, type Statement, statements } from './flows.ts'
import { intBps, MONEY, money } from './render.ts'
import { spanFrom, startOf } from './time.ts'

const ENTRY = /* GraphQL */ `
  fragment row on LeaderboardEntry {
    rank player { address } value wagered { ...money } realizedNetProfit { ...money }
    wins biggestWin { ...money } roiBps entryCount
  }
  ${MONEY}
`

export const LEADERBOARD = /* GraphQL */ `
  query Leaderboard(
    $token: Address!, $metric: LeaderboardMetric!, $window: Window!, $at: Timestamp, $poolId: BigInt, $minEntries: Int
  ) {
    leaderboard(
      token: $token, metric: $metric, window: $window, at: $at, poolId: $poolId, minEntries: $minEntries, first: 1000
    ) { totalCount edges { node { ...row } } }
  }
  ${ENTRY}
`

export const NEIGHBOURS = /* GraphQL */ `
  query Neighbours($address: Address!, $token: Address!, $metric: LeaderboardMetric!, $window: Window!, $span: Int!) {
    neighbours(address: $address, token: $token, metric: $metric, window: $window, span: $span) { ...row }
  }
  ${ENTRY}
`

export const RANK = /* GraphQL */ `
  query Rank($address: Address!, $token: Address!, $metric: LeaderboardMetric!, $window: Window!, $at: Timestamp) {
    player(address: $address) {
      rank(token: $token, metric: $metric, window: $window, at: $at) { ...row }
    }
  }
  ${ENTRY}
`

export const METRICS = ['REALIZED_NET_PROFIT', 'WAGERED', 'WINS', 'BIGGEST_WIN', 'ROI'] as const
export const WINDOWS = ['ALL_TIME', 'WEEK', 'DAY'] as const
export type Metric = (typeof METRICS)[number]
export type Window = (typeof WINDOWS)[number]

export interface Board {
  readonly token: Hex
  readonly metric: Metric
  readonly window: Window
  /** Seconds; absent: the head's time. */
  readonly at?: number
  readonly pool?: Pool
  readonly minEntries?: number
}

const VALUES: Record<Metric, (statement: Statement) => bigint | null> = {
  REALIZED_NET_PROFIT: ({ realizedNetProfit }) => realizedNetProfit,
  WAGERED: ({ wagered }) => wagered,
  WINS: ({ wins }) => BigInt(wins),
  BIGGEST_WIN: ({ biggestWin }) => biggestWin,
  ROI: ({ roiBps }) => roiBps,
}

const compare = <Value extends bigint | string | number>(a: Value, b: Value) =>
  a < b ? -1 : a > b ? 1 : 0

/** A first entry's block time, on the whole chain: any pool, any token. */
const firstSeenAt = (facts: Facts, address: Hex) =>
  facts.entries.find(({ player }) => player === address)?.at.timestamp ?? 0

const spanOf = (facts: Facts, { window, at = facts.head.timestamp }: Board) =>
  window === 'ALL_TIME' ? ALWAYS : spanFrom(window, startOf(window, at))

/**
 * The whole list. A window is whole: it ends at its own end, not at `at`. What is pending or receivable is so now, also in a past
 * window. The base of a ROI may be negative (refunds of earlier stakes in a window): the quotient is taken as it is.
 */
export const ranking = (facts: Facts, board: Board) => {
  const { token, metric, pool, minEntries = metric === 'ROI' ? 5 : 0 } = board
  const scope = pool === undefined ? { token } : { token, pool }
  const rows = statements(facts, scope, spanOf(facts, board))
    .filter(({ entryCount }) => entryCount >= minEntries)
    .flatMap((statement) => {
      const value = VALUES[metric](statement)
      return value === null
        ? []
        : { statement, value, firstSeenAt: firstSeenAt(facts, statement.player) }
    })
    .sort(
      (a, b) =>
        compare(b.value, a.value) ||
        compare(b.statement.wagered, a.statement.wagered) ||
        compare(a.firstSeenAt, b.firstSeenAt) ||
        compare(a.statement.player, b.statement.player),
    )
  const decimals = facts.pools.find((at) => at.token === token)?.decimals ?? 0
  const amount = (raw: bigint) => money(raw, { decimals })
  return rows.map(({ statement, value }) => ({
    rank: 1 + rows.filter((other) => other.value > value).length,
    player: { address: statement.player },
    value: value.toString(),
    wagered: amount(statement.wagered),
    realizedNetProfit: amount(statement.realizedNetProfit),
    wins: statement.wins,
    biggestWin: amount(statement.biggestWin),
    roiBps: intBps(statement.roiBps),
    entryCount: statement.entryCount,
  }))
}

type Row = ReturnType<typeof ranking>[number]

/** The first page of a ranking: a thousand rows. */
export const leaderboard = (rows: readonly Row[]) => ({
  leaderboard: {
    totalCount: rows.length,
    edges: rows.slice(0, 1000).map((node) => ({ node })),
  },
})

const placeOf = (rows: readonly Row[], address: Hex) =>
  rows.findIndex(({ player }) => player.address === address)

/** Up to `span` rows above and below in listing order, and the player's own between them; none for who is not listed. */
export const neighbours = (rows: readonly Row[], address: Hex, span: number) => {
  const place = placeOf(rows, address)
  return {
    neighbours: place < 0 ? [] : rows.slice(Math.max(0, place - span), place + span + 1),
  }
}

export const rank = (rows: readonly Row[], address: Hex) => ({
  player: { rank: rows[placeOf(rows, address)] ?? null },
})
