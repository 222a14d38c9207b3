import {
  concat,
  decodeAbiParameters,
  encodeAbiParameters,
  type Hex,
  keccak256,
  parseAbiParameters,
  toFunctionSelector,
} from 'viem'
import {
  addressOf,
  challengeOf,
  FIELD_SIZE,
  fromAffine,
  GENERATOR,
  GROUP_ORDER,
  hashToCurve,
  inverseOfSum,
  isInfinity,
  isOnCurve,
  multiply,
  outputOf,
  type Point,
  toAffine,
  word,
} from './VrfCurve.ts'

/** Chainlink VRF v2.5: what its coordinator checks of a proof (`VRF.sol`, `VRFCoordinatorV2_5.sol`), and how a word follows. */

/** The struct that `fulfillRandomWords` takes. `seed` is the request's `preSeed`. `uWitness` in lower case. */
export interface Proof {
  readonly pk: Point
  readonly gamma: Point
  readonly c: bigint
  readonly s: bigint
  readonly seed: bigint
  readonly uWitness: Hex
  readonly cGammaWitness: Point
  readonly sHashWitness: Point
  readonly zInv: bigint
}

const PROOF =
  'uint256[2] pk, uint256[2] gamma, uint256 c, uint256 s, uint256 seed, address uWitness, uint256[2] cGammaWitness, uint256[2] sHashWitness, uint256 zInv'
const COMMITMENT =
  'uint64 blockNum, uint256 subId, uint32 callbackGasLimit, uint32 numWords, address sender, bytes extraArgs'
const PROOF_PARAMETERS = parseAbiParameters(`(${PROOF}) proof`)
const CALL_PARAMETERS = parseAbiParameters(`(${PROOF}) proof, (${COMMITMENT}) rc, bool onlyPremium`)
const SELECTOR = toFunctionSelector(
  `fulfillRandomWords((${PROOF}) proof, (${COMMITMENT}) rc, bool onlyPremium)`,
).slice(2)
/** Hex digits of a proof: 13 words. */
const PROOF_DIGITS = 13 * 64
/** After the proof: where the commitment begins. */
const COMMITMENT_OFFSET = word(15n * 32n).slice(2)
/** Hex digits of the longest call that the coordinator takes, without its selector. */
const CALL_DIGITS = 800 * 2

/** A proof as one byte string: the ABI encoding of its struct, 416 bytes. */
export const encodeProof = (proof: Proof): Hex => encodeAbiParameters(PROOF_PARAMETERS, [proof])

/** @throws when the bytes are not exactly what `encodeProof` gives. */
export const decodeProof = (encoded: Hex): Proof => {
  const [{ uWitness, ...proof }] = decodeAbiParameters(PROOF_PARAMETERS, encoded)
  const decoded: Proof = { ...proof, uWitness: uWitness.toLowerCase() as Hex }
  if (encodeProof(decoded) !== encoded.toLowerCase())
    throw new Error(`not the encoding of a proof: ${encoded}`)
  return decoded
}

/** What the coordinator knows a proving key by. */
export const keyHashOf = (publicKey: Point): Hex => keccak256(concat(publicKey.map(word)))

/** The coordinator's id of a request. */
export const requestId = (keyHash: Hex, preSeed: bigint): bigint =>
  BigInt(keccak256(concat([keyHash, word(preSeed)])))

/** The random word number `index` that follows from a fulfilment's seed. */
export const wordOf = (outputSeed: bigint, index: number): bigint =>
  BigInt(keccak256(concat([word(outputSeed), word(BigInt(index))])))

/**
 * The proof in the calldata of a fulfilment's transaction, at its top or handed to another contract; null when there is none.
 * Of several, the one that answers request `id`, else the first.
 */
export const fulfilmentIn = (input: Hex, id?: bigint): Proof | null => {
  const proofs: Proof[] = []
  for (let at = input.indexOf(SELECTOR, 2); at >= 0; at = input.indexOf(SELECTOR, at + 1)) {
    const call = input.slice(at + SELECTOR.length, at + SELECTOR.length + CALL_DIGITS)
    if (at % 2 !== 0 || !call.startsWith(COMMITMENT_OFFSET, PROOF_DIGITS)) continue
    try {
      decodeAbiParameters(CALL_PARAMETERS, `0x${call}`)
      proofs.push(decodeProof(`0x${call.slice(0, PROOF_DIGITS)}`))
    } catch {
      // Four bytes that look like the selector and are not.
    }
  }
  return proofs.find(({ pk, seed }) => requestId(keyHashOf(pk), seed) === id) ?? proofs[0] ?? null
}

/** What a proof proves. `reason` says what is wrong with one that is not valid. */
export type Verdict =
  | { readonly isValid: true; readonly outputSeed: bigint }
  | { readonly isValid: false; readonly outputSeed: bigint; readonly reason: string }

const isScalar = (value: bigint) => value % GROUP_ORDER !== 0n
const isSame = (a: Point, b: Point) => a[0] === b[0] && a[1] === b[1]

/** The contract multiplies with `ecrecover`, which takes an x only below the group's order. */
const isRecoverable = ([x]: Point) => x > 0n && x < GROUP_ORDER

const fault = (proof: Proof, preSeed: bigint, blockHash: Hex): string | undefined => {
  const { pk, gamma, c, s, uWitness, cGammaWitness, sHashWitness, zInv } = proof
  if (proof.seed !== preSeed) return 'the proof is for another seed'
  for (const [name, point] of Object.entries({ pk, gamma, cGammaWitness, sHashWitness }))
    if (!isOnCurve(point)) return `${name} is not on the curve`
  if (!isScalar(c) || !isScalar(s)) return 'a scalar is zero'

  const hash = hashToCurve(pk, BigInt(keccak256(concat([word(preSeed), blockHash]))))
  if (![pk, gamma, hash].every(isRecoverable)) return 'a point cannot be multiplied by the contract'
  const u = multiply(fromAffine(pk), c).add(multiply(GENERATOR, s))
  if (isInfinity(u) || addressOf(toAffine(u)) !== uWitness)
    return 'uWitness is not the address of c·pk + s·G'
  const cGamma = toAffine(multiply(fromAffine(gamma), c))
  const sHash = toAffine(multiply(fromAffine(hash), s))
  if (!isSame(cGamma, cGammaWitness)) return 'cGammaWitness is not c·gamma'
  if (!isSame(sHash, sHashWitness)) return 'sHashWitness is not s·hash'
  if (cGamma[0] === sHash[0]) return 'the two witnesses have the same x'
  if (zInv % FIELD_SIZE !== inverseOfSum(cGamma, sHash)) return 'zInv is not the inverse of z'
  const v = toAffine(fromAffine(cGamma).add(fromAffine(sHash)))
  if (challengeOf(hash, pk, gamma, uWitness, v) !== c) return 'c is not the challenge'
  return undefined
}

/**
 * Does all that the coordinator does with a proof except asking which keys are registered: compare `keyHashOf(proof.pk)` with
 * the request's. `preSeed` is the request's, `blockHash` the hash of the block that holds it.
 */
export const verifyProof = (proof: Proof, preSeed: bigint, blockHash: Hex): Verdict => {
  const reason = fault(proof, preSeed, blockHash)
  const outputSeed = outputOf(proof.gamma)
  return reason === undefined
    ? { isValid: true, outputSeed }
    : { isValid: false, outputSeed, reason }
}
