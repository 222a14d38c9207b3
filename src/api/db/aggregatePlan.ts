import { type SQL, sql } from 'drizzle-orm'
import type { AnyPgColumn, PgTable } from 'drizzle-orm/pg-core'
import type { Entity } from './entity.ts'
import { InputError } from './errors.ts'
import type { Field, Fields, Kind } from './fields.ts'
import type { Filter } from './filter.ts'
import { type OrderBy, totalOrder } from './order.ts'
import type { Raw } from './reader.ts'

/** What is grouped, counted and added up. */
export interface Facts<Dimension extends string, Key> {
  readonly table: PgTable
  readonly entity: Pick<Entity<unknown>, 'fields' | 'relations'>
  /** What groups are told apart by. None is ever null. */
  readonly columns: Fields
  /** The columns of each dimension. */
  readonly dimensions: Readonly<Record<Dimension, readonly string[]>>
  /** The measure that counts distinct members, and the columns that tell one from another. */
  readonly members: { readonly name: string; readonly columns: readonly string[] }
  readonly amounts: Readonly<Record<string, AnyPgColumn>>
  /** Gives each fact its `token`, when it has none itself. */
  readonly tokenJoin: SQL
  readonly decode: (raw: Raw) => Key
}

/** What groups are asked for. */
export interface AggregateArgs<Dimension extends string> {
  readonly where?: Filter | null | undefined
  readonly groupBy: readonly Dimension[]
  readonly having?: Filter | null | undefined
  readonly orderBy?: readonly OrderBy[] | null | undefined
  readonly first: number
  /** Names of amounts and of the members' measure: what is not asked for is not computed. */
  readonly asked: ReadonlySet<string>
}

/** What is told of an amount. */
export const PARTS = ['Sum', 'Min', 'Max', 'Avg'] as const

/** A column of an inner statement, by its name there. */
export const column = (name: string): SQL => sql`${sql.identifier(name)}`

/** All names, each once. */
export const union = (...lists: readonly (readonly string[])[]): readonly string[] => [
  ...new Set(lists.flat()),
]

/** Such a column as something to filter and order by. */
export const measure = (kind: Kind, name: string, isNullable = false): Field => ({
  kind,
  sql: column(name),
  isNullable,
  values: [],
})

/** What may be ordered by beside the dimensions; `having` takes some of them. */
export const measuresOf = <Dimension extends string, Key>({
  members,
  amounts,
}: Facts<Dimension, Key>): Fields => ({
  count: measure('int', 'count'),
  [members.name]: measure('int', members.name),
  ...Object.fromEntries(
    Object.keys(amounts).flatMap((name) =>
      PARTS.map((part) => [`${name}${part}`, measure('bigint', `${name}${part}`, true)]),
    ),
  ),
})

/** Names of the fields in a filter, at any depth. */
const namesIn = (filter: Filter): readonly string[] =>
  Object.entries(filter).flatMap(([name, value]) =>
    Array.isArray(value) ? value.flatMap((inner: Filter) => namesIn(inner)) : [name],
  )

/** What the arguments ask for, checked. */
export interface Plan {
  readonly columns: readonly string[]
  readonly order: readonly OrderBy[]
  readonly hasMembers: boolean
  readonly amounts: readonly string[]
  /** Whether the token of the amounts has to be found out, because the key does not say it. */
  readonly needsToken: boolean
}

/** @throws InputError when the arguments cannot be right */
export const planAggregates = <Dimension extends string, Key>(
  facts: Facts<Dimension, Key>,
  { groupBy, having, orderBy, asked }: AggregateArgs<Dimension>,
): Plan => {
  if (new Set(groupBy).size < groupBy.length)
    throw new InputError('groupBy: expected each dimension once')
  const columns = union(...groupBy.map((dimension) => facts.dimensions[dimension]))
  for (const { field } of orderBy ?? [])
    if (field in facts.dimensions && !groupBy.some((dimension) => dimension === field))
      throw new InputError(`orderBy: ${field} is not in groupBy`)
  const dimensions = Object.fromEntries(groupBy.map((dimension) => [dimension, measure('int', '')]))
  const order = totalOrder({ ...dimensions, ...measuresOf(facts) }, orderBy ?? [], groupBy)
  const names = [...asked, ...namesIn(having ?? {}), ...order.map(({ field }) => field)]
  const amounts = Object.keys(facts.amounts).filter((name) =>
    names.some((used) => used === name || PARTS.some((part) => used === `${name}${part}`)),
  )
  return {
    columns,
    order,
    hasMembers: names.includes(facts.members.name),
    amounts,
    needsToken: amounts.length > 0 && !columns.includes('poolId') && !columns.includes('token'),
  }
}
