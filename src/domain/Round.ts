import * as Bounds from './Bounds.ts'
import { InvariantError } from './errors.ts'
import * as Money from './Money.ts'

/** Numbers one can pick: 1 to 402. */
export const NUMBERS = 402

export type Status = 'OPEN' | 'DRAWING' | 'DRAWN' | 'SETTLED' | 'ROLLED_OVER' | 'CANCELLED'
export type CancelReason = 'NO_ENTRIES' | 'BELOW_MINIMUM' | 'DRAW_TIMEOUT'
export type Outcome = 'SETTLED' | 'ROLLED_OVER' | 'CANCELLED'
export type Phase =
  | 'ACCEPTING'
  | 'CLOSABLE'
  | 'AWAITING_RANDOMNESS'
  | 'OVERDUE'
  | 'PAYING'
  | 'FINAL'

/** One round of a pool. Money in base units of the pool's token, times in seconds of block time. */
export interface Round {
  readonly id: string
  readonly chainId: number
  readonly poolId: bigint
  readonly roundId: bigint
  readonly status: Status
  /** Nothing is left to pay or to refund. */
  readonly isFinalized: boolean
  readonly opensAt: number
  readonly closesAt: number
  readonly closedAt: number | null
  readonly carryIn: bigint
  readonly gross: bigint
  readonly feeAccrued: bigint
  readonly prizePool: bigint
  readonly carryOut: bigint | null
  readonly feeCollected: bigint
  readonly prizesPaid: bigint
  readonly prizesDelivered: bigint
  readonly refunded: bigint
  readonly entryCount: number
  readonly uniquePlayers: number
  /** Players whose first entry in the pool is one of this round's. */
  readonly newPlayers: number
  readonly distinctNumbers: number
  readonly winningNumber: number | null
  readonly winningEntryCount: number | null
  readonly prizePerEntry: bigint | null
  readonly paidEntries: number
  readonly refundedEntries: number
  readonly cancelReason: CancelReason | null
  /** What RandomnessRequested and RandomnessFulfilled said, and what PrizeCarried took away. */
  readonly requestId: bigint | null
  readonly fulfilledNumber: number | null
  readonly carried: bigint
  /** Sums of entry ids: of all entries, of those on the winning number, of those paid or refunded. */
  readonly entryIdSum: bigint
  readonly winningEntryIdSum: bigint
  readonly paidEntryIdSum: bigint
  /** Entries since the last PrizePoolUpdated, and of them those by x402 without their payment yet. */
  readonly callEntries: number
  readonly callX402Entries: number
  /** Of the newest call: the one that entered, closed, drew, cancelled or paid. */
  readonly callTransaction: `0x${string}` | null
}

/** A payment that left the round: `delivered` by push, or credited to the recipient. */
export interface Payment {
  readonly amount: bigint
  readonly delivered: boolean
}

/** An event that begins a call: what belongs to it has to follow in the same transaction. */
interface Call {
  readonly transactionHash: `0x${string}`
}

const expectStatus = (round: Round, event: string, ...allowed: readonly Status[]) => {
  if (allowed.includes(round.status)) return
  throw new InvariantError(event, `the round is ${round.status}`, {
    round: round.id,
    expected: allowed.join(' or '),
  })
}

/** RoundOpened: a round begins with what the one before it carried over. */
export const opened = (
  event: Pick<Round, 'id' | 'chainId' | 'poolId' | 'roundId' | 'opensAt' | 'closesAt' | 'carryIn'>,
): Round => ({
  id: event.id,
  chainId: event.chainId,
  poolId: event.poolId,
  roundId: event.roundId,
  status: 'OPEN',
  isFinalized: false,
  opensAt: event.opensAt,
  closesAt: event.closesAt,
  closedAt: null,
  carryIn: event.carryIn,
  gross: 0n,
  feeAccrued: 0n,
  prizePool: event.carryIn,
  carryOut: null,
  feeCollected: 0n,
  prizesPaid: 0n,
  prizesDelivered: 0n,
  refunded: 0n,
  entryCount: 0,
  uniquePlayers: 0,
  newPlayers: 0,
  distinctNumbers: 0,
  winningNumber: null,
  winningEntryCount: null,
  prizePerEntry: null,
  paidEntries: 0,
  refundedEntries: 0,
  cancelReason: null,
  requestId: null,
  fulfilledNumber: null,
  carried: 0n,
  entryIdSum: 0n,
  winningEntryIdSum: 0n,
  paidEntryIdSum: 0n,
  callEntries: 0,
  callX402Entries: 0,
  callTransaction: null,
})

