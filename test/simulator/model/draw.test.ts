import { encodeAbiParameters, type Hex, keccak256, parseAbiParameters, toHex } from 'viem'
import { expect, it } from 'vitest'
import { draw } from './draw.ts'
import { ANN, account, createWritten, MONDAY } from './written.ts'

const FIRST = [1n, 1n] as const
const COORDINATOR = account(0xc0)
const KEY: Hex = toHex(0x7e7, { size: 32 })
const hashOf = (types: string, values: readonly unknown[]) =>
  BigInt(keccak256(encodeAbiParameters(parseAbiParameters(types), values)))
const REQUEST = hashOf('bytes32, uint256', [KEY, 11n])
const WORD = hashOf('uint256, uint256', [22n, 0n])
const NUMBER = Number(WORD % 402n) + 1
/** The real coordinator's call; a mock's is another one. */
const WITH_PROOF: Hex = '0x301f42e9'

const createRequested = (requestId = REQUEST) => {
  const written = createWritten()
  written.at(MONDAY)
  written.pool(1n)
  written.enter(FIRST, ANN, [NUMBER], 90n)
  written.close(FIRST)
  written.log(
    'RandomWordsRequested',
    {
      ...{ keyHash: KEY, requestId, preSeed: 11n, subId: 1n, minimumRequestConfirmations: 3 },
      ...{ callbackGasLimit: 1, numWords: 1, extraArgs: '0x', sender: account(1) },
    },
    COORDINATOR,
  )
  const request = { poolId: 1n, roundId: 1n, requestId }
  const place = { coordinator: COORDINATOR, keyHash: KEY, confirmations: 3 }
  written.log('RandomnessRequested', { ...request, ...place })
  const answer = (success = true) => {
    const cost = { subId: 1n, payment: 0n, nativePayment: true, onlyPremium: false }
    const args = { requestId, outputSeed: 22n, success, ...cost }
    written.log('RandomWordsFulfilled', args, COORDINATOR)
  }
  const fulfil = (input: Hex, randomWord: bigint) => {
    const winningNumber = Number(randomWord % 402n) + 1
    written.at(MONDAY + 7)
    written.call(input)
    written.log('RandomnessFulfilled', { ...request, randomWord, winningNumber })
    const won = winningNumber === NUMBER
    written.draw(FIRST, winningNumber, won ? 90n : 0n, won ? 1n : 0n, won ? 0n : 90n)
    answer()
  }
  const verification = () => {
    const facts = written.facts()
    const [round] = facts.rounds
    const { drawVerification } =
      round === undefined ? { drawVerification: null } : draw(facts, round)
    return drawVerification
  }
  const results = () => verification()?.checks.map(({ result }) => result)
  return { ...written, answer, fulfil, verification, results }
}

it('a draw with a proof passes every check', () => {
  const round = createRequested()
  round.fulfil(WITH_PROOF, WORD)
  expect(new Set(round.results())).toEqual(new Set(['PASSED']))
  expect(round.verification()).toMatchObject({
    ...{ verified: true, requestId: REQUEST.toString(), preSeed: '11', outputSeed: '22' },
    ...{ randomWord: WORD.toString(), winningNumber: NUMBER },
    ...{ latencySeconds: 7, latencyBlocks: 1 },
  })
})

it('a mock’s has no proof, and a word that does not follow from the seed shows', () => {
  const honest = createRequested(1n)
  honest.fulfil('0x', WORD)
  const rest = ['PASSED', 'PASSED', 'PASSED', 'PASSED']
  expect(honest.results()).toEqual([
    ...['PASSED', 'PASSED', 'NOT_APPLICABLE', 'NOT_APPLICABLE'],
    ...rest,
  ])
  expect(honest.verification()?.verified).toBe(true)
  const chosen = createRequested(1n)
  chosen.fulfil('0x', 5n)
  expect(chosen.results()?.slice(0, 2)).toEqual(['FAILED', 'PASSED'])
  expect(chosen.verification()?.verified).toBe(false)
})

it('before the answer little is known; an answer that failed leaves no word', () => {
  const round = createRequested()
  const waiting = Array.from({ length: 8 }, (_, at) => (at === 2 ? 'PASSED' : 'NOT_YET'))
  expect(round.results()).toEqual(waiting)
  expect(round.verification()).toMatchObject({ fulfilledTx: null, latencyBlocks: null })
  round.at(MONDAY + 9)
  round.call(WITH_PROOF)
  round.answer(false)
  expect(round.results()?.slice(0, 4)).toEqual(['NOT_YET', 'NOT_YET', 'PASSED', 'PASSED'])
  expect(round.verification()).toMatchObject({
    ...{ outputSeed: '22', randomWord: null, winningNumber: null, latencySeconds: 9 },
  })
})

it('an entry after the request shows at once', () => {
  const round = createRequested()
  round.enter(FIRST, ANN, [1])
  expect(round.results()?.[4]).toBe('FAILED')
})
