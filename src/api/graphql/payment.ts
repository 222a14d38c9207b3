import * as Id from '../../domain/Id.ts'
import * as Game from '../../domain/Payment.ts'
import type { EntryRow } from '../db/entry.ts'
import { type PaymentRow, paymentEntity, x402Payments } from '../db/payment.ts'
import { builder } from './builder.ts'
import { finalityOf, TransactionRef } from './chain.ts'
import { createConnection, createPages, pageArgs } from './connection.ts'
import type { Context } from './context.ts'
import { Finality, LinkStatus } from './enums.ts'
import { encodeGlobalId } from './globalId.ts'
import { createFilter, createOrder } from './inputs.ts'
import { entryById, loadPlayer, loadRound, loadToken, paymentById } from './loaders.ts'
import { Money, tokenMoney } from './money.ts'
import { PAYMENTS, paged, related, STATEMENT } from './price.ts'
import { Entry, Node, Player, Round, Token, X402Payment } from './refs.ts'

/** The entries that the game named when it settled the payment, in their order. */
const entriesOf = async (context: Context, payment: PaymentRow): Promise<readonly EntryRow[]> => {
  const { chainId, firstEntryId, entryCount, nonce } = payment
  if (firstEntryId === null || entryCount === null) return []
  const ids = Array.from({ length: Math.min(entryCount, Game.MAX_ENTRIES) }, (_, at) =>
    Id.entry(chainId, firstEntryId + BigInt(at)),
  )
  const entries = await Promise.all(ids.map((id) => entryById(context).load(id)))
  return entries.flatMap((entry) => (entry?.paymentRef === nonce ? entry : []))
}

const isNonceVerified = async (context: Context, payment: PaymentRow): Promise<boolean | null> => {
  const { chainId, poolId, roundId, player, salt, nonce } = payment
  if (poolId === null || roundId === null || player === null || salt === null) return null
  const numbers = (await entriesOf(context, payment)).map(({ number }) => number)
  const { address: game } = context.deployment(chainId)
  return Game.nonceOf({ chainId, game, poolId, roundId, player, numbers, salt }) === nonce
}

X402Payment.implement({
  description: 'An authorisation (EIP-3009) that paid the game, or that was cancelled.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({ resolve: (payment) => encodeGlobalId('X402Payment', payment.id) }),
    token: t.field({
      type: Token,
      extensions: related,
      resolve: ({ chainId, token }, _, context) => loadToken(context, chainId, token),
    }),
    authorizer: t.expose('authorizer', { type: 'Address', description: 'Who signed and paid.' }),
    nonce: t.expose('nonce', { type: 'Hex' }),
    payTo: t.field({
      type: 'Address',
      description: 'The game: no other authorisation is kept.',
      resolve: ({ chainId }, _, context) => context.deployment(chainId).address,
    }),
    amount: t.field({
      type: Money,
      description: 'What arrived; 0 for a cancelled one.',
      resolve: ({ chainId, token, amount }) => tokenMoney(chainId, token, amount),
    }),
    facilitator: t.expose('facilitator', {
      type: 'Address',
      description: 'Who sent the transaction.',
    }),
    linkStatus: t.expose('linkStatus', { type: LinkStatus }),
    nonceVerified: t.boolean({
      nullable: true,
      description:
        "The nonce recomputed from chain, game, pool, round, player, numbers and salt equals the one that was paid. Null without an entry, and when the salt is not in the transaction's calldata.",
      extensions: { statement: STATEMENT, complexity: 3 * Game.MAX_ENTRIES },
      resolve: (payment, _, context) => isNonceVerified(context, payment),
    }),
    player: t.field({
      type: Player,
      extensions: related,
      nullable: true,
      resolve: ({ chainId, player }, _, context) =>
        player === null ? null : loadPlayer(context, chainId, player),
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
    entries: t.field({
      type: [Entry],
      description: 'Those it paid for, in the order of their ids.',
      extensions: {
        statement: STATEMENT,
        complexity: Game.MAX_ENTRIES,
        multiplier: Game.MAX_ENTRIES,
      },
      resolve: (payment, _, context) => entriesOf(context, payment),
    }),
    tx: t.field({ type: TransactionRef, resolve: (payment) => payment }),
    finality: t.field({
      type: Finality,
      resolve: (payment, _, context) => finalityOf(context, payment),
    }),
  }),
})

const PaymentFilter = createFilter('X402PaymentFilter', paymentEntity.fields)
const PaymentOrder = createOrder('X402PaymentOrder', paymentEntity)
const PaymentConnection = createConnection('X402Payment', X402Payment)
const readPayments = createPages(x402Payments, (context, row) => {
  paymentById(context).prime(row.id, row)
})

builder.queryFields((t) => ({
  x402Payments: t.field({
    type: PaymentConnection,
    description: 'In chain order unless asked otherwise.',
    args: {
      where: t.arg({ type: PaymentFilter }),
      orderBy: t.arg({ type: [PaymentOrder] }),
      ...pageArgs,
    },
    extensions: paged(x402Payments, PAYMENTS),
    resolve: (_, args, context) => readPayments(context, args),
  }),
}))
