import { existsSync } from 'node:fs'
import { appendFile, readFile, watch } from 'node:fs/promises'
import { dirname } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ExportFormat } from '../../export/exportTable.ts'
import type { Open } from '../../src/api/db/export.ts'
import { exportTables } from '../../src/api/db/exportTables.ts'
import { createWorld, insertEntries, type World } from './world.ts'

const ENTRIES = 60_000
const AT = 95
const PAGE = exportTables.entries.pageRows

let world: World

beforeAll(async () => {
  world = await createWorld()
  await insertEntries(world.tables, ENTRIES)
})

afterAll(() => world?.stop())

/** Resolves when a part of the file has rows. */
const hasRows = async (file: string) => {
  const part = `${file}.part.json`
  for await (const _ of watch(dirname(file))) {
    if (existsSync(part) && JSON.parse(await readFile(part, 'utf8')).rows > 0) return
  }
}

const formats: readonly ExportFormat[] = ['csv', 'ndjson', 'parquet']

test.each(formats)(
  '%s: killed half-way and gone on with, the bytes are the same',
  async (format) => {
    const whole = world.file(`whole.${format}`)
    const { rows } = await world.export({ format, at: AT, file: whole })

    const file = world.file(`killed.${format}`)
    const args = ['entries', '--format', format, '--at-block', String(AT), '--out', file]
    const reached = hasRows(file)
    const first = world.start(...args, '--quiet')
    await reached
    first.kill()
    expect(await first.ended).toEqual({ code: null, signal: 'SIGKILL', out: '', err: '' })
    expect(existsSync(file)).toBe(false)
    // What was being written when it died.
    await appendFile(`${file}.part`, '"half a row')

    const second = await world.start(...args, '--quiet', '--json').ended
    const summary = JSON.parse(second.out)
    expect({ code: second.code, rows: summary.rows }).toEqual({ code: 0, rows })
    expect(summary.resumedAt).toBeGreaterThan(0)
    expect(summary.resumedAt).toBeLessThan(rows)
    expect((await readFile(file)).equals(await readFile(whole))).toBe(true)
    expect(
      [`${file}.part`, `${file}.part.json`, `${file}.part.parquet`].filter(existsSync),
    ).toEqual([])
  },
)

/** Does something before the snapshot of that number is opened: 1 pins the block, pages begin with 3. */
const before = (number: number, work: () => Promise<unknown>): Open => {
  let count = 0
  return async () => {
    count += 1
    if (count === number) await work()
    return world.open()
  }
}

const fail = async () => {
  throw new Error('the power is gone')
}

test('a part is gone on with by the same export only', async () => {
  const file = world.file('other.csv')
  await expect(world.export({ at: AT, file }, before(5, fail))).rejects.toThrow('the power is gone')
  await expect(world.export({ at: 94, file })).rejects.toThrow(
    `${file}.part is a part of another export (entries as csv at block 95): finish that one, name another --out, or --restart`,
  )
  const { code, err } = await world.start(
    'entries',
    '--format',
    'ndjson',
    '--at-block',
    '95',
    '--out',
    file,
  ).ended
  expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('part of another export') })
  const again = await world.export({ at: 94, file, isRestart: true })
  expect(again).toMatchObject({ block: 94, resumedAt: 0 })
})

test('an export of what is final goes on at its block, however far that has come', async () => {
  const file = world.file('final.csv')
  await expect(world.export({ file }, before(4, fail))).rejects.toThrow('the power is gone')
  await world.tables.finalize(31337, 92)
  expect(await world.export({ file })).toMatchObject({ block: 90, resumedAt: PAGE })
  expect(await world.export({ file })).toMatchObject({ block: 92, resumedAt: 0 })
  await world.tables.finalize(31337, 90)
})

test('when the block is reorganised away nothing of the export is left', async () => {
  const { sql } = world.tables
  const file = world.file('gone.csv')
  const rename = () => sql.unsafe(`update block set hash = '0xc95' where number = 95`)
  await expect(world.export({ at: AT, file }, before(4, rename))).rejects.toThrow(
    'block 95 was reorganised away: start again',
  )
  expect([file, `${file}.part`, `${file}.part.json`].filter(existsSync)).toEqual([])

  // Between a kill and the second run.
  await expect(world.export({ at: AT, file }, before(4, fail))).rejects.toThrow('the power is gone')
  await sql.unsafe(`update block set hash = '0xb95' where number = 95`)
  const { code, err } = await world.start(
    'entries',
    '--format',
    'csv',
    '--at-block',
    '95',
    '--out',
    file,
  ).ended
  expect({ code, err }).toEqual({ code: 1, err: 'block 95 was reorganised away: start again\n' })
  expect([file, `${file}.part`, `${file}.part.json`].filter(existsSync)).toEqual([])
})

test('a reorganisation above the block changes nothing', async () => {
  const file = world.file('above.csv')
  const reorganise = () =>
    world.tables.sql.begin(async (open) => {
      await open.unsafe(`delete from entry where block_number > 95`)
      await open.unsafe(`delete from block where number > 96`)
      await open.unsafe(`update block set hash = '0xc96' where number = 96`)
    })
  await world.export({ at: AT, file }, before(5, reorganise))
  expect((await readFile(file)).equals(await readFile(world.file('whole.csv')))).toBe(true)
})
