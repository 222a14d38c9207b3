import { sql } from 'drizzle-orm'
import { filterCondition } from './filter.ts'
import { groupByKey, type Key } from './keys.ts'
import {
  type List,
  ofParent,
  type Page,
  type PageArgs,
  parentKeys,
  plan,
  statement,
  toPage,
} from './list.ts'
import type { Reader } from './reader.ts'

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
  const planned = plan(list, args)
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
  const rows = entity.select((fields) => {
    const conditions = [
      ofParent(list, fields),
      filterCondition(fields, entity.relations, args.where),
    ]
    return sql`where ${sql.join(conditions, sql` and `)}`
  })
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
