import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InvariantError } from '../../src/domain/errors.ts'
import * as Round from '../../src/domain/Round.ts'

const opened = Round.opened({
  id: '1-1-1',
  chainId: 1,
  poolId: 1n,
  roundId: 1n,
  opensAt: 100,
  closesAt: 160,
  carryIn: 7n,
})
const entry = {
  entryId: 1n,
  amount: 1000n,
  feeAmount: 25n,
  isX402Direct: false,
  transactionHash: '0x77' as const,
  isNewPlayer: true,
  isNewInPool: true,
  isNewNumber: true,
}
const word = {
  winningNumber: 3,
  winningEntryCount: 2n,
  prizePerEntry: 491n,
  carryOut: 0n,
  winningEntryIdSum: 3n,
}
const call = { transactionHash: '0x88' } as const
const draw = (round: Round.Round, event = word) =>
  Round.drawn(Round.closed(round, { ...call, timestamp: 161 }), event)

describe('a round', () => {
  it('begins with what was carried into it', () => {
    expect(opened).toMatchObject({ status: 'OPEN', prizePool: 7n, entryCount: 0, carryOut: null })
  })

  it('adds up its entries exactly, whatever they are', () => {
    const entries = fc.array(
      fc.record({
        amount: fc.bigInt({ min: 0n, max: 2n ** 128n }),
        feeBps: fc.integer({ min: 0, max: 1000 }),
        isX402Direct: fc.boolean(),
        isNewPlayer: fc.boolean(),
        isNewInPool: fc.boolean(),
        isNewNumber: fc.boolean(),
      }),
    )
    fc.assert(
      fc.property(entries, (list) => {
        const events = list.map(({ feeBps, ...event }, at) => ({
          ...entry,
          ...event,
          entryId: BigInt(at + 1),
          feeAmount: (event.amount * BigInt(feeBps)) / 10_000n,
        }))
        const round = events.reduce(Round.entryPlaced, opened)
        const count = (of: (event: (typeof events)[number]) => boolean) => events.filter(of).length
        const sum = (of: (event: (typeof events)[number]) => bigint) =>
          events.reduce((total, event) => total + of(event), 0n)
        expect(round).toEqual({
          ...opened,
          gross: sum(({ amount }) => amount),
          feeAccrued: sum(({ feeAmount }) => feeAmount),
          prizePool: 7n + sum(({ amount, feeAmount }) => amount - feeAmount),
          entryCount: events.length,
          uniquePlayers: count(({ isNewPlayer }) => isNewPlayer),
          newPlayers: count(({ isNewInPool }) => isNewInPool),
          distinctNumbers: count(({ isNewNumber }) => isNewNumber),
          entryIdSum: sum(({ entryId }) => entryId),
          callEntries: events.length,
          callX402Entries: count(({ isX402Direct }) => isX402Direct),
          callTransaction: events.length === 0 ? null : entry.transactionHash,
        })
      }),
    )
  })

  it('is drawn, pays its winners and is settled', () => {
    const again = { ...entry, entryId: 2n, isNewPlayer: false, isNewInPool: false }
    const entered = [entry, { ...again, isNewNumber: false }].reduce(Round.entryPlaced, opened)
    const drawn = draw(Round.prizePoolUpdated(entered))
    const paid = [
      { ...call, entryId: 1n, amount: 491n, delivered: true },
      { ...call, entryId: 2n, amount: 491n, delivered: false },
    ].reduce(Round.prizePaid, Round.feeCollected(drawn, { amount: 50n, delivered: true }))
    expect(Round.finalized(paid, { outcome: 'SETTLED' })).toEqual({
      ...opened,
      status: 'SETTLED',
      isFinalized: true,
      closedAt: 161,
      gross: 2000n,
      feeAccrued: 50n,
      feeCollected: 50n,
      prizePool: 1957n,
      carryOut: 0n,
      prizesPaid: 982n,
      prizesDelivered: 491n,
      entryCount: 2,
      uniquePlayers: 1,
      newPlayers: 1,
      distinctNumbers: 1,
      winningNumber: 3,
      winningEntryCount: 2,
      prizePerEntry: 491n,
      paidEntries: 2,
      entryIdSum: 3n,
      winningEntryIdSum: 3n,
      paidEntryIdSum: 3n,
      callTransaction: '0x88',
    })
  })

  it('rolls over when nobody held the number', () => {
    const drawn = draw(opened, { ...word, winningEntryCount: 0n, prizePerEntry: 0n, carryOut: 7n })
    const round = Round.carried(Round.finalized(drawn, { outcome: 'ROLLED_OVER' }), { amount: 7n })
    expect(round).toMatchObject({ status: 'ROLLED_OVER', isFinalized: true, carryOut: 7n })
  })

  it('is cancelled, refunds and is finalized', () => {
    const cancelled = Round.cancelled(Round.entryPlaced(opened, entry), {
      ...call,
      reason: 'BELOW_MINIMUM',
      timestamp: 170,
    })
    expect(cancelled).toMatchObject({ status: 'CANCELLED', closedAt: 170, carryOut: 0n })
    const refunded = Round.entryRefunded(Round.carried(cancelled, { amount: 7n }), {
      ...call,
      entryId: 1n,
      amount: 1000n,
    })
    expect(Round.finalized(refunded, { outcome: 'CANCELLED' })).toMatchObject({
      isFinalized: true,
      refunded: 1000n,
      refundedEntries: 1,
      carryOut: 7n,
      cancelReason: 'BELOW_MINIMUM',
    })
  })

  const drawing = Round.closed(opened, { ...call, timestamp: 161 })
  const drawn = draw(opened)
  const timedOut = Round.cancelled(drawing, {
    ...call,
    reason: 'DRAW_TIMEOUT',
    timestamp: 900,
  })
  const payment = { ...call, entryId: 1n, amount: 1n, delivered: true }
  it.each<[string, () => Round.Round]>([
    ['an entry after closing', () => Round.entryPlaced(drawing, entry)],
    ['closing twice', () => Round.closed(drawing, { ...call, timestamp: 162 })],
    ['a draw that was not asked for', () => Round.drawn(opened, word)],
    ['a second draw', () => Round.drawn(drawn, word)],
    ['a prize before the draw', () => Round.prizePaid(drawing, payment)],
    ['a refund of a drawn round', () => Round.entryRefunded(drawn, payment)],
    ['a fee of a cancelled round', () => Round.feeCollected(timedOut, payment)],
    [
      'a time-out of an open round',
      () => Round.cancelled(opened, { ...call, reason: 'DRAW_TIMEOUT', timestamp: 1 }),
    ],
    [
      'too few entries after closing',
      () => Round.cancelled(drawing, { ...call, reason: 'NO_ENTRIES', timestamp: 1 }),
    ],
    ['the end of an open round', () => Round.finalized(opened, { outcome: 'SETTLED' })],
    ['a prize carried from an open round', () => Round.carried(opened, { amount: 1n })],
  ])('refuses %s', (_, impossible) => {
    expect(impossible).toThrow(InvariantError)
  })
})

