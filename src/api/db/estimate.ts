import { getTableConfig } from 'drizzle-orm/pg-core'
import { BRANCHES, type Branch } from './activityTables.ts'
import type { Filter } from './filter.ts'
import type { List, PageArgs } from './list.ts'
import type { Statistics } from './statistics.ts'

/** What a filter says, as far as it costs or saves work. */
export interface Said {
  /** Comparisons with a value, each made for each row. */
  readonly conditions: number
  /** Related rows that are looked at for each row. */
  readonly relations: number
}

const isFilter = (value: unknown): value is Filter =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const GROUPS = ['AND', 'OR', 'NOT']

/** Comparisons of one field: a list of values counts a part of each. */
const comparisons = (operators: Filter): number =>
  Object.values(operators).reduce<number>(
    (sum, value) => sum + (Array.isArray(value) ? 1 + value.length / 10 : 1),
    0,
  )

/** What is in a filter, at any depth. */
export const saidBy = (filter: unknown, relations: readonly string[] = []): Said => {
  if (!isFilter(filter)) return { conditions: 0, relations: 0 }
  let [conditions, related] = [0, 0]
  for (const [name, value] of Object.entries(filter)) {
    if (GROUPS.includes(name) && Array.isArray(value))
      for (const inner of value) {
        const said = saidBy(inner, relations)
        conditions += said.conditions
        related += said.relations
      }
    else if (relations.includes(name)) {
      conditions += saidBy(value).conditions
      related += 1
    } else if (isFilter(value)) conditions += comparisons(value)
  }
  return { conditions, relations: related }
}

/** The values that a row must have in a field, by what is required at the top of a filter; undefined when it may have any. */
const valuesOf = (filter: unknown, field: string): readonly unknown[] | undefined => {
  if (!isFilter(filter)) return undefined
  const own = filter[field]
  if (isFilter(own)) {
    if (own.eq !== undefined && own.eq !== null) return [own.eq]
    if (Array.isArray(own.in)) return own.in
  }
  const all = Array.isArray(filter.AND) ? filter.AND : []
  return all.map((inner) => valuesOf(inner, field)).find((values) => values !== undefined)
}

/** Columns of a table that an index finds the rows of, by the fields that ask for them. */
type Indexed = Readonly<Record<string, string>>

const OF_ROUND: Indexed = { poolId: 'pool_id', roundId: 'round_id' }
const INDEXED: Readonly<Record<string, Indexed>> = {
  entry: { ...OF_ROUND, player: 'player', transactionHash: 'transaction_hash' },
  payout: { ...OF_ROUND, recipient: 'recipient', transactionHash: 'transaction_hash' },
  round: { poolId: 'pool_id' },
  player_token: { address: 'address' },
}

/** Tables that entities of another name are made of. */
const TABLES: Readonly<Record<string, string>> = {
  player: 'player_token',
  x402_payment: 'token_authorization',
  any_issue: 'integrity_issue',
}

const indexedRows = (
  statistics: Statistics,
  table: string,
  indexed: Indexed,
  where: unknown,
  parent: readonly string[],
): number =>
  Object.entries(indexed).reduce((fewest, [field, column]) => {
    const values = parent.includes(field) ? 1 : valuesOf(where, field)?.length
    return values === undefined ? fewest : Math.min(fewest, values * statistics.most(table, column))
  }, statistics.rows(table))

/** Rows of a table, below one parent, that a filter leaves to be looked at: those that an index finds, or all. */
export const rowsLeft = (
  statistics: Statistics,
  table: string,
  where: unknown,
  parent: readonly string[] = [],
): number => indexedRows(statistics, table, INDEXED[table] ?? {}, where, parent)

const columnsOf = ({ poolId, roundId, player }: Branch): Indexed =>
  Object.fromEntries(
    Object.entries({ poolId, roundId, player }).flatMap(([field, column]) =>
      column === undefined ? [] : [[field, column.name]],
    ),
  )

/** Tables without a column that is asked for are not looked at, nor are those of kinds that nobody asks for. */
const activityLeft = (
  statistics: Statistics,
  where: unknown,
  parent: readonly string[],
): number => {
  const kinds = valuesOf(where, 'kind')
  return BRANCHES.reduce((sum, branch) => {
    const columns = columnsOf(branch)
    const isAsked = kinds === undefined || branch.kinds.some((kind) => kinds.includes(kind))
    const isOf = parent.every((field) => field === 'chainId' || field in columns)
    const { name } = getTableConfig(branch.table)
    return isAsked && isOf ? sum + indexedRows(statistics, name, columns, where, parent) : sum
  }, 0)
}

/** A kind is one table, but for the three that payouts are: a page of the others ends with its size. */
const isOnlyKinds = (where: unknown): boolean => {
  const kinds = valuesOf(where, 'kind')
  return (
    isFilter(where) &&
    Object.keys(where).every((name) => name === 'kind') &&
    kinds !== undefined &&
    BRANCHES.every(
      (branch) =>
        branch.kinds.every((kind) => kinds.includes(kind)) ||
        !branch.kinds.some((kind) => kinds.includes(kind)),
    )
  )
}

const isEmpty = (where: unknown) => !isFilter(where) || Object.keys(where).length === 0

/** Whether an index has the rows in this order. */
const isIndexed = <Row>({ key, parent }: List<Row>, orderBy: PageArgs['orderBy']): boolean => {
  // Mostly there is one chain, and a pool or a player belongs to one.
  const columns = key.filter((field) => field !== 'chainId' && !parent.includes(field))
  return (orderBy ?? [])
    .filter(({ field }) => field !== 'chainId')
    .every(
      ({ field, direction }, at, [first]) =>
        field === columns[at] && direction === first?.direction,
    )
}

/** Rows below each parent that have to be looked at, at worst. */
export interface Looked {
  /** To find a page. */
  readonly page: number
  /** To count all. */
  readonly all: number
  /** Whether all have to be sorted for a page. */
  readonly isSorted: boolean
  readonly said: Said
}

export const rowsLookedAt = <Row>(
  statistics: Statistics,
  list: List<Row>,
  { where, orderBy }: Pick<PageArgs, 'where' | 'orderBy'>,
  size: number,
): Looked => {
  const { name, relations } = list.entity
  const isActivity = name === 'activity'
  const all = isActivity
    ? activityLeft(statistics, where, list.parent)
    : rowsLeft(statistics, TABLES[name] ?? name, where, list.parent)
  const isSorted = !isIndexed(list, orderBy)
  const isPage = !isSorted && (isEmpty(where) || (isActivity && isOnlyKinds(where)))
  const page = isPage ? Math.min(all, size * (isActivity ? BRANCHES.length : 1)) : all
  return { page, all, isSorted, said: saidBy(where, Object.keys(relations)) }
}
