import fc from 'fast-check'
import { encodeFunctionData, getAddress, type Hex, multicall3Abi, toHex } from 'viem'
import { describe, expect, it, test } from 'vitest'
import { pay402WinAbi } from '../../abis/Pay402Win.ts'
import * as Payment from '../../src/domain/Payment.ts'

const salt = (n: number): Hex => toHex(n, { size: 32 })
const purpose = {
  chainId: 31337,
  game: '0x5fc8d32690cc91d4c39d9d3abcbd16989f875707',
  poolId: 3n,
  roundId: 7n,
  player: '0x70997970c51812dc3a010c7d01b50e0d17dc79c8',
  numbers: [1, 402, 1],
  salt: salt(77),
} as const satisfies Payment.Purpose
const HUNDRED = Array.from({ length: 100 }, (_, at) => at + 1)
const PAYER: Hex = '0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc'

const call = (of: Payment.Purpose, payer = PAYER, signature: Hex = '0x0102'): Hex =>
  encodeFunctionData({
    ...{ abi: pay402WinAbi, functionName: 'enterWithAuthorization' },
    args: [
      ...([of.poolId, of.roundId, payer, of.player, of.numbers] as const),
      ...([0n, 2n ** 40n, of.salt, signature] as const),
    ],
  })
const nested = (...calls: readonly Hex[]): Hex => {
  const list = calls.map((callData) => ({ target: PAYER, allowFailure: true, callData }))
  return encodeFunctionData({ abi: multicall3Abi, functionName: 'aggregate3', args: [list] })
}
const saltIn = (input: Hex, of: Payment.Purpose = purpose) =>
  Payment.saltIn(input, { ...of, payer: PAYER, nonce: Payment.nonceOf(of) })

describe('the nonce', () => {
  // What the contract's entryNonce answered.
  test.each<[Partial<Payment.Purpose>, Hex]>([
    [{}, '0x0d817cc76088decb93b2935f75fe1c06c9972f7339d75d5fd58c2c1416a0e8cf'],
    [{ numbers: [402] }, '0xfb5b6717b941d0e90f6c09936ce9d4f5e9c8747ffdc6e2d6dc66a1a521c50c0c'],
    [
      { numbers: HUNDRED, salt: `0x${'ff'.repeat(32)}` },
      '0x8e874c609d6436ffb24277cb4330371c1a9a1deae98839d3b4917c1b697a21f5',
    ],
    [
      { poolId: 2n ** 128n, roundId: 0n },
      '0x58648f2c2f15a583f44711330f6a05b74428c557e6d604fc76288ff63d320d95',
    ],
  ])('case %#', (changes, nonce) => {
    expect(Payment.nonceOf({ ...purpose, ...changes })).toBe(nonce)
  })

  it('does not depend on the case of addresses', () => {
    const { game, player } = purpose
    const checked = { ...purpose, game: getAddress(game), player: getAddress(player) }
    expect(Payment.nonceOf(checked)).toBe(Payment.nonceOf(purpose))
  })

  it('is another one for every other purpose', () => {
    const others: Partial<Payment.Purpose>[] = [
      ...[{ chainId: 1 }, { game: PAYER }, { poolId: 7n }, { roundId: 3n }, { player: PAYER }],
      ...[{ numbers: [1, 1, 402] }, { numbers: [1, 402] }, { numbers: [] }, { salt: salt(78) }],
    ]
    const nonces = [{}, ...others].map((other) => Payment.nonceOf({ ...purpose, ...other }))
    expect(new Set(nonces).size).toBe(nonces.length)
  })
})

describe('the salt in a transaction', () => {
  it('is found in a call, whatever it is for', () => {
    const purposes = fc.record({
      poolId: fc.bigInt(0n, 2n ** 256n - 1n),
      roundId: fc.bigInt(0n, 2n ** 256n - 1n),
      numbers: fc.array(fc.integer({ min: 0, max: 65_535 }), { maxLength: 100 }),
      salt: fc.bigInt(0n, 2n ** 256n - 1n).map((value) => toHex(value, { size: 32 })),
    })
    fc.assert(
      fc.property(purposes, fc.boolean(), (some, isNested) => {
        const of = { ...purpose, ...some }
        expect(saltIn(isNested ? nested(call(of)) : call(of), of)).toBe(of.salt)
      }),
    )
  })

  it('is found with a signature of any length', () => {
    for (const size of [0, 65, 10_000])
      expect(saltIn(call(purpose, PAYER, `0x${'ab'.repeat(size)}`))).toBe(purpose.salt)
  })

  it('is that of the call which gives the nonce', () => {
    const others = [1, 2, 3].map((n) => ({ ...purpose, salt: salt(n) }))
    const input = nested(...[...others, purpose].map((of) => call(of)))
    for (const of of [...others, purpose]) expect(saltIn(input, of)).toBe(of.salt)
  })

  it('is, when no call gives the nonce, that of one for the same round, payer and player', () => {
    const other = { ...purpose, numbers: [5], salt: salt(5) }
    expect(saltIn(call(other))).toBe(salt(5))
    for (const elsewhere of [{ poolId: 4n }, { roundId: 8n }, { player: PAYER }])
      expect(saltIn(call({ ...other, ...elsewhere }))).toBeNull()
    expect(saltIn(call(other, purpose.player))).toBeNull()
  })

  it('is null when there is no call', () => {
    const input = call(purpose)
    const selector = input.slice(2, 10)
    // Nothing at all, the selector alone, cut short, moved by half a byte, numbers elsewhere.
    expect(saltIn('0x')).toBeNull()
    expect(saltIn(`0x${selector}`)).toBeNull()
    expect(saltIn(input.slice(0, 10 + 9 * 64) as Hex)).toBeNull()
    expect(saltIn(`0x0${input.slice(2)}`)).toBeNull()
    expect(saltIn(input.replace('0120', '0121') as Hex)).toBeNull()
  })

  // A search that tried each of them would outlast the test.
  it('is found among 300,000 selectors', () => {
    const input = call(purpose)
    const bait = input.slice(2, 10).repeat(300_000)
    expect(saltIn(`0x${bait}${input.slice(2)}`)).toBe(purpose.salt)
  })

  it('is found among many beginnings of calls', () => {
    // As far as the place of the numbers, and again, in ten times the calldata that a transaction may have.
    const bait = call(purpose)
      .slice(2, 10 + 5 * 64)
      .repeat(7_800)
    expect(saltIn(`0x${bait}${call(purpose).slice(2)}`)).toBe(purpose.salt)
  })
})
