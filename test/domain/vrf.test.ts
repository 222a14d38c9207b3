import fc from 'fast-check'
import { encodeFunctionData, type Hex, multicall3Abi, toHex } from 'viem'
import { describe, expect, it, test } from 'vitest'
import { vrfCoordinatorMockAbi } from '../../abis/VrfCoordinatorMock.ts'
import { vrfCoordinatorV2_5Abi } from '../../abis/VrfCoordinatorV2_5.ts'
import * as Vrf from '../../src/domain/Vrf.ts'
import { GROUP_ORDER, isOnCurve } from '../../src/domain/VrfCurve.ts'
import { createProver } from '../../stack/vrf/prover.ts'

const prover = createProver(402n)
const BLOCK_HASH: Hex = `0x${'ab'.repeat(32)}`
const SEED = 13n
const proof = prover.prove(SEED, BLOCK_HASH)
const OTHER_BLOCK: Hex = `0x${'cd'.repeat(32)}`

/** The calldata of an oracle's node. */
const fulfil = (of: Vrf.Proof): Hex => {
  const commitment = {
    ...{ blockNum: 7n, subId: 1n, callbackGasLimit: 2_500_000, numWords: 1 },
    ...({ sender: `0x${'11'.repeat(20)}`, extraArgs: '0x92fd1338' } as const),
  }
  return encodeFunctionData({
    ...{ abi: vrfCoordinatorV2_5Abi, functionName: 'fulfillRandomWords' },
    args: [of, commitment, false],
  })
}
const nested = (...calls: readonly Hex[]): Hex => {
  const target = `0x${'22'.repeat(20)}` as const
  const list = calls.map((callData) => ({ target, allowFailure: true, callData }))
  return encodeFunctionData({ abi: multicall3Abi, functionName: 'aggregate3', args: [list] })
}

test('one key, seed and block hash have always given this', () => {
  expect(prover.keyHash).toBe('0x91fbf8ad37cfc3cea3880f2c738e4a747b885b69a354656da8e51f0404f88ea8')
  expect(Vrf.verifyProof(proof, SEED, BLOCK_HASH)).toEqual({
    isValid: true,
    outputSeed: 16420577327942111538326636109625077484821286199546259831140075148425880629696n,
  })
  expect(Vrf.requestId(prover.keyHash, SEED)).toBe(
    108373796853416270213687851787606060952463741208792935475125849147411729834126n,
  )
  expect([0, 1].map((index) => Vrf.wordOf(1n, index))).toEqual([
    0xada5013122d395ba3c54772283fb069b10426056ef8ca54750cb9bb552a59e7dn,
    0xcc69885fda6bcc1a4ace058b4a62bf5e179ea78fd58a1ccd71c22cc9b688792fn,
  ])
})

