import fc from 'fast-check'
import { expect, it, test } from 'vitest'
import * as Stakes from '../../src/domain/Stakes.ts'

const flows = { wagered: 1000n, won: 0n, refunded: 0n }

test.each([
  ['nothing yet', { wagered: 0n, won: 0n, refunded: 0n }, Stakes.zero, 0n, null],
  ['all stakes open', flows, { ...Stakes.zero, pending: 1000n }, 0n, null],
  ['one stake of ten lost', flows, { ...Stakes.zero, pending: 900n }, -100n, -10_000n],
  ['won and not paid', flows, { ...Stakes.zero, unpaid: 3000n }, 2000n, 20_000n],
  ['won and paid', { ...flows, won: 3000n }, Stakes.zero, 2000n, 20_000n],
  ['cancelled and not refunded', flows, { ...Stakes.zero, unrefunded: 1000n }, 0n, null],
  ['cancelled and refunded', { ...flows, refunded: 1000n }, Stakes.zero, 0n, null],
  ['a third lost, rounded down', { wagered: 3n, won: 2n, refunded: 0n }, Stakes.zero, -1n, -3334n],
])('%s', (_, of, stakes, profit, roi) => {
  expect(Stakes.realizedNetProfit(of, stakes)).toBe(profit)
  expect(Stakes.roiBps(of, stakes)).toBe(roi)
})

test.each([
  [0, 0, null],
  [0, 3, 0],
  [1, 3, 3333],
  [3, 3, 10_000],
])('%i of %i rounds won', (roundsWon, roundsDrawn, expected) => {
  expect(Stakes.winRateBps(roundsWon, roundsDrawn)).toBe(expected)
})

const amount = fc.bigInt(0n, 2n ** 128n)

it('does not change when a prize or a refund that is due is sent', () => {
  fc.assert(
    fc.property(amount, amount, amount, (wagered, unpaid, unrefunded) => {
      const due = { wagered: wagered + unrefunded, won: 0n, refunded: 0n }
      const sent = { ...due, won: unpaid, refunded: unrefunded }
      const stakes = { ...Stakes.zero, unpaid, unrefunded }
      expect(Stakes.realizedNetProfit(due, stakes)).toBe(
        Stakes.realizedNetProfit(sent, Stakes.zero),
      )
      expect(Stakes.roiBps(due, stakes)).toBe(Stakes.roiBps(sent, Stakes.zero))
    }),
  )
})
