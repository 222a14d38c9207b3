import { InvariantError } from './errors.ts'

/** What failed pushes left to an account in one token, in base units. Claimable is `credited − claimed`. */
export interface Credit {
  readonly id: string
  readonly chainId: number
  readonly account: `0x${string}`
  readonly token: `0x${string}`
  readonly credited: bigint
  readonly claimed: bigint
}

export const zero = (key: Pick<Credit, 'id' | 'chainId' | 'account' | 'token'>): Credit => ({
  ...key,
  credited: 0n,
  claimed: 0n,
})

/** A payment whose push failed. */
export const credited = (credit: Credit, event: { readonly amount: bigint }): Credit => ({
  ...credit,
  credited: credit.credited + event.amount,
})

/** CreditClaimed. Moves no profit: the prize counted when it was credited. */
export const claimed = (credit: Credit, event: { readonly amount: bigint }): Credit => {
  const total = credit.claimed + event.amount
  if (total <= credit.credited) return { ...credit, claimed: total }
  throw new InvariantError('CreditClaimed', 'more was claimed than was credited', {
    credit: credit.id,
    credited: credit.credited,
    claimed: total,
  })
}
