import { expect, it } from 'vitest'
import { poolNumbers } from './number.ts'
import { pools } from './pool.ts'
import { ANN, BOB, createWritten, MONDAY } from './written.ts'

/** A pool whose rounds drew these numbers; nobody was on them. */
const drawn = (...numbers: readonly number[]) => {
  const written = createWritten()
  written.at(MONDAY)
  written.pool(1n)
  numbers.forEach((number, at) => {
    written.draw([1n, BigInt(at + 1)], number, 0n, 0n)
  })
  return written.facts()
}

it.each([
  // Draws, then of number 7: timesDrawn, gap, longestGap.
  [[], 0, null, null],
  [[1, 2, 3], 0, null, null],
  [[7], 1, 0, 0],
  [[1, 2, 7], 1, 0, 0],
  [[7, 1, 2], 1, 2, 2],
  [[7, 1, 1, 7], 2, 0, 2],
  [[7, 7, 1], 2, 1, 1],
  [[7, 1, 2, 7, 1], 2, 1, 2],
  [[7, 1, 7, 1, 2, 3], 2, 3, 3],
] as const)('after the draws %j number 7 came up %s times', (numbers, timesDrawn, gap, longest) => {
  const [pool] = drawn(...numbers).pools
  if (pool === undefined) throw new Error('no pool')
  expect(poolNumbers(pool).pool.numbers[6]).toEqual({
    number: 7,
    entryCount: 0,
    wagered: { raw: '0', decimal: '0' },
    timesDrawn,
    timesHit: 0,
    prizesWon: { raw: '0', decimal: '0' },
    gap,
    longestGap: longest,
  })
})

it('rollovers in a row outlive a cancelled round, and end with a winner', () => {
  const written = createWritten()
  const streak = () => pools(written.facts()).pools.edges[0]?.node.stats.rolloverStreak
  written.at(MONDAY)
  written.pool(1n)
  expect(streak()).toBe(0)
  written.draw([1n, 1n], 1, 0n, 0n)
  written.draw([1n, 2n], 2, 0n, 0n)
  expect(streak()).toBe(2)
  written.cancel([1n, 3n])
  expect(streak()).toBe(2)
  written.draw([1n, 4n], 3, 0n, 0n)
  expect(streak()).toBe(3)
  written.enter([1n, 5n], ANN, [4], 90n)
  written.draw([1n, 5n], 4, 90n, 1n)
  expect(streak()).toBe(0)
})

it('the biggest prize is a player’s sum in a round, and the first to reach it keeps it', () => {
  const written = createWritten()
  written.at(MONDAY)
  written.pool(1n)
  written.enter([1n, 1n], ANN, [7, 7])
  written.enter([1n, 1n], BOB, [7])
  written.draw([1n, 1n], 7, 90n, 3n)
  written.prize([1n, 1n], ANN, 1n, 90n)
  written.prize([1n, 1n], BOB, 3n, 90n)
  written.enter([1n, 2n], BOB, [1, 1], 180n)
  written.draw([1n, 2n], 1, 90n, 2n)
  written.prize([1n, 2n], BOB, 4n, 90n, false)
  written.prize([1n, 2n], BOB, 5n, 90n)
  written.prize([1n, 1n], ANN, 2n, 90n)
  expect(pools(written.facts()).pools.edges[0]?.node.stats).toMatchObject({
    biggestPrize: { raw: '180' },
    biggestPrizeRound: { roundId: '2' },
    biggestPrizePlayer: { address: BOB },
    prizesWon: { raw: '450' },
    prizesDelivered: { raw: '360' },
    feesAccruedOpen: { raw: '0' },
    lastWinningNumber: 1,
  })
})
