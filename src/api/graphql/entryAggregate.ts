import type { Aggregate } from '../db/aggregate.ts'
import { type EntryKey, entryFacts } from '../db/aggregateFacts.ts'
import { measuresOf } from '../db/aggregatePlan.ts'
import { fieldOf } from '../db/fields.ts'
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
import { PaymentMethod } from './enums.ts'
import { createFilter } from './inputs.ts'
import { entryWhere } from './lists.ts'
import { loadPlayer } from './loaders.ts'
import { aggregated, related } from './price.ts'
import { Player } from './refs.ts'

type Dimension = keyof typeof entryFacts.dimensions

const EntryDimension = builder.enumType('EntryDimension', {
  description: 'What entries are grouped by. Times are those of their blocks, in UTC.',
  values: {
    POOL: {},
    ROUND: { description: 'Of its pool.' },
    TOKEN: {},
    PLAYER: { description: 'On its chain.' },
    NUMBER: { description: 'From 1 to 402, in all pools.' },
    PAYMENT_METHOD: {},
    HOUR: {},
    DAY: {},
    WEEK: { description: 'Begins on Monday, 00:00.' },
  } as const,
})

const measures = measuresOf(entryFacts)

/** What groups may be kept by. */
const EntryHaving = createFilter('EntryHaving', {
  count: fieldOf(measures, 'count'),
  players: fieldOf(measures, 'players'),
  amountSum: fieldOf(measures, 'amountSum'),
  feeSum: fieldOf(measures, 'feeSum'),
})

const EntryAggregateOrder = createAggregateOrder('EntryAggregateOrder', entryFacts)

const EntryAggregate = builder
  .objectRef<Aggregate<Dimension, EntryKey>>('EntryAggregate')
  .implement({
    description:
      'Entries that have their dimensions in common. A dimension that groupBy does not name is null.',
    fields: (t) => ({
      ...groupFields(t),
      player: t.field({
        type: Player,
        extensions: related,
        nullable: true,
        resolve: ({ key: { chainId, player } }, _, context) =>
          chainId === null || player === null ? null : loadPlayer(context, chainId, player),
      }),
      number: t.int({ nullable: true, resolve: ({ key }) => key.number }),
      paymentMethod: t.field({
        type: PaymentMethod,
        nullable: true,
        resolve: ({ key }) => key.paymentMethod,
      }),
      count: t.exposeInt('count'),
      players: t.exposeInt('members', { description: 'Distinct players.' }),
      amount: t.field({
        type: MoneyAggregate,
        nullable: true,
        description: `What was paid; null when there are no entries. ${ONE_TOKEN}`,
        resolve: (group) => amountsOf(group, 'amount'),
      }),
      feeAmount: t.field({
        type: MoneyAggregate,
        nullable: true,
        description: 'The part that does not go into the prize pool. As amount, of one token only.',
        resolve: (group) => amountsOf(group, 'fee'),
      }),
    }),
  })

const readAggregates = createAggregates(entryFacts, {
  players: 'players',
  amount: 'amount',
  feeAmount: 'fee',
})

builder.queryFields((t) => ({
  entryAggregates: t.field({
    type: [EntryAggregate],
    description:
      'Entries counted and added up in groups. Empty groupBy gives one group, even of no entries. In the order of the dimensions unless asked otherwise.',
    extensions: aggregated('entry'),
    args: {
      ...entryWhere,
      groupBy: t.arg({ type: [EntryDimension], required: true, defaultValue: [] }),
      having: t.arg({ type: EntryHaving, description: 'Which groups to keep.' }),
      orderBy: t.arg({ type: [EntryAggregateOrder] }),
      first: t.arg.int({
        required: true,
        defaultValue: 100,
        description: `At most ${MAX_PAGE}.`,
      }),
    },
    resolve: (_, args, context, info) => readAggregates(context, args, info),
  }),
}))
