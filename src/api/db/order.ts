import { type SQL, sql } from 'drizzle-orm'
import { InputError } from './errors.ts'
import {
  encodeValue,
  type Field,
  type Fields,
  fieldOf,
  orderedBy,
  type Parameter,
} from './fields.ts'

export type Direction = 'ASC' | 'DESC'

/** What users order by: the name of a field, and which way. */
export interface OrderBy {
  readonly field: string
  readonly direction: Direction
}

const MAX_ORDERS = 5

/**
 * The whole order: what was asked for, then the fields of the list's key, so that no two rows are equal. The key goes
 * the way of the last order, which lets one index serve both.
 */
export const totalOrder = (
  fields: Fields,
  orderBy: readonly OrderBy[],
  key: readonly string[],
  keyDirection: Direction = 'ASC',
): readonly OrderBy[] => {
  if (orderBy.length > MAX_ORDERS) throw new InputError(`orderBy: expected at most ${MAX_ORDERS}`)
  const names = orderBy.map((order) => order.field)
  if (new Set(names).size < names.length) throw new InputError('orderBy: expected each field once')
  for (const name of names)
    if (fields[name] === undefined) throw new InputError(`orderBy: there is no ${name}`)
  const direction = orderBy.at(-1)?.direction ?? keyDirection
  const ties = key.filter((name) => !names.includes(name))
  return [...orderBy, ...ties.map((field) => ({ field, direction }))]
}

export const reversed = (order: readonly OrderBy[]): readonly OrderBy[] =>
  order.map(({ field, direction }) => ({ field, direction: direction === 'ASC' ? 'DESC' : 'ASC' }))

/** PostgreSQL's default, nulls as the largest value, is what `beyond` assumes. */
export const orderSql = (fields: Fields, order: readonly OrderBy[]): SQL =>
  sql.join(
    order.map(({ field, direction }) =>
      direction === 'ASC'
        ? sql`${orderedBy(fieldOf(fields, field))} asc`
        : sql`${orderedBy(fieldOf(fields, field))} desc`,
    ),
    sql`, `,
  )

/** The values of a place in the order; null where the row has none. */
export type Place = readonly (Parameter | null)[]

const equals = (field: Field, value: Parameter | null) => {
  const column = orderedBy(field)
  return value === null ? sql`${column} is null` : sql`${column} = ${value}`
}

const exceeds = (field: Field, value: Parameter | null, direction: Direction) => {
  const { isNullable } = field
  const column = orderedBy(field)
  if (direction === 'DESC')
    return value === null ? sql`${column} is not null` : sql`${column} < ${value}`
  if (value === null) return sql`false`
  return isNullable ? sql`(${column} > ${value} or ${column} is null)` : sql`${column} > ${value}`
}

/** The rows that come after a place in this order. */
export const beyond = (fields: Fields, order: readonly OrderBy[], place: Place): SQL => {
  const steps = order.map(({ field, direction }, at) => ({
    field: fieldOf(fields, field),
    direction,
    value: place[at] ?? null,
  }))
  const [first] = steps
  const isPlain = steps.every(
    ({ field, direction }) => !field.isNullable && direction === first?.direction,
  )
  if (isPlain && first !== undefined) {
    const columns = sql.join(
      steps.map(({ field }) => sql`${orderedBy(field)}`),
      sql`, `,
    )
    const values = sql.join(
      steps.map(({ value }) => sql`${value}`),
      sql`, `,
    )
    return first.direction === 'ASC'
      ? sql`(${columns}) > (${values})`
      : sql`(${columns}) < (${values})`
  }
  const alternatives = steps.map(({ field, direction, value }, at) => {
    const ties = steps.slice(0, at).map((tie) => equals(tie.field, tie.value))
    return sql`(${sql.join([...ties, exceeds(field, value, direction)], sql` and `)})`
  })
  return sql`(${sql.join(alternatives, sql` or `)})`
}

/** A place that came from outside, checked against what the columns hold. */
export const checkPlace = (
  fields: Fields,
  order: readonly OrderBy[],
  place: readonly unknown[],
): Place => {
  if (place.length !== order.length) throw new InputError('the cursor belongs to another order')
  return order.map(({ field: name }, at) => {
    const field = fieldOf(fields, name)
    const value = place[at] ?? null
    if (value !== null) return encodeValue(field, value)
    if (field.isNullable) return null
    throw new InputError('the cursor belongs to another order')
  })
}
