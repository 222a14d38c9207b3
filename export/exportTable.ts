import { open as openFile, rename, stat } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import { InputError } from '../src/api/db/errors.ts'
import {
  exportPages,
  firstBlockOf,
  type Open,
  type Pin,
  pinBlock,
  ReorganisedError,
} from '../src/api/db/export.ts'
import { type ExportColumn, resultColumns } from '../src/api/db/exportColumns.ts'
import { type ExportName, exportTables } from '../src/api/db/exportTables.ts'
import { createFormat } from '../src/api/http/formats.ts'
import { stage, writeParquet } from './parquet.ts'
import {
  openPart,
  type Part,
  type PartState,
  partOf,
  readPart,
  removePart,
  wholeOf,
} from './part.ts'

export const FORMATS = ['csv', 'ndjson', 'parquet'] as const
export type ExportFormat = (typeof FORMATS)[number]

export interface Job {
  readonly dataset: ExportName
  readonly format: ExportFormat
  readonly at: number | 'finalized'
  /** May be left out when there is one chain. */
  readonly chainId?: number
  readonly file: string
  /** Forgets what an earlier run left behind. */
  readonly isRestart: boolean
}

export interface Progress {
  readonly rows: number
  /** Of the blocks up to the pinned one, from 0 to 1. */
  readonly share: number
}

export interface Summary {
  readonly dataset: ExportName
  readonly format: ExportFormat
  readonly file: string
  readonly chainId: number
  readonly block: number
  readonly hash: string
  readonly rows: number
  readonly bytes: number
  /** Rows that an earlier run had written. */
  readonly resumedAt: number
}

/** How rows become text, in the part file of each format. */
const writing = (format: ExportFormat, columns: readonly ExportColumn[]) => {
  if (format === 'parquet') return { begin: '', row: stage }
  const { begin, row } = createFormat(format)
  return { begin: begin(resultColumns(columns)), row }
}

/** What an earlier run of the same export left, or the beginning of a new one. */
const stateFor = async (open: Open, job: Job): Promise<PartState> => {
  const { dataset, format, at, chainId, file } = job
  const columns = exportTables[dataset].columns.map(({ name }) => name).join()
  const asked = { dataset, format, at, chainId: chainId ?? null, columns }
  if (job.isRestart) await removePart(file)
  const found = await readPart(file)
  if (found === undefined) {
    const pin = await pinBlock(open, at, chainId)
    return { asked, pin, after: null, isRead: false, bytes: 0, rows: 0 }
  }
  if (isDeepStrictEqual(found.asked, asked)) return found
  const { dataset: other, format: written, at: block } = found.asked
  throw new InputError(
    `${partOf(file)} is a part of another export (${other} as ${written} at block ${block}): finish that one, name another --out, or --restart`,
  )
}

const readRows = async (
  open: Open,
  { dataset, format }: Job,
  part: Part,
  onProgress: (progress: Progress) => void,
) => {
  const table = exportTables[dataset]
  const { pin, after } = part.state()
  const { begin, row } = writing(format, table.columns)
  const first = (await firstBlockOf(open, table, pin)) ?? pin.number
  let header = part.state().bytes === 0 ? begin : ''
  for await (const { rows, next } of exportPages(open, table, pin, after)) {
    await part.add(header + rows.map(row).join(''), {
      after: next,
      isRead: next === null,
      rows: part.state().rows + rows.length,
    })
    header = ''
    const share =
      next === null ? 1 : (next.blockNumber - first) / Math.max(1, pin.number - first + 1)
    onProgress({ rows: part.state().rows, share })
  }
}

const sync = async (path: string) => {
  const handle = await openFile(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** The file appears at once, and whole. */
const finish = async ({ dataset, format, file }: Job, pin: Pin) => {
  const part = partOf(file)
  if (format !== 'parquet') {
    await rename(part, file)
    return removePart(file)
  }
  const whole = wholeOf(file)
  const { chainId, number: block, hash } = pin
  const value = JSON.stringify({ dataset, chainId, block, hash })
  await writeParquet(part, whole, exportTables[dataset].columns, [{ key: 'pay402win', value }])
  await sync(whole)
  await rename(whole, file)
  return removePart(file)
}

/**
 * Writes a table as of a block into a file. What a killed run has written is gone on with, and the file is the same as if it had been
 * written at once.
 *
 * @throws InputError; ReorganisedError, after the part is removed.
 */
export const exportTable = async (
  open: Open,
  job: Job,
  onProgress: (progress: Progress) => void,
): Promise<Summary> => {
  const { dataset, format, file } = job
  const part = await openPart(file, await stateFor(open, job))
  const { pin, rows: resumedAt } = part.state()
  try {
    if (!part.state().isRead) await readRows(open, job, part, onProgress)
  } catch (error) {
    if (error instanceof ReorganisedError) await removePart(file)
    throw error
  } finally {
    await part.close()
  }
  await finish(job, pin)
  const { chainId, number: block, hash } = pin
  const { rows } = part.state()
  const { size: bytes } = await stat(file)
  return { dataset, format, file, chainId, block, hash, rows, bytes, resumedAt }
}
