import {
  compare,
  decimal,
  distinct,
  type Entry,
  type Facts,
  grouped,
  mondayOf,
  type Payout,
  percent,
  percentile,
  row,
  startOf,
  sum,
} from './facts.ts'

/** What is asked of money. */

const total = (items: readonly { readonly amount: bigint }[]) =>
  sum(items.map((each) => each.amount))

export const fees = ({ payouts }: Facts) => ({
  payoutAggregates: grouped(
    payouts.filter(({ kind }) => kind === 'FEE'),
    ({ timestamp, chainId, poolId }) => [startOf(mondayOf(timestamp)), chainId, poolId],
  ).map(({ key: [week, chainId, poolId], items }) => {
    const [{ pool, token }] = items as [Payout]
    return {
      week,
      pool: { chainId, poolId: `${poolId}`, name: pool.name },
      count: items.length,
      amount: {
        sum: { decimal: decimal(total(items), token.decimals), token: { symbol: token.symbol } },
      },
    }
  }),
})

export const credits = ({ payouts }: Facts) => ({
  payoutAggregates: grouped(
    payouts.filter(({ delivered }) => !delivered),
    ({ token, isClaimed, timestamp }) => [
      token.chainId,
      token.address,
      isClaimed ? 2 : 1,
      startOf(mondayOf(timestamp)),
    ],
  )
    .slice(0, 100)
    .map(({ key: [chainId, address, , week], items }) => {
      const [{ token, isClaimed }] = items as [Payout]
      return {
        token: { chainId, address, symbol: token.symbol },
        state: isClaimed ? 'CLAIMED' : 'CREDITED',
        week,
        count: items.length,
        recipients: distinct(items, ({ recipient }) => recipient),
        amount: { sum: { decimal: decimal(total(items), token.decimals) } },
      }
    }),
})

export const cancelledRounds = ({ rounds }: Facts) =>
  grouped(
    rounds.flatMap(({ cancelled, ...round }) => (cancelled ? [{ ...round, cancelled }] : [])),
    ({ token, cancelled }) => [token.chainId, token.address, cancelled.reason],
  ).map(({ key: [chainId, address, reason], items }) => {
    const { symbol, decimals } = items[0]?.token ?? { symbol: '', decimals: 0 }
    const entries = items.flatMap((round) => round.entries)
    const refunds = items.flatMap((round) => round.payouts)
    return row({
      chain_id: chainId,
      token: address,
      token_symbol: symbol,
      cancel_reason: reason,
      rounds: items.length,
      entries: entries.length,
      stakes: decimal(total(entries), decimals),
      refunded: decimal(total(refunds), decimals),
      due: decimal(total(entries) - total(refunds), decimals),
      refunds_pending: entries.length - refunds.length,
    })
  })

export const prizes = ({ payouts }: Facts) =>
  grouped(
    payouts.filter(({ kind }) => kind === 'PRIZE'),
    ({ token }) => [token.chainId, token.address],
  ).map(({ key: [chainId, address], items }) => {
    const [{ token }] = items as [Payout]
    const taken = grouped(items, ({ poolId, roundId, recipient }) => [poolId, roundId, recipient])
    const amounts = taken.map((each) => total(each.items))
    return row({
      chain_id: chainId,
      token: address,
      token_symbol: token.symbol,
      prizes: amounts.length,
      median: decimal(percentile(amounts, 0.5), token.decimals),
      p95: decimal(percentile(amounts, 0.95), token.decimals),
      largest: decimal(percentile(amounts, 1), token.decimals),
    })
  })

export const returnToPlayers = ({ draws }: Facts) =>
  grouped(draws, ({ chainId, poolId }) => [chainId, poolId]).map(
    ({ key: [chainId, poolId], items }) => {
      const { symbol, decimals } = items[0]?.token ?? { symbol: '', decimals: 0 }
      const stakes = total(items.flatMap(({ entries }) => entries))
      const won = sum(items.map(({ drawn }) => drawn.prizePerEntry * drawn.winningEntryCount))
      const house = total(
        items.flatMap(({ payouts }) => payouts.filter(({ kind }) => kind === 'FEE')),
      )
      return row({
        chain_id: chainId,
        pool_id: poolId,
        token_symbol: symbol,
        draws: items.length,
        stakes: decimal(stakes, decimals),
        won: decimal(won, decimals),
        house: decimal(house, decimals),
        in_the_pot: decimal(items.at(-1)?.drawn.carryOut ?? 0n, decimals),
        return_percent: percent(won, stakes, 2),
        house_percent: percent(house, stakes, 2),
      })
    },
  )

export const whales = ({ entries }: Facts) =>
  grouped(entries, ({ token }) => [token.chainId, token.address]).map(
    ({ key: [chainId, address], items }) => {
      const [{ token }] = items as [Entry]
      const stakes = grouped(items, ({ player }) => [player])
        .map((each) => total(each.items))
        .sort((one, other) => compare([other], [one]))
      const largest = stakes.slice(0, Math.ceil(stakes.length / 100))
      return row({
        chain_id: chainId,
        token: address,
        token_symbol: token.symbol,
        players: stakes.length,
        whales: largest.length,
        their_stakes: decimal(sum(largest), token.decimals),
        percent: percent(sum(largest), sum(stakes)),
      })
    },
  )
