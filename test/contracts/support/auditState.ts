import type { Hex } from 'viem'

/** The values of any log, by the names of the specification. */
export interface Facts {
  readonly [name: string]: unknown
  readonly poolId: bigint
  readonly roundId: bigint
  readonly fromRoundId: bigint
  readonly toRoundId: bigint
  readonly requestId: bigint
  readonly entryId: bigint
  readonly firstEntryId: bigint
  readonly entryCount: bigint
  readonly number: number
  readonly winningNumber: number
  readonly winningEntryCount: bigint
  readonly randomWord: bigint
  readonly amount: bigint
  readonly value: bigint
  readonly feeAmount: bigint
  readonly feeAccrued: bigint
  readonly feeBps: number
  readonly entryFee: bigint
  readonly prizePool: bigint
  readonly prizePerEntry: bigint
  readonly carryIn: bigint
  readonly carryOut: bigint
  readonly refundable: bigint
  readonly prizesTotal: bigint
  readonly refundsTotal: bigint
  readonly feeTotal: bigint
  readonly opensAt: bigint
  readonly closesAt: bigint
  readonly roundDuration: number
  readonly minEntries: number
  readonly maxEntries: number
  readonly paymentMethod: number
  readonly paymentRef: Hex
  readonly nonce: Hex
  readonly reason: number
  readonly outcome: number
  readonly delivered: boolean
  readonly token: Hex
  readonly player: Hex
  readonly payer: Hex
  readonly winner: Hex
  readonly recipient: Hex
  readonly feeRecipient: Hex
  readonly account: Hex
  readonly authorizer: Hex
  readonly sender: Hex
  readonly from: Hex
  readonly to: Hex
}

/** FULFILLED lives within one transaction only. */
export type Status =
  | 'OPEN'
  | 'DRAWING'
  | 'FULFILLED'
  | 'DRAWN'
  | 'SETTLED'
  | 'ROLLED_OVER'
  | 'CANCELLED'

export interface Round {
  readonly poolId: bigint
  readonly roundId: bigint
  readonly closesAt: bigint
  readonly carryIn: bigint
  readonly entries: Map<bigint, { readonly player: Hex; readonly number: number }>
  readonly paid: Set<bigint>
  readonly refunded: Set<bigint>
  status: Status
  isFinal: boolean
  prizePool: bigint
  gross: bigint
  feeAccrued: bigint
  winners: number
  prizePerEntry: bigint
  prizes: bigint
  refunds: bigint
  carryOut: bigint
  requestId?: bigint
  winningNumber?: number
  fees?: bigint
  carried?: bigint
}

export interface Pool extends Facts {
  readonly rounds: Map<bigint, Round>
}

/** Entries of one call. */
export interface Run extends Facts {
  count: bigint
}

interface Move extends Pick<Facts, 'token' | 'from' | 'to' | 'value'> {
  isExpected: boolean
}

export interface State {
  readonly game: Hex
  readonly pools: Map<bigint, Pool>
  readonly requests: Set<bigint>
  /** By account and token. */
  readonly credits: Map<string, bigint>
  /** What came in − delivered − claimed, by token. */
  readonly flows: Map<Hex, bigint>
  entryCount: bigint
  run: Run | undefined
  /** x402 entries that wait for their X402PaymentSettled. */
  settling: Run | undefined
  tx: {
    readonly timestamp: bigint
    readonly moves: Move[]
    readonly used: Facts[]
    readonly requested: bigint[]
    readonly claims: Facts[]
  }
}

export const zeroTx = (timestamp: bigint): State['tx'] => ({
  timestamp,
  moves: [],
  used: [],
  requested: [],
  claims: [],
})

export const zeroState = (game: Hex): State => ({
  game,
  pools: new Map(),
  requests: new Set(),
  credits: new Map(),
  flows: new Map(),
  entryCount: 0n,
  run: undefined,
  settling: undefined,
  tx: zeroTx(0n),
})

export const sum = (values: readonly bigint[]) => values.reduce((total, value) => total + value, 0n)

/** What the audit throws. */
export class AuditError extends Error {}

export const fail = (rule: string, facts: unknown): never => {
  const show = (_: string, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value)
  throw new AuditError(`${rule}: ${JSON.stringify(facts, show)}`)
}

/** @throws when a value is not the one that must be. */
export const same = (rule: string, actual: unknown, expected: unknown) => {
  if (actual !== expected) fail(rule, { actual, expected })
}

/** @throws when a round is in none of these states. */
export const expects = (rule: string, round: Round, ...statuses: readonly Status[]) => {
  if (!statuses.includes(round.status)) fail(rule, round)
}
