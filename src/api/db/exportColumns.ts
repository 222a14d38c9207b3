import type { SQL } from 'drizzle-orm'
import type { AnyPgColumn, PgTable } from 'drizzle-orm/pg-core'
import * as Bounds from '../../domain/Bounds.ts'
import * as Money from '../../domain/Money.ts'
import type { ResultColumn } from './analystQuery.ts'
import { optional, type Raw } from './reader.ts'

/** One column of an exported table: what it is called, what it holds, how it is told from a row. */
export interface ExportColumn {
  readonly name: string
  /** `integer` for what a double holds exactly. Money and ids, up to 78 digits wide, are text. */
  readonly type: 'text' | 'integer' | 'boolean'
  readonly isNullable: boolean
  /** The value as text; `true` and `false` for booleans. */
  readonly read: (raw: Raw) => string | null
}

/** A table whose rows have a place on the chain. */
export type Fact = PgTable & Readonly<Record<'chainId' | 'blockNumber' | 'logIndex', AnyPgColumn>>

/**
 * A table that can be exported as of a block: facts up to it, and what follows from facts up to it.
 * One row, or none, for each fact of `base`.
 */
export interface ExportTable {
  readonly base: Fact
  /** Facts read at once: few where a row adds up many. */
  readonly pageRows: number
  readonly columns: readonly ExportColumn[]
  /** What is selected beside the fact, and how it is joined to `base`. `block` is the number of the block. */
  readonly select: (block: SQL) => { readonly values: SQL; readonly joins: SQL }
  /** False for a fact that makes no row. */
  readonly isRow?: (raw: Raw) => boolean
}

type Read = (raw: Raw) => string | null

const column =
  (type: ExportColumn['type'], isNullable = false) =>
  (name: string, read: Read = (raw) => optional(raw[name], String)): ExportColumn => ({
    name,
    type,
    isNullable,
    read,
  })

/** Columns that are read from the one of the same name, unless told otherwise. */
export const text = column('text')
export const integer = column('integer')
export const boolean = column('boolean')
export const textOrNull = column('text', true)
export const integerOrNull = column('integer', true)

/** A count that an event says: more than an integer holds is its end. */
export const countOrNull = (name: string): ExportColumn =>
  integerOrNull(name, (raw) => optional(raw[name], (value) => String(Bounds.count(BigInt(value)))))

const iso = (seconds: string) => `${new Date(Number(seconds) * 1000).toISOString().slice(0, -5)}Z`

/** A time in seconds, and as ISO 8601 text. */
export const time = (name: string): readonly ExportColumn[] => [
  integer(name),
  text(`${name}_iso`, (raw) => optional(raw[name], iso)),
]

/** The same, null while it has not come. */
export const timeOrNull = (name: string): readonly ExportColumn[] =>
  time(name).map((each) => ({ ...each, isNullable: true }))

const toTokens =
  (name: string): Read =>
  (raw) => {
    const decimals = raw.token_decimals ?? null
    return decimals === null
      ? null
      : optional(raw[name], (units) => Money.toDecimal(BigInt(units), Number(decimals)))
  }

/** Base units, and whole tokens as an exact decimal number; null for a token that nobody knows. Needs `token_decimals`. */
export const money = (name: string): readonly ExportColumn[] => [
  text(name),
  textOrNull(`${name}_tokens`, toTokens(name)),
]

export const moneyOrNull = (name: string): readonly ExportColumn[] =>
  money(name).map((each) => ({ ...each, isNullable: true }))

/** The token that the row's money is in. */
export const token: readonly ExportColumn[] = [
  text('token'),
  textOrNull('token_symbol'),
  integerOrNull('token_decimals'),
]

/** Where the fact stands on the chain. */
export const place: readonly ExportColumn[] = [
  integer('chain_id'),
  integer('block_number'),
  text('block_hash'),
  integer('log_index'),
  text('transaction_hash'),
  ...time('timestamp'),
]

/** The round that the fact belongs to. */
export const ofRound: readonly ExportColumn[] = [text('pool_id'), text('round_id')]

/** Types of PostgreSQL that are written alike; JSON writes true and false as they are. */
const CATALOGUE = { text: 25, integer: 23, boolean: 114 } as const

/** The columns as those of a result, for the formats of results. */
export const resultColumns = (columns: readonly ExportColumn[]): readonly ResultColumn[] =>
  columns.map(({ name, type }) => ({ name, type: CATALOGUE[type] }))
