import * as Money from './Money.ts'

/** A player's flows in one token, in base units. */
export interface Flows {
  readonly wagered: bigint
  readonly won: bigint
  readonly refunded: bigint
}

/** What the flows do not show yet, in base units: it follows from the rounds' states, so it is not stored. */
export interface Stakes {
  /** Stakes of rounds that are open or being drawn. */
  readonly pending: bigint
  /** Prizes of drawn rounds that are not sent yet. */
  readonly unpaid: bigint
  /** Stakes of cancelled rounds that are not sent back yet. */
  readonly unrefunded: bigint
}

export const zero: Stakes = { pending: 0n, unpaid: 0n, unrefunded: 0n }

/** `won + refunded − wagered`: open stakes make it look like a loss. */
export const netProfit = ({ won, refunded, wagered }: Flows): bigint => won + refunded - wagered

/** What is due and not sent yet. */
export const receivable = ({ unpaid, unrefunded }: Omit<Stakes, 'pending'>): bigint =>
  unpaid + unrefunded

/** `netProfit + pending + receivable`: stakes whose round is not over are left out. */
export const realizedNetProfit = (flows: Flows, stakes: Stakes): bigint =>
  netProfit(flows) + stakes.pending + receivable(stakes)

/** `realizedNetProfit` in basis points of the stakes whose round is over, rounded down; null without any. */
export const roiBps = (flows: Flows, stakes: Stakes): bigint | null =>
  Money.exactBps(
    realizedNetProfit(flows, stakes),
    flows.wagered - flows.refunded - stakes.pending - stakes.unrefunded,
  )

/** Rounds won in basis points of the drawn rounds entered, rounded down; null without any. */
export const winRateBps = (roundsWon: number, roundsDrawn: number): number | null =>
  Money.bps(BigInt(roundsWon), BigInt(roundsDrawn))