/** EntryPlaced. `isNewPlayer`, `isNewNumber`: the first of this round; `isNewInPool`: the player's first in the pool. */
export const entryPlaced = (
  round: Round,
  event: {
    readonly entryId: bigint
    readonly amount: bigint
    readonly feeAmount: bigint
    /** Paid by an authorisation that the contract itself pulled: its payment has to follow. */
    readonly isX402Direct: boolean
    readonly transactionHash: `0x${string}`
    readonly isNewPlayer: boolean
    readonly isNewInPool: boolean
    readonly isNewNumber: boolean
  },
): Round => {
  expectStatus(round, 'EntryPlaced', 'OPEN')
  return {
    ...round,
    gross: round.gross + event.amount,
    feeAccrued: round.feeAccrued + event.feeAmount,
    prizePool: round.prizePool + event.amount - event.feeAmount,
    entryCount: round.entryCount + 1,
    uniquePlayers: round.uniquePlayers + (event.isNewPlayer ? 1 : 0),
    newPlayers: round.newPlayers + (event.isNewInPool ? 1 : 0),
    distinctNumbers: round.distinctNumbers + (event.isNewNumber ? 1 : 0),
    entryIdSum: round.entryIdSum + event.entryId,
    callEntries: round.callEntries + 1,
    callX402Entries: round.callX402Entries + (event.isX402Direct ? 1 : 0),
    callTransaction: event.transactionHash,
  }
}

/** PrizePoolUpdated: an entering call is complete. */
export const prizePoolUpdated = (round: Round): Round => ({ ...round, callEntries: 0 })

/** X402PaymentSettled: so many entries have their payment. */
export const x402PaymentSettled = (
  round: Round,
  event: { readonly entryCount: bigint },
): Round => ({
  ...round,
  callX402Entries: Bounds.count(BigInt(round.callX402Entries) - event.entryCount),
})

/** RoundClosed: no entry after it; the word is on its way. */
export const closed = (round: Round, event: Call & { readonly timestamp: number }): Round => {
  expectStatus(round, 'RoundClosed', 'OPEN')
  return {
    ...round,
    status: 'DRAWING',
    closedAt: event.timestamp,
    callTransaction: event.transactionHash,
  }
}

/** RandomnessRequested. */
export const requested = (round: Round, event: { readonly requestId: bigint }): Round => ({
  ...round,
  requestId: event.requestId,
})

/** RandomnessFulfilled. */
export const fulfilled = (
  round: Round,
  event: Call & { readonly winningNumber: number },
): Round => ({
  ...round,
  fulfilledNumber: event.winningNumber,
  callTransaction: event.transactionHash,
})

/** RoundDrawn: the number is known; winners may still wait for their payment. */
export const drawn = (
  round: Round,
  event: {
    readonly winningNumber: number
    readonly winningEntryCount: bigint
    readonly prizePerEntry: bigint
    readonly carryOut: bigint
    /** Of the entries on the number, as they were indexed. */
    readonly winningEntryIdSum: bigint
  },
): Round => {
  expectStatus(round, 'RoundDrawn', 'DRAWING')
  return {
    ...round,
    status: 'DRAWN',
    winningNumber: event.winningNumber,
    winningEntryCount: Bounds.count(event.winningEntryCount),
    prizePerEntry: event.prizePerEntry,
    carryOut: event.carryOut,
    winningEntryIdSum: event.winningEntryIdSum,
  }
}

/**
 * RoundCancelled: too few entries, or no word in time. What is carried, if anything, PrizeCarried says. When the coordinator
 * takes no request the round is closed and cancelled in one transaction, with nothing requested in between.
 */
