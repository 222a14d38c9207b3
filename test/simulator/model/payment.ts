import type { Hex } from 'viem'
import type { Entry, Facts } from './facts.ts'
import { type Event, named, type Place } from './history.ts'
import { nonceOf, saltsIn } from './nonce.ts'
import { finality, roundRef, tx } from './render.ts'

type Named<Name extends Event['name']> = Extract<Event, { name: Name }>
type Settlement = Named<'X402PaymentSettled'>

export interface Payment {
  readonly token: Hex
  readonly authorizer: Hex
  readonly nonce: Hex
  readonly amount: bigint
  readonly isCancelled: boolean
  readonly settlement: Settlement | null
  /** The token's log that used up, or cancelled, the authorisation. */
  readonly at: Place
}

export const X402_PAYMENTS = /* GraphQL */ `
  query Payments($from: BigInt!, $to: BigInt!) {
    x402Payments(
      first: 1000
      where: { blockNumber: { gte: $from, lte: $to } }
      orderBy: [{ field: BLOCK_NUMBER }, { field: NONCE }, { field: AUTHORIZER }]
    ) {
      totalCount
      edges { node {
        token { address } authorizer nonce payTo amount { raw } facilitator linkStatus nonceVerified
        player { address } round { pool { poolId } roundId } entries { entryId }
        tx { chainId hash blockNumber blockHash timestamp } finality
      } }
    }
  }
`

/** The Transfer that an authorisation moved: the next one of its token and transaction that is from the authorizer. */
const transferOf = ({ events }: Facts, { address, args, at }: Named<'AuthorizationUsed'>) =>
  named(events, 'Transfer').find(
    (transfer) =>
      transfer.address === address &&
      transfer.at.transaction === at.transaction &&
      transfer.at.logIndex > at.logIndex &&
      transfer.args.from === args.authorizer,
  )

/** Payments to the game and cancelled authorisations, in chain order. An authorisation that paid somebody else is neither. */
export const paymentsOf = (facts: Facts): readonly Payment[] => {
  const { events, game } = facts
  const used = named(events, 'AuthorizationUsed').flatMap((event) => {
    const transfer = transferOf(facts, event)
    if (transfer?.args.to !== game) return []
    const { authorizer, nonce } = event.args
    const settlement = named(events, 'X402PaymentSettled').find(
      ({ args }) =>
        args.token === event.address && args.payer === authorizer && args.nonce === nonce,
    )
    const key = { token: event.address, authorizer, nonce }
    const { value: amount } = transfer.args
    return {
      ...key,
      amount,
      isCancelled: false,
      settlement: settlement ?? null,
      at: event.at,
    }
  })
  const cancelled = named(events, 'AuthorizationCanceled').map(({ address, args, at }) => ({
    token: address,
    ...args,
    amount: 0n,
    isCancelled: true,
    settlement: null,
    at,
  }))
  return [...used, ...cancelled].sort(
    (a, b) => a.at.block - b.at.block || a.at.logIndex - b.at.logIndex,
  )
}

/** Entries that carry the payment's nonce. */
const entriesOf = (facts: Facts, { token, authorizer, nonce }: Payment): readonly Entry[] =>
  facts.entries.filter(
    (entry) =>
      entry.method === 2 &&
      entry.paymentRef === nonce &&
      entry.payer === authorizer &&
      entry.round.pool.token === token,
  )

/** Amounts, ids and nonces of transfer, settlement and entries agree. */
const isLinked = (facts: Facts, payment: Payment, { args }: Settlement) => {
  const entries = entriesOf(facts, payment)
  const pool = facts.pools.find(({ poolId }) => poolId === args.poolId)
  return (
    args.amount === payment.amount &&
    args.amount === (pool?.entryFee ?? 0n) * args.entryCount &&
    BigInt(entries.length) === args.entryCount &&
    entries.every(
      ({ entryId, player, round }, at) =>
        entryId === args.firstEntryId + BigInt(at) &&
        player === args.player &&
        round.roundId === args.roundId &&
        round.pool.poolId === args.poolId,
    )
  )
}

/** Money without an entry is PENDING while it can still be reorganised away, and ORPHAN from then on. */
const linkStatus = (facts: Facts, payment: Payment, finalizedNumber: number) => {
  if (payment.isCancelled) return 'CANCELLED'
  if (payment.settlement !== null)
    return isLinked(facts, payment, payment.settlement) ? 'LINKED' : 'MISMATCH'
  return finality(payment.at, finalizedNumber) === 'FINAL' ? 'ORPHAN' : 'PENDING'
}

/** Null without a settlement, or when no salt is found in the transaction's calldata. */
const nonceVerified = (facts: Facts, payment: Payment) => {
  if (payment.settlement === null) return null
  const { args, at } = payment.settlement
  const salts = saltsIn(at.input, args)
  if (salts.length === 0) return null
  const numbers = entriesOf(facts, payment).map(({ number }) => number)
  const purpose = { ...args, chainId: facts.chainId, game: facts.game, numbers }
  return salts.some((salt) => nonceOf(purpose, salt) === payment.nonce)
}

const roundOf = ({ rounds }: Facts, { args }: Settlement) =>
  rounds.find(({ roundId, pool }) => roundId === args.roundId && pool.poolId === args.poolId)

const paymentOf = (facts: Facts, payment: Payment, finalizedNumber: number) => {
  const { settlement, at } = payment
  const round = settlement === null ? undefined : roundOf(facts, settlement)
  const { logIndex: _, ...place } = tx(facts.chainId, at)
  return {
    token: { address: payment.token },
    authorizer: payment.authorizer,
    nonce: payment.nonce,
    payTo: facts.game,
    amount: { raw: payment.amount.toString() },
    facilitator: at.sender,
    linkStatus: linkStatus(facts, payment, finalizedNumber),
    nonceVerified: nonceVerified(facts, payment),
    player: settlement && { address: settlement.args.player },
    round: round === undefined ? null : roundRef(round),
    entries: entriesOf(facts, payment).map(({ entryId }) => ({ entryId: entryId.toString() })),
    tx: place,
    finality: finality(at, finalizedNumber),
  }
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

/** Payments whose token's log lies in these blocks, both included. */
export const x402Payments = (facts: Facts, from: number, to: number, finalizedNumber: number) => {
  const list = paymentsOf(facts)
    .filter(({ at }) => at.block >= from && at.block <= to)
    .toSorted(
      (a, b) =>
        a.at.block - b.at.block || compare(a.nonce, b.nonce) || compare(a.authorizer, b.authorizer),
    )
  return {
    x402Payments: {
      totalCount: list.length,
      edges: list.map((payment) => ({ node: paymentOf(facts, payment, finalizedNumber) })),
    },
  }
}
