import { type SQL, sql } from 'drizzle-orm'
import type { AnyPgColumn } from 'drizzle-orm/pg-core'
import { InputError } from './errors.ts'

/** What a column holds, and with that how it may be compared, ordered and put into a cursor. */
export type Kind =
  | 'int'
  | 'uint32'
  | 'bigint'
  | 'blockNumber'
  | 'timestamp'
  | 'address'
  | 'hex'
  | 'text'
  | 'enum'
  | 'boolean'

/** One column that users may filter and order by. */
export interface Field {
  readonly kind: Kind
  /** The column, or an expression of fixed text. Never made from input. */
  readonly sql: SQL | AnyPgColumn
  readonly isNullable: boolean
  /** The values of an enum. */
  readonly values: readonly string[]
  /** Name of the enum in the API. */
  readonly enumName?: string
}

/** The description of a table that filters, orders and cursors are made from. */
export type Fields = Readonly<Record<string, Field>>

/** The field of that name. @throws InputError when there is none */
export const fieldOf = (fields: Fields, name: string): Field => {
  const field = fields[name]
  if (field === undefined) throw new InputError(`there is no field ${name}`)
  return field
}

/** Letters of a text that decide its place in an order: a cursor holds them. */
const ORDERED_LETTERS = 100

/** What rows are ordered by, and what a cursor tells of a row. */
export const orderedBy = ({ kind, sql: column }: Field): SQL | AnyPgColumn =>
  kind === 'text' ? sql`left(${column}, ${sql.raw(String(ORDERED_LETTERS))})` : column

/** A parameter as the driver takes it. */
export type Parameter = string | boolean

const columnOf =
  (kind: Kind) =>
  (column: AnyPgColumn): Field => ({
    kind,
    sql: column,
    isNullable: !column.notNull,
    values: [],
  })

/** Describe a column by its kind. Whether it may be null follows from the table. */
export const int = columnOf('int')
export const uint32 = columnOf('uint32')
export const bigint = columnOf('bigint')
export const blockNumber = columnOf('blockNumber')
export const timestamp = columnOf('timestamp')
export const address = columnOf('address')
export const hex = columnOf('hex')
export const text = columnOf('text')
export const boolean = columnOf('boolean')

/** Describes a column of an enum, by the enum's name in the API. */
export const enumeration = (enumName: string, column: AnyPgColumn): Field => ({
  ...columnOf('enum')(column),
  values: column.enumValues ?? [],
  enumName,
})

/** PostgreSQL's array type of a kind, for lists of keys. */
export const arrayType = {
  int: sql.raw('integer[]'),
  uint32: sql.raw('bigint[]'),
  bigint: sql.raw('numeric[]'),
  blockNumber: sql.raw('bigint[]'),
  timestamp: sql.raw('bigint[]'),
  address: sql.raw('text[]'),
  hex: sql.raw('text[]'),
  text: sql.raw('text[]'),
  enum: sql.raw('text[]'),
  boolean: sql.raw('boolean[]'),
} as const satisfies Record<Kind, SQL>

const range = (bits: bigint) => ({ min: -(2n ** (bits - 1n)), max: 2n ** (bits - 1n) - 1n })
const RANGES = {
  int: range(32n),
  uint32: { min: 0n, max: 2n ** 32n - 1n },
  blockNumber: range(64n),
  timestamp: range(64n),
  // More than 78 digits: sums, in cursors.
  bigint: { min: -(10n ** 200n) + 1n, max: 10n ** 200n - 1n },
}
const HEX = /^0x([0-9a-f]{2})*$/
const INTEGER = /^-?\d{1,200}$/

const isInteger = (kind: Kind): kind is keyof typeof RANGES => kind in RANGES

/**
 * A value as a parameter for this column.
 *
 * @throws InputError when the column can hold no such value, so that the database never sees it.
 */
export const encodeValue = (field: Field, value: unknown): Parameter => {
  if (field.kind === 'boolean') {
    if (typeof value === 'boolean') return value
    throw new InputError('expected true or false')
  }
  const written = typeof value === 'bigint' || typeof value === 'number' ? String(value) : value
  if (typeof written !== 'string') throw new InputError('expected a value')
  if (isInteger(field.kind)) {
    const { min, max } = RANGES[field.kind]
    if (!INTEGER.test(written) || BigInt(written) < min || BigInt(written) > max)
      throw new InputError(`expected a whole number between ${min} and ${max}`)
    return written
  }
  if (written.includes('\0')) throw new InputError('expected text without NUL bytes')
  if (field.kind === 'enum' && !field.values.includes(written))
    throw new InputError(`expected one of ${field.values.join(', ')}`)
  if ((field.kind === 'hex' || field.kind === 'address') && !HEX.test(written))
    throw new InputError('expected lower-case 0x hex')
  return written
}
