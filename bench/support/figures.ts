/** Statistics of repeated measurements, as the tables show them. */

/** The value below which a share of the values lies. */
export const quantile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const half = Math.floor(sorted.length / 2)
  const [low = Number.NaN, high = Number.NaN] = [sorted[half - 1], sorted[half]]
  return sorted.length % 2 === 1 ? high : (low + high) / 2
}

export const short = (value: number, digits: number) =>
  value.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: digits })

/** `median (min–max)`. */
export const spread = (values: readonly number[], digits = 0): string =>
  `${short(median(values), digits)} (${short(Math.min(...values), digits)}–${short(Math.max(...values), digits)})`

/** The median of ratios of values that were measured one after the other, in percent. */
export const share = (ours: readonly number[], theirs: readonly number[]): string =>
  `${spread(
    ours.map((value, at) => (100 * value) / (theirs[at] ?? Number.NaN)),
    0,
  )} %`
