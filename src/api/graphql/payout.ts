import * as Id from '../../domain/Id.ts'
import type { PayoutRow } from '../db/payout.ts'
import { payouts } from '../db/payout.ts'
import { builder } from './builder.ts'
import { finalityOf, TransactionRef } from './chain.ts'
import type { Context } from './context.ts'
import { Finality, PayoutKind, PayoutState } from './enums.ts'
import { encodeGlobalId } from './globalId.ts'
import { PayoutConnection, payoutArgs, readPayouts } from './lists.ts'
import { claimOfPayout, entryById, loadRound, playerById } from './loaders.ts'
import { Money, tokenMoney } from './money.ts'
import { paged, related } from './price.ts'
import { Entry, Node, Payout, Player, Round } from './refs.ts'

const claimOf = async (context: Context, payout: PayoutRow) =>
  payout.delivered ? null : claimOfPayout(context).load(payout)

const stateOf = async (context: Context, payout: PayoutRow) => {
  if (payout.delivered) return 'DELIVERED'
  return (await claimOf(context, payout)) === null ? 'CREDITED' : 'CLAIMED'
}

Payout.implement({
  description: 'Money that left a round: a prize, a refund or the fee.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({ resolve: (payout) => encodeGlobalId('Payout', payout.id) }),
    kind: t.expose('kind', { type: PayoutKind }),
    recipient: t.expose('recipient', { type: 'Address' }),
    player: t.field({
      type: Player,
      extensions: related,
      nullable: true,
      description: 'The recipient as a player; null when it never had an entry.',
      resolve: (payout, _, context) =>
        playerById(context).load(Id.player(payout.chainId, payout.recipient)),
    }),
    entry: t.field({
      type: Entry,
      extensions: related,
      nullable: true,
      description: 'The entry that won or was refunded; null for a fee.',
      resolve: (payout, _, context) =>
        payout.entryId === null
          ? null
          : entryById(context).load(Id.entry(payout.chainId, payout.entryId)),
    }),
    round: t.field({
      type: Round,
      extensions: related,
      resolve: (payout, _, context) => loadRound(context, payout),
    }),
    amount: t.field({
      type: Money,
      resolve: (payout) => tokenMoney(payout.chainId, payout.token, payout.amount),
    }),
    state: t.field({
      type: PayoutState,
      extensions: related,
      resolve: (payout, _, context) => stateOf(context, payout),
    }),
    tx: t.field({ type: TransactionRef, resolve: (payout) => payout }),
    claimTx: t.field({
      type: TransactionRef,
      extensions: related,
      nullable: true,
      description: 'The claim that took it, when it was credited first.',
      resolve: (payout, _, context) => claimOf(context, payout),
    }),
    finality: t.field({
      type: Finality,
      resolve: (payout, _, context) => finalityOf(context, payout),
    }),
  }),
})

builder.queryFields((t) => ({
  payouts: t.field({
    type: PayoutConnection,
    extensions: paged(payouts),
    description: 'In chain order unless asked otherwise.',
    args: payoutArgs,
    resolve: (_, args, context) => readPayouts(context, args),
  }),
}))
