import { status } from '../../domain/Entry.ts'
import * as Id from '../../domain/Id.ts'
import type { EntryRow } from '../db/entry.ts'
import { entries } from '../db/entry.ts'
import { contractId } from './arguments.ts'
import { builder } from './builder.ts'
import { finalityOf, TransactionRef } from './chain.ts'
import type { Context } from './context.ts'
import { EntryStatus, Finality, PaymentMethod } from './enums.ts'
import { encodeGlobalId } from './globalId.ts'
import { EntryConnection, entryArgs, readEntries } from './lists.ts'
import {
  claimOfPayout,
  entryById,
  loadPlayer,
  loadPool,
  loadRound,
  paymentById,
  payoutOfEntry,
} from './loaders.ts'
import { Money, poolMoney } from './money.ts'
import { PAYMENT, paged, related, STATEMENT } from './price.ts'
import { Entry, Node, Payout, Player, Pool, Round, X402Payment } from './refs.ts'

const statusOf = async (context: Context, entry: EntryRow) => {
  const [round, payout] = await Promise.all([
    loadRound(context, entry),
    payoutOfEntry(context).load(entry),
  ])
  if (payout === null) return status(round, entry.number)
  const claim = payout.delivered ? null : await claimOfPayout(context).load(payout)
  return status(round, entry.number, { delivered: payout.delivered, isClaimed: claim !== null })
}

const paymentOf = async (context: Context, entry: EntryRow) => {
  if (entry.paymentMethod !== 'X402_DIRECT') return null
  const { token } = await loadPool(context, entry)
  return paymentById(context).load(Id.payment(entry.chainId, token, entry.payer, entry.paymentRef))
}

Entry.implement({
  description: 'One number on one round.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({ resolve: (entry) => encodeGlobalId('Entry', entry.id) }),
    entryId: t.expose('entryId', {
      type: 'BigInt',
      description: 'Counts over all pools of the contract, without gaps.',
    }),
    pool: t.field({
      type: Pool,
      extensions: related,
      resolve: (entry, _, context) => loadPool(context, entry),
    }),
    round: t.field({
      type: Round,
      extensions: related,
      resolve: (entry, _, context) => loadRound(context, entry),
    }),
    player: t.field({
      type: Player,
      extensions: related,
      description: 'Whose entry it is: prizes and refunds go there.',
      resolve: (entry, _, context) => loadPlayer(context, entry.chainId, entry.player),
    }),
    payer: t.expose('payer', { type: 'Address', description: 'Who paid for it.' }),
    number: t.exposeInt('number', { description: '1 to 402.' }),
    amount: t.field({ type: Money, resolve: (entry) => poolMoney(entry, entry.amount) }),
    feeAmount: t.field({
      type: Money,
      description: 'The part of the amount that does not go into the prize pool.',
      resolve: (entry) => poolMoney(entry, entry.feeAmount),
    }),
    paymentMethod: t.expose('paymentMethod', { type: PaymentMethod }),
    payment: t.field({
      type: X402Payment,
      extensions: PAYMENT,
      nullable: true,
      description: 'The authorisation that paid for it; null for other methods.',
      resolve: (entry, _, context) => paymentOf(context, entry),
    }),
    status: t.field({
      type: EntryStatus,
      extensions: { statement: 3 * STATEMENT, complexity: 6 },
      resolve: (entry, _, context) => statusOf(context, entry),
    }),
    payout: t.field({
      type: Payout,
      extensions: related,
      nullable: true,
      description: 'Its prize or its refund, once there is one.',
      resolve: (entry, _, context) => payoutOfEntry(context).load(entry),
    }),
    tx: t.field({ type: TransactionRef, resolve: (entry) => entry }),
    finality: t.field({
      type: Finality,
      resolve: (entry, _, context) => finalityOf(context, entry),
    }),
  }),
})

builder.queryFields((t) => ({
  entry: t.field({
    type: Entry,
    extensions: related,
    nullable: true,
    args: { entryId: t.arg({ type: 'BigInt', required: true }), chainId: t.arg.int() },
    resolve: (_, { entryId, chainId }, context) =>
      entryById(context).load(
        Id.entry(context.deployment(chainId).chainId, contractId('entryId', entryId)),
      ),
  }),
  entries: t.field({
    type: EntryConnection,
    extensions: paged(entries),
    description: 'In chain order unless asked otherwise.',
    args: entryArgs,
    resolve: (_, args, context, info) => readEntries(context, args, [], info),
  }),
}))
