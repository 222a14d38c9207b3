import { type SQL, sql } from 'drizzle-orm'
import { InputError } from './errors.ts'
import { encodeValue, type Field, type Fields } from './fields.ts'

/** A filter as it came in: `AND`, `OR`, `NOT`, a field with its operators, or a related row with a filter of its own. */
export type Filter = Readonly<Record<string, unknown>>

/** A row that each row of a table belongs to. */
export interface Relation {
  readonly fields: Fields
  /** `from … where` of the related row, by columns of both tables. */
  readonly from: SQL
}

export type Relations = Readonly<Record<string, Relation>>

/** How much a filter may say: each condition is work for every row. */
const MAX_CONDITIONS = 200
const MAX_LIST = 1000
const MAX_DEPTH = 10

/** % _ and \ as themselves. */
const literally = (value: string) => value.replace(/[\\%_]/g, (character) => `\\${character}`)

const comparison = (field: Field, operator: SQL, value: unknown) =>
  sql`${field.sql} ${operator} ${encodeValue(field, value)}`

const like = (field: Field, operator: SQL, before: string, value: unknown, after: string) =>
  sql`${field.sql} ${operator} ${before + literally(String(encodeValue(field, value))) + after}`

/** Of every script, whatever the database's own locale: a cluster of locale C folds ASCII alone. */
const ILIKE = sql`collate "und-x-icu" ilike`

const oneOf = (field: Field, value: unknown): SQL => {
  if (!Array.isArray(value)) throw new InputError('expected a list')
  if (value.length > MAX_LIST) throw new InputError(`expected at most ${MAX_LIST} values`)
  if (value.length === 0) return sql`false`
  const values = value.map((item) => sql`${encodeValue(field, item)}`)
  return sql`${field.sql} in (${sql.join(values, sql`, `)})`
}

/** Each operator yields true or false, never null: a null column equals nothing and differs from everything. */
const OPERATORS: Readonly<Record<string, (field: Field, value: unknown) => SQL>> = {
  eq: (field, value) => present(field, comparison(field, sql`=`, value)),
  ne: (field, value) => absentOr(field, comparison(field, sql`<>`, value)),
  gt: (field, value) => present(field, comparison(field, sql`>`, value)),
  gte: (field, value) => present(field, comparison(field, sql`>=`, value)),
  lt: (field, value) => present(field, comparison(field, sql`<`, value)),
  lte: (field, value) => present(field, comparison(field, sql`<=`, value)),
  in: (field, value) => present(field, oneOf(field, value)),
  notIn: (field, value) => absentOr(field, sql`not (${oneOf(field, value)})`),
  isNull: (field, value) =>
    value === true ? sql`${field.sql} is null` : sql`${field.sql} is not null`,
  contains: (field, value) => present(field, like(field, sql`like`, '%', value, '%')),
  startsWith: (field, value) => present(field, like(field, sql`like`, '', value, '%')),
  endsWith: (field, value) => present(field, like(field, sql`like`, '%', value, '')),
  containsInsensitive: (field, value) => present(field, like(field, ILIKE, '%', value, '%')),
  startsWithInsensitive: (field, value) => present(field, like(field, ILIKE, '', value, '%')),
  endsWithInsensitive: (field, value) => present(field, like(field, ILIKE, '%', value, '')),
}

const present = (field: Field, condition: SQL) =>
  field.isNullable ? sql`(${field.sql} is not null and ${condition})` : condition

const absentOr = (field: Field, condition: SQL) =>
  field.isNullable ? sql`(${field.sql} is null or ${condition})` : condition

const all = (conditions: readonly SQL[]): SQL =>
  conditions.length === 0 ? sql`true` : sql`(${sql.join([...conditions], sql` and `)})`

const any = (conditions: readonly SQL[]): SQL =>
  conditions.length === 0 ? sql`false` : sql`(${sql.join([...conditions], sql` or `)})`

const isFilter = (value: unknown): value is Filter =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

interface Budget {
  conditions: number
}

const fieldCondition = (name: string, field: Field, operators: unknown, budget: Budget): SQL => {
  if (!isFilter(operators)) throw new InputError(`where.${name}: expected an operator`)
  return all(
    Object.entries(operators).map(([operator, value]) => {
      budget.conditions -= 1
      if (budget.conditions < 0)
        throw new InputError(`where: expected at most ${MAX_CONDITIONS} conditions`)
      const build = OPERATORS[operator]
      if (build === undefined || value === null || value === undefined)
        throw new InputError(
          `where.${name}.${operator}: expected a value; use isNull to look for none`,
        )
      try {
        return build(field, value)
      } catch (error) {
        if (error instanceof InputError)
          throw new InputError(`where.${name}.${operator}: ${error.message}`)
        throw error
      }
    }),
  )
}

const condition = (
  fields: Fields,
  relations: Relations,
  filter: unknown,
  depth: number,
  budget: Budget,
): SQL => {
  if (!isFilter(filter)) throw new InputError('where: expected a filter')
  if (depth > MAX_DEPTH) throw new InputError(`where: expected at most ${MAX_DEPTH} levels`)
  const group = (value: unknown) => {
    if (!Array.isArray(value)) throw new InputError('where: expected a list of filters')
    return value.map((item) => condition(fields, relations, item, depth + 1, budget))
  }
  return all(
    Object.entries(filter).map(([name, value]) => {
      if (name === 'AND') return all(group(value))
      if (name === 'OR') return any(group(value))
      if (name === 'NOT') return sql`not ${any(group(value))}`
      const field = fields[name]
      if (field !== undefined) return fieldCondition(name, field, value, budget)
      const relation = relations[name]
      if (relation === undefined)
        throw new InputError(`where.${name}: filters reach one relation deep`)
      const inner = condition(relation.fields, {}, value, depth + 1, budget)
      return sql`exists (select 1 ${relation.from} and ${inner})`
    }),
  )
}

/**
 * A filter as a condition. Fields in one filter are all required; `NOT` takes a list of which none may hold.
 *
 * @throws InputError that names the place in the filter.
 */
export const filterCondition = (
  fields: Fields,
  relations: Relations,
  filter: Filter | null | undefined,
): SQL =>
  filter === null || filter === undefined
    ? sql`true`
    : condition(fields, relations, filter, 0, { conditions: MAX_CONDITIONS })
