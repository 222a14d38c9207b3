import { sql } from 'drizzle-orm'
import type { AnyPgColumn } from 'drizzle-orm/pg-core'
import { creditClaimed, entry, payout, pool, round, token } from '../../../../ponder.schema.ts'
import { payments as joined, paymentFields } from '../payment.ts'
import { isClaimOf } from '../payout.ts'
import { ofPool } from './game.ts'
import { label, money, place, plain, time, tokenColumns, type View } from './view.ts'

const payoutState = sql`case when ${payout.delivered} then 'DELIVERED'
  when exists (select from ${creditClaimed} where ${isClaimOf(payout)}) then 'CLAIMED' else 'CREDITED' end`

const text = (word: string) => sql.raw(`'${word}'`)

/** What became of an entry, by the state of the payout it got; `none` when it got none. */
const byPayout = (delivered: string, claimed: string, credited: string, none: string) =>
  sql`coalesce((
    select case ${payoutState} when 'DELIVERED' then ${text(delivered)} when 'CLAIMED' then ${text(claimed)}
      else ${text(credited)} end
    from ${payout} where ${payout.chainId} = ${entry.chainId} and ${payout.entryId} = ${entry.entryId} limit 1
  ), ${text(none)})`

/** `Entry.status` of src/domain. */
const entryStatus = sql`case ${round.status}::text when 'OPEN' then 'ACTIVE' when 'DRAWING' then 'PENDING'
  when 'CANCELLED' then ${byPayout('REFUNDED', 'REFUND_CLAIMED', 'REFUND_CREDITED', 'REFUND_PENDING')}
  else case when ${round.winningNumber} is distinct from ${entry.number} then 'LOST'
    else ${byPayout('WON_PAID', 'WON_CLAIMED', 'WON_CREDITED', 'WON_UNPAID')} end end`

export const entries: View = {
  name: 'entries',
  comment: 'One row per entry: one number on one round.',
  columns: [
    plain('chain_id', entry.chainId, 'EIP-155 id of the chain.'),
    plain('entry_id', entry.entryId, 'Counts over all pools of the contract, without gaps.'),
    plain('pool_id', entry.poolId, 'Its pool.'),
    plain('round_id', entry.roundId, 'Its round of that pool.'),
    plain('player', entry.player, 'Whose entry it is: prizes and refunds go there.'),
    plain('payer', entry.payer, 'Who paid for it.'),
    plain('number', entry.number, '1 to 402.'),
    ...tokenColumns(pool.token),
    ...money('amount', entry.amount, 'Its stake.'),
    ...money('fee', entry.feeAmount, 'The part of it that does not go into the prize pool.'),
    label('payment_method', entry.paymentMethod, 'NATIVE, ERC20, X402_DIRECT or X402_GATEWAY.'),
    plain('payment_ref', entry.paymentRef, "The authorisation's nonce or the gateway's reference."),
    plain(
      'status',
      entryStatus,
      'What became of it: ACTIVE, PENDING, LOST, WON_UNPAID, WON_PAID, WON_CREDITED, WON_CLAIMED, REFUND_PENDING, REFUNDED, REFUND_CREDITED or REFUND_CLAIMED.',
    ),
    ...place(entry),
  ],
  from: sql`${entry} join ${round} on ${round.chainId} = ${entry.chainId} and ${round.poolId} = ${entry.poolId}
    and ${round.roundId} = ${entry.roundId} ${ofPool(entry)}`,
}

/** The first claim behind a payout that could not be delivered. */
const claim = (value: AnyPgColumn) => sql`case when not ${payout.delivered} then (
  select ${value} from ${creditClaimed} where ${isClaimOf(payout)}
  order by ${creditClaimed.blockNumber}, ${creditClaimed.logIndex} limit 1) end`

export const payouts: View = {
  name: 'payouts',
  comment: 'One row per payment out of a round: a prize, a refund or the fee.',
  columns: [
    plain('chain_id', payout.chainId, 'EIP-155 id of the chain.'),
    plain('pool_id', payout.poolId, 'Its pool.'),
    plain('round_id', payout.roundId, 'Its round of that pool.'),
    label('kind', payout.kind, 'PRIZE, REFUND or FEE.'),
    plain('recipient', payout.recipient, 'Whose money it is.'),
    plain('entry_id', payout.entryId, 'The entry that won or was refunded; null for a fee.'),
    ...tokenColumns(payout.token),
    ...money('amount', payout.amount, 'What was paid.'),
    plain(
      'state',
      payoutState,
      'DELIVERED: with its recipient. CREDITED: the push failed, it waits to be claimed. CLAIMED: credited first and claimed later.',
    ),
    plain(
      'claim_transaction_hash',
      claim(creditClaimed.transactionHash),
      'The claim that took it, if any.',
    ),
    ...time('claimed', claim(creditClaimed.timestamp), 'When it was claimed, if it was.'),
    ...place(payout),
  ],
  from: sql`${payout} join ${token} on ${token.chainId} = ${payout.chainId} and ${token.address} = ${payout.token}`,
}

const { chainId, token: paymentToken, authorizer, nonce, facilitator, linkStatus } = paymentFields
const column = (name: string) => sql.raw(`"x402_payment"."${name}"`)

export const payments: View = {
  name: 'payments',
  comment:
    'One row per x402 payment: an EIP-3009 authorisation that paid the game, or that was cancelled.',
  columns: [
    plain('chain_id', chainId.sql, 'EIP-155 id of the chain.'),
    ...tokenColumns(paymentToken.sql),
    plain('authorizer', authorizer.sql, 'Who signed and paid.'),
    plain('nonce', nonce.sql, 'Of the authorisation.'),
    ...money('amount', paymentFields.amount.sql, 'What arrived; 0 for a cancelled one.'),
    plain('facilitator', facilitator.sql, 'Who sent the transaction.'),
    plain(
      'link_status',
      linkStatus.sql,
      'LINKED: the game settled it and all agrees. PENDING: money without an entry, not final yet. ORPHAN: the same for good. MISMATCH: settled, and something does not agree. CANCELLED: never used.',
    ),
    plain('pool_id', paymentFields.poolId.sql, 'What it paid for: the pool; null without entries.'),
    plain('round_id', paymentFields.roundId.sql, 'What it paid for: the round.'),
    plain('player', paymentFields.player.sql, 'Whose entries it paid for.'),
    plain('first_entry_id', column('first_entry_id'), 'The first of these entries.'),
    plain('entry_count', column('entry_count'), 'How many; their ids follow one another.'),
    ...place({
      chainId: chainId.sql,
      blockNumber: paymentFields.blockNumber.sql,
      logIndex: paymentFields.logIndex.sql,
      blockHash: paymentFields.blockHash.sql,
      transactionHash: paymentFields.transactionHash.sql,
      timestamp: paymentFields.timestamp.sql,
    }),
  ],
  from: sql`${joined()} left join ${token} on ${token.chainId} = ${chainId.sql} and ${token.address} = ${paymentToken.sql}`,
}
