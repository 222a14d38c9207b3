import type { Hex } from 'viem'
import { factsOf } from './facts.ts'
import type { History } from './history.ts'
import { liabilities } from './totals.ts'

export const HEAD = /* GraphQL */ `
  query Head { head { chainId number hash timestamp finalizedNumber } }
`

export const head = ({ chainId, head: at }: History, finalizedNumber: number) => ({
  head: {
    chainId,
    number: at.number.toString(),
    hash: at.hash,
    timestamp: at.timestamp,
    finalizedNumber: finalizedNumber.toString(),
  },
})

/** When each reconciliation was made is the indexer's choice, so these are compared one by one with `liabilitiesAt`. */
export const RECONCILIATIONS = /* GraphQL */ `
  query Reconciliations {
    reconciliations {
      token { address } blockNumber contractBalance { raw } contractLiabilities { raw } indexedLiabilities { raw } drift { raw } at
    }
  }
`

/** The same chain as it was when this block was its head. */
export const upTo = (history: History, block: number): History => ({
  ...history,
  events: history.events.filter(({ at }) => at.block <= block),
})

/** What the contract owed in a token at the end of a block. */
export const liabilitiesAt = (history: History, token: Hex, block: number): bigint =>
  liabilities(factsOf(upTo(history, block)), token)

/** A row of `reconciliations`, with amounts as decimal strings. */
export interface Reconciled {
  readonly token: { readonly address: Hex }
  readonly blockNumber: string
  readonly contractLiabilities: { readonly raw: string }
  readonly indexedLiabilities: { readonly raw: string }
  readonly drift: { readonly raw: string }
}

/** What such a row must say of a chain whose contract and whose indexer are right: both owe the same, no drift. */
export const reconciled = (history: History, row: Reconciled): Reconciled => {
  const raw = liabilitiesAt(history, row.token.address, Number(row.blockNumber)).toString()
  return {
    token: { address: row.token.address },
    blockNumber: row.blockNumber,
    contractLiabilities: { raw },
    indexedLiabilities: { raw },
    drift: { raw: '0' },
  }
}
