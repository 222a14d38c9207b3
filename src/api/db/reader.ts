import { hash } from 'node:crypto'
import { getTableColumns, type SQL } from 'drizzle-orm'
import { type PgColumn, PgDialect, type PgTable } from 'drizzle-orm/pg-core'
import type postgres from 'postgres'
import { type CacheSize, createCache } from '../cache.ts'

/** A row as the driver gives it: column names of the database, wide numbers as text. */
export type Raw = Readonly<Record<string, unknown>>

/** Runs statements: `sql` templates of drizzle, whose values all become parameters. */
export interface Reader {
  readonly rows: (statement: SQL) => Promise<readonly Raw[]>
}

const dialect = new PgDialect()

/** The text of a statement without parameters. */
export const textOf = (statement: SQL): string => dialect.sqlToQuery(statement).sql

/** A statement that has come so often is worth a plan of its own in each session. */
const OFTEN = 3
/** Sessions keep the plans of at most so many statements; texts that come later are planned each time. */
const MOST_PLANS = 200
/** Each session and each driver keeps the whole text. */
const LONGEST_PREPARED = 16_384
const MOST_COUNTED_BYTES = 2_097_152

/** Says which statements to prepare, by their texts. One for all sessions. Keeps no text: clients decide how long they are. */
export interface Plans {
  readonly isPrepared: (text: string) => boolean
  readonly size: () => CacheSize
}

export const createPlans = (): Plans => {
  const prepared = new Set<string>()
  const counts = createCache<{ times: number }>({ mostBytes: MOST_COUNTED_BYTES, sizeOf: () => 32 })

  const isPrepared = (text: string) => {
    if (text.length > LONGEST_PREPARED) return false
    const name = hash('sha256', text, 'base64url')
    if (prepared.has(name)) return true
    if (prepared.size >= MOST_PLANS) return false
    const count = counts.get(name) ?? { times: 0 }
    count.times += 1
    if (count.times === 1) counts.set(name, count)
    if (count.times < OFTEN) return false
    counts.delete(name)
    prepared.add(name)
    return true
  }
  return { isPrepared, size: counts.size }
}

/**
 * Parameters must be text, numbers that fit into int4, booleans or null: the driver would send a `bigint` as int8,
 * which a numeric(78,0) does not fit into.
 */
export const createReader = (
  client: Pick<postgres.ISql, 'unsafe'>,
  isPrepared: (text: string) => boolean,
): Reader => ({
  rows: async (statement) => {
    const { sql: text, params } = dialect.sqlToQuery(statement)
    // Not simple: one without parameters would be planned each time. The driver's types do not know the option.
    const options = { prepare: isPrepared(text), simple: false }
    return client.unsafe<Raw[]>(text, params as postgres.ParameterOrJSON<never>[], options)
  },
})

type NamedColumn = readonly [name: string, column: PgColumn]

const columns = new Map<PgTable, readonly NamedColumn[]>()

const columnsOf = (table: PgTable) => {
  const known = columns.get(table) ?? Object.entries(getTableColumns(table))
  columns.set(table, known)
  return known
}

const decodeInto = (
  row: Record<string, unknown>,
  wanted: readonly NamedColumn[],
  raw: Raw,
): Record<string, unknown> => {
  for (const [name, column] of wanted) {
    const value = raw[column.name]
    row[name] = value === null ? null : column.mapFromDriverValue(value)
  }
  return row
}

/** A raw row as the table describes it: names of the schema file, `bigint` for money, numbers for times. */
export const decodeRow = <T extends PgTable>(table: T, raw: Raw): T['$inferSelect'] =>
  decodeInto({}, columnsOf(table), raw)

/** Decodes rows with some columns of a table, in the order of the table. To read another column of such a row is a mistake of ours. */
export const partDecoder = <T extends PgTable>(table: T, names: ReadonlySet<string>) => {
  const wanted = columnsOf(table).filter(([name]) => names.has(name))
  const others = columnsOf(table).filter(([name]) => !names.has(name))
  const get = (name: string) => () => {
    throw new Error(`The column ${name} was not read`)
  }
  const unread = Object.defineProperties(
    {},
    Object.fromEntries(others.map(([name]) => [name, { get: get(name) }])),
  )
  return {
    columns: wanted.map(([, column]) => column),
    row: (raw: Raw): T['$inferSelect'] => decodeInto(Object.create(unread), wanted, raw),
  }
}

/** A value that may be null. */
export const optional = <T>(value: unknown, convert: (text: string) => T): T | null =>
  value === null || value === undefined ? null : convert(String(value))
