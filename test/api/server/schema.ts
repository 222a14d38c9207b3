import { sql } from 'drizzle-orm'
import {
  GraphQLError,
  type GraphQLFieldConfig,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
} from 'graphql'
import type { Context } from '../../../src/api/graphql/context.ts'
import { CHAIN } from './world.ts'

type Field = GraphQLFieldConfig<unknown, Context>

const text = (resolve: NonNullable<Field['resolve']>): Field => ({
  type: new GraphQLNonNull(GraphQLString),
  resolve,
})

const prizePool = async (context: Context) => {
  const db = await context.db()
  const [row] = await db.rows(sql`select prize_pool from round where pool_id = 1`)
  return String(row?.prize_pool)
}

const headNumber = async (context: Context) => String((await context.head(CHAIN)).number)

const Item: GraphQLObjectType = new GraphQLObjectType({
  name: 'Item',
  fields: () => ({
    name: text(() => 'item'),
    child: { type: Item, resolve: () => ({}) },
    items: itemsField,
  }),
})

const itemsField: GraphQLFieldConfig<unknown, Context> = {
  type: new GraphQLList(Item),
  args: { first: { type: GraphQLInt }, last: { type: GraphQLInt } },
  resolve: () => [{}],
}

const Live = new GraphQLObjectType<unknown, Context>({
  name: 'Live',
  fields: {
    head: text((_, __, context) => headNumber(context)),
    prizePool: text((_, __, context) => prizePool(context)),
  },
})

const state: Field = { type: new GraphQLNonNull(Live), resolve: () => ({}) }

const fields: Record<string, Field> = {
  live: state,
  hello: text(() => 'world'),
  item: { type: Item, resolve: () => ({}) },
  items: itemsField,
  echo: {
    type: GraphQLInt,
    args: { number: { type: new GraphQLNonNull(GraphQLInt) } },
    resolve: (_, { number }) => number,
  },
  /** So many words of one length each. */
  words: {
    type: new GraphQLList(GraphQLString),
    args: {
      count: { type: new GraphQLNonNull(GraphQLInt) },
      length: { type: new GraphQLNonNull(GraphQLInt) },
    },
    resolve: (_, { count, length }) => Array.from({ length: count }, () => 'x'.repeat(length)),
  },
  broken: text(() => {
    throw new Error('the password is 402')
  }),
  maybeBroken: {
    type: GraphQLString,
    resolve: () => {
      throw new Error('the password is 402')
    },
  },
  refused: text(() => {
    throw new GraphQLError('expected something else', { extensions: { code: 'BAD_USER_INPUT' } })
  }),
  /** Answers only when the operation is over. */
  endless: text(
    (_, __, { options }) =>
      new Promise((resolve) => {
        options.signal?.addEventListener('abort', () => resolve('over'))
      }),
  ),
  statement: text(async (_, __, context) => {
    const db = await context.db()
    await db.rows(sql`select pg_sleep(30)`)
    return 'slept'
  }),
  /** The head after the next block, or the same one after 20 seconds. */
  nextHead: text(async (_, __, context) => {
    context.openAfter(
      context.options.waitForHead?.({ chainId: CHAIN, afterNumber: 1, timeoutMs: 20_000 }) ??
        Promise.resolve(),
    )
    return headNumber(context)
  }),
}

/** Small fields for what transports and limits must do, whatever the real schema holds. */
export const testSchema = new GraphQLSchema({
  query: new GraphQLObjectType({ name: 'Query', fields }),
  subscription: new GraphQLObjectType({
    name: 'Subscription',
    fields: {
      live: state,
      broken: fields.broken ?? state,
      words: fields.words ?? state,
      items: itemsField,
    },
  }),
})
