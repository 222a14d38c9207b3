import type { CancelReason, Outcome } from './Round.ts'

/** Names of the contract's enums, in the order of their values on chain. */
export const PAYMENT_METHODS = ['NATIVE', 'ERC20', 'X402_DIRECT', 'X402_GATEWAY'] as const
export const CANCEL_REASONS = [
  'NO_ENTRIES',
  'BELOW_MINIMUM',
  'DRAW_TIMEOUT',
] as const satisfies readonly CancelReason[]
export const CARRY_REASONS = ['NO_WINNER', 'DUST', 'CANCELLED'] as const
export const OUTCOMES = [
  'SETTLED',
  'ROLLED_OVER',
  'CANCELLED',
] as const satisfies readonly Outcome[]
