import { type SQL, sql } from 'drizzle-orm'
import { encodeCursor } from './cursor.ts'
import { type Fields, fieldOf, orderedBy } from './fields.ts'
import { filterCondition } from './filter.ts'
import { groupByKey, type Key, keysTable, matchesKey } from './keys.ts'
import { type List, type PageArgs, type Plan, planPage } from './list.ts'
import { beyond, orderSql, reversed } from './order.ts'
import type { Raw, Reader } from './reader.ts'

export interface Page<Row> {
  /** Most who ask for rows do not ask for their cursors. */
  readonly edges: readonly { readonly cursor: () => string; readonly node: Row }[]
  readonly hasNextPage: boolean
  readonly hasPreviousPage: boolean
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

/** What leaves the rows below a parent that the filter is for. */
const conditionsOf = <Row>(
  list: List<Row>,
  fields: Fields,
  { where, onlyChain }: Pick<PageArgs, 'where' | 'onlyChain'>,
): SQL[] => {
  const { chainId } = fields
  const isSaid = onlyChain === undefined || list.parent.includes('chainId')
  return [
    ofParent(list, fields),
    filterCondition(fields, list.entity.relations, where),
    ...(isSaid || chainId === undefined ? [] : [sql`${chainId.sql} = ${String(onlyChain)}`]),
  ]
}

const statement = <Row>(plan: Plan<Row>, parents: readonly Key[]): SQL => {
  const { list, order, isBackward, size, after, before } = plan
  const { entity } = list
  const walk = isBackward ? reversed(order) : order
  const rows = entity.select((fields) => {
    const conditions = conditionsOf(list, fields, plan)
    if (after !== null) conditions.push(beyond(fields, order, after))
    if (before !== null) conditions.push(beyond(fields, reversed(order), before))
    return sql`where ${sql.join(conditions, sql` and `)} order by ${orderSql(fields, walk)} limit ${sql.raw(String(size + 1))}`
  })
  const alias = sql.identifier(entity.name)
  const cursor = sql.join(
    order.map(
      ({ field }, at) =>
        sql`${orderedBy(fieldOf(entity.fields, field))}::text as ${sql.raw(`cursor_${at}`)}`,
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
      cursor: () =>
        encodeCursor(
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

/**
 * One page below each parent, in one statement for all of them. A list without parents takes one empty key.
 *
 * @throws InputError when the arguments cannot be right.
 */
export const listPages = async <Row>(
  db: Reader,
  list: List<Row>,
  parents: readonly Key[],
  args: PageArgs,
): Promise<readonly Page<Row>[]> => {
  const planned = planPage(list, args)
  const rows = await db.rows(statement(planned, parents))
  return groupByKey(parents, rows, (raw) => raw).map((found) => toPage(planned, found))
}

/** How many rows the filter leaves below each parent, whatever the page. One statement. */
export const countRows = async <Row>(
  db: Reader,
  list: List<Row>,
  parents: readonly Key[],
  args: PageArgs,
): Promise<readonly number[]> => {
  const { entity } = list
  const rows = entity.select(
    (fields) => sql`where ${sql.join(conditionsOf(list, fields, args), sql` and `)}`,
  )
  const alias = sql.identifier(entity.name)
  const found =
    list.parent.length === 0
      ? await db.rows(sql`select count(*), 1 as position from (${rows}) ${alias}`)
      : await db.rows(sql`
          select counted.count, keys.position from ${parentKeys(list, parents)}
          cross join lateral (select count(*) from (${rows}) ${alias}) counted`)
  const counts = new Map(found.map((raw) => [Number(raw.position), Number(raw.count)]))
  return parents.map((_, at) => counts.get(at + 1) ?? 0)
}
