import type { Pool } from './facts.ts'
import { MONEY, money, sum } from './render.ts'

export const NUMBERS = 402

export const POOL_NUMBERS = /* GraphQL */ `
  query PoolNumbers($poolId: BigInt!) {
    pool(poolId: $poolId) {
      numbers {
        number entryCount wagered { ...money } timesDrawn timesHit prizesWon { ...money } gap longestGap
      }
    }
  }
  ${MONEY}
`

/** 1 to 402. */
export const everyNumber = Array.from({ length: NUMBERS }, (_, at) => at + 1)

/** How many draws lie between the ones at these places of the list, and after the last one. */
const gapsOf = (places: readonly number[], draws: number) =>
  places.map((place, at) => (places[at + 1] ?? draws) - place - 1)

const poolNumber = (pool: Pool, number: number) => {
  const entries = pool.rounds.flatMap((round) =>
    round.entries.filter((entry) => entry.number === number),
  )
  const drawnRounds = pool.rounds.filter(({ drawn }) => drawn !== undefined)
  const hits = drawnRounds.filter(({ drawn }) => drawn?.winningNumber === number)
  const places = hits.map((round) => drawnRounds.indexOf(round))
  const gaps = gapsOf(places, drawnRounds.length)
  const prizes = hits.flatMap(({ payouts }) => payouts.filter(({ kind }) => kind === 'PRIZE'))
  return {
    number,
    entryCount: entries.length,
    wagered: money(sum(entries.map(({ amount }) => amount)), pool),
    timesDrawn: hits.length,
    timesHit: hits.filter(({ drawn }) => drawn?.winningEntryCount !== 0n).length,
    prizesWon: money(sum(prizes.map(({ amount }) => amount)), pool),
    gap: gaps.at(-1) ?? null,
    longestGap: gaps.length === 0 ? null : Math.max(...gaps),
  }
}

/**
 * All 402 numbers of a pool. Draws before a number first came up are no gap: it did not come up at their beginning. Rounds
 * are drawn in the order of their ids, since the next one opens when one is drawn.
 */
export const poolNumbers = (pool: Pool) => ({
  pool: { numbers: everyNumber.map((number) => poolNumber(pool, number)) },
})
