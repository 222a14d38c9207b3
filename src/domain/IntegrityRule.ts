/**
 * The invariants of the game, checked as its events pass. Each check looks at the event and at the rows it is about to
 * change, and names what does not hold. An event that would make nonsense of what follows (another round's status, an
 * unknown pool) throws instead, in the reducers.
 */
export type Invariant =
  | 'ENTRY_AMOUNT'
  | 'ENTRY_FEE'
  | 'ENTRY_NUMBER'
  | 'PRIZE_POOL'
  | 'CLOSING'
  | 'WINNING_NUMBER'
  | 'PRIZE_SPLIT'
  | 'PRIZE'
  | 'CARRY'
  | 'REFUND'
  | 'FEE_COLLECTED'
  | 'ROUND_BALANCE'
  | 'CREDIT'
  | 'X402_PAYMENT'
  | 'CONTIGUOUS'
  | 'TRANSITION'
  | 'ENTERING_CALL'
  | 'SAME_CALL'
  | 'PAYMENT_METHOD'
  | 'RANDOMNESS'
  | 'COMPLETENESS'

export interface Violation {
  readonly invariant: Invariant
  readonly expected: string
  readonly actual: string
}

/** What a check compares. */
type Value = string | number | bigint | boolean | null

/** Collects what differs. Nothing is the normal answer. */
export const compare = (
  ...pairs: readonly (readonly [
    invariant: Invariant,
    expected: Value,
    actual: Value,
    of?: string,
  ])[]
): readonly Violation[] =>
  pairs.flatMap(([invariant, expected, actual, of]) => {
    if (expected === actual) return []
    const say = (value: Value) => `${of === undefined ? '' : `${of} `}${String(value ?? 'none')}`
    return [{ invariant, expected: say(expected), actual: say(actual) }]
  })

/** What checks need of a pool. */
export interface Pool {
  readonly token: string
  readonly entryFee: bigint
  readonly feeBps: number
  readonly feeRecipient: string
  readonly roundDuration: number
  readonly minEntries: number
  /** Of PoolCreated. */
  readonly transactionHash: string
}

/** What belongs to a call stands in its transaction. */
export const inSameCall = (
  { callTransaction }: { readonly callTransaction: string | null },
  event: { readonly transactionHash: string },
) => ['SAME_CALL', callTransaction, event.transactionHash, 'in'] as const
