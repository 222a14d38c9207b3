import { getTableColumns, type SQL } from 'drizzle-orm'
import { PgDialect, type PgTable } from 'drizzle-orm/pg-core'
import type postgres from 'postgres'

/** A row as the driver gives it: column names of the database, wide numbers as text. */
export type Raw = Readonly<Record<string, unknown>>

/** Runs statements: `sql` templates of drizzle, whose values all become parameters. */
export interface Reader {
  readonly rows: (statement: SQL) => Promise<readonly Raw[]>
}

const dialect = new PgDialect()

/**
 * Parameters must be text, numbers that fit into int4, booleans or null: the driver would send a `bigint` as int8,
 * which a numeric(78,0) does not fit into.
 */
export const createReader = (client: Pick<postgres.ISql, 'unsafe'>): Reader => ({
  rows: async (statement) => {
    const { sql: text, params } = dialect.sqlToQuery(statement)
    return client.unsafe<Raw[]>(text, params as postgres.ParameterOrJSON<never>[])
  },
})

/**
 * Rows of a statement that is sent together with one before it, as one message.
 *
 * @throws Error when the statement has parameters: such a message has no place for them.
 */
export const rowsBehind = async (
  client: Pick<postgres.ISql, 'unsafe'>,
  before: string,
  statement: SQL,
): Promise<readonly Raw[]> => {
  const { sql: text, params } = dialect.sqlToQuery(statement)
  if (params.length > 0) throw new Error(`A first statement with parameters: ${text}`)
  const results: readonly (readonly Raw[])[] = await client.unsafe(`${before}; ${text}`)
  return results.at(-1) ?? []
}

/** A raw row as the table describes it: names of the schema file, `bigint` for money, numbers for times. */
export const decodeRow = <T extends PgTable>(table: T, raw: Raw): T['$inferSelect'] =>
  Object.fromEntries(
    Object.entries(getTableColumns(table)).map(([name, column]) => {
      const value = raw[column.name]
      return [name, value === null ? null : column.mapFromDriverValue(value)]
    }),
  )

/** A value that may be null. */
export const optional = <T>(value: unknown, convert: (text: string) => T): T | null =>
  value === null || value === undefined ? null : convert(String(value))
