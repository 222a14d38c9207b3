import type { Credit } from './Credit.ts'
import * as Money from './Money.ts'
import { NUMBERS, type Outcome, type Round } from './Round.ts'

/**
 * The invariants of the game, checked as its events pass. Each check looks at the event and at the rows it is about to
 * change, and names what does not hold. An event that would make nonsense of what follows (another round's status, an
 * unknown pool) throws instead, in the reducers.
 */
export type Invariant =
  | 'ENTRY_AMOUNT'
  | 'ENTRY_FEE'
  | 'ENTRY_NUMBER'
  | 'PRIZE_POOL'
  | 'CLOSING'
  | 'WINNING_NUMBER'
  | 'PRIZE_SPLIT'
  | 'PRIZE'
  | 'CARRY'
  | 'REFUND'
  | 'FEE_COLLECTED'
  | 'ROUND_BALANCE'
  | 'CREDIT'
  | 'X402_PAYMENT'
  | 'CONTIGUOUS'
  | 'TRANSITION'
  | 'ENTERING_CALL'
  | 'PAYMENT_METHOD'
  | 'RANDOMNESS'
  | 'COMPLETENESS'

export interface Violation {
  readonly invariant: Invariant
  readonly expected: string
  readonly actual: string
}

type Value = string | number | bigint | boolean | null

/** Collects what differs. Nothing is the normal answer. */
const compare = (
  ...pairs: readonly (readonly [
    invariant: Invariant,
    expected: Value,
    actual: Value,
    of?: string,
  ])[]
): readonly Violation[] =>
  pairs.flatMap(([invariant, expected, actual, of]) => {
    if (expected === actual) return []
    const say = (value: Value) => `${of === undefined ? '' : `${of} `}${String(value ?? 'none')}`
    return [{ invariant, expected: say(expected), actual: say(actual) }]
  })

interface Pool {
  readonly token: string
  readonly entryFee: bigint
  readonly feeBps: number
  readonly feeRecipient: string
  readonly roundDuration: number
  readonly minEntries: number
}

const ZERO_ADDRESS = `0x${'0'.repeat(40)}`
const ZERO_HASH = `0x${'0'.repeat(64)}`

/** Invariants 1, 2, 15, 17, 18. `round` is the one before the event; `isPreviousKnown`: the entry numbered one less is there. */
export const entryPlaced = (
  pool: Pool,
  round: Pick<Round, 'callEntries' | 'callTransaction'>,
  event: {
    readonly entryId: bigint
    readonly number: number
    readonly amount: bigint
    readonly feeAmount: bigint
    readonly paymentMethod: string
    readonly paymentRef: string
    readonly transactionHash: string
    readonly isPreviousKnown: boolean
  },
) =>
  compare(
    ['ENTRY_AMOUNT', pool.entryFee, event.amount],
    ['ENTRY_FEE', Money.fee(event.amount, pool.feeBps), event.feeAmount],
    [
      'ENTRY_NUMBER',
      true,
      event.number >= 1 && event.number <= NUMBERS,
      `${event.number} allowed:`,
    ],
    ['CONTIGUOUS', true, event.isPreviousKnown, `entry ${event.entryId - 1n} known:`],
    ['PAYMENT_METHOD', pool.token === ZERO_ADDRESS, event.paymentMethod === 'NATIVE', 'native'],
    [
      'PAYMENT_METHOD',
      event.paymentMethod.startsWith('X402'),
      event.paymentRef !== ZERO_HASH,
      'reference',
    ],
    [
      'ENTERING_CALL',
      event.transactionHash,
      round.callEntries === 0 ? event.transactionHash : round.callTransaction,
      'entries without PrizePoolUpdated in',
    ],
  )

/** Invariants 3, 17. `round` is the one before the event. */
export const prizePoolUpdated = (
  round: Pick<Round, 'prizePool' | 'entryCount' | 'callEntries' | 'callTransaction'>,
  event: {
    readonly prizePool: bigint
    readonly entryCount: bigint
    readonly transactionHash: string
  },
) =>
  compare(
    ['PRIZE_POOL', round.prizePool, event.prizePool, 'prizePool'],
    ['PRIZE_POOL', BigInt(round.entryCount), event.entryCount, 'entryCount'],
    ['ENTERING_CALL', true, round.callEntries > 0, 'entries before it:'],
    ['ENTERING_CALL', event.transactionHash, round.callTransaction, 'in'],
  )

