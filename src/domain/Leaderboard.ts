import * as Bucket from './Bucket.ts'
import * as Stakes from './Stakes.ts'

/** Who is ahead, by what. */

export type Metric = 'REALIZED_NET_PROFIT' | 'WAGERED' | 'WINS' | 'BIGGEST_WIN' | 'ROI'
export type Window = 'ALL_TIME' | 'WEEK' | 'DAY'

/**
 * One player in one token or pool, over one window. Money in base units, dated by each flow's own log; what is pending or
 * due belongs to the window of its entry.
 */
export interface Standing extends Stakes.Flows, Stakes.Stakes {
  readonly chainId: number
  readonly address: `0x${string}`
  /** Of the player, on the whole chain. Seconds. */
  readonly firstSeenAt: number
  readonly entryCount: number
  /** Distinct rounds with a prize. */
  readonly wins: number
  readonly biggestWin: bigint
}

/** Entries that a player needs in the window to be listed, when nobody asks for another number. */
export const defaultMinEntries = (metric: Metric): number => (metric === 'ROI' ? 5 : 0)

export const realizedNetProfit = (standing: Standing): bigint =>
  Stakes.realizedNetProfit(standing, standing)

/** In basis points of the stakes whose round is over; null without any. */
export const roiBps = (standing: Standing): bigint | null => Stakes.roiBps(standing, standing)

/** What the metric compares: base units, a count, or basis points. Null: not in the list. */
export const measure = (standing: Standing, metric: Metric): bigint | null => {
  switch (metric) {
    case 'REALIZED_NET_PROFIT':
      return realizedNetProfit(standing)
    case 'WAGERED':
      return standing.wagered
    case 'WINS':
      return BigInt(standing.wins)
    case 'BIGGEST_WIN':
      return standing.biggestWin
    case 'ROI':
      return roiBps(standing)
  }
}

/** Where a player stands in a list: what it is ordered by. */
export interface Place extends Pick<Standing, 'wagered' | 'firstSeenAt' | 'address'> {
  readonly value: bigint
}

const descending = (a: bigint, b: bigint) => (a > b ? -1 : a < b ? 1 : 0)

/** The order of a list: the metric, then the higher stakes, then who came first, then the address. */
export const comparePlaces = (a: Place, b: Place): number =>
  descending(a.value, b.value) ||
  descending(a.wagered, b.wagered) ||
  a.firstSeenAt - b.firstSeenAt ||
  (a.address < b.address ? -1 : a.address > b.address ? 1 : 0)

/** The window that holds a time, in seconds: from its start on, and before its end. Null for all time. */
export const windowOf = (
  window: Window,
  timestamp: number,
): { readonly from: number; readonly to: number } | null => {
  if (window === 'ALL_TIME') return null
  const from = Bucket.startOf(window, timestamp)
  return { from, to: from + Bucket.seconds(window) }
}
