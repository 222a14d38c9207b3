import type { Entry, Payout, Round } from './facts.ts'
import { type Finality, finality } from './render.ts'

export type RoundStatus = 'OPEN' | 'DRAWING' | 'DRAWN' | 'SETTLED' | 'ROLLED_OVER' | 'CANCELLED'

/** The furthest state that the round's logs have reached. */
export const statusOf = ({ closed, drawn, cancelled, finalized }: Round): RoundStatus => {
  if (cancelled !== undefined) return 'CANCELLED'
  if (drawn !== undefined && finalized !== undefined)
    return finalized.outcome === 1 ? 'ROLLED_OVER' : 'SETTLED'
  if (drawn !== undefined) return 'DRAWN'
  return closed === undefined ? 'OPEN' : 'DRAWING'
}

/** Its stakes are still at risk: OPEN or DRAWING. */
export const isUndecided = (round: Round) => ['OPEN', 'DRAWING'].includes(statusOf(round))

export const prizePoolOf = ({ carryIn, entries }: Round) =>
  entries.reduce((total, { amount, feeAmount }) => total + amount - feeAmount, carryIn)

export const isWinning = ({ round, number }: Entry) => round.drawn?.winningNumber === number

export const winningEntries = (round: Round) => round.entries.filter(isWinning)

/** Entries of a cancelled round whose stake has not been sent back. */
export const unrefunded = (round: Round) =>
  round.cancelled === undefined ? [] : round.entries.filter(({ payout }) => payout === undefined)

/** Winning entries that have not been paid. */
export const unpaid = (round: Round) =>
  winningEntries(round).filter(({ payout }) => payout === undefined)

/**
 * What the clock says. CLOSABLE: anyone may close it, because its time is up or it is full. OVERDUE: nobody drew it before
 * the time-out, counted from its closing. A round still OPEN when that time has passed stays CLOSABLE: it has not been closed.
 */
export const phaseOf = (round: Round, now: number) => {
  const { pool, entries, closed, closesAt } = round
  const status = statusOf(round)
  if (status === 'OPEN')
    return now >= closesAt || entries.length >= pool.maxEntries ? 'CLOSABLE' : 'ACCEPTING'
  if (status === 'DRAWING')
    return closed !== undefined && now >= closed.timestamp + pool.drawTimeout
      ? 'OVERDUE'
      : 'AWAITING_RANDOMNESS'
  return round.finalized === undefined ? 'PAYING' : 'FINAL'
}

/** A round is FINAL when none of its logs, its entries included, can be reorganised away. */
export const roundFinality = ({ places }: Round, finalizedNumber: number): Finality =>
  places.every((at) => finality(at, finalizedNumber) === 'FINAL') ? 'FINAL' : 'LATEST'

export const payoutState = ({ isDelivered, claim }: Payout) =>
  isDelivered ? 'DELIVERED' : claim === undefined ? 'CREDITED' : 'CLAIMED'

export const entryStatus = (entry: Entry) => {
  const { round, payout } = entry
  const became = payout === undefined ? undefined : payoutState(payout)
  if (round.cancelled !== undefined) {
    if (became === undefined) return 'REFUND_PENDING'
    return became === 'DELIVERED' ? 'REFUNDED' : (`REFUND_${became}` as const)
  }
  if (round.drawn === undefined) return round.closed === undefined ? 'ACTIVE' : 'PENDING'
  if (!isWinning(entry)) return 'LOST'
  if (became === undefined) return 'WON_UNPAID'
  return became === 'DELIVERED' ? 'WON_PAID' : (`WON_${became}` as const)
}
