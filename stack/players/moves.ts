import type { Hex } from 'viem'
import { createRandomAbout, type Random } from './random.ts'

/** Most picks fall on the first numbers, so that numbers meet. */
export const FAVOURITES = 24
/** The stubborn player always plays it, and the keeper's draws like it. */
export const STUBBORN_NUMBER = 13

/** Keeps what is decided about syndicates apart from what else is decided about a round. */
const SYNDICATES = 402n

/** One decision: who enters, for whom, on what, and how it is paid. */
export interface Move {
  readonly poolId: bigint
  readonly payer: number
  /** Absent: the stubborn one. */
  readonly player: number | undefined
  readonly numbers: readonly number[]
  /** In token pools. X402 where the token can, otherwise by allowance. */
  readonly payment: 'DIRECT' | 'GATEWAY' | 'X402'
  /** Of the x402 payment, or the gateway's reference. */
  readonly salt: Hex
}

/** The next decision. Depends on the seed and on how many were made before, not on the chain. */
export const nextMove = (random: Random, poolIds: readonly bigint[], count: number): Move => {
  const payer = random.below(count)
  const isGift = random.chance(0.15)
  const isStubborn = random.chance(0.05)
  const other = random.below(count)
  const numbers = Array.from({ length: 1 + random.below(3) }, () =>
    random.chance(0.7) ? 1 + random.below(FAVOURITES) : 1 + random.below(402),
  )
  return {
    poolId: random.pick(poolIds),
    payer,
    player: isStubborn ? undefined : isGift ? other : payer,
    numbers: isStubborn ? numbers.with(0, STUBBORN_NUMBER) : numbers,
    payment: random.pick(['DIRECT', 'DIRECT', 'GATEWAY', 'X402', 'X402'] as const),
    salt: random.bytes32(),
  }
}

/** An entrance with many numbers at once. */
export interface Syndicate extends Move {
  /** How much of the round has passed by then: 0 at its beginning, 1 at its end. */
  readonly at: number
}

/**
 * Where nobody chooses the number that is drawn, few rounds would be won by picks of one to three. So two to four syndicates
 * enter each round, with 30 to 100 numbers each that follow one another: half of all numbers on average.
 */
export const syndicatesOf = (
  seed: number,
  poolId: bigint,
  roundId: bigint,
  count: number,
): readonly Syndicate[] => {
  const random = createRandomAbout(seed, poolId, roundId, SYNDICATES)
  const syndicates = 2 + random.below(3)
  let next = random.below(402)
  return Array.from({ length: syndicates }, (_, index) => {
    const numbers = Array.from({ length: 30 + random.below(71) }, () => 1 + (next++ % 402))
    const move = nextMove(random, [poolId], count)
    return { ...move, player: move.payer, numbers, at: (index + 1) / (syndicates + 2) }
  })
}

/** What the oracle will say of one round. */
export interface Draw {
  /** Whether somebody is to hold the number. Two of three. */
  readonly wins: boolean
  /** The number that is to be drawn is the first from here that somebody, or nobody, holds. */
  readonly from: number
  /** How many blocks the request waits, 2 to 4. */
  readonly delay: bigint
  /** Of those who cannot take their prize: whether the credit is claimed when this round opens. */
  readonly claims: boolean
  /** A word that draws `number`. */
  word(number: number): bigint
}

/** The oracle's plan for a round. Depends on the seed, the pool and the round alone. */
export const drawOf = (seed: number, poolId: bigint, roundId: bigint): Draw => {
  const random = createRandomAbout(seed, poolId, roundId)
  const noise = BigInt(random.bytes32()) / 402n - 1n
  return {
    wins: random.chance(2 / 3),
    from: random.pick([STUBBORN_NUMBER, 1 + random.below(FAVOURITES), 1 + random.below(402)]),
    delay: BigInt(2 + random.below(3)),
    claims: random.chance(1 / 2),
    word: (number) => noise * 402n + BigInt(number - 1),
  }
}
