import type { Aggregate } from '../db/aggregate.ts'
import { type PayoutKey, payoutFacts } from '../db/aggregateFacts.ts'
import { MAX_PAGE } from '../db/list.ts'
import {
  amountsOf,
  createAggregateOrder,
  createAggregates,
  groupFields,
  MoneyAggregate,
  ONE_TOKEN,
} from './aggregate.ts'
import { builder } from './builder.ts'
import { PayoutKind, PayoutState } from './enums.ts'
import { payoutWhere } from './lists.ts'
import { aggregated } from './price.ts'

type Dimension = keyof typeof payoutFacts.dimensions

const PayoutDimension = builder.enumType('PayoutDimension', {
  description: 'What payouts are grouped by. Times are those of their blocks, in UTC.',
  values: {
    KIND: {},
    STATE: { description: 'As it is at the head: claims change it later.' },
    POOL: {},
    ROUND: { description: 'Of its pool.' },
    TOKEN: {},
    RECIPIENT: { description: 'The address, on all chains.' },
    HOUR: {},
    DAY: {},
    WEEK: { description: 'Begins on Monday, 00:00.' },
  } as const,
})

const PayoutAggregateOrder = createAggregateOrder('PayoutAggregateOrder', payoutFacts)

const PayoutAggregate = builder
  .objectRef<Aggregate<Dimension, PayoutKey>>('PayoutAggregate')
  .implement({
    description:
      'Payouts that have their dimensions in common. A dimension that groupBy does not name is null.',
    fields: (t) => ({
      kind: t.field({ type: PayoutKind, nullable: true, resolve: ({ key }) => key.kind }),
      state: t.field({ type: PayoutState, nullable: true, resolve: ({ key }) => key.state }),
      ...groupFields(t),
      recipient: t.field({ type: 'Address', nullable: true, resolve: ({ key }) => key.recipient }),
      count: t.exposeInt('count'),
      recipients: t.exposeInt('members', { description: 'Distinct addresses.' }),
      amount: t.field({
        type: MoneyAggregate,
        nullable: true,
        description: `Null when there are no payouts. ${ONE_TOKEN}`,
        resolve: (group) => amountsOf(group, 'amount'),
      }),
    }),
  })

const readAggregates = createAggregates(payoutFacts, { recipients: 'recipients', amount: 'amount' })

builder.queryFields((t) => ({
  payoutAggregates: t.field({
    type: [PayoutAggregate],
    description:
      'Payouts counted and added up in groups. Empty groupBy gives one group, even of no payouts. In the order of the dimensions unless asked otherwise.',
    extensions: aggregated('payout'),
    args: {
      ...payoutWhere,
      groupBy: t.arg({ type: [PayoutDimension], required: true, defaultValue: [] }),
      orderBy: t.arg({ type: [PayoutAggregateOrder] }),
      first: t.arg.int({ required: true, defaultValue: 100, description: `At most ${MAX_PAGE}.` }),
    },
    resolve: (_, args, context, info) => readAggregates(context, args, info),
  }),
}))
