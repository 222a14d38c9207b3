import type { Entry, Facts, Payout } from './facts.ts'
import { finality, MONEY, money, roundRef, TX, tx, txOrNull } from './render.ts'
import { entryStatus, payoutState } from './status.ts'

const METHODS = ['NATIVE', 'ERC20', 'X402_DIRECT', 'X402_GATEWAY']

export const ENTRIES = /* GraphQL */ `
  query Entries($from: BigInt!, $to: BigInt!) {
    entries(first: 1000, where: { entryId: { gte: $from, lte: $to } }, orderBy: [{ field: ENTRY_ID }]) {
      totalCount
      edges { node {
        entryId pool { poolId } round { pool { poolId } roundId } player { address }
        payer number amount { ...money } feeAmount { ...money } paymentMethod payment { nonce authorizer }
        status payout { kind state amount { raw } }
        tx { ...tx } finality
      } }
    }
  }
  ${MONEY}
  ${TX}
`

export const PAYOUTS = /* GraphQL */ `
  query Payouts($from: BigInt!, $to: BigInt!) {
    payouts(
      first: 1000
      where: { blockNumber: { gte: $from, lte: $to } }
      orderBy: [{ field: BLOCK_NUMBER }, { field: LOG_INDEX }]
    ) {
      totalCount
      edges { node {
        kind recipient player { address } entry { entryId } round { pool { poolId } roundId }
        amount { ...money } state tx { ...tx } claimTx { ...tx } finality
      } }
    }
  }
  ${MONEY}
  ${TX}
`

/** Of an entry paid by x402 directly: the payment whose nonce it carries. A gateway's payment went to the gateway. */
const paymentRefOf = ({ method, paymentRef, payer }: Entry) =>
  METHODS[method] === 'X402_DIRECT' ? { nonce: paymentRef, authorizer: payer } : null

/** An entry's finality is that of its own log, whatever became of it since. */
const entryOf = (facts: Facts, entry: Entry, finalizedNumber: number) => {
  const { round, payout } = entry
  return {
    entryId: entry.entryId.toString(),
    pool: roundRef(round).pool,
    round: roundRef(round),
    player: { address: entry.player },
    payer: entry.payer,
    number: entry.number,
    amount: money(entry.amount, round.pool),
    feeAmount: money(entry.feeAmount, round.pool),
    paymentMethod: METHODS[entry.method],
    payment: paymentRefOf(entry),
    status: entryStatus(entry),
    payout:
      payout === undefined
        ? null
        : {
            kind: payout.kind,
            state: payoutState(payout),
            amount: { raw: payout.amount.toString() },
          },
    tx: tx(facts.chainId, entry.at),
    finality: finality(entry.at, finalizedNumber),
  }
}

export const entries = (facts: Facts, from: bigint, to: bigint, finalizedNumber: number) => {
  const list = facts.entries.filter(({ entryId }) => entryId >= from && entryId <= to)
  return {
    entries: {
      totalCount: list.length,
      edges: list.map((entry) => ({ node: entryOf(facts, entry, finalizedNumber) })),
    },
  }
}

/** A fee belongs to nobody's entry, so it names no player even when its recipient plays. */
const payoutOf = (facts: Facts, payout: Payout, finalizedNumber: number) => ({
  kind: payout.kind,
  recipient: payout.recipient,
  player: payout.entry && { address: payout.recipient },
  entry: payout.entry && { entryId: payout.entry.entryId.toString() },
  round: roundRef(payout.round),
  amount: money(payout.amount, payout.round.pool),
  state: payoutState(payout),
  tx: tx(facts.chainId, payout.at),
  claimTx: txOrNull(facts.chainId, payout.claim),
  finality: finality(payout.at, finalizedNumber),
})

/** Payouts whose own log lies in these blocks, both included. */
export const payouts = (facts: Facts, from: number, to: number, finalizedNumber: number) => {
  const list = facts.payouts.filter(({ at }) => at.block >= from && at.block <= to)
  return {
    payouts: {
      totalCount: list.length,
      edges: list.map((payout) => ({ node: payoutOf(facts, payout, finalizedNumber) })),
    },
  }
}