/** Invariant 14. `entries` are those the payment names, as far as they are there; `round` is the one before the event. */
export const x402PaymentSettled = (
  pool: Pool,
  round: Pick<Round, 'callX402Entries' | 'callTransaction'>,
  entries: readonly {
    readonly paymentRef: string
    readonly payer: string
    readonly player: string
    readonly roundId: bigint
  }[],
  event: {
    readonly roundId: bigint
    readonly payer: string
    readonly player: string
    readonly nonce: string
    readonly token: string
    readonly amount: bigint
    readonly entryCount: bigint
    readonly transactionHash: string
  },
) =>
  compare(
    ['X402_PAYMENT', pool.entryFee * event.entryCount, event.amount, 'amount'],
    ['X402_PAYMENT', pool.token, event.token, 'token'],
    ['X402_PAYMENT', BigInt(round.callX402Entries), event.entryCount, 'entryCount'],
    ['X402_PAYMENT', event.transactionHash, round.callTransaction, 'in'],
    [
      'X402_PAYMENT',
      event.entryCount,
      BigInt(
        entries.filter(
          ({ paymentRef, payer, player, roundId }) =>
            paymentRef === event.nonce &&
            payer === event.payer &&
            player === event.player &&
            roundId === event.roundId,
        ).length,
      ),
      'entries that carry the nonce:',
    ],
  )

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

/** Invariants 15, 16, 18: one request a round, while it is being drawn. */
export const randomnessRequested = (round: Round) =>
  compare(
    ['RANDOMNESS', 'DRAWING', round.status, 'status'],
    ['RANDOMNESS', null, round.requestId, 'earlier request'],
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

/** Invariants 3, 5, 6. `onNumber` is what the round has on the number. */
export const roundDrawn = (
  round: Round,
  onNumber: { readonly entryCount: number },
  event: {
    readonly winningNumber: number
    readonly winningEntryCount: bigint
    readonly prizePool: bigint
    readonly prizePerEntry: bigint
    readonly carryOut: bigint
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
  )
}

/** Invariant 10. `round` is the one before the event. */
export const feeCollected = (
  pool: Pool,
  round: Round,
  event: { readonly amount: bigint; readonly recipient: string },
) =>
  compare(
    ['FEE_COLLECTED', round.feeAccrued, round.feeCollected + event.amount],
    ['FEE_COLLECTED', true, event.amount > 0n, 'more than 0:'],
    ['FEE_COLLECTED', pool.feeRecipient, event.recipient, 'recipient'],
  )

interface Entry {
  readonly poolId: bigint
  readonly roundId: bigint
  readonly player: string
  readonly number: number
  readonly amount: bigint
}

interface Payout {
  readonly poolId: bigint
  readonly roundId: bigint
  readonly entryId: bigint
  readonly recipient: string
  readonly amount: bigint
}

const toItsPlayer = (invariant: Invariant, entry: Entry | null, payout: Payout) =>
  [
    [
      invariant,
      `${payout.poolId}-${payout.roundId}`,
      entry && `${entry.poolId}-${entry.roundId}`,
      'round',
    ],
    [invariant, entry?.player ?? null, payout.recipient, 'recipient'],
  ] as const

/** Invariant 7. */
export const prizePaid = (round: Round, entry: Entry | null, payout: Payout) =>
  compare(
    ...toItsPlayer('PRIZE', entry, payout),
    ['PRIZE', round.winningNumber, entry?.number ?? null, 'number'],
    ['PRIZE', round.prizePerEntry, payout.amount, 'amount'],
  )

/** Invariant 9. */
export const entryRefunded = (entry: Entry | null, payout: Payout) =>
  compare(...toItsPlayer('REFUND', entry, payout), [
    'REFUND',
    entry?.amount ?? null,
    payout.amount,
    'amount',
  ])

/** Invariants 1, 9, 16, 17. */
export const roundCancelled = (
  pool: Pool,
  round: Round,
  event: { readonly reason: string; readonly entryCount: bigint; readonly refundable: bigint },
) => {
  const early = round.entryCount === 0 ? 'NO_ENTRIES' : 'BELOW_MINIMUM'
  const hasEnough = round.entryCount > 0 && round.entryCount >= pool.minEntries
  return compare(
    ['TRANSITION', hasEnough ? 'DRAW_TIMEOUT' : early, event.reason, 'reason'],
    ['REFUND', BigInt(round.entryCount), event.entryCount, 'entryCount'],
    ['REFUND', round.gross, event.refundable, 'refundable'],
    ...callsComplete(round),
  )
}

/** Invariants 6, 8. `round` is the one before the event. */
export const prizeCarried = (
  round: Round,
  event: { readonly toRoundId: bigint; readonly amount: bigint; readonly reason: string },
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
  },
) => {
  const isRunning = previous?.status === 'OPEN' || previous?.status === 'DRAWING'
  return compare(
    ['CONTIGUOUS', previous === null ? 1n : previous.roundId + 1n, event.roundId, 'round'],
    ['TRANSITION', false, isRunning, 'another round running:'],
    ['TRANSITION', pool.roundDuration, event.closesAt - event.opensAt, 'duration'],
    ['CARRY', previous?.carryOut ?? 0n, event.carryIn, 'carryIn'],
    ['CARRY', previous?.carried ?? 0n, event.carryIn, 'carryIn'],
    [
      'COMPLETENESS',
      previous !== null && isPaid(previous),
      previous?.isFinalized ?? false,
      'final',
    ],
  )
}

