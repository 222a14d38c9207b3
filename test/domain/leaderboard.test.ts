import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import * as Leaderboard from '../../src/domain/Leaderboard.ts'

const standing: Leaderboard.Standing = {
  chainId: 1,
  address: `0x${'11'.repeat(20)}`,
  firstSeenAt: 100,
  entryCount: 10,
  wins: 2,
  biggestWin: 700n,
  ...{ wagered: 1000n, won: 900n, refunded: 100n },
  ...{ pending: 200n, unpaid: 50n, unrefunded: 100n },
}

describe('what a metric compares', () => {
  test.each<[Leaderboard.Metric, bigint]>([
    ['REALIZED_NET_PROFIT', 350n],
    ['WAGERED', 1000n],
    ['WINS', 2n],
    ['BIGGEST_WIN', 700n],
    // 350 over the 600 whose round is over, rounded down.
    ['ROI', 5833n],
  ])('%s: %s', (metric, expected) => {
    expect(Leaderboard.measure(standing, metric)).toBe(expected)
  })

  it('nobody has a return on stakes whose round is not over', () => {
    const open = { ...standing, won: 0n, refunded: 0n, pending: 1000n, unrefunded: 0n }
    expect(Leaderboard.measure(open, 'ROI')).toBeNull()
    expect(Leaderboard.roiBps(open)).toBeNull()
  })

  it('only a return needs some entries', () => {
    const metrics = ['REALIZED_NET_PROFIT', 'WAGERED', 'WINS', 'BIGGEST_WIN', 'ROI'] as const
    expect(metrics.map(Leaderboard.defaultMinEntries)).toEqual([0, 0, 0, 0, 5])
  })
})

describe('the order', () => {
  const place = fc.record({
    value: fc.bigInt(-2n, 2n),
    wagered: fc.bigInt(0n, 2n),
    firstSeenAt: fc.integer({ min: 0, max: 2 }),
    address: fc.integer({ min: 0, max: 3 }).map((n): `0x${string}` => `0x${n}`),
  })

  it('is total: two places are equal only when they are the same', () => {
    fc.assert(
      fc.property(place, place, place, (a, b, c) => {
        const order = Leaderboard.comparePlaces
        expect(Math.sign(order(a, b))).toBe(0 - Math.sign(order(b, a)))
        if (order(a, b) === 0) expect(a).toEqual(b)
        if (order(a, b) <= 0 && order(b, c) <= 0) expect(order(a, c)).toBeLessThanOrEqual(0)
      }),
    )
  })

  it('puts the higher value first, then the higher stakes, then who came first, then the address', () => {
    const best = { value: 2n, wagered: 2n, firstSeenAt: 1, address: '0x1' } as const
    const places: Leaderboard.Place[] = [
      ...[best, { ...best, address: '0x2' as const }, { ...best, firstSeenAt: 2 }],
      ...[
        { ...best, wagered: 1n },
        { ...best, value: 1n, wagered: 2n ** 200n },
      ],
    ]
    expect(places.toReversed().sort(Leaderboard.comparePlaces)).toEqual(places)
  })
})

describe('a window', () => {
  const at = (text: string) => Date.parse(text) / 1000
  test.each<[Leaderboard.Window, string, string, string]>([
    ['DAY', '2027-01-03T23:59:59Z', '2027-01-03T00:00:00Z', '2027-01-04T00:00:00Z'],
    ['DAY', '2027-01-04T00:00:00Z', '2027-01-04T00:00:00Z', '2027-01-05T00:00:00Z'],
    ['WEEK', '2027-01-03T23:59:59Z', '2026-12-28T00:00:00Z', '2027-01-04T00:00:00Z'],
    ['WEEK', '2027-01-04T00:00:00Z', '2027-01-04T00:00:00Z', '2027-01-11T00:00:00Z'],
  ])('%s of %s', (window, time, from, to) => {
    expect(Leaderboard.windowOf(window, at(time))).toEqual({ from: at(from), to: at(to) })
  })

  it('of all time has no ends', () => {
    expect(Leaderboard.windowOf('ALL_TIME', 1_800_000_000)).toBeNull()
  })
})
