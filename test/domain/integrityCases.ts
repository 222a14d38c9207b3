import * as Integrity from '../../src/domain/Integrity.ts'
import * as Round from '../../src/domain/Round.ts'

/** A round from its first entry to its end, and each check with what it gets when all is well, of which a case changes something. */

const TX = '0x77'
export const ELSEWHERE = '0x78'
export const PLAYER = `0x${'11'.repeat(20)}` as const
export const TOKEN = `0x${'22'.repeat(20)}` as const
const NONCE = `0x${'33'.repeat(32)}` as const
export const NONE = `0x${'00'.repeat(32)}` as const
const call = { transactionHash: TX } as const

const pool = {
  ...{ token: TOKEN, entryFee: 1000n, feeBps: 250, feeRecipient: PLAYER, roundDuration: 60 },
  ...{ minEntries: 2, transactionHash: TX },
}
export const opened = Round.opened({
  ...{ id: '1-1-1', chainId: 1, poolId: 1n, roundId: 1n },
  ...{ opensAt: 100, closesAt: 160, carryIn: 7n },
})
const entry = (entryId: bigint) => ({
  ...{ ...call, entryId, amount: 1000n, feeAmount: 25n, isX402Direct: true },
  ...{ isNewPlayer: true, isNewInPool: true, isNewNumber: true },
})
/** Two entries on number 3; their payment and the contract's word on the pool are still to come. */
const entering = [1n, 2n].map(entry).reduce(Round.entryPlaced, opened)
export const entered = Round.x402PaymentSettled(Round.prizePoolUpdated(entering), {
  entryCount: 2n,
})
export const drawing = Round.closed(entered, { ...call, timestamp: 160 })
export const requested = Round.requested(drawing, { requestId: 5n })
export const fulfilled = Round.fulfilled(requested, { ...call, winningNumber: 3 })
const split = { winningEntryCount: 2n, prizePerEntry: 978n, carryOut: 1n }
export const drawn = Round.drawn(fulfilled, { winningNumber: 3, ...split, winningEntryIdSum: 3n })
export const charged = Round.feeCollected(drawn, { amount: 50n, delivered: true })
const prizes = [1n, 2n].map((entryId) => ({
  ...call,
  entryId,
  amount: 978n,
  delivered: true,
}))
export const paid = prizes.reduce(Round.prizePaid, charged)
export const settled = Round.finalized(paid, { outcome: 'SETTLED' })
export const carried = Round.carried(settled, { amount: 1n })
export const cancelled = Round.cancelled(requested, {
  ...call,
  reason: 'DRAW_TIMEOUT',
  timestamp: 900,
})
export const refunded = [1n, 2n]
  .map((entryId) => ({ ...call, entryId, amount: 1000n }))
  .reduce(Round.entryRefunded, Round.carried(cancelled, { amount: 7n }))

export const entryPlaced = (event = {}, round: Round.Round = entering) =>
  Integrity.entryPlaced(pool, round, {
    ...{ ...call, entryId: 3n, number: 402, amount: 1000n, feeAmount: 25n, logIndex: 9 },
    ...{ paymentMethod: 'X402_DIRECT', paymentRef: NONCE, previous: { logIndex: 8 }, ...event },
  })
export const prizePoolUpdated = (event = {}, round: Round.Round = entering) =>
  Integrity.prizePoolUpdated(round, {
    ...{ ...call, prizePool: 1957n, entryCount: 2n, reason: 0, ...event },
  })
export const settledEntry = { paymentRef: NONCE, payer: PLAYER, player: PLAYER, roundId: 1n }
export const x402PaymentSettled = (event = {}, entries = [settledEntry, settledEntry]) =>
  Integrity.x402PaymentSettled(pool, entering, entries, {
    ...{ ...call, roundId: 1n, payer: PLAYER, player: PLAYER, nonce: NONCE, token: TOKEN },
    ...{ amount: 2000n, entryCount: 2n, ...event },
  })
export const roundClosed = (event = {}, round: Round.Round = entered) =>
  Integrity.roundClosed(round, { entryCount: 2n, prizePool: 1957n, feeAccrued: 50n, ...event })
const request = { requestId: 5n, coordinator: TOKEN, keyHash: NONCE }
export const randomnessRequested = (event = {}, round: Round.Round = drawing, isTaken = true) =>
  Integrity.randomnessRequested(
    round,
    isTaken ? { ...request, minimumRequestConfirmations: 3 } : null,
    { ...call, ...request, confirmations: 3, ...event },
  )
export const randomnessFulfilled = (event = {}, round: Round.Round = requested) =>
  Integrity.randomnessFulfilled(round, {
    ...{ requestId: 5n, randomWord: 402n * 9n + 2n, winningNumber: 3, ...event },
  })
export const roundDrawn = (event = {}, round: Round.Round = fulfilled) =>
  Integrity.roundDrawn(
    round,
    { entryCount: 2 },
    { ...call, ...split, winningNumber: 3, prizePool: 1957n, ...event },
  )
export const feeCollected = (event = {}, round: Round.Round = drawn) =>
  Integrity.feeCollected(pool, round, { ...call, amount: 50n, recipient: PLAYER, ...event })
const bought = { poolId: 1n, roundId: 1n, player: PLAYER, number: 3, amount: 1000n }
const payout = { poolId: 1n, roundId: 1n, entryId: 1n, recipient: PLAYER }
export const prizePaid = (event = {}, of: Partial<typeof bought> | null = {}) =>
  Integrity.prizePaid(charged, of && { ...bought, ...of }, { ...payout, amount: 978n, ...event })
export const entryRefunded = (event = {}, of: Partial<typeof bought> | null = {}) =>
  Integrity.entryRefunded(of && { ...bought, ...of }, { ...payout, amount: 1000n, ...event })
export const roundCancelled = (event = {}, round: Round.Round = requested) =>
  Integrity.roundCancelled(pool, round, {
    ...{ ...call, reason: 'DRAW_TIMEOUT', entryCount: 2n, refundable: 2000n, ...event },
  })
export const prizeCarried = (event = {}, round: Round.Round = settled) =>
  Integrity.prizeCarried(round, { ...call, toRoundId: 2n, amount: 1n, reason: 'DUST', ...event })
export const roundOpened = (event = {}, previous: Round.Round | null = carried) =>
  Integrity.roundOpened(pool, previous, {
    ...{ ...call, roundId: 2n, opensAt: 170, closesAt: 230, carryIn: 1n, timestamp: 170 },
    ...event,
  })
export const roundFinalized = (event = {}, round: Round.Round = paid) =>
  Integrity.roundFinalized(round, {
    ...{ ...call, outcome: 'SETTLED', prizesTotal: 1956n, refundsTotal: 0n, feeTotal: 50n },
    ...{ carryOut: 1n, ...event },
  })
export const cancelledFinal = {
  outcome: 'CANCELLED',
  prizesTotal: 0n,
  refundsTotal: 2000n,
  feeTotal: 0n,
}
export const creditClaimed = (amount = 30n) =>
  Integrity.creditClaimed({ credited: 50n, claimed: 20n }, { amount })

export const nobody = { ...drawn, winningEntryCount: 0, carryOut: 1957n, carried: 0n }
export const few = Round.entryPlaced(opened, { ...entry(1n), isX402Direct: false })
export const fewOnly = Round.prizePoolUpdated(few)
export const early = Round.cancelled(opened, { ...call, reason: 'NO_ENTRIES', timestamp: 160 })
