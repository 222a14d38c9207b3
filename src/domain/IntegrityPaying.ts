import type { Credit } from './Credit.ts'
import { compare, type Invariant, inSameCall, type Pool } from './IntegrityRule.ts'
import type { Outcome, Round } from './Round.ts'

/** Checks of what leaves a round: fee, prizes, refunds, its end, and claims of credits. */

/** Invariant 10. `round` is the one before the event. */
export const feeCollected = (
  pool: Pool,
  round: Round,
  event: {
    readonly amount: bigint
    readonly recipient: string
    readonly transactionHash: string
  },
) =>
  compare(
    inSameCall(round, event),
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

/** Invariants 7, 9, 10, 11, 18, over the whole round. `round` is the one before the event. */
export const roundFinalized = (
  round: Round,
  event: {
    readonly outcome: Outcome
    readonly prizesTotal: bigint
    readonly refundsTotal: bigint
    readonly feeTotal: bigint
    readonly carryOut: bigint
    readonly transactionHash: string
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
    ['COMPLETENESS', false, round.isFinalized, 'final before:'],
    inSameCall(round, event),
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
