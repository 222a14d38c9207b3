import { canonical, type Facts, grouped, percent, percentile, quotient, row, sum } from './facts.ts'

/** What is asked of draws. */

const NUMBERS = Array.from({ length: 402 }, (_, at) => at + 1)

type Draw = Facts['draws'][number]

const byPool = (draws: readonly Draw[]) =>
  grouped(
    draws.toSorted((one, other) => Number(one.roundId - other.roundId)),
    ({ chainId, poolId }) => [chainId, poolId],
  )

/** Two places of a number that is only nearly known. */
const places = (value: number) => canonical(value.toFixed(2))

export const hotAndCold = ({ draws, entries, heads }: Facts) => {
  const isShown = (fact: { chainId: number; poolId: bigint }) =>
    fact.chainId === heads[0]?.chainId && fact.poolId === 1n
  const drawn = byPool(draws.filter(isShown))[0]?.items ?? []
  const numbers = NUMBERS.map((number) => {
    const at = drawn.flatMap((draw, index) => (draw.drawn.winningNumber === number ? [index] : []))
    const waits = at.map((index, nth) => (at[nth + 1] ?? drawn.length) - index - 1)
    return {
      number,
      timesDrawn: at.length,
      timesHit: at.filter((index) => (drawn[index]?.drawn.winningEntryCount ?? 0n) > 0n).length,
      gap: waits.at(-1) ?? null,
      longestGap: waits.length === 0 ? null : Math.max(...waits),
      entryCount: entries.filter((entry) => isShown(entry) && entry.number === number).length,
    }
  })
  return {
    pool: {
      stats: { drawnRounds: drawn.length },
      numbers: numbers.sort(
        (one, other) => other.timesDrawn - one.timesDrawn || one.number - other.number,
      ),
    },
  }
}

export const latency = ({ draws }: Facts) =>
  byPool(draws).map(({ key: [chainId, poolId], items }) => {
    const seconds = items.map(({ drawn, requested }) => drawn.timestamp - requested.timestamp)
    const blocks = items.map(({ drawn, requested }) => drawn.blockNumber - requested.blockNumber)
    return row({
      chain_id: chainId,
      pool_id: poolId,
      draws: items.length,
      median_seconds: percentile(seconds, 0.5),
      p95_seconds: percentile(seconds, 0.95),
      median_blocks: percentile(blocks, 0.5),
      p95_blocks: percentile(blocks, 0.95),
    })
  })

const isWon = ({ drawn }: Draw) => drawn.winningEntryCount > 0n

export const wonRounds = ({ draws }: Facts) =>
  byPool(draws).map(({ key: [chainId, poolId], items }) => {
    const covered = items.map(({ entries }) => new Set(entries.map(({ number }) => number)).size)
    const expected = sum(covered.map(BigInt))
    const variance = covered.reduce((all, count) => all + (count / 402) * (1 - count / 402), 0)
    const won = items.filter(isWon).length
    return row({
      chain_id: chainId,
      pool_id: poolId,
      draws: items.length,
      won,
      expected: quotient(expected, 402n, 2),
      won_percent: percent(won, items.length),
      expected_percent: percent(expected, 402 * items.length),
      z: places((won - Number(expected) / 402) / Math.sqrt(variance)),
    })
  })

export const streaks = ({ draws }: Facts) =>
  byPool(draws).map(({ key: [chainId, poolId], items }) => {
    const lengths = items
      .map((draw) => (isWon(draw) ? ' ' : 'x'))
      .join('')
      .split(' ')
      .map(({ length }) => length)
    return row({
      chain_id: chainId,
      pool_id: poolId,
      streaks: lengths.filter((length) => length > 0).length,
      longest: Math.max(...lengths),
      running: lengths.at(-1) ?? 0,
    })
  })

export const fairness = ({ draws }: Facts) => {
  const expected = draws.length / 402
  const times = NUMBERS.map(
    (number) => draws.filter(({ drawn }) => drawn.winningNumber === number).length,
  )
  const chiSquare = times.reduce((all, count) => all + (count - expected) ** 2 / expected, 0)
  const deviation = Math.sqrt(2 * 401 * (1 - 1 / draws.length))
  return [
    row({
      draws: draws.length,
      degrees_of_freedom: NUMBERS.length - 1,
      chi_square: places(chiSquare),
      z: places((chiSquare - 401) / deviation),
    }),
  ]
}
