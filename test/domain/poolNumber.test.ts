import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as PoolNumber from '../../src/domain/PoolNumber.ts'

const zero = PoolNumber.zero({ id: '1-1-7', chainId: 1, poolId: 1n, number: 7 })

describe('how long a number was waited for', () => {
  it('is what counting through the draws gives', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean()), (draws) => {
        const number = draws.reduce(
          (row, isIt, at) =>
            isIt ? PoolNumber.drawn(row, { draw: at + 1, winningEntryCount: BigInt(at % 2) }) : row,
          zero,
        )
        let waiting: number | undefined
        let longest = 0
        for (const isIt of draws) {
          if (isIt) waiting = 0
          else if (waiting !== undefined) waiting += 1
          longest = Math.max(longest, waiting ?? 0)
        }
        expect(PoolNumber.gaps(number, draws.length)).toEqual(
          waiting === undefined ? null : { gap: waiting, longestGap: longest },
        )
        expect(number.timesDrawn).toBe(draws.filter(Boolean).length)
        expect(number.timesHit).toBe(draws.filter((isIt, at) => isIt && at % 2 === 1).length)
      }),
    )
  })

  it('is nothing for a number that never came up', () => {
    expect(PoolNumber.gaps(zero, 100)).toBeNull()
  })
})

it('knows the entries of the newest round on it, and those of all', () => {
  const entries = fc.array(fc.record({ isNext: fc.boolean(), amount: fc.bigInt(0n, 2n ** 128n) }))
  fc.assert(
    fc.property(entries, (list) => {
      let round = 1n
      const placed = list.map(({ isNext, amount }, at) => {
        if (isNext) round += 1n
        return { roundId: round, entryId: BigInt(at + 1), amount }
      })
      const number = placed.reduce(PoolNumber.entryPlaced, zero)
      const newest = placed.filter(({ roundId }) => roundId === placed.at(-1)?.roundId)
      const sum = (values: readonly bigint[]) => values.reduce((total, value) => total + value, 0n)
      expect(number).toMatchObject({
        entryCount: placed.length,
        wagered: sum(placed.map(({ amount }) => amount)),
      })
      expect(PoolNumber.inRound(number, round)).toEqual(
        placed.at(-1)?.roundId === round
          ? { entryCount: newest.length, entryIdSum: sum(newest.map(({ entryId }) => entryId)) }
          : { entryCount: 0, entryIdSum: 0n },
      )
      expect(PoolNumber.inRound(number, round + 1n)).toEqual({ entryCount: 0, entryIdSum: 0n })
    }),
  )
})

it('adds the prizes it won', () => {
  const prizes = [5n, 7n].map((amount) => ({ amount }))
  expect(prizes.reduce(PoolNumber.prizePaid, zero).prizesWon).toBe(12n)
})
