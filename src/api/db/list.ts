import { type SQL, sql } from 'drizzle-orm'
import { decodeCursor, encodeCursor } from './cursor.ts'
import type { Entity } from './entity.ts'
import { InputError } from './errors.ts'
import { type Fields, fieldOf } from './fields.ts'
import { type Filter, filterCondition } from './filter.ts'
import { type Key, keysTable, matchesKey } from './keys.ts'
import {
  beyond,
  checkPlace,
  type Direction,
  type OrderBy,
  orderSql,
  type Place,
  reversed,
  totalOrder,
} from './order.ts'
import type { Raw } from './reader.ts'

/** Rows of an entity below a parent, or all of them. */
export interface List<Row> {
  readonly name: string
  readonly entity: Entity<Row>
  /** Fields that equal the parent's key. Empty for a list of everything. */
  readonly parent: readonly string[]
  /** Fields that, with the parent's, tell any two rows apart; rows come in this order unless asked otherwise. */
  readonly key: readonly string[]
  readonly direction?: Direction
}

export interface PageArgs {
  readonly where?: Filter | null | undefined
  readonly orderBy?: readonly OrderBy[] | null | undefined
  readonly first?: number | null | undefined
  readonly after?: string | null | undefined
  readonly last?: number | null | undefined
  readonly before?: string | null | undefined
}

export const DEFAULT_PAGE = 25
export const MAX_PAGE = 1000

export interface Page<Row> {
  readonly edges: readonly { readonly cursor: string; readonly node: Row }[]
  readonly hasNextPage: boolean
  readonly hasPreviousPage: boolean
}

interface Plan<Row> {
  readonly list: List<Row>
  readonly order: readonly OrderBy[]
  readonly isBackward: boolean
  readonly size: number
  readonly after: Place | null
  readonly before: Place | null
  readonly where: Filter | null
}

const sizeOf = (name: 'first' | 'last', size: number): number => {
  if (Number.isInteger(size) && size >= 0 && size <= MAX_PAGE) return size
  throw new InputError(`${name}: expected a number from 0 to ${MAX_PAGE}`)
}

const place = (
  fields: Fields,
  list: string,
  order: readonly OrderBy[],
  name: string,
  cursor: string | null | undefined,
) => {
  if (cursor === null || cursor === undefined) return null
  try {
    return checkPlace(fields, order, decodeCursor(list, order, cursor))
  } catch (error) {
    throw error instanceof InputError ? new InputError(`${name}: ${error.message}`) : error
  }
}

/** What a page asks for, checked. @throws InputError */
const plan = <Row>(list: List<Row>, args: PageArgs): Plan<Row> => {
  const { fields } = list.entity
  const first = args.first ?? null
  const last = args.last ?? null
  if (first !== null && last !== null) throw new InputError('expected first or last, not both')
  const order = totalOrder(fields, args.orderBy ?? [], list.key, list.direction)
  const after = place(fields, list.name, order, 'after', args.after)
  const before = place(fields, list.name, order, 'before', args.before)
  const isBackward = last !== null || (first === null && before !== null && after === null)
  const size = last === null ? sizeOf('first', first ?? DEFAULT_PAGE) : sizeOf('last', last)
  return { list, order, isBackward, size, after, before, where: args.where ?? null }
}

/** `parents` as a table of keys with their position. */
const parentKeys = <Row>(list: List<Row>, parents: readonly Key[]): SQL =>
  keysTable(
    list.parent.map((name) => fieldOf(list.entity.fields, name).kind),
    parents,
  )

const ofParent = <Row>(list: List<Row>, fields: Fields): SQL =>
  list.parent.length === 0
    ? sql`true`
    : matchesKey(list.parent.map((name) => fieldOf(fields, name).sql))

const statement = <Row>(
  { list, order, isBackward, size, after, before, where }: Plan<Row>,
  parents: readonly Key[],
): SQL => {
  const { entity } = list
  const walk = isBackward ? reversed(order) : order
  const rows = entity.select((fields) => {
    const conditions = [ofParent(list, fields), filterCondition(fields, entity.relations, where)]
    if (after !== null) conditions.push(beyond(fields, order, after))
    if (before !== null) conditions.push(beyond(fields, reversed(order), before))
    return sql`where ${sql.join(conditions, sql` and `)} order by ${orderSql(fields, walk)} limit ${sql.raw(String(size + 1))}`
  })
  const alias = sql.identifier(entity.name)
  const cursor = sql.join(
    order.map(
      ({ field }, at) =>
        sql`${fieldOf(entity.fields, field).sql}::text as ${sql.raw(`cursor_${at}`)}`,
    ),
    sql`, `,
  )
  return list.parent.length === 0
    ? sql`select ${alias}.*, 1 as position, ${cursor} from (${rows}) ${alias}
        order by ${orderSql(entity.fields, walk)}`
    : sql`select ${alias}.*, keys.position, ${cursor} from ${parentKeys(list, parents)}
        cross join lateral (${rows}) ${alias}
        order by keys.position, ${orderSql(entity.fields, walk)}`
}

const toPage = <Row>(plan: Plan<Row>, found: readonly Raw[]): Page<Row> => {
  const { list, order, isBackward, size, after, before } = plan
  const { fields, decode } = list.entity
  const isMore = found.length > size
  const rows = found.slice(0, size)
  if (isBackward) rows.reverse()
  const value = (raw: Raw, field: string, at: number) => {
    const text = raw[`cursor_${at}`]
    if (text === null) return null
    return fieldOf(fields, field).kind === 'boolean' ? text === 'true' : String(text)
  }
  return {
    edges: rows.map((raw) => ({
      cursor: encodeCursor(
        list.name,
        order,
        order.map(({ field }, at) => value(raw, field, at)),
      ),
      node: decode(raw),
    })),
    hasNextPage: isBackward ? before !== null : isMore,
    hasPreviousPage: isBackward ? isMore : after !== null,
  }
}

export { ofParent, parentKeys, plan, statement, toPage }
