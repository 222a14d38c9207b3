import {
  compare,
  dayOf,
  decimal,
  distinct,
  type Entry,
  type Facts,
  grouped,
  mondayOf,
  percent,
  playerOf,
  row,
  startOf,
  sum,
} from './facts.ts'

/** What is asked of entries. */

const stakesOf = (entries: readonly Entry[]) => sum(entries.map(({ amount }) => amount))

export const byDayAndToken = ({ entries }: Facts) => ({
  entryAggregates: grouped(entries, ({ timestamp, token }) => [
    startOf(dayOf(timestamp)),
    token.chainId,
    token.address,
  ])
    .toReversed()
    .slice(0, 100)
    .map(({ key: [day, chainId, address], items }) => ({
      day,
      token: { chainId, address, symbol: items[0]?.token.symbol },
      count: items.length,
      players: distinct(items, playerOf),
      amount: { sum: { decimal: decimal(stakesOf(items), items[0]?.token.decimals ?? 0) } },
    })),
})

export const crowdedNumbers = ({ rounds }: Facts) => ({
  entryAggregates: rounds
    .flatMap(({ chainId, poolId, roundId, entries, drawn }) =>
      grouped(entries, ({ number }) => [number]).map(({ key: [number], items }) => ({
        key: [items.length, chainId, poolId, roundId, number] as const,
        group: {
          round: {
            roundId: `${roundId}`,
            pool: { chainId, poolId: `${poolId}` },
            entryCount: entries.length,
            winningNumber: drawn?.winningNumber ?? null,
          },
          number,
          count: items.length,
          players: distinct(items, playerOf),
        },
      })),
    )
    .filter(({ group }) => group.count >= 2)
    .sort((one, other) => compare(other.key, one.key))
    .slice(0, 20)
    .map(({ group }) => group),
})

export const birthdays = ({ entries }: Facts) => {
  const counted = (some: readonly Entry[]) => [
    { count: some.length, players: distinct(some, playerOf) },
  ]
  return {
    birthdays: counted(entries.filter(({ number }) => number <= 31)),
    all: counted(entries),
  }
}

export const busiestHours = ({ entries }: Facts) =>
  grouped(entries, ({ timestamp }) => [new Date(timestamp * 1000).getUTCHours()])
    .sort((one, other) => other.items.length - one.items.length || compare(one.key, other.key))
    .map(({ key: [hour], items }) =>
      row({
        hour,
        entries: items.length,
        players: distinct(items, playerOf),
        percent: percent(items.length, entries.length),
      }),
    )

export const shareOfX402 = ({ entries }: Facts) =>
  grouped(entries, ({ timestamp, token }) => [
    -startOf(mondayOf(timestamp)),
    token.chainId,
    token.address,
  ]).map(({ key: [, chainId, token], items }) => {
    const [{ timestamp, token: of }] = items as [Entry]
    const paid = items.filter(({ paymentMethod }) =>
      ['X402_DIRECT', 'X402_GATEWAY'].includes(paymentMethod),
    )
    return row({
      week: mondayOf(timestamp),
      chain_id: chainId,
      token,
      token_symbol: of.symbol,
      entries: items.length,
      x402_entries: paid.length,
      x402_stakes: decimal(stakesOf(paid), of.decimals),
      percent_of_entries: percent(paid.length, items.length),
      percent_of_stakes: percent(stakesOf(paid), stakesOf(items)),
    })
  })
