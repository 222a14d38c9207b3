import { expect, it } from 'vitest'
import { poolBuckets, tokenBuckets } from './bucket.ts'
import type { Facts } from './facts.ts'
import { startOf, startsIn } from './time.ts'
import { ANN, BOB, createWritten, DAY, HOUR, MONDAY, NATIVE } from './written.ts'

const FIRST = [1n, 1n] as const

it.each([
  ['HOUR', MONDAY + HOUR + 59, MONDAY + HOUR],
  ['DAY', MONDAY + DAY - 1, MONDAY],
  ['DAY', MONDAY + DAY, MONDAY + DAY],
  ['WEEK', MONDAY, MONDAY],
  ['WEEK', MONDAY - 1, MONDAY - 7 * DAY],
  ['WEEK', MONDAY + 7 * DAY - 1, MONDAY],
  ['WEEK', 0, -3 * DAY],
] as const)('the %s of %s begins at %s', (interval, time, start) => {
  expect(startOf(interval, time)).toBe(start)
})

it('a range holds the interval it begins in, and not the one that begins where it ends', () => {
  expect(startsIn('HOUR', { from: MONDAY + 1, to: MONDAY + 2 * HOUR })).toEqual([
    MONDAY,
    MONDAY + HOUR,
  ])
  expect(startsIn('HOUR', { from: MONDAY, to: MONDAY + 2 * HOUR + 1 })).toHaveLength(3)
})

/** A round that is drawn after midnight, and a quiet hour. */
const written = createWritten()
written.at(MONDAY + 22 * HOUR)
written.pool(1n)
written.at(MONDAY + DAY - 1)
written.enter(FIRST, ANN, [1, 2], 180n)
written.close(FIRST)
written.at(MONDAY + DAY)
written.draw(FIRST, 5, 0n, 0n, 180n)
written.fee(FIRST, 20n)
written.enter([1n, 2n], BOB, [1], 270n)
written.enter([1n, 2n], ANN, [1], 360n)
written.at(MONDAY + DAY + 1)
written.close([1n, 2n])
written.draw([1n, 2n], 1, 180n, 2n)
written.prize([1n, 2n], BOB, 3n, 180n)
written.at(MONDAY + DAY + 2 * HOUR)
written.prize([1n, 2n], ANN, 4n, 180n)
const facts: Facts = written.facts()
const [pool] = facts.pools
if (pool === undefined) throw new Error('no pool')

const asked = { from: MONDAY + 21 * HOUR, to: MONDAY + DAY + 3 * HOUR, interval: 'HOUR' } as const
const short = ({ buckets }: ReturnType<typeof poolBuckets>['pool']) =>
  buckets.map((bucket) => [
    (bucket.start - MONDAY) / HOUR,
    ...[bucket.entryCount, bucket.wagered.raw, bucket.fees.raw, bucket.prizes.raw],
    ...[bucket.uniquePlayers, bucket.newPlayers, bucket.roundsDrawn, bucket.rollovers],
    ...[bucket.prizePoolOpen, bucket.prizePoolHigh, bucket.prizePoolClose].map(
      (money) => money?.raw ?? null,
    ),
  ])

it('across midnight each log lies in the hour of its own block', () => {
  expect(short(poolBuckets(facts, pool, { ...asked, fillGaps: true }).pool)).toEqual([
    [21, 0, '0', '0', '0', 0, 0, 0, 0, null, null, null],
    [22, 0, '0', '0', '0', 0, 0, 0, 0, '0', '0', '0'],
    [23, 2, '200', '0', '0', 1, 1, 0, 0, '0', '180', '180'],
    [24, 2, '200', '20', '180', 2, 1, 2, 1, '180', '360', '0'],
    [25, 0, '0', '0', '0', 0, 0, 0, 0, '0', '0', '0'],
    [26, 0, '0', '0', '180', 0, 0, 0, 0, '0', '0', '0'],
  ])
})

it('without gaps only hours in which something happened, a round’s opening included', () => {
  const { buckets } = poolBuckets(facts, pool, { ...asked, fillGaps: false }).pool
  expect(buckets.map(({ start }) => (start - MONDAY) / HOUR)).toEqual([22, 23, 24, 26])
})

it('a day and a week have uniques of their own, a token no prize pool', () => {
  const day = tokenBuckets(facts, NATIVE, { ...asked, interval: 'DAY', fillGaps: true })
  expect(
    day.tokenBuckets.map((bucket) => [bucket.uniquePlayers, bucket.newPlayers, bucket.entryCount]),
  ).toEqual([
    [1, 1, 2],
    [2, 1, 2],
  ])
  const week = tokenBuckets(facts, NATIVE, { ...asked, interval: 'WEEK', fillGaps: true })
  expect(week.tokenBuckets).toMatchObject([
    { start: MONDAY, uniquePlayers: 2, newPlayers: 2, prizePoolOpen: null, prizePoolClose: null },
  ])
})
