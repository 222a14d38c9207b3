import type { ResultColumn, ResultRow } from '../db/analystQuery.ts'

export type FormatName = 'json' | 'ndjson' | 'csv'

/** How a table is written, part by part. */
export interface Format {
  readonly contentType: string
  readonly begin: (columns: readonly ResultColumn[]) => string
  readonly row: (row: ResultRow) => string
  /** `isWhole`: no row was left out. Undefined where the format cannot say that rows were left out. */
  readonly end: (isWhole: boolean) => string | undefined
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

/** Numbers, dates, times and intervals: a spreadsheet reads a sign before them as theirs. */
const SIGNED: ReadonlySet<number> = new Set([
  20, 21, 23, 700, 701, 1082, 1083, 1114, 1184, 1186, 1266, 1700,
])

/** JSON on one line for every reader: some end a line at these letters too. */
export const toJsonLine = (value: unknown): string => oneLine(JSON.stringify(value))

const oneLine = (json: string) =>
  json.replaceAll(
    /[\u0085\u2028\u2029]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

/** A number that JSON can hold exactly stays one; wider ones, and all else, are text. */
const toJson = (value: string | null, type: number | undefined): string => {
  if (value === null) return 'null'
  if (type === 16) return value === 't' ? 'true' : 'false'
  // Between its tokens, for nothing else in it can hold one: a row stays on its line.
  if (type === 114) return oneLine(value.replaceAll(/[\r\n]/g, ' '))
  const isBare = type !== undefined && BARE.has(type) && !/^-?(NaN|Infinity)$/.test(value)
  return isBare ? oneLine(value) : toJsonLine(value)
}

/** RFC 4180. Null is nothing, an empty text is `""`. */
const toCsv = (value: string | null): string => {
  if (value === null) return ''
  return value === '' || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value
}

/** A text that a spreadsheet would run as a formula gets an apostrophe before it, which spreadsheets take as "this is text". */
const harmless = (text: string) => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text)

const csv = (): Format => {
  let types: readonly number[] = []
  const cell = (value: string | null, at: number) =>
    toCsv(value === null || SIGNED.has(types[at] ?? 0) ? value : harmless(value))
  return {
    contentType: 'text/csv; charset=utf-8; header=present',
    begin: (columns) => {
      types = columns.map(({ type }) => type)
      return `${columns.map(({ name }) => toCsv(harmless(name))).join()}\r\n`
    },
    row: (row) => `${row.map(cell).join()}\r\n`,
    end: (isWhole) => (isWhole ? '' : undefined),
  }
}

/** Columns of the same name are `a`, `a_2`, `a_3`: an object has one value for each name. */
const distinct = (names: readonly string[]): readonly string[] => {
  const taken = new Set(names)
  const used = new Set<string>()
  return names.map((name) => {
    if (!used.has(name)) {
      used.add(name)
      return name
    }
    let count = 2
    while (taken.has(`${name}_${count}`)) count += 1
    taken.add(`${name}_${count}`)
    return `${name}_${count}`
  })
}

const ndjson = (): Format => {
  let names: readonly string[] = []
  let types: readonly number[] = []
  return {
    contentType: 'application/x-ndjson; charset=utf-8',
    begin: (columns) => {
      names = distinct(columns.map(({ name }) => name)).map(toJsonLine)
      types = columns.map(({ type }) => type)
      return ''
    },
    row: (row) =>
      `{${row.map((value, at) => `${names[at]}:${toJson(value, types[at])}`).join()}}\n`,
    end: (isWhole) => (isWhole ? '' : undefined),
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
