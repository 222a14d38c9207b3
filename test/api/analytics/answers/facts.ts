import type { PgTable } from 'drizzle-orm/pg-core'
import * as schema from '../../../../ponder.schema.ts'
import type { Season } from '../../../support/season.ts'

/** The season as its events tell it. What the indexer derived from them is not looked at. */

interface OfRound {
  readonly chainId: number
  readonly poolId: bigint
  readonly roundId: bigint
}

const roundKey = ({ chainId, poolId, roundId }: OfRound) => `${chainId}-${poolId}-${roundId}`

/** All that happened, with the pool and the token of each. */
export const factsOf = (season: Season) => {
  const all = <T extends PgTable>(table: T) => season.flatMap(({ game }) => game.rows(table))
  const need = <Value>(value: Value | undefined): Value => {
    if (value === undefined) throw new Error('An event without what belongs to it')
    return value
  }
  const tokens = all(schema.token)
  const pools = all(schema.pool).map((pool) => ({
    ...pool,
    token: need(
      tokens.find((each) => each.chainId === pool.chainId && each.address === pool.token),
    ),
  }))
  const withPool = <Row extends OfRound>(row: Row) => {
    const pool = need(
      pools.find((each) => each.chainId === row.chainId && each.poolId === row.poolId),
    )
    return { ...row, pool, token: pool.token }
  }
  const entries = all(schema.entry).map(withPool)
  const claims = all(schema.creditClaimed)
  const payouts = all(schema.payout).map((payout) => {
    const isClaimed = claims.some(
      (claim) =>
        claim.chainId === payout.chainId &&
        claim.account === payout.recipient &&
        claim.token === payout.token &&
        (claim.blockNumber - payout.blockNumber || claim.logIndex - payout.logIndex) > 0,
    )
    return { ...withPool(payout), isClaimed: !payout.delivered && isClaimed }
  })
  const byRound = <Row extends OfRound>(rows: readonly Row[]) => {
    const groups = Map.groupBy(rows, roundKey)
    return (round: OfRound) => groups.get(roundKey(round)) ?? []
  }
  const entriesOf = byRound(entries)
  const payoutsOf = byRound(payouts)
  const drawsOf = byRound(all(schema.roundDrawn))
  const requestsOf = byRound(all(schema.randomnessRequested))
  const cancelsOf = byRound(all(schema.roundCancelled))
  const rounds = all(schema.roundOpened)
    .map(withPool)
    .map((opened) => ({
      ...opened,
      entries: entriesOf(opened),
      payouts: payoutsOf(opened),
      drawn: drawsOf(opened)[0],
      requested: requestsOf(opened)[0],
      cancelled: cancelsOf(opened)[0],
    }))
  const draws = rounds.flatMap(({ drawn, requested, ...round }) =>
    drawn === undefined ? [] : [{ ...round, drawn, requested: need(requested) }],
  )
  const heads = season.map(({ chainId, game }) => ({ chainId, ...game.head() }))
  return { heads, entries, payouts, rounds, draws }
}

export type Facts = ReturnType<typeof factsOf>
export type Entry = Facts['entries'][number]
export type Payout = Facts['payouts'][number]

type Value = string | number | bigint
type Key = readonly Value[]

export const compare = (one: Key, other: Key): number => {
  for (const [at, value] of one.entries()) {
    const against = other[at] ?? value
    if (value !== against) return value < against ? -1 : 1
  }
  return 0
}

/** What has the same key, in the order of the keys. */
export const grouped = <Item, const K extends Key>(
  items: readonly Item[],
  keyOf: (item: Item) => K,
) => {
  const groups = new Map<string, { readonly key: K; readonly items: Item[] }>()
  for (const item of items) {
    const key = keyOf(item)
    const known = groups.get(key.join(' '))
    if (known === undefined) groups.set(key.join(' '), { key, items: [item] })
    else known.items.push(item)
  }
  return [...groups.values()].sort((one, other) => compare(one.key, other.key))
}

/** How many different ones there are. */
export const distinct = <Item>(items: readonly Item[], keyOf: (item: Item) => string): number =>
  new Set(items.map(keyOf)).size

export const playerOf = ({ chainId, player }: Entry) => `${chainId}-${player}`

export const sum = (amounts: readonly bigint[]): bigint =>
  amounts.reduce((total, amount) => total + amount, 0n)

/** By the calendar: the day, and the Monday of its week. */
export const dayOf = (seconds: number) => new Date(seconds * 1000).toISOString().slice(0, 10)
export const mondayOf = (seconds: number) => {
  const date = new Date(seconds * 1000)
  date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7))
  return date.toISOString().slice(0, 10)
}
/** When such a day begins, in seconds. */
export const startOf = (day: string) => Date.parse(day) / 1000

/** A number as text without what does not count. */
export const canonical = (text: string): string =>
  text
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '')
    .replace(/^-0$/, '0')

/** An amount in whole tokens. */
export const decimal = (raw: bigint, places: number): string => {
  const digits = `${raw < 0n ? -raw : raw}`.padStart(places + 1, '0')
  const at = digits.length - places
  return canonical(`${raw < 0n ? '-' : ''}${digits.slice(0, at)}.${digits.slice(at)}`)
}

/** A quotient of what is not negative, halves rounded up. */
export const quotient = (numerator: bigint, denominator: bigint, places: number): string =>
  decimal((2n * numerator * 10n ** BigInt(places) + denominator) / (2n * denominator), places)

export const percent = (part: number | bigint, whole: number | bigint, places = 1): string =>
  quotient(100n * BigInt(part), BigInt(whole), places)

/** The smallest value that at least this share of them does not exceed. */
export const percentile = <V extends number | bigint>(values: readonly V[], share: number): V => {
  const sorted = values.toSorted((one, other) => compare([one], [other]))
  const found = sorted[Math.ceil(share * sorted.length) - 1]
  if (found === undefined) throw new Error('No values')
  return found
}

/** A row as SQL answers it: all of it text. */
export const row = (values: Readonly<Record<string, Value>>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]))
