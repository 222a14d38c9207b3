import * as Id from '../../domain/Id.ts'
import type { ActivityRow } from '../db/activity.ts'
import { activity } from '../db/activity.ts'
import { builder } from './builder.ts'
import { finalityOf, TransactionRef } from './chain.ts'
import { ActivityKind, Finality } from './enums.ts'
import { encodeGlobalId } from './globalId.ts'
import { ActivityConnection, activityArgs, readActivity } from './lists.ts'
import { entryById, loadPool, loadRound, paymentById, payoutById, playerById } from './loaders.ts'
import { Money, type MoneyShape, poolMoney, tokenMoney } from './money.ts'
import { FACTS, PAYMENT, paged, related } from './price.ts'
import { Activity, Entry, Node, Payout, Player, Pool, Round, X402Payment } from './refs.ts'

const amountOf = ({ chainId, poolId, token, amount }: ActivityRow): MoneyShape | null => {
  if (amount === null) return null
  if (token !== null) return tokenMoney(chainId, token, amount)
  return poolId === null ? null : poolMoney({ chainId, poolId }, amount)
}

Activity.implement({
  description: 'One fact of the chain. What its kind does not have is null.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({ resolve: (fact) => encodeGlobalId('Activity', fact.id) }),
    kind: t.expose('kind', { type: ActivityKind }),
    pool: t.field({
      type: Pool,
      extensions: related,
      nullable: true,
      resolve: ({ chainId, poolId }, _, context) =>
        poolId === null ? null : loadPool(context, { chainId, poolId }),
    }),
    round: t.field({
      type: Round,
      extensions: related,
      nullable: true,
      resolve: ({ chainId, poolId, roundId }, _, context) =>
        poolId === null || roundId === null
          ? null
          : loadRound(context, { chainId, poolId, roundId }),
    }),
    player: t.field({
      type: Player,
      extensions: related,
      nullable: true,
      description:
        'Whose entry, prize, refund, fee or claim it is; null when that address never had an entry.',
      resolve: ({ chainId, player }, _, context) =>
        player === null ? null : playerById(context).load(Id.player(chainId, player)),
    }),
    entry: t.field({
      type: Entry,
      extensions: related,
      nullable: true,
      resolve: ({ chainId, entryId }, _, context) =>
        entryId === null ? null : entryById(context).load(Id.entry(chainId, entryId)),
    }),
    payout: t.field({
      type: Payout,
      extensions: related,
      nullable: true,
      resolve: (fact, _, context) => (fact.isPayout ? payoutById(context).load(fact.id) : null),
    }),
    payment: t.field({
      type: X402Payment,
      extensions: PAYMENT,
      nullable: true,
      resolve: ({ chainId, token, payer, nonce }, _, context) =>
        token === null || payer === null || nonce === null
          ? null
          : paymentById(context).load(Id.payment(chainId, token, payer, nonce)),
    }),
    number: t.exposeInt('number', {
      nullable: true,
      description: 'The number picked, or the number drawn.',
    }),
    amount: t.field({
      type: Money,
      nullable: true,
      description:
        'The stake, prize, refund, fee, carry or claim; the prize pool of ROUND_CLOSED and ROUND_DRAWN, the carry of ROUND_OPENED, the refundable stakes of ROUND_CANCELLED.',
      resolve: amountOf,
    }),
    tx: t.field({ type: TransactionRef, resolve: (fact) => fact }),
    finality: t.field({ type: Finality, resolve: (fact, _, context) => finalityOf(context, fact) }),
  }),
})

builder.queryFields((t) => ({
  activity: t.field({
    type: ActivityConnection,
    description: 'Every fact that a user could see, in chain order.',
    args: activityArgs,
    extensions: paged(activity, FACTS),
    resolve: (_, args, context) => readActivity(context, args),
  }),
}))
