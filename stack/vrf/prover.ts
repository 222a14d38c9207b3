import { mod } from '@noble/curves/abstract/modular'
import { concat, type Hex, keccak256 } from 'viem'
import { keyHashOf, type Proof } from '../../src/domain/Vrf.ts'
import {
  addressOf,
  challengeOf,
  fromAffine,
  GENERATOR,
  GROUP_ORDER,
  hashToCurve,
  inverseOfSum,
  multiply,
  type Point,
  toAffine,
  word,
} from '../../src/domain/VrfCurve.ts'

export interface Prover {
  readonly publicKey: Point
  /** The gas lane of requests that this key answers. */
  readonly keyHash: Hex
  /** The one proof for a request, over the hash of the block that holds it. */
  prove(preSeed: bigint, blockHash: Hex): Proof
}

/**
 * Makes the proofs that Chainlink's coordinator verifies on chain. The same request, block and key give the same proof.
 *
 * @throws when `secretKey` is not between 1 and the group's order.
 */
export const createProver = (secretKey: bigint): Prover => {
  if (secretKey <= 0n || secretKey >= GROUP_ORDER) throw new Error('no key of secp256k1')
  const pk = toAffine(multiply(GENERATOR, secretKey))

  const prove = (preSeed: bigint, blockHash: Hex): Proof => {
    const input = BigInt(keccak256(concat([word(preSeed), blockHash])))
    const hash = hashToCurve(pk, input)
    const hashPoint = fromAffine(hash)
    const gamma = toAffine(multiply(hashPoint, secretKey))

    // Never the same for two inputs, and nobody's to guess.
    const nonce = BigInt(keccak256(concat([word(secretKey), word(input)]))) % GROUP_ORDER
    const uWitness = addressOf(toAffine(multiply(GENERATOR, nonce)))
    const c = challengeOf(hash, pk, gamma, uWitness, toAffine(multiply(hashPoint, nonce)))
    const s = mod(nonce - c * secretKey, GROUP_ORDER)

    const cGammaWitness = toAffine(multiply(fromAffine(gamma), c))
    const sHashWitness = toAffine(multiply(hashPoint, s))
    const zInv = inverseOfSum(cGammaWitness, sHashWitness)
    return { pk, gamma, c, s, seed: preSeed, uWitness, cGammaWitness, sHashWitness, zInv }
  }
  return { publicKey: pk, keyHash: keyHashOf(pk), prove }
}
