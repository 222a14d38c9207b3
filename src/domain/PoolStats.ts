import type { Outcome, Round } from './Round.ts'

/**
 * One pool over the rounds that are no longer OPEN or DRAWING, and the payments of all its rounds. With the round that is
 * OPEN or DRAWING added it is the whole pool: `withCurrent`. Money in base units of the pool's token.
 */
export interface PoolStats {
  readonly id: string
  readonly chainId: number
  readonly poolId: bigint
  readonly currentRoundId: bigint
  readonly roundCount: number
  readonly entryCount: number
  readonly uniquePlayers: number
  readonly wagered: bigint
  /** What entries put into prize pools: wagered less fees. */
  readonly contributed: bigint
  readonly drawnRounds: number
  readonly settledRounds: number
  readonly rolledOverRounds: number
  readonly cancelledRounds: number
  /** Draws in a row, up to the newest, that nobody won. A cancelled round is no draw. */
  readonly rolloverStreak: number
  readonly feesCollected: bigint
  readonly prizesWon: bigint
  readonly prizesDelivered: bigint
  readonly refunded: bigint
  /** Prizes and refunds of rounds that are over and not sent yet. */
  readonly owed: bigint
  readonly biggestPrize: bigint | null
  readonly biggestPrizeRoundId: bigint | null
  readonly biggestPrizePlayer: `0x${string}` | null
  readonly lastWinningNumber: number | null
  readonly lastDrawAt: number | null
}

export const zero = (key: Pick<PoolStats, 'id' | 'chainId' | 'poolId'>): PoolStats => ({
  ...key,
  currentRoundId: 0n,
  roundCount: 0,
  entryCount: 0,
  uniquePlayers: 0,
  wagered: 0n,
  contributed: 0n,
  drawnRounds: 0,
  settledRounds: 0,
  rolledOverRounds: 0,
  cancelledRounds: 0,
  rolloverStreak: 0,
  feesCollected: 0n,
  prizesWon: 0n,
  prizesDelivered: 0n,
  refunded: 0n,
  owed: 0n,
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

type Sums = Pick<Round, 'entryCount' | 'newPlayers' | 'gross' | 'feeAccrued'>

/** A round's own sums, added to the pool's. */
const add = (stats: PoolStats, round: Sums): PoolStats => ({
  ...stats,
  entryCount: stats.entryCount + round.entryCount,
  uniquePlayers: stats.uniquePlayers + round.newPlayers,
  wagered: stats.wagered + round.gross,
  contributed: stats.contributed + round.gross - round.feeAccrued,
})

/** RoundDrawn: the round is over, and its winners are owed their prizes. */
export const roundDrawn = (
  stats: PoolStats,
  round: Sums,
  event: {
    readonly winningNumber: number
    readonly winningEntryCount: bigint
    readonly prizePerEntry: bigint
    readonly timestamp: number
  },
): PoolStats => ({
  ...add(stats, round),
  drawnRounds: stats.drawnRounds + 1,
  rolloverStreak: event.winningEntryCount === 0n ? stats.rolloverStreak + 1 : 0,
  owed: stats.owed + event.winningEntryCount * event.prizePerEntry,
  lastWinningNumber: event.winningNumber,
  lastDrawAt: event.timestamp,
})

/** RoundCancelled: the round is over, and its stakes are owed back. */
export const roundCancelled = (stats: PoolStats, round: Sums): PoolStats => ({
  ...add(stats, round),
  cancelledRounds: stats.cancelledRounds + 1,
  owed: stats.owed + round.gross,
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
    owed: stats.owed - event.amount,
    biggestPrize: isBiggest ? event.wonInRound : stats.biggestPrize,
    biggestPrizeRoundId: isBiggest ? event.roundId : stats.biggestPrizeRoundId,
    biggestPrizePlayer: isBiggest ? event.recipient : stats.biggestPrizePlayer,
  }
}

export const entryRefunded = (stats: PoolStats, event: { readonly amount: bigint }): PoolStats => ({
  ...stats,
  refunded: stats.refunded + event.amount,
  owed: stats.owed - event.amount,
})

type Current = Sums & Pick<Round, 'status' | 'prizePool'>

const isRunning = ({ status }: Current) => status === 'OPEN' || status === 'DRAWING'

/** The whole pool: `current` is its newest round. `feesAccruedOpen` are the fees held for it while it is not over. */
export const withCurrent = (
  stats: PoolStats,
  current: Current | undefined,
): PoolStats & { readonly feesAccruedOpen: bigint } =>
  current !== undefined && isRunning(current)
    ? { ...add(stats, current), feesAccruedOpen: current.feeAccrued }
    : { ...stats, feesAccruedOpen: 0n }

/** What the contract holds for the pool: the running round's prize pool and fees, prizes and refunds not sent. Without credits. */
export const liabilities = (stats: PoolStats, current: Current | undefined): bigint =>
  stats.owed +
  (current !== undefined && isRunning(current) ? current.prizePool + current.feeAccrued : 0n)
