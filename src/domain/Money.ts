/** Amounts are `bigint` in base units of one token. Amounts of different tokens are never added. */

const BPS = 10_000n

/**
 * Base units as an exact decimal number of whole tokens, without trailing zeros.
 *
 * @example
 * toDecimal(3_000_000_000_000_000n, 18) // '0.003'
 * toDecimal(-402_000n, 6) // '-0.402'
 * toDecimal(40n, 0) // '40'
 */
export const toDecimal = (raw: bigint, decimals: number): string => {
  const sign = raw < 0n ? '-' : ''
  const digits = (raw < 0n ? -raw : raw).toString().padStart(decimals + 1, '0')
  const whole = digits.slice(0, digits.length - decimals)
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '')
  return `${sign}${whole}${fraction === '' ? '' : `.${fraction}`}`
}

/** The protocol's fee on one entry: `floor(amount × feeBps / 10000)`, in base units. */
export const fee = (amount: bigint, feeBps: number): bigint => (amount * BigInt(feeBps)) / BPS

/** `floor(numerator / denominator)`, also below zero, where `/` would round towards zero. */
export const floorDiv = (numerator: bigint, denominator: bigint): bigint => {
  const quotient = numerator / denominator
  const isExact = quotient * denominator === numerator
  return isExact || numerator < 0n === denominator < 0n ? quotient : quotient - 1n
}

/** `part × 10000 / base` in whole basis points, rounded down; null over a zero base. */
export const exactBps = (part: bigint, base: bigint): bigint | null =>
  base === 0n ? null : floorDiv(part * BPS, base)

/** The same for ratios that a number holds. */
export const bps = (part: bigint, base: bigint): number | null => {
  const exact = exactBps(part, base)
  return exact === null ? null : Number(exact)
}
