import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileWriter, type KeyValue, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer'
import type { ResultRow } from '../src/api/db/analystQuery.ts'
import type { ExportColumn } from '../src/api/db/exportColumns.ts'
import { toJsonLine } from '../src/api/http/formats.ts'

/** Rows that are in memory at once, and lie together in the file. */
const ROW_GROUP = 20_000

const PARQUET = { text: 'STRING', integer: 'INT64', boolean: 'BOOLEAN' } as const

const parquetValue = (value: string | null, type: ExportColumn['type']) => {
  if (value === null || type === 'text') return value
  return type === 'integer' ? BigInt(value) : value === 'true'
}

/** How a row waits to be written: JSON, a line each. */
export const stage = (row: ResultRow): string => `${toJsonLine(row)}\n`

/** Groups of rows by columns, from staged lines. */
async function* groupsOf(staged: string, columns: readonly ExportColumn[]) {
  const begin = () => columns.map((): ReturnType<typeof parquetValue>[] => [])
  let group = begin()
  let count = 0
  for await (const line of createInterface({ input: createReadStream(staged) })) {
    const row: ResultRow = JSON.parse(line)
    for (const [at, { type }] of columns.entries())
      group[at]?.push(parquetValue(row[at] ?? null, type))
    count += 1
    if (count % ROW_GROUP !== 0) continue
    yield group
    group = begin()
  }
  if (count % ROW_GROUP !== 0) yield group
}

/** Writes staged rows as a Parquet file, some at a time. */
export const writeParquet = async (
  staged: string,
  file: string,
  columns: readonly ExportColumn[],
  metadata: readonly KeyValue[],
): Promise<void> => {
  const described = columns.map(({ name, type, isNullable }) => ({
    name,
    type: PARQUET[type],
    nullable: isNullable,
    data: [],
  }))
  const parquet = new ParquetWriter({
    writer: fileWriter(file),
    schema: schemaFromColumnData({ columnData: described }),
    kvMetadata: [...metadata],
  })
  for await (const group of groupsOf(staged, columns))
    await parquet.write({
      columnData: columns.map(({ name }, at) => ({ name, data: group[at] ?? [] })),
      rowGroupSize: ROW_GROUP,
    })
  await parquet.finish()
}
