import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import * as Participation from '../../src/domain/Participation.ts'

describe('the chance to win', () => {
  test.each([
    [0, '0'],
    [1, '0.00248756'],
    [2, '0.00497512'],
    [3, '0.00746269'],
    [201, '0.5'],
    [402, '1'],
  ])('with %i numbers is %s', (numbers, chance) => {
    expect(Participation.winChance(numbers)).toBe(chance)
  })

  it('is the nearest number with 8 places', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 402 }), (numbers) => {
        const error = Math.abs(Number(Participation.winChance(numbers)) - numbers / 402)
        expect(error).toBeLessThanOrEqual(0.5e-8 + Number.EPSILON)
      }),
    )
  })
})

describe('the projected prize', () => {
  const open = {
    status: 'OPEN',
    prizePool: 100n,
    winningNumber: null,
    prizePerEntry: null,
  } as const
  const drawn = { ...open, status: 'DRAWN', winningNumber: 7, prizePerEntry: 33n } as const
  const seven = { number: 7, ownEntries: 2, entriesOnNumber: 3 }
  const eight = { number: 8, ownEntries: 1, entriesOnNumber: 1 }

  test.each([
    ['without entries', open, [], 0n],
    ['of one number: the own shares of it', open, [seven], 66n],
    ['of two numbers: their mean', open, [seven, eight], 83n],
    ['while the word is on its way', { ...open, status: 'DRAWING' } as const, [eight], 100n],
    ['after the draw: what it gave', drawn, [seven, eight], 66n],
    ['after the draw of another number', drawn, [eight], 0n],
    ['of a cancelled round', { ...open, status: 'CANCELLED' } as const, [eight], 0n],
  ])('%s', (_, round, holdings, expected) => {
    expect(Participation.projectedPrize(round, holdings)).toBe(expected)
  })

  it('never promises more than the pool', () => {
    const holding = fc
      .record({
        number: fc.integer({ min: 1, max: 402 }),
        ownEntries: fc.integer({ min: 1, max: 9 }),
      })
      .chain((own) =>
        fc
          .integer({ min: own.ownEntries, max: 20 })
          .map((entriesOnNumber) => ({ ...own, entriesOnNumber })),
      )
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 200n), fc.array(holding), (prizePool, holdings) => {
        const prize = Participation.projectedPrize({ ...open, prizePool }, holdings)
        expect(prize >= 0n && prize <= prizePool).toBe(true)
      }),
    )
  })
})
