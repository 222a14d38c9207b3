import { describe, expect, it } from 'vitest'
import * as Draw from '../../src/domain/Draw.ts'
import * as Vrf from '../../src/domain/Vrf.ts'
import { createProver } from '../../stack/vrf/prover.ts'

const prover = createProver(402n)
const blockHash = `0x${'ab'.repeat(32)}` as const
const preSeed = 13n
const proof = prover.prove(preSeed, blockHash)
const { outputSeed } = Vrf.verifyProof(proof, preSeed, blockHash)
const randomWord = Vrf.wordOf(outputSeed, 0)
const winningNumber = Number(randomWord % 402n) + 1

/** Ten entries of 1,000 less 2.5 %, three of them on the number, over 7 carried in: 9,757 = 3 × 3,252 + 1. */
const facts: Draw.Facts = {
  request: {
    ...{ blockNumber: 100n, logIndex: 5, blockHash, preSeed },
    ...{ requestId: Vrf.requestId(prover.keyHash, preSeed), keyHash: prover.keyHash },
  },
  fulfilment: { outputSeed, proof: Vrf.encodeProof(proof), success: true },
  word: { randomWord, winningNumber },
  drawn: {
    ...{ winningNumber, winningEntryCount: 3 },
    ...{ prizePool: 9757n, prizePerEntry: 3252n, carryOut: 1n },
  },
  pool: { entryFee: 1000n, feeBps: 250 },
  round: { carryIn: 7n },
  entries: { count: 10, onNumber: 3, last: { blockNumber: 100n, logIndex: 4 } },
  next: { carryIn: 1n, carried: 1n },
}
const { request, fulfilment, word, drawn, entries } = facts
if (fulfilment === null || word === null || drawn === null) throw new Error('a draw is missing')

const resultsOf = (of: Draw.Facts) =>
  Object.fromEntries(Draw.checks(of).map(({ name, result }) => [name, result]))
const failures = (of: Draw.Facts) =>
  Draw.checks(of)
    .filter(({ result }) => result !== 'PASSED')
    .map(({ name, result }) => `${name} ${result}`)

