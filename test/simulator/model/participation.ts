import type { Hex } from 'viem'
import type { Entry, Round } from './facts.ts'
import { NUMBERS } from './number.ts'
import { decimal, MONEY, money, roundRef, sum } from './render.ts'
import { isUndecided, isWinning, prizePoolOf } from './status.ts'

export const PARTICIPATION = /* GraphQL */ `
  query Participation($address: Address!, $poolId: BigInt!, $roundId: BigInt!) {
    participation(address: $address, poolId: $poolId, roundId: $roundId) {
      round { pool { poolId } roundId }
      entries { entryId } numbers wagered { ...money } winChance projectedPrize { ...money }
    }
  }
  ${MONEY}
`

/** To the nearest of 8 places, without trailing zeros. */
const chanceOf = (numbers: number) =>
  decimal((BigInt(numbers) * 10n ** 8n + BigInt(NUMBERS / 2)) / BigInt(NUMBERS), 8)

/** The mean over the numbers held of what each would bring if it were drawn; after the draw what the winning ones bring. */
const projectedPrize = (round: Round, own: readonly Entry[], numbers: readonly number[]) => {
  if (round.drawn !== undefined)
    return BigInt(own.filter(isWinning).length) * round.drawn.prizePerEntry
  if (!isUndecided(round) || numbers.length === 0) return 0n
  const on = (list: readonly Entry[], number: number) =>
    BigInt(list.filter((entry) => entry.number === number).length)
  const prizes = numbers.map(
    (number) => (prizePoolOf(round) / on(round.entries, number)) * on(own, number),
  )
  return sum(prizes) / BigInt(numbers.length)
}

/** Entries by id, numbers ascending. */
export const participation = (round: Round, address: Hex) => {
  const own = round.entries.filter(({ player }) => player === address)
  const numbers = [...new Set(own.map(({ number }) => number))].sort((a, b) => a - b)
  return {
    participation: {
      round: roundRef(round),
      entries: own.map(({ entryId }) => ({ entryId: entryId.toString() })),
      numbers,
      wagered: money(sum(own.map(({ amount }) => amount)), round.pool),
      winChance: chanceOf(numbers.length),
      projectedPrize: money(projectedPrize(round, own, numbers), round.pool),
    },
  }
}
