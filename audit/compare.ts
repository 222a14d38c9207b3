import { getTableColumns, getTableName } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import * as schema from '../ponder.schema.ts'
import type { Memory } from './memory.ts'

/** One thing that the rows say and the chain does not, or the other way round. */
export interface Difference {
  readonly table: string
  readonly id: string
  /** `(row)` when the row is missing or too many. */
  readonly column: string
  readonly expected: string
  readonly actual: string
}

/** A row of any table, by its primary key. */
export type AnyRow = Readonly<Record<string, unknown>> & { readonly id: string }

/** Rows of a table as a database has them. */
export type RowsOf = (table: PgTable) => ReadonlyMap<string, AnyRow>

export interface Range {
  readonly from: number
  readonly to: number
  /** The range ends at the block that the rows belong to, so that what follows from all facts can be compared too. */
  readonly isWhole: boolean
}

const WHOLE_ROW = '(row)'
const NOTHING = 'none'

const text = (value: unknown) => (value === null || value === undefined ? NOTHING : String(value))

/** What tells somebody who looks for the row where it belongs. */
const describe = (row: AnyRow): string => {
  const { blockNumber, logIndex, number, hash } = row
  if (hash !== undefined) return `block ${text(number)} ${text(hash)}`
  return logIndex === undefined
    ? 'a row'
    : `a row of block ${text(blockNumber)}, log ${text(logIndex)}`
}

/** Rows outside the range are not looked at; those that follow from many facts only when it is whole. */
const isInRange = (table: PgTable, row: AnyRow, { from, to, isWhole }: Range): boolean => {
  const number = table === schema.block ? row.number : row.blockNumber
  if (number === undefined) return isWhole
  return Number(number) >= from && Number(number) <= to
}

const inRange = (table: PgTable, rows: ReadonlyMap<string, AnyRow>, range: Range) =>
  new Map([...rows].filter(([, row]) => isInRange(table, row, range)))

/** A token's words, which were not read as of the same block, need not be the same. */
const isComparable = (key: string, expected: AnyRow, actual: AnyRow): boolean =>
  !('textSource' in expected) ||
  !['symbol', 'name', 'textSource'].includes(key) ||
  (expected.textSource === actual.textSource && actual.textSource !== 'LATEST')

const compareTable = (
  table: PgTable,
  expected: ReadonlyMap<string, AnyRow>,
  actual: ReadonlyMap<string, AnyRow>,
): readonly Difference[] => {
  const name = getTableName(table)
  const columns = Object.entries(getTableColumns(table))
  const wrong: Difference[] = []
  for (const [id, row] of expected) {
    const found = actual.get(id)
    if (found === undefined)
      wrong.push({ table: name, id, column: WHOLE_ROW, expected: describe(row), actual: NOTHING })
    else
      for (const [key, column] of columns)
        if (isComparable(key, row, found) && text(row[key]) !== text(found[key]))
          wrong.push({
            ...{ table: name, id, column: column.name },
            ...{ expected: text(row[key]), actual: text(found[key]) },
          })
  }
  for (const [id, row] of actual)
    if (!expected.has(id))
      wrong.push({ table: name, id, column: WHOLE_ROW, expected: NOTHING, actual: describe(row) })
  return wrong
}

/** Compares every table. `counts`: how many rows of each were compared. */
export const compare = (
  tables: readonly PgTable[],
  memory: Memory,
  rowsOf: RowsOf,
  range: Range,
): {
  readonly differences: readonly Difference[]
  readonly counts: ReadonlyMap<string, number>
} => {
  const differences: Difference[] = []
  const counts = new Map<string, number>()
  for (const table of tables) {
    const expected = inRange(table, memory.rows(table) as ReadonlyMap<string, AnyRow>, range)
    const actual = inRange(table, rowsOf(table), range)
    counts.set(getTableName(table), actual.size)
    differences.push(...compareTable(table, expected, actual))
  }
  return { differences, counts }
}
