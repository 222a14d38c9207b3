import { compare, type Pool } from './IntegrityRule.ts'
import * as Money from './Money.ts'
import { NUMBERS, type Round } from './Round.ts'

const ZERO_ADDRESS = `0x${'0'.repeat(40)}`
const ZERO_HASH = `0x${'0'.repeat(64)}`

/** Invariants 1, 2, 15, 17, 18. `round` is the one before the event; `previous`: the entry numbered one less, null when there is none. */
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
    readonly logIndex: number
    readonly previous: { readonly logIndex: number } | null
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
    [
      'CONTIGUOUS',
      true,
      event.entryId === 1n || event.previous !== null,
      `entry ${event.entryId - 1n} known:`,
    ],
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
    [
      'ENTERING_CALL',
      event.logIndex - 1,
      round.callEntries === 0 ? event.logIndex - 1 : (event.previous?.logIndex ?? null),
      'the log before it, of the same call:',
    ],
  )

/** Invariants 3, 17. `round` is the one before the event. */
export const prizePoolUpdated = (
  round: Pick<Round, 'prizePool' | 'entryCount' | 'callEntries' | 'callTransaction'>,
  event: {
    readonly prizePool: bigint
    readonly entryCount: bigint
    readonly reason: number
    readonly transactionHash: string
  },
) =>
  compare(
    ['PRIZE_POOL', round.prizePool, event.prizePool, 'prizePool'],
    ['PRIZE_POOL', 0, event.reason, 'reason'],
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
