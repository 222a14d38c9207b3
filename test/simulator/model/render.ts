import type { Pool, Round } from './facts.ts'
import type { Place } from './history.ts'

export const MONEY = /* GraphQL */ 'fragment money on Money { raw decimal }'
export const TX =
  /* GraphQL */ 'fragment tx on TransactionRef { chainId hash blockNumber blockHash logIndex timestamp }'

export type Finality = 'LATEST' | 'FINAL'

export const sum = (amounts: readonly bigint[]) => amounts.reduce((total, at) => total + at, 0n)

/** How many different ones. */
export const distinct = (values: readonly unknown[]) => new Set(values).size

/** Towards minus infinity. */
export const floorDiv = (a: bigint, b: bigint) => {
  const quotient = a / b
  return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient
}

/** Basis points, rounded towards minus infinity; null over a zero base. */
export const exactBps = (part: bigint, base: bigint) =>
  base === 0n ? null : floorDiv(part * 10_000n, base)

/** As an Int of GraphQL, which ends at 2^31 - 1 on both sides. */
export const intBps = (ratio: bigint | null) => {
  const end = 2_147_483_647n
  if (ratio === null) return null
  return Number(ratio > end ? end : ratio < -end ? -end : ratio)
}

export const bps = (part: bigint, base: bigint) => intBps(exactBps(part, base))

/** Whole tokens, exact, without trailing zeros. */
export const decimal = (raw: bigint, decimals: number) => {
  const digits = (raw < 0n ? -raw : raw).toString().padStart(decimals + 1, '0')
  const whole = digits.slice(0, digits.length - decimals)
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '')
  return `${raw < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`
}

export const money = (raw: bigint, { decimals }: { readonly decimals: number }) => ({
  raw: raw.toString(),
  decimal: decimal(raw, decimals),
})

export const moneyOrNull = (raw: bigint | undefined, token: { readonly decimals: number }) =>
  raw === undefined ? null : money(raw, token)

export const tx = (chainId: number, at: Place) => ({
  chainId,
  hash: at.transaction,
  blockNumber: at.block.toString(),
  blockHash: at.blockHash,
  logIndex: at.logIndex,
  timestamp: at.timestamp,
})

export const txOrNull = (chainId: number, at: Place | undefined) =>
  at === undefined ? null : tx(chainId, at)

/** Of a fact: whether its own log can still be reorganised away. */
export const finality = (at: Place, finalizedNumber: number): Finality =>
  at.block <= finalizedNumber ? 'FINAL' : 'LATEST'

export const poolRef = ({ poolId }: Pool) => ({ poolId: poolId.toString() })
export const roundRef = ({ pool, roundId }: Round) => ({
  pool: poolRef(pool),
  roundId: roundId.toString(),
})
