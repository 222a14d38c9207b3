import { type SQL, sql } from 'drizzle-orm'
import type { AnyPgColumn } from 'drizzle-orm/pg-core'
import { arrayType, type Kind } from './fields.ts'
import type { Raw } from './reader.ts'

/** The values that tell one parent from another. Only ever from rows or checked input: digits, letters, x and -. */
export type Key = readonly (string | number | bigint)[]

/** A list as one parameter in PostgreSQL's notation. */
export const arrayOf = (values: readonly unknown[]): string => `{${values.map(String).join()}}`

/** Keys as a table `keys (key_0, key_1, …, position)`; positions count from 1. */
export const keysTable = (kinds: readonly Kind[], keys: readonly Key[]): SQL => {
  const columns = kinds.map(
    (kind, at) => sql`${arrayOf(keys.map((key) => key[at]))}::${arrayType[kind]}`,
  )
  const names = sql.raw(kinds.map((_, at) => `key_${at}`).join())
  return sql`unnest(${sql.join(columns, sql`, `)}) with ordinality keys (${names}, position)`
}

/** The columns equal the key, one by one. */
export const matchesKey = (columns: readonly (SQL | AnyPgColumn)[]): SQL =>
  sql.join(
    columns.map((column, at) => sql`${column} = ${sql.raw(`keys.key_${at}`)}`),
    sql` and `,
  )

/** What was found for each key, in the order of the keys. */
export const groupByKey = <Row>(
  keys: readonly Key[],
  rows: readonly Raw[],
  decode: (raw: Raw) => Row,
): readonly (readonly Row[])[] => {
  const found = Map.groupBy(rows, (raw) => Number(raw.position))
  return keys.map((_, at) => (found.get(at + 1) ?? []).map(decode))
}

/** Kinds of the parts of a round's id. */
export const ROUND_KEY: readonly Kind[] = ['int', 'bigint', 'bigint']

interface OfRound {
  readonly chainId: AnyPgColumn
  readonly poolId: AnyPgColumn
  readonly roundId: AnyPgColumn
}

/** The row belongs to the round of the key. */
export const isOfRound = (table: OfRound): SQL =>
  matchesKey([table.chainId, table.poolId, table.roundId])
