/** Intervals of UTC time, from block times in seconds. A week begins on Monday, 00:00. */
export type Interval = 'HOUR' | 'DAY' | 'WEEK'

const HOUR = 3_600
const DAY = 86_400
const WEEK = 7 * DAY
/** The epoch was a Thursday: the first Monday after it is four days later. */
const FIRST_MONDAY = 4 * DAY

/** Length of an interval in seconds. */
export const seconds = (interval: Interval): number => ({ HOUR, DAY, WEEK })[interval]

/** When the interval that holds `timestamp` began. */
export const startOf = (interval: Interval, timestamp: number): number => {
  const offset = interval === 'WEEK' ? FIRST_MONDAY - WEEK : 0
  const length = seconds(interval)
  return Math.floor((timestamp - offset) / length) * length + offset
}

/** Hours since the epoch. */
export const hourOf = (timestamp: number): number => Math.floor(timestamp / HOUR)

/**
 * Which intervals the entry at `timestamp` is the member's first in, by the time of the one before it. Block times never go
 * back, so the one before is all there is to know.
 */
export const firsts = (lastEntryAt: number | null, timestamp: number) => {
  const isFirst = (interval: Interval) =>
    lastEntryAt === null || startOf(interval, lastEntryAt) < startOf(interval, timestamp)
  return {
    ever: lastEntryAt === null,
    hour: isFirst('HOUR'),
    day: isFirst('DAY'),
    week: isFirst('WEEK'),
  }
}

export type Firsts = ReturnType<typeof firsts>
