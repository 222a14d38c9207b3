import * as Money from './Money.ts'
import { NUMBERS, type Status } from './Round.ts'

/** What one player has riding on one round. */

/** Distinct numbers held / 402, as a decimal number to 8 places, rounded to the nearest. */
export const winChance = (distinctNumbers: number): string => {
  const numbers = BigInt(NUMBERS)
  const scaled = (BigInt(distinctNumbers) * 10n ** 8n * 2n + numbers) / (2n * numbers)
  return Money.toDecimal(scaled, 8)
}

/** One number of the player's: how many of all entries on it are the player's own. */
export interface Holding {
  readonly number: number
  readonly ownEntries: number
  readonly entriesOnNumber: number
}

/**
 * What the player takes if one of the held numbers is drawn with the entries there are: the mean over the held numbers,
 * rounded down, so that `winChance × projectedPrize` is what the entries are worth. After the draw it is what the number
 * drawn gave; nothing for a cancelled round. Base units.
 */
export const projectedPrize = (
  round: {
    readonly status: Status
    readonly prizePool: bigint
    readonly winningNumber: number | null
    readonly prizePerEntry: bigint | null
  },
  holdings: readonly Holding[],
): bigint => {
  if (holdings.length === 0 || round.status === 'CANCELLED') return 0n
  if (round.winningNumber !== null) {
    const winning = holdings.find(({ number }) => number === round.winningNumber)
    return BigInt(winning?.ownEntries ?? 0) * (round.prizePerEntry ?? 0n)
  }
  const prizes = holdings.map(
    ({ ownEntries, entriesOnNumber }) =>
      (round.prizePool / BigInt(entriesOnNumber)) * BigInt(ownEntries),
  )
  return prizes.reduce((sum, prize) => sum + prize, 0n) / BigInt(holdings.length)
}