describe('a proof', () => {
  it('is valid for its seed, block and key, whatever they are', () => {
    const words = fc.bigInt(0n, 2n ** 256n - 1n)
    fc.assert(
      fc.property(fc.bigInt(1n, GROUP_ORDER - 1n), words, words, (key, seed, block) => {
        const { keyHash, publicKey, prove } = createProver(key)
        const hash = toHex(block, { size: 32 })
        const made = prove(seed, hash)
        expect(isOnCurve(publicKey)).toBe(true)
        expect(Vrf.keyHashOf(made.pk)).toBe(keyHash)
        expect(Vrf.verifyProof(made, seed, hash).isValid).toBe(true)
        expect(Vrf.verifyProof(made, seed, OTHER_BLOCK).isValid).toBe(false)
        expect(Vrf.decodeProof(Vrf.encodeProof(made))).toEqual(made)
      }),
      { numRuns: 25 },
    )
  })

  it('is not made without a key', () => {
    for (const key of [0n, GROUP_ORDER]) expect(() => createProver(key)).toThrow('no key')
  })

  const of = createProver(403n).prove(SEED, BLOCK_HASH)
  const point = of.gamma
  const up = ([x, y]: Vrf.Proof['pk']) => [x, y + 1n] as const
  it.each<[string, Partial<Vrf.Proof>, RegExp]>([
    ['another key', { pk: of.pk }, /uWitness/],
    ['a key off the curve', { pk: up(proof.pk) }, /pk is not on the curve/],
    ['a key beyond the field', { pk: [2n ** 256n - 1n, 1n] }, /pk is not on the curve/],
    ['another gamma', { gamma: point }, /cGammaWitness/],
    ['a gamma off the curve', { gamma: up(proof.gamma) }, /gamma is not on the curve/],
    ['another c', { c: of.c }, /uWitness/],
    ['no c', { c: 0n }, /zero/],
    ['another s', { s: proof.s - 1n }, /uWitness/],
    ['no s', { s: GROUP_ORDER }, /zero/],
    ['another seed', { seed: SEED + 1n }, /another seed/],
    ['another u', { uWitness: of.uWitness }, /uWitness/],
    ['another c·gamma', { cGammaWitness: point }, /cGammaWitness/],
    ['c·gamma off the curve', { cGammaWitness: up(point) }, /cGammaWitness is not on the curve/],
    ['another s·hash', { sHashWitness: point }, /sHashWitness/],
    ['s·hash off the curve', { sHashWitness: up(point) }, /sHashWitness is not on the curve/],
    ['another inverse', { zInv: of.zInv }, /zInv/],
  ])('with %s is refused', (_, change, reason) => {
    const verdict = Vrf.verifyProof({ ...proof, ...change }, SEED, BLOCK_HASH)
    expect(verdict).toMatchObject({ isValid: false, reason: expect.stringMatching(reason) })
  })

  it('over another block is refused', () => {
    expect(Vrf.verifyProof(proof, SEED, OTHER_BLOCK)).toMatchObject({ isValid: false })
    expect(Vrf.verifyProof(proof, SEED + 1n, BLOCK_HASH)).toMatchObject({ isValid: false })
  })
})

describe('the proof in a transaction', () => {
  it('is found at the top, and in a call to another contract', () => {
    expect(Vrf.fulfilmentIn(fulfil(proof))).toEqual(proof)
    expect(Vrf.fulfilmentIn(nested('0x12', fulfil(proof)))).toEqual(proof)
    expect(Vrf.fulfilmentIn(nested(nested(fulfil(proof)), '0x1234567890'))).toEqual(proof)
  })

  it('is the one that answers the request, of several', () => {
    const other = prover.prove(14n, BLOCK_HASH)
    const input = nested(fulfil(other), fulfil(proof))
    const id = (seed: bigint) => Vrf.requestId(prover.keyHash, seed)
    expect(Vrf.fulfilmentIn(input, id(SEED))).toEqual(proof)
    expect(Vrf.fulfilmentIn(input, id(14n))).toEqual(other)
    expect(Vrf.fulfilmentIn(input, id(15n))).toEqual(other)
    expect(Vrf.fulfilmentIn(input)).toEqual(other)
  })

  it('is null where there is none', () => {
    const call = fulfil(proof)
    const mock = encodeFunctionData({
      ...{ abi: vrfCoordinatorMockAbi, functionName: 'fulfillRandomWords' },
      args: [1n, `0x${'11'.repeat(20)}`],
    })
    const selector = call.slice(2, 10)
    // Cut short, moved by half a byte, with a witness that is no address, or nothing but the selector.
    const uWitness = 10 + 7 * 64
    const odd = `${call.slice(0, uWitness)}f${call.slice(uWitness + 1)}` as const
    for (const input of ['0x', mock, call.slice(0, -700), `0x0${call.slice(2)}0`, odd] as Hex[])
      expect(Vrf.fulfilmentIn(input)).toBeNull()
    expect(Vrf.fulfilmentIn(`0x${selector}`)).toBeNull()
    expect(Vrf.fulfilmentIn(`0x${selector}${selector}${call.slice(10)}`)).toEqual(proof)
  })

  // A search that tried each of its 300,000 selectors would outlast the test.
  it('is found in a transaction that was made to be searched', () => {
    const call = fulfil(proof)
    const bait = call.slice(2, 10).repeat(300_000)
    expect(Vrf.fulfilmentIn(`0x${bait}${call.slice(2)}`)).toEqual(proof)
  })

  it('has one encoding', () => {
    const encoded = Vrf.encodeProof(proof)
    expect(encoded.length).toBe(2 + 13 * 64)
    for (const wrong of [`${encoded}00`, encoded.slice(0, -2), '0x'] as Hex[])
      expect(() => Vrf.decodeProof(wrong)).toThrow()
  })
})
