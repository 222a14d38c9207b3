import type { Outcome } from './Round.ts'

/** The counters of one pool over all its rounds. Money in base units of its token. */
export interface PoolStats {
  readonly id: string
  readonly chainId: number
  readonly poolId: bigint
  readonly currentRoundId: bigint
  readonly entryCount: number
  readonly uniquePlayers: number
  readonly roundCount: number
  readonly drawnRounds: number
  readonly settledRounds: number
  readonly rolledOverRounds: number
  readonly cancelledRounds: number
  /** Draws in a row, up to the newest, that nobody won. A cancelled round is no draw. */
  readonly rolloverStreak: number
  readonly wagered: bigint
  /** What entries put into prize pools: wagered less fees. */
  readonly contributed: bigint
  readonly feesCollected: bigint
  /** Fees held for rounds that are OPEN or DRAWING. */
  readonly feesAccruedOpen: bigint
  readonly prizesWon: bigint
  readonly prizesDelivered: bigint
  readonly refunded: bigint
  readonly biggestPrize: bigint | null
  readonly biggestPrizeRoundId: bigint | null
  readonly biggestPrizePlayer: `0x${string}` | null
  readonly lastWinningNumber: number | null
  readonly lastDrawAt: number | null
}

export const zero = (key: Pick<PoolStats, 'id' | 'chainId' | 'poolId'>): PoolStats => ({
  ...key,
  currentRoundId: 0n,
  entryCount: 0,
  uniquePlayers: 0,
  roundCount: 0,
  drawnRounds: 0,
  settledRounds: 0,
  rolledOverRounds: 0,
  cancelledRounds: 0,
  rolloverStreak: 0,
  wagered: 0n,
  contributed: 0n,
  feesCollected: 0n,
  feesAccruedOpen: 0n,
  prizesWon: 0n,
  prizesDelivered: 0n,
  refunded: 0n,
  biggestPrize: null,
  biggestPrizeRoundId: null,
  biggestPrizePlayer: null,
  lastWinningNumber: null,
  lastDrawAt: null,
})

export const roundOpened = (stats: PoolStats, event: { readonly roundId: bigint }): PoolStats => ({
  ...stats,
  currentRoundId: event.roundId,
  roundCount: stats.roundCount + 1,
})

/** `isNewPlayer`: the player's first entry in this pool. */
export const entryPlaced = (
  stats: PoolStats,
  event: { readonly amount: bigint; readonly feeAmount: bigint; readonly isNewPlayer: boolean },
): PoolStats => ({
  ...stats,
  entryCount: stats.entryCount + 1,
  uniquePlayers: stats.uniquePlayers + (event.isNewPlayer ? 1 : 0),
  wagered: stats.wagered + event.amount,
  contributed: stats.contributed + event.amount - event.feeAmount,
  feesAccruedOpen: stats.feesAccruedOpen + event.feeAmount,
})

/** RoundDrawn. `feeAccrued` is the round's, which is no longer held. */
export const roundDrawn = (
  stats: PoolStats,
  event: {
    readonly winningNumber: number
    readonly winningEntryCount: bigint
    readonly feeAccrued: bigint
    readonly timestamp: number
  },
): PoolStats => ({
  ...stats,
  drawnRounds: stats.drawnRounds + 1,
  rolloverStreak: event.winningEntryCount === 0n ? stats.rolloverStreak + 1 : 0,
  feesAccruedOpen: stats.feesAccruedOpen - event.feeAccrued,
  lastWinningNumber: event.winningNumber,
  lastDrawAt: event.timestamp,
})

/** RoundCancelled. `feeAccrued` is the round's, which goes back with the refunds. */
export const roundCancelled = (
  stats: PoolStats,
  event: { readonly feeAccrued: bigint },
): PoolStats => ({
  ...stats,
  cancelledRounds: stats.cancelledRounds + 1,
  feesAccruedOpen: stats.feesAccruedOpen - event.feeAccrued,
})

export const roundFinalized = (
  stats: PoolStats,
  event: { readonly outcome: Outcome },
): PoolStats => ({
  ...stats,
  settledRounds: stats.settledRounds + (event.outcome === 'SETTLED' ? 1 : 0),
  rolledOverRounds: stats.rolledOverRounds + (event.outcome === 'ROLLED_OVER' ? 1 : 0),
})

export const feeCollected = (stats: PoolStats, event: { readonly amount: bigint }): PoolStats => ({
  ...stats,
  feesCollected: stats.feesCollected + event.amount,
})

/** PrizePaid. `wonInRound` is the player's sum over this round so far, this prize included; the first to reach it keeps it. */
export const prizePaid = (
  stats: PoolStats,
  event: {
    readonly amount: bigint
    readonly delivered: boolean
    readonly roundId: bigint
    readonly recipient: `0x${string}`
    readonly wonInRound: bigint
  },
): PoolStats => {
  const isBiggest = stats.biggestPrize === null || event.wonInRound > stats.biggestPrize
  return {
    ...stats,
    prizesWon: stats.prizesWon + event.amount,
    prizesDelivered: stats.prizesDelivered + (event.delivered ? event.amount : 0n),
    biggestPrize: isBiggest ? event.wonInRound : stats.biggestPrize,
    biggestPrizeRoundId: isBiggest ? event.roundId : stats.biggestPrizeRoundId,
    biggestPrizePlayer: isBiggest ? event.recipient : stats.biggestPrizePlayer,
  }
}

export const entryRefunded = (stats: PoolStats, event: { readonly amount: bigint }): PoolStats => ({
  ...stats,
  refunded: stats.refunded + event.amount,
})
