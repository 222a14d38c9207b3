import { type SQL, sql } from 'drizzle-orm'
import {
  type AggregateArgs,
  column,
  type Facts,
  measure,
  measuresOf,
  PARTS,
  type Plan,
  planAggregates,
  union,
} from './aggregatePlan.ts'
import { InputError } from './errors.ts'
import { type Fields, fieldOf } from './fields.ts'
import { type Filter, filterCondition } from './filter.ts'
import { checkSize } from './list.ts'
import { orderSql } from './order.ts'
import type { Raw, Reader } from './reader.ts'

/** In base units; the average in millionths of one, halves rounded up. */
export interface Amounts {
  readonly sum: bigint
  readonly min: bigint
  readonly max: bigint
  readonly avg: bigint
}

/** One group. */
export interface Aggregate<Dimension extends string, Key> {
  readonly groupBy: readonly Dimension[]
  /** Of the columns that belong to `groupBy`. */
  readonly key: Key
  /** The one token of the amounts, when it does not follow from the key. */
  readonly token: { readonly chainId: number; readonly token: string } | null
  readonly count: number
  readonly members: number
  /** By name; null where no fact is. Those that were not asked for are missing. */
  readonly amounts: Readonly<Record<string, Amounts | null>>
}

/** Decimal places of an average beyond the base unit, and how many parts of a base unit that makes. */
export const AVG_PLACES = 6
const AVG_PARTS = sql.raw(`1${'0'.repeat(AVG_PLACES)}`)

const listed = (parts: readonly SQL[]): SQL => sql.join([...parts], sql`, `)

/** Nothing to group by is one group, also of nothing. */
const groupedBy = (names: readonly string[]): SQL =>
  names.length === 0 ? sql`group by ()` : sql`group by ${listed(names.map(column))}`

/** A group's facts, or those of one of its members: then the groups are made of rows by member. */
const membersSql = <Dimension extends string, Key>(
  facts: Facts<Dimension, Key>,
  { where }: AggregateArgs<Dimension>,
  { columns, hasMembers, amounts, needsToken }: Plan,
): SQL => {
  const names = hasMembers ? union(columns, facts.members.columns) : columns
  const keys = names.map((name) => sql`${fieldOf(facts.columns, name).sql} as ${column(name)}`)
  const sums = amounts.flatMap((name) =>
    (['sum', 'min', 'max'] as const).map(
      (part, at) =>
        sql`${sql.raw(part)}(${facts.amounts[name]}) as ${column(`${name}${PARTS[at]}`)}`,
    ),
  )
  const tokens = ['chainId', 'token'].flatMap((name) =>
    (['min', 'max'] as const).map(
      (part) =>
        sql`${sql.raw(part)}(${fieldOf(facts.columns, name).sql}) as ${column(`${name}_${part}`)}`,
    ),
  )
  const isJoined = needsToken || names.includes('token')
  return sql`select ${listed([...keys, sql`count(*) as count`, ...sums, ...(needsToken ? tokens : [])])}
    from ${facts.table} ${isJoined ? facts.tokenJoin : sql``}
    where ${filterCondition(facts.entity.fields, facts.entity.relations, where)}
    group by ${names.length === 0 ? sql`()` : sql.raw(names.map((_, at) => at + 1).join())}`
}

const groupsSql = <Dimension extends string, Key>(
  facts: Facts<Dimension, Key>,
  args: AggregateArgs<Dimension>,
  plan: Plan,
): SQL => {
  const { columns, hasMembers, amounts, needsToken } = plan
  const again = (part: 'sum' | 'min' | 'max', name: string) =>
    sql`${sql.raw(part)}(${column(name)}) as ${column(name)}`
  const sums = amounts.flatMap((name) => [
    again('sum', `${name}Sum`),
    again('min', `${name}Min`),
    again('max', `${name}Max`),
  ])
  const tokens = ['chainId', 'token'].flatMap((name) => [
    again('min', `${name}_min`),
    again('max', `${name}_max`),
  ])
  const members = sql`count(*) as ${column(facts.members.name)}`
  return sql`select ${listed([
    ...columns.map(column),
    sql`coalesce(sum(count), 0) as count`,
    ...(hasMembers ? [members] : []),
    ...sums,
    ...(needsToken ? tokens : []),
  ])} from (${membersSql(facts, args, plan)}) member ${groupedBy(columns)}`
}

/** Whether any two facts of the groups, whatever `having` says, are in different tokens. */
const IS_MIXED = sql`(min("chainId_min") over (), min("token_min") over ())
  is distinct from (max("chainId_max") over (), max("token_max") over ())`

/** Exact: whole numbers only, and one rounding. Amounts are never negative. */
const averageSql = (name: string): SQL =>
  sql`div(2 * ${AVG_PARTS} * ${column(`${name}Sum`)} + count, nullif(2 * count, 0))
    as ${column(`${name}Avg`)}`

const havingCondition = (measures: Fields, having: Filter | null | undefined): SQL => {
  try {
    return filterCondition(measures, {}, having)
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    throw new InputError(error.message.replace(/^where/, 'having'))
  }
}

const statement = <Dimension extends string, Key>(
  facts: Facts<Dimension, Key>,
  args: AggregateArgs<Dimension>,
  plan: Plan,
): SQL => {
  const measures = measuresOf(facts)
  const walk = plan.order.flatMap(({ field, direction }) =>
    field in measures
      ? [{ field, direction }]
      : facts.dimensions[field as Dimension].map((name) => ({ field: name, direction })),
  )
  const fields = {
    ...measures,
    ...Object.fromEntries(
      plan.columns.map((name) => [name, measure(fieldOf(facts.columns, name).kind, name)]),
    ),
  }
  return sql`select * from (
      select *, ${listed([...plan.amounts.map(averageSql), sql`${plan.needsToken ? IS_MIXED : sql`false`} as is_mixed`])}
      from (${groupsSql(facts, args, plan)}) grouped
    ) measured
    where is_mixed or ${havingCondition(measures, args.having)}
    ${walk.length === 0 ? sql`` : sql`order by ${orderSql(fields, walk)}`}
    limit ${sql.raw(String(checkSize('first', args.first)))}`
}

const decodeAmounts = (raw: Raw, name: string): Amounts | null => {
  const whole = (part: (typeof PARTS)[number]) => BigInt(String(raw[`${name}${part}`]))
  return raw[`${name}Sum`] === null
    ? null
    : { sum: whole('Sum'), min: whole('Min'), max: whole('Max'), avg: whole('Avg') }
}

/**
 * Facts in groups, in one statement.
 *
 * @throws InputError when the arguments cannot be right, or amounts of several tokens would come together
 */
export const listAggregates = async <Dimension extends string, Key>(
  db: Reader,
  facts: Facts<Dimension, Key>,
  args: AggregateArgs<Dimension>,
): Promise<readonly Aggregate<Dimension, Key>[]> => {
  const plan = planAggregates(facts, args)
  const rows = await db.rows(statement(facts, args, plan))
  if (rows.some((raw) => raw.is_mixed === true))
    throw new InputError(
      'groupBy: amounts of several tokens are never added up; group by TOKEN, POOL or ROUND, or leave one token with where',
    )
  return rows.map((raw) => ({
    groupBy: args.groupBy,
    key: facts.decode(raw),
    token:
      plan.needsToken && raw.token_min !== null
        ? { chainId: Number(raw.chainId_min), token: String(raw.token_min) }
        : null,
    count: Number(raw.count),
    members: Number(raw[facts.members.name] ?? 0),
    amounts: Object.fromEntries(plan.amounts.map((name) => [name, decodeAmounts(raw, name)])),
  }))
}
