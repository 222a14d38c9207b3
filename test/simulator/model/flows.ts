import type { Hex } from 'viem'
import type { Entry, Facts, Payout, Pool, Round } from './facts.ts'
import { biggestOf } from './pool.ts'
import { distinct, exactBps, sum } from './render.ts'
import { isUndecided, isWinning } from './status.ts'

/** `from` is in it, `to` is not. */
export interface Span {
  readonly from: number
  readonly to: number
}

export const ALWAYS: Span = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY }

export const within =
  ({ from, to }: Span) =>
  ({ at }: { readonly at: { readonly timestamp: number } }) =>
    at.timestamp >= from && at.timestamp < to

export interface Scope {
  readonly token: Hex
  /** Absent: every pool of the token. */
  readonly pool?: Pool
}

export const isIn =
  ({ token, pool }: Scope) =>
  ({ round }: { readonly round: Round }) =>
    round.pool.token === token && (pool === undefined || round.pool === pool)

/** One player's money and deeds in a span of time. */
export interface Statement {
  readonly player: Hex
  readonly isActive: boolean
  readonly wagered: bigint
  readonly won: bigint
  readonly refunded: bigint
  readonly pending: bigint
  readonly receivable: bigint
  readonly netProfit: bigint
  readonly realizedNetProfit: bigint
  readonly roiBps: bigint | null
  readonly entryCount: number
  /** Distinct rounds with a prize. */
  readonly wins: number
  readonly biggestWin: bigint
  readonly biggestWinRound: Round | null
}

const stake = (entries: readonly Entry[]) => sum(entries.map(({ amount }) => amount))

/** From the player's entries and payouts of one token, all of them; the span chooses. */
const statementOf = (
  player: Hex,
  entries: readonly Entry[],
  payouts: readonly Payout[],
  span: Span,
): Statement => {
  const placed = entries.filter(within(span))
  const prizes = payouts.filter(({ kind }) => kind === 'PRIZE').filter(within(span))
  const refunds = payouts.filter(({ kind }) => kind === 'REFUND').filter(within(span))
  const wagered = stake(placed)
  const won = sum(prizes.map(({ amount }) => amount))
  const refunded = sum(refunds.map(({ amount }) => amount))
  const pending = stake(placed.filter(({ round }) => isUndecided(round)))
  const unsettled = placed.filter(({ payout }) => payout === undefined)
  const unpaid = sum(
    unsettled.filter(isWinning).map(({ round }) => round.drawn?.prizePerEntry ?? 0n),
  )
  const unrefunded = stake(unsettled.filter(({ round }) => round.cancelled !== undefined))
  const receivable = unpaid + unrefunded
  const netProfit = won + refunded - wagered
  const realizedNetProfit = netProfit + pending + receivable
  const biggest = biggestOf(prizes)
  return {
    player,
    isActive: placed.length + prizes.length + refunds.length > 0,
    wagered,
    won,
    refunded,
    pending,
    receivable,
    netProfit,
    realizedNetProfit,
    roiBps: exactBps(realizedNetProfit, wagered - refunded - pending - unrefunded),
    entryCount: placed.length,
    wins: distinct(prizes.map(({ round }) => round)),
    biggestWin: biggest?.amount ?? 0n,
    biggestWinRound: biggest?.prize.round ?? null,
  }
}

/** Of every player who is active in the span, in no particular order. */
export const statements = (facts: Facts, scope: Scope, span: Span): readonly Statement[] => {
  const entries = Map.groupBy(facts.entries.filter(isIn(scope)), ({ player }) => player)
  const payouts = Map.groupBy(facts.payouts.filter(isIn(scope)), ({ entry }) => entry?.player)
  return [...entries.keys()]
    .map((player) =>
      statementOf(player, entries.get(player) ?? [], payouts.get(player) ?? [], span),
    )
    .filter(({ isActive }) => isActive)
}