export const cancelled = (
  round: Round,
  event: Call & { readonly reason: CancelReason; readonly timestamp: number },
): Round => {
  if (event.reason === 'DRAW_TIMEOUT') expectStatus(round, 'RoundCancelled', 'DRAWING')
  else expectStatus(round, 'RoundCancelled', 'OPEN')
  return {
    ...round,
    status: 'CANCELLED',
    closedAt: round.closedAt ?? event.timestamp,
    cancelReason: event.reason,
    carryOut: 0n,
    callTransaction: event.transactionHash,
  }
}

/** PrizeCarried: what this round hands to the next one. */
export const carried = (round: Round, event: { readonly amount: bigint }): Round => {
  expectStatus(round, 'PrizeCarried', 'DRAWN', 'SETTLED', 'ROLLED_OVER', 'CANCELLED')
  return { ...round, carryOut: event.amount, carried: round.carried + event.amount }
}

/** ProtocolFeeCollected. */
export const feeCollected = (round: Round, event: Payment): Round => {
  expectStatus(round, 'ProtocolFeeCollected', 'DRAWN')
  return { ...round, feeCollected: round.feeCollected + event.amount }
}

/** PrizePaid, one a winning entry. */
export const prizePaid = (
  round: Round,
  event: Payment & Call & { readonly entryId: bigint },
): Round => {
  expectStatus(round, 'PrizePaid', 'DRAWN')
  return {
    ...round,
    prizesPaid: round.prizesPaid + event.amount,
    prizesDelivered: round.prizesDelivered + (event.delivered ? event.amount : 0n),
    paidEntries: round.paidEntries + 1,
    paidEntryIdSum: round.paidEntryIdSum + event.entryId,
    callTransaction: event.transactionHash,
  }
}

/** EntryRefunded, one an entry of a cancelled round. */
export const entryRefunded = (
  round: Round,
  event: Call & { readonly entryId: bigint; readonly amount: bigint },
): Round => {
  expectStatus(round, 'EntryRefunded', 'CANCELLED')
  return {
    ...round,
    refunded: round.refunded + event.amount,
    refundedEntries: round.refundedEntries + 1,
    paidEntryIdSum: round.paidEntryIdSum + event.entryId,
    callTransaction: event.transactionHash,
  }
}

/** RoundFinalized: nothing is left to pay. */
export const finalized = (round: Round, event: { readonly outcome: Outcome }): Round => {
  expectStatus(round, 'RoundFinalized', event.outcome === 'CANCELLED' ? 'CANCELLED' : 'DRAWN')
  return { ...round, status: event.outcome, isFinalized: true }
}

/** What the clock says on top of the stored status. `timestamp` is block time, in seconds. */
export const phase = (
  round: Pick<Round, 'status' | 'isFinalized' | 'closesAt' | 'closedAt' | 'entryCount'>,
  pool: { readonly maxEntries: number; readonly drawTimeout: number },
  timestamp: number,
): Phase => {
  switch (round.status) {
    case 'OPEN':
      return timestamp >= round.closesAt || round.entryCount >= pool.maxEntries
        ? 'CLOSABLE'
        : 'ACCEPTING'
    case 'DRAWING':
      return timestamp >= (round.closedAt ?? round.closesAt) + pool.drawTimeout
        ? 'OVERDUE'
        : 'AWAITING_RANDOMNESS'
    default:
      return round.isFinalized ? 'FINAL' : 'PAYING'
  }
}

/** What one more entry on a number would make of the pool, for all who hold that number. */
export interface Stakes {
  readonly prizePool: bigint
  readonly entryFee: bigint
  readonly feeBps: number
}

/** `(prizePool + entryFee − fee) / (entries on the number + 1)`, rounded down as the contract does. Base units. */
export const projectedPrize = (stakes: Stakes, entriesOnNumber: number): bigint =>
  (stakes.prizePool + stakes.entryFee - Money.fee(stakes.entryFee, stakes.feeBps)) /
  BigInt(entriesOnNumber + 1)

/**
 * `projectedPrize / 402 − entryFee`: what one more entry on a number is worth on average, its price taken off.
 * Base units, rounded down (towards −∞), so it never promises more than the contract pays.
 */
export const expectedValue = (stakes: Stakes, entriesOnNumber: number): bigint =>
  Money.floorDiv(projectedPrize(stakes, entriesOnNumber), BigInt(NUMBERS)) - stakes.entryFee
