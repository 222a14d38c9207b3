import {
  encodeAbiParameters,
  getAbiItem,
  type Hex,
  keccak256,
  parseAbiParameters,
  toFunctionSelector,
} from 'viem'
import { vrfCoordinatorV2_5Abi } from '../../../abis/VrfCoordinatorV2_5.ts'
import type { Facts, Round } from './facts.ts'
import { named, type Place } from './history.ts'
import { roundRef } from './render.ts'
import { isWinning, prizePoolOf } from './status.ts'

export const DRAW = /* GraphQL */ `
  query Draw($poolId: BigInt!, $roundId: BigInt!) {
    drawVerification(poolId: $poolId, roundId: $roundId) { ...draw }
    round(poolId: $poolId, roundId: $roundId) { draw { ...draw } }
  }
  fragment draw on DrawVerification {
    round { pool { poolId } roundId } requestId coordinator keyHash preSeed requestBlockHash
    outputSeed randomWord winningNumber
    requestedTx { ...place } fulfilledTx { ...place } latencySeconds latencyBlocks
    checks { result } verified
  }
  fragment place on TransactionRef { chainId hash blockNumber blockHash timestamp }
`

type Result = 'PASSED' | 'FAILED' | 'NOT_APPLICABLE' | 'NOT_YET'

const hashOf = (types: string, values: readonly unknown[]) =>
  BigInt(keccak256(encodeAbiParameters(parseAbiParameters(types), values)))

/** Calls of the real coordinator open with the proof; a mock's have another selector. */
const FULFIL = toFunctionSelector(
  getAbiItem({ abi: vrfCoordinatorV2_5Abi, name: 'fulfillRandomWords' }),
)
const hasProof = ({ input }: Place) => input.includes(FULFIL.slice(2))

const passedIf = (holds: boolean): Result => (holds ? 'PASSED' : 'FAILED')

const placeOf = (chainId: number, at: Place) => ({
  chainId,
  hash: at.transaction,
  blockNumber: at.block.toString(),
  blockHash: at.blockHash,
  timestamp: at.timestamp,
})

/** The coordinator's logs of the round's request. */
const requestOf = (facts: Facts, round: Round) => {
  const { requested } = round
  if (requested === undefined) return undefined
  const ofCoordinator = { address: requested.coordinator, requestId: requested.requestId }
  const matches = (event: { address: Hex; args: { requestId: bigint } }) =>
    event.address === ofCoordinator.address && event.args.requestId === ofCoordinator.requestId
  return {
    ...requested,
    sent: named(facts.events, 'RandomWordsRequested').find(matches),
    answered: named(facts.events, 'RandomWordsFulfilled').find(matches),
  }
}

type Request = NonNullable<ReturnType<typeof requestOf>>

/** A mock numbers its requests, which shows when it answers without a proof. */
const requestIdCheck = ({ keyHash, requestId, sent, answered }: Request): Result => {
  if (sent !== undefined && hashOf('bytes32, uint256', [keyHash, sent.args.preSeed]) === requestId)
    return 'PASSED'
  if (answered === undefined) return 'NOT_YET'
  return hasProof(answered.at) ? 'FAILED' : 'NOT_APPLICABLE'
}

/**
 * The eight checks in the order of the design: word from seed, number from word, request id, VRF proof, no entry after the
 * request, winners, prize split, carry. That no entry came after the request holds for good once the draw came. The proof is not redone here: a coordinator
 * that takes one has checked it on chain.
 */
const checksOf = (round: Round, request: Request): readonly Result[] => {
  const { drawn, fulfilled, entries } = round
  const { answered } = request
  const word = fulfilled?.randomWord
  const winners = BigInt(entries.filter(isWinning).length)
  const pool = prizePoolOf(round)
  const prize = winners === 0n ? 0n : pool / winners
  const whenDrawn = (holds: () => boolean): Result =>
    drawn === undefined ? 'NOT_YET' : passedIf(holds())
  const late = entries.some(
    ({ at }) =>
      at.block > request.at.block ||
      (at.block === request.at.block && at.logIndex > request.at.logIndex),
  )
  return [
    word === undefined || answered === undefined
      ? 'NOT_YET'
      : passedIf(hashOf('uint256, uint256', [answered.args.outputSeed, 0n]) === word),
    word === undefined
      ? 'NOT_YET'
      : passedIf(drawn !== undefined && word % 402n === BigInt(drawn.winningNumber - 1)),
    requestIdCheck(request),
    answered === undefined ? 'NOT_YET' : hasProof(answered.at) ? 'PASSED' : 'NOT_APPLICABLE',
    late ? 'FAILED' : whenDrawn(() => true),
    whenDrawn(() => drawn?.winningEntryCount === winners),
    whenDrawn(() => drawn?.prizePerEntry === prize),
    whenDrawn(() => drawn?.carryOut === pool - prize * winners),
  ]
}

/**
 * Null until randomness was requested. The request was fulfilled when the coordinator answered it, also when the game's callback
 * failed or came too late; the word and the number are the game's and absent then. Verified: every check passed or does not
 * apply.
 */
const drawOf = (facts: Facts, round: Round) => {
  const request = requestOf(facts, round)
  if (request === undefined) return null
  const { requestId, coordinator, keyHash, at, sent, answered } = request
  const checks = checksOf(round, request)
  return {
    round: roundRef(round),
    requestId: requestId.toString(),
    coordinator,
    keyHash,
    preSeed: sent?.args.preSeed.toString() ?? null,
    requestBlockHash: at.blockHash,
    outputSeed: answered?.args.outputSeed.toString() ?? null,
    randomWord: round.fulfilled?.randomWord.toString() ?? null,
    winningNumber: round.drawn?.winningNumber ?? null,
    requestedTx: placeOf(facts.chainId, at),
    fulfilledTx: answered === undefined ? null : placeOf(facts.chainId, answered.at),
    latencySeconds: answered === undefined ? null : answered.at.timestamp - at.timestamp,
    latencyBlocks: answered === undefined ? null : answered.at.block - at.block,
    checks: checks.map((result) => ({ result })),
    verified: checks.every((result) => ['PASSED', 'NOT_APPLICABLE'].includes(result)),
  }
}

export const draw = (facts: Facts, round: Round) => ({
  drawVerification: drawOf(facts, round),
  round: { draw: drawOf(facts, round) },
})
