import type { Hex } from 'viem'
import type { Facts } from './facts.ts'
import type { Place } from './history.ts'
import { paymentsOf } from './payment.ts'
import { finality } from './render.ts'

export const TRANSACTION = /* GraphQL */ `
  query Transaction($hash: Hex!) {
    transaction(hash: $hash) {
      hash indexed finality
      entries { entryId } payouts { kind tx { logIndex } } payments { nonce authorizer }
    }
  }
`

/** Entries, payouts and payments in chain order; those made in the transaction, not those that it claimed. */
export const transaction = (facts: Facts, hash: Hex, finalizedNumber: number) => {
  const made = ({ at }: { readonly at: Place }) => at.transaction === hash
  const event = facts.events.find(made)
  return {
    transaction: {
      hash,
      indexed: event !== undefined,
      finality: event === undefined ? null : finality(event.at, finalizedNumber),
      entries: facts.entries.filter(made).map(({ entryId }) => ({ entryId: entryId.toString() })),
      payouts: facts.payouts
        .filter(made)
        .map(({ kind, at }) => ({ kind, tx: { logIndex: at.logIndex } })),
      payments: paymentsOf(facts)
        .filter(made)
        .map(({ nonce, authorizer }) => ({ nonce, authorizer })),
    },
  }
}

/** Transactions with a log of the game, and of those that touched an authorisation. The others leave no fact. */
export const transactionsOf = (facts: Facts): readonly Hex[] => {
  const ours = facts.events.filter(({ address }) => address === facts.game)
  return [...new Set([...ours, ...paymentsOf(facts)].map(({ at }) => at.transaction))]
}
