import type { GraphQLResolveInfo } from 'graphql'
import { toDecimal } from '../../domain/Money.ts'
import { type Aggregate, type Amounts, AVG_PLACES, listAggregates } from '../db/aggregate.ts'
import type { OfGroup } from '../db/aggregateFacts.ts'
import { type AggregateArgs, type Facts, measuresOf } from '../db/aggregatePlan.ts'
import type { OrderBy } from '../db/order.ts'
import { builder } from './builder.ts'
import type { Context } from './context.ts'
import { OrderDirection } from './enums.ts'
import { asUserError } from './errors.ts'
import { constantCase } from './inputs.ts'
import { loadPool, loadRound, loadToken } from './loaders.ts'
import { Money, type MoneyShape, poolMoney, tokenMoney, tokenOf } from './money.ts'
import { related } from './price.ts'
import { Pool, Round, Token } from './refs.ts'
import { selectedFields } from './selection.ts'

/** What the aggregates of entries and of payouts have in common. */

type Types = typeof builder.$inferSchemaTypes
type Group = Aggregate<string, OfGroup>

/** Why there is an error instead of a sum. */
export const ONE_TOKEN =
  'Amounts of different tokens are never added up: group by TOKEN, POOL or ROUND, or leave one token with where; anything else is BAD_USER_INPUT.'

interface MoneyAggregateShape extends Amounts {
  readonly money: (raw: bigint) => MoneyShape
}

export const MoneyAggregate = builder.objectRef<MoneyAggregateShape>('MoneyAggregate').implement({
  description: 'Amounts of one token, taken together.',
  fields: (t) => ({
    sum: t.field({ type: Money, resolve: ({ money, sum }) => money(sum) }),
    min: t.field({ type: Money, resolve: ({ money, min }) => money(min) }),
    max: t.field({ type: Money, resolve: ({ money, max }) => money(max) }),
    avg: t.field({
      type: 'Decimal',
      extensions: { complexity: 8 },
      description: `In whole tokens, rounded to ${AVG_PLACES} places beyond the base unit, halves up: to 24 places for 18 decimals.`,
      resolve: async ({ money, avg }, _, context) =>
        toDecimal(avg, (await tokenOf(context, money(avg))).decimals + AVG_PLACES),
    }),
  }),
})

const moneyOf = ({ key: { chainId, poolId, token }, token: found }: Group, raw: bigint) => {
  if (chainId !== null && poolId !== null) return poolMoney({ chainId, poolId }, raw)
  if (chainId !== null && token !== null) return tokenMoney(chainId, token, raw)
  if (found !== null) return tokenMoney(found.chainId, found.token, raw)
  throw new Error('A group with amounts and without a token')
}

/** One of a group's amounts; null where no fact is. */
export const amountsOf = (group: Group, name: string): MoneyAggregateShape | null => {
  const amounts = group.amounts[name] ?? null
  return amounts === null ? null : { ...amounts, money: (raw) => moneyOf(group, raw) }
}

const poolOf = ({ groupBy, key: { chainId, poolId } }: Group) =>
  groupBy.includes('POOL') && chainId !== null && poolId !== null ? { chainId, poolId } : null

const roundOf = ({ key: { chainId, poolId, roundId } }: Group) =>
  chainId === null || poolId === null || roundId === null ? null : { chainId, poolId, roundId }

/** The dimensions that both have. */
export const groupFields = <Shape extends Group>(
  t: PothosSchemaTypes.ObjectFieldBuilder<Types, Shape>,
) => {
  const start = (name: 'hour' | 'day' | 'week', description: string) =>
    t.field({
      type: 'Timestamp',
      nullable: true,
      description,
      resolve: ({ key }) => key[name],
    })
  return {
    pool: t.field({
      type: Pool,
      extensions: related,
      nullable: true,
      resolve: (group, _, context) => {
        const pool = poolOf(group)
        return pool === null ? null : loadPool(context, pool)
      },
    }),
    round: t.field({
      type: Round,
      extensions: related,
      nullable: true,
      resolve: (group, _, context) => {
        const round = roundOf(group)
        return round === null ? null : loadRound(context, round)
      },
    }),
    token: t.field({
      type: Token,
      nullable: true,
      resolve: ({ key: { chainId, token } }, _, context) =>
        chainId === null || token === null ? null : loadToken(context, chainId, token),
    }),
    hour: start('hour', 'When the hour began.'),
    day: start('day', 'When the day began, 00:00 UTC.'),
    week: start('week', 'When the week began, on a Monday, 00:00 UTC.'),
  }
}

/** The order of aggregates: by a dimension they are grouped by, or by a measure. */
export const createAggregateOrder = <Dimension extends string, Key>(
  name: string,
  facts: Facts<Dimension, Key>,
) => {
  const field = builder.enumType(`${name}Field`, {
    values: Object.fromEntries([
      ...Object.keys(facts.dimensions).map((dimension) => [dimension, { value: dimension }]),
      ...Object.keys(measuresOf(facts)).map((value) => [constantCase(value), { value }]),
    ]),
  })
  return builder.inputRef<OrderBy>(name).implement({
    description:
      'Later orders decide between equals of earlier ones; the dimensions of groupBy, in the direction of the last order, between the rest. POOL and ROUND go by chain and number, TOKEN and PLAYER by chain and address. Amounts are compared in base units, also those of different tokens.',
    fields: (t) => ({
      field: t.field({ type: field, required: true }),
      direction: t.field({ type: OrderDirection, required: true, defaultValue: 'ASC' }),
    }),
  })
}

/** Reads groups of facts. `measures` says which fields of the type ask for what. */
export const createAggregates =
  <Dimension extends string, Key>(
    facts: Facts<Dimension, Key>,
    measures: Readonly<Record<string, string>>,
  ) =>
  async (
    context: Context,
    args: Omit<AggregateArgs<Dimension>, 'asked'>,
    info: GraphQLResolveInfo,
  ): Promise<Aggregate<Dimension, Key>[]> => {
    const selected = [...selectedFields(info)]
    const asked = new Set(
      selected.map((field) => measures[field]).filter((name) => name !== undefined),
    )
    const groups = await listAggregates(await context.db(), facts, { ...args, asked }).catch(
      asUserError,
    )
    return [...groups]
  }
