const MAX_INT = 2n ** 31n - 1n

export const BPS_LIMIT = 'At most what an Int holds, 2^31 - 1, either way.'

/** Basis points as GraphQL's Int: what is beyond it is shown as its end. */
export const toIntBps = (bps: bigint | null): number | null => {
  if (bps === null) return null
  if (bps > MAX_INT) return Number(MAX_INT)
  return Number(bps < -MAX_INT ? -MAX_INT : bps)
}