describe('phase', () => {
  const pool = { maxEntries: 2, drawTimeout: 60 }
  const full = [entry, entry].reduce(Round.entryPlaced, opened)
  const drawing = Round.closed(full, { ...call, timestamp: 161 })
  const drawn = Round.drawn(drawing, word)
  it.each<[Round.Round, number, Round.Phase]>([
    [opened, 159, 'ACCEPTING'],
    [opened, 160, 'CLOSABLE'],
    [full, 120, 'CLOSABLE'],
    [drawing, 220, 'AWAITING_RANDOMNESS'],
    [drawing, 221, 'OVERDUE'],
    [drawn, 300, 'PAYING'],
    [Round.finalized(drawn, { outcome: 'SETTLED' }), 300, 'FINAL'],
  ])('case %#', (round, timestamp, expected) => {
    expect(Round.phase(round, pool, timestamp)).toBe(expected)
  })
})

describe('what one more entry is worth', () => {
  const stakes = { prizePool: 1000n, entryFee: 100n, feeBps: 250 }
  it('shares the pool with the entries that are there', () => {
    expect(Round.projectedPrize(stakes, 0)).toBe(1098n)
    expect(Round.projectedPrize(stakes, 2)).toBe(366n)
  })
  it('costs more than it brings until the pool is large, and is rounded down', () => {
    expect(Round.expectedValue(stakes, 0)).toBe(2n - 100n)
    expect(Round.expectedValue({ ...stakes, prizePool: 402n * 200n }, 0)).toBe(100n)
  })
})
