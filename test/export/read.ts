import { readFile } from 'node:fs/promises'
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet'

/** Exported files, read back by means that are not the ones they were written by. */

type Row = Readonly<Record<string, unknown>>

export const readNdjson = async (file: string): Promise<readonly Row[]> =>
  (await readFile(file, 'utf8'))
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))

/** Fields of RFC 4180; null where there is nothing at all. */
const parseCsv = (text: string): readonly (readonly (string | null)[])[] => {
  const rows: (string | null)[][] = [[]]
  const field = /("(?:[^"]|"")*"|[^,"\r\n]*)(,|\r\n)/y
  while (field.lastIndex < text.length) {
    const at = field.lastIndex
    const [, value = '', end] = field.exec(text) ?? []
    if (end === undefined) throw new Error(`no field at ${at}: ${text.slice(at, at + 40)}`)
    const quoted = value.startsWith('"') ? value.slice(1, -1).replaceAll('""', '"') : undefined
    rows.at(-1)?.push(quoted ?? (value === '' ? null : value))
    if (end === '\r\n') rows.push([])
  }
  return rows.slice(0, -1)
}

/** All values as text. */
export const readCsv = async (file: string): Promise<readonly Row[]> => {
  const [names = [], ...rows] = parseCsv(await readFile(file, 'utf8'))
  return rows.map((row) => Object.fromEntries(names.map((name, at) => [name, row[at]])))
}

/** Numbers as NDJSON has them. */
export const readParquet = async (file: string): Promise<readonly Row[]> => {
  const rows = await parquetReadObjects({ file: await asyncBufferFromFile(file) })
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [
        name,
        typeof value === 'bigint' ? Number(value) : value,
      ]),
    ),
  )
}
