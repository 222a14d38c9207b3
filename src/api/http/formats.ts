import type { ResultColumn, ResultRow } from '../db/analystQuery.ts'

export type FormatName = 'json' | 'ndjson' | 'csv'

/** How a table is written, part by part. */
export interface Format {
  readonly contentType: string
  readonly begin: (columns: readonly ResultColumn[]) => string
  readonly row: (row: ResultRow) => string
  /** `isWhole`: no row was left out. */
  readonly end: (isWhole: boolean) => string
}

/** Types by their numbers in PostgreSQL's catalogue; one that is not here is called by its number. */
const TYPES: Readonly<Record<number, string>> = {
  16: 'boolean',
  17: 'bytea',
  20: 'bigint',
  21: 'smallint',
  23: 'integer',
  25: 'text',
  114: 'json',
  700: 'real',
  701: 'double precision',
  1043: 'varchar',
  1082: 'date',
  1114: 'timestamp',
  1184: 'timestamptz',
  1186: 'interval',
  1700: 'numeric',
  3802: 'jsonb',
}

const BARE: ReadonlySet<number> = new Set([21, 23, 700, 701, 3802])

/** A number that JSON can hold exactly stays one; wider ones, and all else, are text. */
const toJson = (value: string | null, type: number | undefined): string => {
  if (value === null) return 'null'
  if (type === 16) return value === 't' ? 'true' : 'false'
  // Between its tokens, for nothing else in it can hold one: a row stays on its line.
  if (type === 114) return value.replaceAll(/[\r\n]/g, ' ')
  const isBare = type !== undefined && BARE.has(type) && !/^-?(NaN|Infinity)$/.test(value)
  return isBare ? value : JSON.stringify(value)
}

/** RFC 4180. Null is nothing, an empty text is `""`. */
const toCsv = (value: string | null): string => {
  if (value === null) return ''
  return value === '' || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value
}

const csv = (): Format => ({
  contentType: 'text/csv; charset=utf-8; header=present',
  begin: (columns) => `${columns.map(({ name }) => toCsv(name)).join()}\r\n`,
  row: (row) => `${row.map(toCsv).join()}\r\n`,
  end: () => '',
})

const ndjson = (): Format => {
  let names: readonly string[] = []
  let types: readonly number[] = []
  return {
    contentType: 'application/x-ndjson; charset=utf-8',
    begin: (columns) => {
      names = columns.map(({ name }) => JSON.stringify(name))
      types = columns.map(({ type }) => type)
      return ''
    },
    row: (row) =>
      `{${row.map((value, at) => `${names[at]}:${toJson(value, types[at])}`).join()}}\n`,
    end: () => '',
  }
}

const json = (): Format => {
  let types: readonly number[] = []
  let separator = ''
  return {
    contentType: 'application/json; charset=utf-8',
    begin: (columns) => {
      types = columns.map(({ type }) => type)
      const shown = columns.map(({ name, type }) => ({ name, type: TYPES[type] ?? String(type) }))
      return `{"columns":${JSON.stringify(shown)},"rows":[`
    },
    row: (row) => {
      const text = `${separator}\n[${row.map((value, at) => toJson(value, types[at])).join()}]`
      separator = ','
      return text
    },
    end: (isWhole) => `],"whole":${isWhole}}\n`,
  }
}

export const createFormat = (name: FormatName): Format => ({ csv, ndjson, json })[name]()
