import { invert, mod, pow } from '@noble/curves/abstract/modular'
import { secp256k1 } from '@noble/curves/secp256k1'
import { concat, type Hex, keccak256, toHex } from 'viem'

/**
 * The curve arithmetic of Chainlink's `VRF.sol`: secp256k1, keccak256, and a hash onto the curve that hashes again until it
 * hits. Prover and verifier share it; the contract is what both are measured against.
 */

const CURVE = secp256k1.ProjectivePoint
/** How many elements the field of the points' coordinates has. */
export const FIELD_SIZE = secp256k1.CURVE.Fp.ORDER
/** How many points the group has; scalars count modulo it. */
export const GROUP_ORDER = secp256k1.CURVE.n
export const GENERATOR = CURVE.BASE

/** Affine coordinates, as the contract has them. */
export type Point = readonly [bigint, bigint]
export type CurvePoint = typeof CURVE.BASE

/** One 32-byte word. */
export const word = (value: bigint): Hex => toHex(value, { size: 32 })

const hashWords = (...words: readonly bigint[]) => BigInt(keccak256(concat(words.map(word))))

/** `abi.encode(prefix, …)` hashed: prefix 3 makes a proof's gamma the draw's seed. */
export const outputOf = (gamma: Point): bigint => hashWords(3n, ...gamma)

const ySquared = (x: bigint) => mod(x * x * x + 7n, FIELD_SIZE)

/** Both coordinates are field elements, and the point is on the curve. */
export const isOnCurve = ([x, y]: Point): boolean =>
  x < FIELD_SIZE && y < FIELD_SIZE && ySquared(x) === mod(y * y, FIELD_SIZE)

export const fromAffine = ([x, y]: Point): CurvePoint => CURVE.fromAffine({ x, y })

/** @throws for the point at infinity, which has no affine coordinates. */
export const toAffine = (point: CurvePoint): Point => {
  const { x, y } = point.toAffine()
  return [x, y]
}

/** `scalar × point`. @throws when the scalar is a multiple of the group's order. */
export const multiply = (point: CurvePoint, scalar: bigint): CurvePoint =>
  // Not `multiplyUnsafe`, which in this version of the library is wrong for the generator.
  point.multiply(mod(scalar, GROUP_ORDER))

export const isInfinity = (point: CurvePoint): boolean => point.equals(CURVE.ZERO)

/** The last 20 bytes of the point's hash, as if it were an account's key. Lower case. */
export const addressOf = ([x, y]: Point): Hex => `0x${word(hashWords(x, y)).slice(-40)}`

/** A point for `(publicKey, input)` whose logarithm nobody knows; its y is even. */
export const hashToCurve = (publicKey: Point, input: bigint): Point => {
  for (let x = hashWords(1n, ...publicKey, input); ; x = hashWords(x)) {
    // A hash beyond the field is hashed again.
    while (x >= FIELD_SIZE) x = hashWords(x)
    const root = pow(ySquared(x), (FIELD_SIZE + 1n) / 4n, FIELD_SIZE)
    const point = [x, root % 2n === 0n ? root : FIELD_SIZE - root] as const
    if (isOnCurve(point)) return point
  }
}

/** The challenge `c` of a proof. */
export const challengeOf = (
  hash: Point,
  publicKey: Point,
  gamma: Point,
  uWitness: Hex,
  v: Point,
): bigint => {
  const words = [2n, ...hash, ...publicKey, ...gamma, ...v].map(word)
  return BigInt(keccak256(concat([...words, uWitness])))
}

/**
 * What the contract wants the inverse of when it adds two points of different x: the denominator that its projective formula
 * ends with, `(x₂ − x₁)⁵`.
 */
export const inverseOfSum = (a: Point, b: Point): bigint =>
  invert(pow(mod(b[0] - a[0], FIELD_SIZE), 5n, FIELD_SIZE), FIELD_SIZE)
