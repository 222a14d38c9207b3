import { isPaid } from './IntegrityPaying.ts'
import { compare, inSameCall, type Pool } from './IntegrityRule.ts'
import { NUMBERS, type Round } from './Round.ts'

/** Checks of what begins and ends a round: closing, the random word, the draw, cancelling, the next round. */

/** Invariants 4, 14, 17. */
export const roundClosed = (
  round: Round,
  event: {
    readonly entryCount: bigint
    readonly prizePool: bigint
    readonly feeAccrued: bigint
  },
) =>
  compare(
    ['CLOSING', BigInt(round.entryCount), event.entryCount, 'entryCount'],
    ['CLOSING', round.prizePool, event.prizePool, 'prizePool'],
    ['CLOSING', round.feeAccrued, event.feeAccrued, 'feeAccrued'],
    ...callsComplete(round),
  )

const callsComplete = (round: Round) =>
  [
    ['ENTERING_CALL', 0, round.callEntries, 'entries without PrizePoolUpdated:'],
    ['X402_PAYMENT', 0, round.callX402Entries, 'entries without their payment:'],
  ] as const

/**
 * Invariants 15, 16, 18: one request a round, when it closes, and the one that the coordinator took. `taken` is the coordinator's
 * log just before the event, null when there is none.
 */
export const randomnessRequested = (
  round: Round,
  taken: {
    readonly coordinator: string
    readonly requestId: bigint
    readonly keyHash: string
    readonly minimumRequestConfirmations: number
  } | null,
  event: {
    readonly coordinator: string
    readonly requestId: bigint
    readonly keyHash: string
    readonly confirmations: number
    readonly transactionHash: string
  },
) =>
  compare(
    ['RANDOMNESS', 'DRAWING', round.status, 'status'],
    ['RANDOMNESS', null, round.requestId, 'earlier request'],
    ['RANDOMNESS', taken?.requestId ?? null, event.requestId, 'request'],
    ['RANDOMNESS', taken?.coordinator ?? null, event.coordinator, 'coordinator'],
    ['RANDOMNESS', taken?.keyHash ?? null, event.keyHash, 'key'],
    [
      'RANDOMNESS',
      taken?.minimumRequestConfirmations ?? null,
      event.confirmations,
      'confirmations',
    ],
    inSameCall(round, event),
  )

/** Invariants 5, 18. */
export const randomnessFulfilled = (
  round: Round,
  event: {
    readonly requestId: bigint
    readonly randomWord: bigint
    readonly winningNumber: number
  },
) =>
  compare(
    ['RANDOMNESS', round.requestId, event.requestId, 'request'],
    ['RANDOMNESS', null, round.fulfilledNumber, 'earlier number'],
    ['WINNING_NUMBER', Number(event.randomWord % BigInt(NUMBERS)) + 1, event.winningNumber],
  )

/** Invariants 3, 5, 6, 18. `onNumber` is what the round has on the number. */
export const roundDrawn = (
  round: Round,
  onNumber: { readonly entryCount: number },
  event: {
    readonly winningNumber: number
    readonly winningEntryCount: bigint
    readonly prizePool: bigint
    readonly prizePerEntry: bigint
    readonly carryOut: bigint
    readonly transactionHash: string
  },
) => {
  const count = BigInt(onNumber.entryCount)
  const prizePerEntry = count === 0n ? 0n : round.prizePool / count
  return compare(
    ['WINNING_NUMBER', round.fulfilledNumber, event.winningNumber],
    ['PRIZE_POOL', round.prizePool, event.prizePool, 'prizePool'],
    ['PRIZE_SPLIT', count, event.winningEntryCount, 'winningEntryCount'],
    ['PRIZE_SPLIT', prizePerEntry, event.prizePerEntry, 'prizePerEntry'],
    ['PRIZE_SPLIT', round.prizePool - prizePerEntry * count, event.carryOut, 'carryOut'],
    inSameCall(round, event),
  )
}

/** Invariants 1, 9, 16, 17, 18. A round for which nothing was requested times out in the call that closes it. */
export const roundCancelled = (
  pool: Pool,
  round: Round,
  event: {
    readonly reason: string
    readonly entryCount: bigint
    readonly refundable: bigint
    readonly transactionHash: string
  },
) => {
  const early = round.entryCount === 0 ? 'NO_ENTRIES' : 'BELOW_MINIMUM'
  const hasEnough = round.entryCount > 0 && round.entryCount >= pool.minEntries
  return compare(
    ['TRANSITION', hasEnough ? 'DRAW_TIMEOUT' : early, event.reason, 'reason'],
    ['REFUND', BigInt(round.entryCount), event.entryCount, 'entryCount'],
    ['REFUND', round.gross, event.refundable, 'refundable'],
    [
      'RANDOMNESS',
      true,
      round.status === 'OPEN' ||
        round.requestId !== null ||
        round.callTransaction === event.transactionHash,
      'requested:',
    ],
    ...callsComplete(round),
  )
}

/** Invariants 6, 8. `round` is the one before the event. */
export const prizeCarried = (
  round: Round,
  event: {
    readonly toRoundId: bigint
    readonly amount: bigint
    readonly reason: string
    readonly transactionHash: string
  },
) => {
  const reason =
    round.status === 'CANCELLED'
      ? 'CANCELLED'
      : round.winningEntryCount === 0
        ? 'NO_WINNER'
        : 'DUST'
  return compare(
    ['CARRY', round.roundId + 1n, event.toRoundId, 'toRound'],
    ['CARRY', reason, event.reason, 'reason'],
    [
      'CARRY',
      round.status === 'CANCELLED' ? round.carryIn : round.carryOut,
      round.carried + event.amount,
      'amount',
    ],
    inSameCall(round, event),
  )
}

/** Invariants 8, 15, 16, 18. `previous` is the round numbered one less, null for the first. */
export const roundOpened = (
  pool: Pool,
  previous: Round | null,
  event: {
    readonly roundId: bigint
    readonly opensAt: number
    readonly closesAt: number
    readonly carryIn: bigint
    readonly timestamp: number
    readonly transactionHash: string
  },
) => {
  const isRunning = previous?.status === 'OPEN' || previous?.status === 'DRAWING'
  return compare(
    ['CONTIGUOUS', previous === null ? 1n : previous.roundId + 1n, event.roundId, 'round'],
    ['TRANSITION', false, isRunning, 'another round running:'],
    ['TRANSITION', event.timestamp, event.opensAt, 'opens at'],
    ['TRANSITION', pool.roundDuration, event.closesAt - event.opensAt, 'duration'],
    ['CARRY', previous?.carryOut ?? 0n, event.carryIn, 'carryIn'],
    ['CARRY', previous?.carried ?? 0n, event.carryIn, 'carryIn'],
    [
      'COMPLETENESS',
      previous !== null && isPaid(previous),
      previous?.isFinalized ?? false,
      'final',
    ],
    inSameCall({ callTransaction: previous?.callTransaction ?? pool.transactionHash }, event),
  )
}
