import type { Span } from './flows.ts'

export type Interval = 'HOUR' | 'DAY' | 'WEEK'

const HOUR = 3600
const DAY = 24 * HOUR
/** 1970-01-05, the first Monday of the epoch. */
const MONDAY = 4 * DAY

/** Seconds. */
export const LENGTH = { HOUR, DAY, WEEK: 7 * DAY } as const

/** The beginning of the interval that a time lies in: full hours, midnight UTC, Monday's midnight UTC. */
export const startOf = (interval: Interval, time: number) => {
  const origin = interval === 'WEEK' ? MONDAY : 0
  return Math.floor((time - origin) / LENGTH[interval]) * LENGTH[interval] + origin
}

export const spanFrom = (interval: Interval, start: number): Span => ({
  from: start,
  to: start + LENGTH[interval],
})

/** The starts, in [floor(from), to), of all intervals. */
export const startsIn = (interval: Interval, { from, to }: Span) => {
  const starts: number[] = []
  for (let at = startOf(interval, from); at < to; at += LENGTH[interval]) starts.push(at)
  return starts
}
