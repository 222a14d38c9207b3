import type { Hex } from 'viem'
import * as Money from './Money.ts'
import { NUMBERS } from './Round.ts'
import * as Vrf from './Vrf.ts'

/** A draw done again, from what the chain says of it. */

export type CheckResult = 'PASSED' | 'FAILED' | 'NOT_APPLICABLE' | 'NOT_YET'

export const CHECKS = [
  'WORD_FROM_SEED',
  'NUMBER_FROM_WORD',
  'REQUEST_ID',
  'VRF_PROOF',
  'NO_ENTRY_AFTER_REQUEST',
  'WINNERS',
  'PRIZE_SPLIT',
  'CARRY',
] as const
export type CheckName = (typeof CHECKS)[number]

/** One thing that must hold of a draw: what it should be, what the chain says, and why it matters. */
export interface Check {
  readonly name: CheckName
  readonly result: CheckResult
  readonly expected: string | null
  readonly actual: string | null
  readonly explanation: string
}

/** Where a log stands on the chain. */
export interface Place {
  readonly blockNumber: bigint
  readonly logIndex: number
}

/** What a draw is judged by. A database and a reader of the chain both have it. Money in base units of the pool's token. */
export interface Facts {
  /** The game's request: place and block of RandomnessRequested or of the coordinator's event before it. */
  readonly request: Place & {
    readonly requestId: bigint
    readonly keyHash: Hex
    /** Of the coordinator's RandomWordsRequested; null when there is none. */
    readonly preSeed: bigint | null
    readonly blockHash: Hex
  }
  /** The coordinator's RandomWordsFulfilled, with the proof (`Vrf.encodeProof`) from its transaction's calldata if it has one. */
  readonly fulfilment: {
    readonly outputSeed: bigint
    readonly proof: Hex | null
    /** Whether the game's callback went through. */
    readonly success: boolean
  } | null
  /** The game's RandomnessFulfilled. */
  readonly word: { readonly randomWord: bigint; readonly winningNumber: number } | null
  /** The game's RoundDrawn. */
  readonly drawn: {
    readonly winningNumber: number
    readonly winningEntryCount: number
    readonly prizePool: bigint
    readonly prizePerEntry: bigint
    readonly carryOut: bigint
  } | null
  readonly pool: { readonly entryFee: bigint; readonly feeBps: number }
  readonly round: { readonly carryIn: bigint }
  /** Counted one by one from EntryPlaced. `onNumber`: those on the winning number, 0 before there is one. */
  readonly entries: {
    readonly count: number
    readonly onNumber: number
    readonly last: Place | null
  }
  /** RoundOpened of the next round, and what PrizeCarried of this one handed to it (0 without that event). */
  readonly next: { readonly carryIn: bigint; readonly carried: bigint } | null
}

type Finding = Omit<Check, 'name' | 'explanation'> & { readonly why?: string }
type Known = string | number | bigint

const compare = (expected: Known, actual: Known): Finding => ({
  result: expected === actual ? 'PASSED' : 'FAILED',
  expected: String(expected),
  actual: String(actual),
})
const notYet = (expected: Known | null = null): Finding => ({
  result: 'NOT_YET',
  expected: expected === null ? null : String(expected),
  actual: null,
})
const notApplicable = (why: string): Finding => ({
  result: 'NOT_APPLICABLE',
  expected: null,
  actual: null,
  why,
})

const notFound = (requestId: bigint): Finding => ({
  result: 'FAILED',
  expected: null,
  actual: String(requestId),
  why: 'The coordinator says nothing of such a request.',
})

const NO_PROOF =
  'This coordinator takes no proof: its seed is the request id. A stand-in for tests, which anybody can make answer anything.'

/** Chainlink's mock repeats the request id as its seed. Of a proof's seed that is as likely as guessing a key. */
const isStandIn = ({ request, fulfilment }: Facts) =>
  fulfilment !== null && fulfilment.proof === null && fulfilment.outputSeed === request.requestId

const wordFromSeed = ({ fulfilment, word }: Facts): Finding => {
  if (fulfilment === null) return notYet()
  const expected = Vrf.wordOf(fulfilment.outputSeed, 0)
  if (word !== null) return compare(expected, word.randomWord)
  return fulfilment.success
    ? { result: 'FAILED', expected: String(expected), actual: null }
    : { ...notYet(expected), why: 'The game refused the call that brought the word.' }
}

const numberFromWord = ({ word, drawn }: Facts): Finding => {
  if (word === null) return notYet()
  const expected = Number(word.randomWord % BigInt(NUMBERS)) + 1
  if (drawn === null) return notYet(expected)
  return compare(
    expected,
    drawn.winningNumber === word.winningNumber
      ? drawn.winningNumber
      : `${word.winningNumber} (RandomnessFulfilled), ${drawn.winningNumber} (RoundDrawn)`,
  )
}

