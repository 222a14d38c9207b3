import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as Money from '../../src/domain/Money.ts'

const uint256 = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n })
const int256 = fc.bigInt({ min: -(2n ** 255n), max: 2n ** 255n })

describe('toDecimal', () => {
  it.each([
    [3_000_000_000_000_000n, 18, '0.003'],
    [402_000n, 6, '0.402'],
    [-402_000n, 6, '-0.402'],
    [40n, 0, '40'],
    [0n, 18, '0'],
    [1n, 18, '0.000000000000000001'],
    [10n ** 18n, 18, '1'],
    [2n ** 64n, 2, '184467440737095516.16'],
  ])('%s base units with %s decimals are %s', (raw, decimals, expected) => {
    expect(Money.toDecimal(raw, decimals)).toBe(expected)
  })

  it('can be read back without loss', () => {
    fc.assert(
      fc.property(int256, fc.integer({ min: 0, max: 36 }), (raw, decimals) => {
        const [whole = '', fraction = ''] = Money.toDecimal(raw, decimals).split('.')
        const digits = `${whole}${fraction.padEnd(decimals, '0')}`
        expect(BigInt(digits)).toBe(raw)
      }),
    )
  })
})

describe('fee', () => {
  it.each([
    [40n, 250, 1n],
    [39n, 250, 0n],
    [1n, 1000, 0n],
    [402_000n, 250, 10_050n],
    [10_000n, 0, 0n],
  ])('%s at %s basis points is %s', (amount, feeBps, expected) => {
    expect(Money.fee(amount, feeBps)).toBe(expected)
  })

  it('never exceeds the exact share, and is less than one unit below it', () => {
    fc.assert(
      fc.property(uint256, fc.integer({ min: 0, max: 1000 }), (amount, feeBps) => {
        const exact = amount * BigInt(feeBps)
        const fee = Money.fee(amount, feeBps) * 10_000n
        expect(fee <= exact && exact - fee < 10_000n).toBe(true)
      }),
    )
  })
})

describe('floorDiv and bps', () => {
  it.each([
    [7n, 2n, 3n],
    [-7n, 2n, -4n],
    [7n, -2n, -4n],
    [-7n, -2n, 3n],
    [-8n, 2n, -4n],
    [0n, 5n, 0n],
  ])('%s / %s is %s', (numerator, denominator, expected) => {
    expect(Money.floorDiv(numerator, denominator)).toBe(expected)
  })

  it.each([
    [1n, 3n, 3333],
    [-1n, 3n, -3334],
    [5n, 0n, null],
  ])('%s of %s is %s basis points', (part, base, expected) => {
    expect(Money.bps(part, base)).toBe(expected)
  })
})