/** Nothing is left to pay or to refund. */
export const isPaid = (
  round: Pick<
    Round,
    'status' | 'winningEntryCount' | 'paidEntries' | 'refundedEntries' | 'entryCount'
  >,
): boolean => {
  if (round.status === 'OPEN' || round.status === 'DRAWING') return false
  return round.status === 'CANCELLED'
    ? round.refundedEntries === round.entryCount
    : round.paidEntries === round.winningEntryCount
}

/** Invariants 7, 9, 10, 11, over the whole round. `round` is the one before the event. */
export const roundFinalized = (
  round: Round,
  event: {
    readonly outcome: Outcome
    readonly prizesTotal: bigint
    readonly refundsTotal: bigint
    readonly feeTotal: bigint
    readonly carryOut: bigint
  },
) => {
  const isCancelled = round.status === 'CANCELLED'
  const outcome = isCancelled
    ? 'CANCELLED'
    : round.winningEntryCount === 0
      ? 'ROLLED_OVER'
      : 'SETTLED'
  const carryOut = isCancelled ? round.carryIn : round.carryOut
  return compare(
    ['ROUND_BALANCE', outcome, event.outcome, 'outcome'],
    ['ROUND_BALANCE', round.prizesPaid, event.prizesTotal, 'prizes'],
    ['ROUND_BALANCE', round.refunded, event.refundsTotal, 'refunds'],
    ['ROUND_BALANCE', round.feeCollected, event.feeTotal, 'fees'],
    ['ROUND_BALANCE', carryOut, event.carryOut, 'carryOut'],
    [
      'ROUND_BALANCE',
      round.gross + round.carryIn,
      event.prizesTotal + event.refundsTotal + event.feeTotal + event.carryOut,
      'total',
    ],
    ['FEE_COLLECTED', isCancelled ? 0n : round.feeAccrued, round.feeCollected],
    isCancelled
      ? ['REFUND', round.entryCount, round.refundedEntries, 'entries']
      : ['PRIZE', round.winningEntryCount, round.paidEntries, 'entries'],
    isCancelled
      ? ['REFUND', round.entryIdSum, round.paidEntryIdSum, 'sum of entry ids']
      : ['PRIZE', round.winningEntryIdSum, round.paidEntryIdSum, 'sum of entry ids'],
  )
}

/** Invariant 13: a claim takes the whole credit. */
export const creditClaimed = (
  credit: Pick<Credit, 'credited' | 'claimed'>,
  event: { readonly amount: bigint },
) => compare(['CREDIT', credit.credited - credit.claimed, event.amount])