const requestId = (facts: Facts): Finding => {
  const { keyHash, preSeed, requestId } = facts.request
  if (isStandIn(facts)) return notApplicable('This coordinator numbers its requests.')
  if (preSeed === null) return facts.fulfilment === null ? notYet() : notFound(requestId)
  const finding = compare(Vrf.requestId(keyHash, preSeed), requestId)
  return facts.fulfilment === null && finding.result === 'FAILED' ? notYet() : finding
}

const vrfProof = (facts: Facts): Finding => {
  const { request, fulfilment } = facts
  if (fulfilment === null) return notYet()
  if (isStandIn(facts)) return notApplicable(NO_PROOF)
  const failed = (actual: string | null, why: string): Finding => ({
    result: 'FAILED',
    expected: String(fulfilment.outputSeed),
    actual,
    why,
  })
  if (fulfilment.proof === null)
    return failed(null, 'The transaction of the fulfilment shows no proof.')
  if (request.preSeed === null) return notFound(request.requestId)
  const proof = Vrf.decodeProof(fulfilment.proof)
  const keyHash = Vrf.keyHashOf(proof.pk)
  if (keyHash !== request.keyHash)
    return failed(keyHash, 'The proof is by another key than the one that was asked.')
  const verdict = Vrf.verifyProof(proof, request.preSeed, request.blockHash)
  if (!verdict.isValid) return failed(null, `The proof is wrong: ${verdict.reason}.`)
  return compare(verdict.outputSeed, fulfilment.outputSeed)
}

const noEntryAfterRequest = ({ request, entries: { last }, word }: Facts): Finding => {
  const text = ({ blockNumber, logIndex }: Place) => `block ${blockNumber}, log ${logIndex}`
  const isBefore =
    last === null ||
    last.blockNumber < request.blockNumber ||
    (last.blockNumber === request.blockNumber && last.logIndex < request.logIndex)
  return {
    result: !isBefore ? 'FAILED' : word === null ? 'NOT_YET' : 'PASSED',
    expected: `before ${text(request)}`,
    actual: last === null ? null : text(last),
  }
}

const winners = ({ drawn, entries }: Facts): Finding =>
  drawn === null ? notYet() : compare(entries.onNumber, drawn.winningEntryCount)

const prizeSplit = ({ pool, round, entries, drawn }: Facts): Finding => {
  const stake = pool.entryFee - Money.fee(pool.entryFee, pool.feeBps)
  const prizePool = round.carryIn + BigInt(entries.count) * stake
  if (drawn === null) return notYet()
  const prize = entries.onNumber === 0 ? 0n : prizePool / BigInt(entries.onNumber)
  const text = (pool: bigint, prize: bigint, rest: bigint) =>
    `pool ${pool}, prize ${prize}, carried ${rest}`
  return compare(
    text(prizePool, prize, prizePool - prize * BigInt(entries.onNumber)),
    text(drawn.prizePool, drawn.prizePerEntry, drawn.carryOut),
  )
}

const carry = ({ drawn, next }: Facts): Finding => {
  if (drawn === null) return notYet()
  if (next === null) return { result: 'FAILED', expected: String(drawn.carryOut), actual: null }
  return compare(
    drawn.carryOut,
    next.carried === next.carryIn
      ? next.carryIn
      : `${next.carried} (PrizeCarried), ${next.carryIn} (RoundOpened)`,
  )
}

const EXPLANATIONS = {
  WORD_FROM_SEED: "The game's random word is keccak256(outputSeed, 0).",
  NUMBER_FROM_WORD: `The winning number is the word modulo ${NUMBERS}, plus 1, in both events.`,
  REQUEST_ID: 'The request id is keccak256(keyHash, preSeed).',
  VRF_PROOF:
    "The proof, by the key that was asked and over the hash of the request's block, gives the coordinator's seed.",
  NO_ENTRY_AFTER_REQUEST: 'The last entry was placed before the word was asked for.',
  WINNERS: 'As many entries are on the winning number as the contract found.',
  PRIZE_SPLIT:
    'The pool is what was carried in plus the entries without their fees; winners share it equally, and the rest is carried over.',
  CARRY: 'What the round carried out, the next round carried in.',
} as const satisfies Record<CheckName, string>

const FINDINGS = {
  WORD_FROM_SEED: wordFromSeed,
  NUMBER_FROM_WORD: numberFromWord,
  REQUEST_ID: requestId,
  VRF_PROOF: vrfProof,
  NO_ENTRY_AFTER_REQUEST: noEntryAfterRequest,
  WINNERS: winners,
  PRIZE_SPLIT: prizeSplit,
  CARRY: carry,
} as const satisfies Record<CheckName, (facts: Facts) => Finding>

/** The eight checks, in the order of `CHECKS`. */
export const checks = (facts: Facts): readonly Check[] =>
  CHECKS.map((name) => {
    const { why, ...finding } = FINDINGS[name](facts)
    const explanation = why === undefined ? EXPLANATIONS[name] : `${EXPLANATIONS[name]} ${why}`
    return { name, ...finding, explanation }
  })

/** Every check that applies has passed. */
export const isVerified = (checks: readonly Check[]): boolean =>
  checks.every(({ result }) => result === 'PASSED' || result === 'NOT_APPLICABLE')
