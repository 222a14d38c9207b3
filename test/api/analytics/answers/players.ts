import { NATIVE } from '../../../support/game.ts'
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

/** What is asked of players. */

const WEEK = 7 * 86_400

/** The coin of the first chain, in the week of its head. */
export const bestOfTheWeek = ({ heads, entries, payouts, rounds }: Facts) => {
  const head = heads[0]?.timestamp ?? 0
  const isShown = (fact: Entry | Facts['payouts'][number]) =>
    fact.chainId === heads[0]?.chainId &&
    fact.token.address === NATIVE &&
    mondayOf(fact.timestamp) === mondayOf(head)
  const placed = entries.filter(isShown)
  const received = payouts.filter((payout) => payout.kind !== 'FEE' && isShown(payout))
  const paid = new Set(payouts.map(({ chainId, entryId }) => `${chainId}-${entryId}`))
  /** What an entry of the week adds to the result: what it cost, or what is due to it beside that. */
  const resultOf = (entry: Entry): bigint => {
    const round = rounds.find(
      (each) =>
        each.chainId === entry.chainId &&
        each.poolId === entry.poolId &&
        each.roundId === entry.roundId,
    )
    const { drawn, cancelled } = round ?? {}
    const isPaid = paid.has(`${entry.chainId}-${entry.entryId}`)
    if (drawn === undefined && (cancelled === undefined || !isPaid)) return 0n
    const isDue = !isPaid && drawn?.winningNumber === entry.number
    return (isDue ? drawn.prizePerEntry : 0n) - entry.amount
  }
  const decimals = placed[0]?.token.decimals ?? 0
  const addresses = [
    ...new Set([...placed.map((each) => each.player), ...received.map((each) => each.recipient)]),
  ]
  const standings = addresses.map((address) => {
    const own = placed.filter(({ player }) => player === address)
    const taken = received.filter(({ recipient }) => recipient === address)
    const firstSeenAt = Math.min(
      ...entries
        .filter(({ chainId, player }) => chainId === heads[0]?.chainId && player === address)
        .map(({ timestamp }) => timestamp),
    )
    const result = sum([...own.map(resultOf), ...taken.map(({ amount }) => amount)])
    const wagered = sum(own.map(({ amount }) => amount))
    const wins = distinct(
      taken.filter(({ kind }) => kind === 'PRIZE'),
      ({ poolId, roundId }) => `${poolId}-${roundId}`,
    )
    return { address, result, wagered, wins, entryCount: own.length, firstSeenAt }
  })
  const edges = standings
    .toSorted((one, other) =>
      compare(
        [-one.result, -one.wagered, one.firstSeenAt, one.address],
        [-other.result, -other.wagered, other.firstSeenAt, other.address],
      ),
    )
    .slice(0, 10)
    .map(({ address, result, wagered, wins, entryCount }) => ({
      node: {
        rank: 1 + standings.filter((other) => other.result > result).length,
        player: { address },
        realizedNetProfit: { decimal: decimal(result, decimals) },
        wagered: { decimal: decimal(wagered, decimals) },
        wins,
        entryCount,
      },
    }))
  return { leaderboard: { edges } }
}

/** When each player of a chain entered first. */
const firstEntries = (entries: readonly Entry[]) =>
  new Map(
    grouped(entries, (entry) => [playerOf(entry)]).map(({ key: [player], items }) => [
      player,
      Math.min(...items.map(({ timestamp }) => timestamp)),
    ]),
  )

export const newAndReturning = ({ entries }: Facts) => {
  const first = firstEntries(entries)
  return grouped(entries, ({ timestamp, chainId }) => [-startOf(dayOf(timestamp)), chainId]).map(
    ({ key: [, chainId], items }) => {
      const day = dayOf(items[0]?.timestamp ?? 0)
      const players = [...new Set(items.map(playerOf))]
      const isNew = (player: string) => dayOf(first.get(player) ?? 0) === day
      return row({
        chain_id: chainId,
        day,
        players: players.length,
        new_players: players.filter(isNew).length,
        returning_players: players.filter((player) => !isNew(player)).length,
      })
    },
  )
}

export const sharedPlayers = ({ entries }: Facts) => {
  const pools = grouped(entries, ({ chainId, poolId }) => [chainId, poolId]).map(
    ({ key, items }) => ({ key, players: new Set(items.map(({ player }) => player)) }),
  )
  return pools.flatMap(({ key: [chainId, poolId], players }) =>
    pools
      .filter(({ key: [chain, pool] }) => chain === chainId && pool !== poolId)
      .map((other) => ({
        other,
        both: [...players].filter((player) => other.players.has(player)).length,
      }))
      .filter(({ both }) => both > 0)
      .sort((one, two) => two.both - one.both || compare(one.other.key, two.other.key))
      .map(({ other, both }) =>
        row({
          chain_id: chainId,
          pool_id: poolId,
          other_pool_id: other.key[1],
          in_both: both,
          percent: percent(both, players.size),
        }),
      ),
  )
}

export const retention = ({ entries, heads }: Facts) => {
  const first = firstEntries(entries)
  const cohortOf = (entry: Entry) => startOf(mondayOf(first.get(playerOf(entry)) ?? 0))
  return grouped(entries, (entry) => [entry.chainId, cohortOf(entry)]).flatMap(
    ({ key: [chainId, cohort], items }) => {
      const head = heads.find((each) => each.chainId === chainId)?.timestamp ?? 0
      const size = distinct(items, playerOf)
      return [1, 2, 3, 4]
        .filter((later) => cohort + (later + 1) * WEEK <= head)
        .map((later) => {
          const week = cohort + later * WEEK
          const back = distinct(
            items.filter(({ timestamp }) => startOf(mondayOf(timestamp)) === week),
            playerOf,
          )
          return row({
            chain_id: chainId,
            cohort: dayOf(cohort),
            weeks_later: later,
            players: size,
            came_back: back,
            percent: percent(back, size),
          })
        })
    },
  )
}
