import { type SQL, sql } from 'drizzle-orm'
import { type AnyPgColumn, getTableConfig, type PgTable } from 'drizzle-orm/pg-core'
import { createCache } from '../cache.ts'
import type { Fields } from './fields.ts'
import type { Relations } from './filter.ts'
import { arrayOf } from './keys.ts'
import { decodeRow, partDecoder, type Raw, type Reader } from './reader.ts'

/** Writes `where … order by … limit …` in terms of the fields it is given. */
export type Clauses = (fields: Fields) => SQL

/** Something that lists are made of: its fields, the rows it belongs to, and how it is selected. */
export interface Entity<Row> {
  /** Also the alias of its rows in a statement. */
  readonly name: string
  readonly fields: Fields
  readonly relations: Relations
  /** `select …` of whole rows under the clauses. */
  readonly select: (clauses: Clauses) => SQL
  readonly decode: (raw: Raw) => Row
  /** The same with no more than these columns. Reading another one of such a row is an error. Absent: rows are always whole. */
  readonly part?: (columns: readonly string[]) => Pick<Entity<Row>, 'select' | 'decode'>
}

type Fact = PgTable & Readonly<Record<'chainId' | 'transactionHash' | 'logIndex', AnyPgColumn>>

type Part = Pick<Entity<unknown>, 'select' | 'decode'>

/** What was made for sets of columns, of all tables. */
const parts = createCache<Part>({ mostBytes: 8_388_608, sizeOf: () => PART_BYTES })
/** A function for each column of the table, and the statement's pieces. */
const PART_BYTES = 8192

export const partsSize = parts.size

/** An entity that is one table. */
export const tableEntity = <T extends PgTable>(
  table: T,
  fields: Fields,
  relations: Relations = {},
): Entity<T['$inferSelect']> => {
  const { name } = getTableConfig(table)
  const createPart = (
    columns: readonly string[],
  ): Pick<Entity<T['$inferSelect']>, 'select' | 'decode'> => {
    const decode = partDecoder(table, new Set(columns))
    const wanted = sql.join(
      decode.columns.map((column) => sql`${column}`),
      sql`, `,
    )
    return {
      select: (clauses: Clauses) => sql`select ${wanted} from ${table} ${clauses(fields)}`,
      decode: decode.row,
    }
  }
  return {
    name,
    fields,
    relations,
    select: (clauses) => sql`select * from ${table} ${clauses(fields)}`,
    decode: (raw) => decodeRow(table, raw),
    part: (columns) => {
      const key = `${name} ${columns.join()}`
      const known = parts.get(key) as ReturnType<typeof createPart> | undefined
      const part = known ?? createPart(columns)
      if (known === undefined) parts.set(key, part)
      return part
    },
  }
}

/** Rows of a transaction, in the order of its logs, `limit` at most. */
export const rowsOfTransaction = async <T extends Fact>(
  db: Reader,
  table: T,
  { chainId, hash }: { readonly chainId: number; readonly hash: string },
  limit: number,
): Promise<readonly T['$inferSelect'][]> => {
  const rows = await db.rows(sql`
    select * from ${table}
    where ${table.transactionHash} = ${hash} and ${table.chainId} = ${String(chainId)}
    order by ${table.logIndex} limit ${String(limit)}`)
  return rows.map((raw) => decodeRow(table, raw))
}

/** Rows by primary key, in the order of the keys; null where there is none. Ids are made of digits, letters, x and -. */
export const rowsById = async <T extends PgTable & { id: unknown }>(
  db: Reader,
  table: T,
  ids: readonly string[],
): Promise<readonly (T['$inferSelect'] | null)[]> => {
  // A plan for one id is made once; one for a list would be made anew each time, because its length is unknown.
  const wanted = ids.length === 1 ? sql`= ${ids[0]}` : sql`= any(${arrayOf(ids)}::text[])`
  const rows = await db.rows(sql`select * from ${table} where id ${wanted}`)
  const byId = new Map(rows.map((raw) => [raw.id, decodeRow(table, raw)]))
  return ids.map((id) => byId.get(id) ?? null)
}
