import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import * as Bucket from '../../src/domain/Bucket.ts'

const at = (text: string) => Date.parse(text) / 1000
/** Block times from 1970 to 2100, in seconds. */
const times = fc.integer({ min: 0, max: at('2100-01-01T00:00:00Z') })

/** By the calendar: fields of the date, with what is smaller left out. */
const naive = (interval: Bucket.Interval, timestamp: number): number => {
  const date = new Date(timestamp * 1000)
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()]
  if (interval === 'HOUR') return Date.UTC(year, month, day, date.getUTCHours()) / 1000
  const sinceMonday = interval === 'WEEK' ? (date.getUTCDay() + 6) % 7 : 0
  return Date.UTC(year, month, day - sinceMonday) / 1000
}

describe('an interval begins', () => {
  // 2027-01-04 is a Monday, 2028-02-29 a Tuesday.
  test.each<[Bucket.Interval, string, string]>([
    ['HOUR', '2027-01-04T10:59:59Z', '2027-01-04T10:00:00Z'],
    ['HOUR', '2027-01-04T11:00:00Z', '2027-01-04T11:00:00Z'],
    ['DAY', '2027-01-03T23:59:59Z', '2027-01-03T00:00:00Z'],
    ['DAY', '2027-01-04T00:00:00Z', '2027-01-04T00:00:00Z'],
    ['WEEK', '2027-01-03T23:59:59Z', '2026-12-28T00:00:00Z'],
    ['WEEK', '2027-01-04T00:00:00Z', '2027-01-04T00:00:00Z'],
    ['WEEK', '2028-02-29T12:00:00Z', '2028-02-28T00:00:00Z'],
    ['WEEK', '1970-01-01T00:00:00Z', '1969-12-29T00:00:00Z'],
  ])('%s of %s at %s', (interval, time, expected) => {
    expect(Bucket.startOf(interval, at(time))).toBe(at(expected))
  })

  it('where the calendar says', () => {
    fc.assert(
      fc.property(times, (time) => {
        for (const interval of ['HOUR', 'DAY', 'WEEK'] as const) {
          const start = Bucket.startOf(interval, time)
          expect(start).toBe(naive(interval, time))
          expect(time - start).toBeLessThan(Bucket.seconds(interval))
        }
        expect(Bucket.hourOf(time) * 3600).toBe(naive('HOUR', time))
      }),
    )
  })
})

it('each hour, day and week has one first entry', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 40 * 86_400 })), (offsets) => {
      const list = offsets.map((offset) => 1_800_000_000 + offset).sort((a, b) => a - b)
      const firsts = list.map((time, index) => Bucket.firsts(list[index - 1] ?? null, time))
      const count = (of: (each: Bucket.Firsts) => boolean) => firsts.filter(of).length
      const distinct = (interval: Bucket.Interval) =>
        new Set(list.map((time) => naive(interval, time))).size
      expect(count(({ ever }) => ever)).toBe(Math.min(1, list.length))
      expect(count(({ hour }) => hour)).toBe(distinct('HOUR'))
      expect(count(({ day }) => day)).toBe(distinct('DAY'))
      expect(count(({ week }) => week)).toBe(distinct('WEEK'))
    }),
  )
})