describe('a draw', () => {
  it('is verified when all is as it should be, check by check', () => {
    const checks = Draw.checks(facts)
    expect(checks.map(({ name, result }) => [name, result])).toEqual(
      Draw.CHECKS.map((name) => [name, 'PASSED']),
    )
    for (const { name, expected, actual, explanation } of checks) {
      if (name !== 'NO_ENTRY_AFTER_REQUEST') expect(actual).toBe(expected)
      expect(explanation).toMatch(/^[A-Z].*\.$/)
    }
    expect(Draw.isVerified(checks)).toBe(true)
  })

  it('that nobody won carries the whole pool', () => {
    const rolled: Draw.Facts = {
      ...facts,
      drawn: { ...drawn, winningEntryCount: 0, prizePerEntry: 0n, carryOut: 9757n },
      entries: { ...entries, onNumber: 0 },
      next: { carryIn: 9757n, carried: 9757n },
    }
    expect(failures(rolled)).toEqual([])
  })

  it.each<[string, Partial<Draw.Facts>, string[]]>([
    [
      'another word',
      { word: { ...word, randomWord: randomWord + 402n } },
      ['WORD_FROM_SEED FAILED'],
    ],
    [
      'no word though the game took the call',
      { word: null },
      [...['WORD_FROM_SEED FAILED', 'NUMBER_FROM_WORD NOT_YET'], 'NO_ENTRY_AFTER_REQUEST NOT_YET'],
    ],
    [
      'another number in one of two events',
      { word: { ...word, winningNumber: winningNumber + 1 } },
      ['NUMBER_FROM_WORD FAILED'],
    ],
    [
      'another number in the draw',
      { drawn: { ...drawn, winningNumber: 403 } },
      ['NUMBER_FROM_WORD FAILED'],
    ],
    ['another request id', { request: { ...request, requestId: 1n } }, ['REQUEST_ID FAILED']],
    [
      'a request that the coordinator does not know',
      { request: { ...request, preSeed: null } },
      [...['REQUEST_ID FAILED', 'VRF_PROOF FAILED']],
    ],
    [
      'another lane',
      { request: { ...request, keyHash: blockHash } },
      [...['REQUEST_ID FAILED', 'VRF_PROOF FAILED']],
    ],
    ['another block', { request: { ...request, blockHash: prover.keyHash } }, ['VRF_PROOF FAILED']],
    ['a hidden proof', { fulfilment: { ...fulfilment, proof: null } }, ['VRF_PROOF FAILED']],
    [
      'a proof of another seed than the coordinator said',
      { fulfilment: { ...fulfilment, outputSeed: outputSeed + 1n } },
      ['WORD_FROM_SEED FAILED', 'VRF_PROOF FAILED'],
    ],
    [
      'an entry after the request, in its block',
      { entries: { ...entries, last: { blockNumber: 100n, logIndex: 6 } } },
      ['NO_ENTRY_AFTER_REQUEST FAILED'],
    ],
    [
      'an entry in a later block',
      { entries: { ...entries, last: { blockNumber: 101n, logIndex: 0 } } },
      ['NO_ENTRY_AFTER_REQUEST FAILED'],
    ],
    [
      'a winner more',
      { entries: { ...entries, onNumber: 4 } },
      [...['WINNERS FAILED', 'PRIZE_SPLIT FAILED']],
    ],
    ['an entry more', { entries: { ...entries, count: 11 } }, ['PRIZE_SPLIT FAILED']],
    ['a unit less for each', { drawn: { ...drawn, prizePerEntry: 3251n } }, ['PRIZE_SPLIT FAILED']],
    ['a unit lost on the way', { next: { carryIn: 0n, carried: 0n } }, ['CARRY FAILED']],
    ['a unit said and not carried', { next: { carryIn: 0n, carried: 1n } }, ['CARRY FAILED']],
    ['no next round', { next: null }, ['CARRY FAILED']],
  ])('with %s is not verified', (_, change, expected) => {
    const changed = { ...facts, ...change }
    expect(failures(changed)).toEqual(expected)
    expect(Draw.isVerified(Draw.checks(changed))).toBe(false)
  })

  it('is not verified before its word', () => {
    const waiting = { ...facts, fulfilment: null, word: null, drawn: null, next: null }
    const { REQUEST_ID, ...others } = resultsOf(waiting)
    expect(REQUEST_ID).toBe('PASSED')
    expect(new Set(Object.values(others))).toEqual(new Set(['NOT_YET']))
    expect(Draw.isVerified(Draw.checks(waiting))).toBe(false)
    const late = { ...entries, last: { blockNumber: 101n, logIndex: 0 } }
    expect(resultsOf({ ...waiting, entries: late }).NO_ENTRY_AFTER_REQUEST).toBe('FAILED')
  })

  it('says when the game refused the word', () => {
    const refused = { ...fulfilment, success: false }
    const [first] = Draw.checks({ ...facts, fulfilment: refused, word: null, drawn: null })
    expect(first).toMatchObject({ result: 'NOT_YET', expected: String(randomWord), actual: null })
    expect(first?.explanation).toContain('The game refused')
  })

  it('by a stand-in needs no proof, but its word has to follow', () => {
    const mock: Draw.Facts = {
      ...facts,
      request: { ...request, requestId: 1n },
      fulfilment: { outputSeed: 1n, proof: null, success: true },
      word: { randomWord: Vrf.wordOf(1n, 0), winningNumber },
    }
    const number = Number(Vrf.wordOf(1n, 0) % 402n) + 1
    const drawnByMock = {
      ...mock,
      word: { randomWord: Vrf.wordOf(1n, 0), winningNumber: number },
      drawn: { ...drawn, winningNumber: number },
    }
    expect(failures(drawnByMock)).toEqual(['REQUEST_ID NOT_APPLICABLE', 'VRF_PROOF NOT_APPLICABLE'])
    expect(Draw.isVerified(Draw.checks(drawnByMock))).toBe(true)
    const told = { ...drawnByMock, word: { randomWord: BigInt(number - 1), winningNumber: number } }
    expect(failures(told)).toContain('WORD_FROM_SEED FAILED')
    expect(Draw.isVerified(Draw.checks(told))).toBe(false)
    const before = { ...mock, fulfilment: null, word: null, drawn: null }
    expect(resultsOf(before).REQUEST_ID).toBe('NOT_YET')
  })
})
