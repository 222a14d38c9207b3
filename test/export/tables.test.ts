import { existsSync } from 'node:fs'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ExportName, exportTables } from '../../src/api/db/exportTables.ts'
import { createOperations } from '../support/operation.ts'
import { byId, readLists } from './lists.ts'
import { readCsv, readNdjson, readParquet } from './read.ts'
import { AWKWARD, createWorld, playBlocks, type World } from './world.ts'

const DATASETS = Object.keys(exportTables) as ExportName[]
const BLOCKS = 10

let world: World
/** By block: what the lists said when it was the newest. */
const seen = new Map<number, Awaited<ReturnType<typeof readLists>>>()

beforeAll(async () => {
  world = await createWorld()
  const operations = createOperations(world.tables)
  await playBlocks(world.tables, async (block) => {
    seen.set(block, await readLists(operations))
  })
  await operations.stop()
})

afterAll(() => world?.stop())

const pick = (row: Readonly<Record<string, unknown>>, like: object | undefined) =>
  Object.fromEntries(Object.keys(like ?? {}).map((name) => [name, row[name]]))

test.each(DATASETS)('%s as of each block are what the lists said at it', async (dataset) => {
  for (let at = 1; at <= BLOCKS; at += 1) {
    const file = world.file(`${dataset}-${at}.ndjson`)
    const summary = await world.export({ dataset, format: 'ndjson', at, file })
    const rows = await readNdjson(file)
    const expected = byId(seen.get(at)?.[dataset] ?? [])
    const actual = byId(rows).map((row, index) => pick(row, expected[index]))
    expect(actual, `block ${at}`).toEqual(expected)
    expect(summary.rows).toBe(rows.length)
  }
  const last = seen.get(BLOCKS)?.[dataset] ?? []
  expect(last.length).toBeGreaterThan(1)
})

test.each(DATASETS)('%s are the same in each format, and in chain order', async (dataset) => {
  const at = 9
  const file = (format: string) => world.file(`formats-${dataset}.${format}`)
  for (const format of ['csv', 'ndjson', 'parquet'] as const)
    await world.export({ dataset, format, at, file: file(format) })
  const rows = await readNdjson(file('ndjson'))
  expect(await readParquet(file('parquet'))).toEqual(rows)
  const asText = rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [
        name,
        value === null ? null : value === AWKWARD ? `'${AWKWARD}` : String(value),
      ]),
    ),
  )
  expect(await readCsv(file('csv'))).toEqual(asText)
  const places = rows.map(({ block_number, log_index }) => [block_number, log_index].map(Number))
  expect(places).toEqual(
    places.toSorted(([a = 0, x = 0], [b = 0, y = 0]) => (a === b ? x - y : a - b)),
  )
  for (const row of rows)
    expect(Object.keys(row)).toEqual(exportTables[dataset].columns.map(({ name }) => name))
})

test('entries were seen in every status', () => {
  const statuses = [...seen.values()].flatMap(({ entries }) => entries.map(({ status }) => status))
  expect([...new Set(statuses)].sort()).toEqual([
    'ACTIVE',
    'LOST',
    'PENDING',
    'REFUNDED',
    'REFUND_CLAIMED',
    'REFUND_CREDITED',
    'REFUND_PENDING',
    'WON_CLAIMED',
    'WON_CREDITED',
    'WON_PAID',
    'WON_UNPAID',
  ])
})

test('each kind of payment is told apart', async () => {
  const file = world.file('links.ndjson')
  await world.export({ dataset: 'payments', format: 'ndjson', at: 2, file })
  const rows = await readNdjson(file)
  expect(
    rows.map(({ link_status, amount, amount_tokens, entry_count }) => [
      link_status,
      amount,
      amount_tokens,
      entry_count,
    ]),
  ).toEqual([
    ['LINKED', '402000', '0.402', 1],
    ['UNLINKED', '402000', '0.402', null],
    ['CANCELLED', '0', '0', null],
  ])
})

test('DuckDB reads Parquet', async () => {
  const file = world.file('duck.parquet')
  await world.export({ format: 'parquet', at: BLOCKS, file })
  const entries = seen.get(BLOCKS)?.entries ?? []
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  try {
    const reader = await connection.runAndReadAll(`
      select count(*)::int as rows, sum(amount::hugeint)::varchar as amount, max(block_number)::int as newest,
        min(timestamp_iso::timestamptz) = to_timestamp(min(timestamp)) as is_same_time
      from '${file}'`)
    expect(reader.getRowObjectsJson()).toEqual([
      {
        rows: entries.length,
        amount: String(entries.reduce((sum, { amount }) => sum + BigInt(String(amount)), 0n)),
        newest: 10,
        is_same_time: true,
      },
    ])
  } finally {
    connection.closeSync()
  }
})

test('finalized is the newest block that stays, and the summary names it', async () => {
  const file = world.file('final.csv')
  const args = ['--format', 'csv', '--out', file, '--json', '--chain', '31337']
  const { code, out, err } = await world.start('rounds', ...args).ended
  expect({ code, rows: (await readCsv(file)).length }).toEqual({ code: 0, rows: 4 })
  const { seconds, bytes, ...summary } = JSON.parse(out)
  expect(summary).toEqual({
    dataset: 'rounds',
    format: 'csv',
    file,
    chainId: 31337,
    block: 8,
    hash: `0x${'b008'.padStart(64, '0')}`,
    rows: 4,
    resumedAt: 0,
  })
  expect(typeof seconds).toBe('number')
  expect(bytes).toBeGreaterThan(0)
  expect(err).toMatch(/^4 rows, 100\.0 % of the blocks, [\d,]+ rows\/s\n$/)
})

test('what cannot be asked for ends with 2 and says what was expected', async () => {
  const file = world.file('none.csv')
  const ask = async (...args: readonly string[]) => {
    const { code, out, err } = await world.start(...args).ended
    return { code, out, err: err.trimEnd() }
  }
  const all = ['--format', 'csv', '--out', file]
  const nothing = await ask('entry', '--at-block', 'now', '--chain', 'x')
  expect(nothing).toMatchObject({ code: 2, out: '' })
  for (const mistake of [
    'the first argument should be one of entries, payouts, payments, rounds, pools',
    '--format should be one of csv, ndjson, parquet',
    '--out should be the name of a file',
    '--at-block should be the number of a block, or finalized',
    '--chain should be the id of a chain',
  ])
    expect(nothing.err).toContain(mistake)
  expect(await ask('entries', ...all, '--at-block', '11')).toEqual({
    code: 2,
    out: '',
    err: 'block 11 is not indexed yet: the newest is 10',
  })
  expect(await ask('entries', ...all, '--at-block', '0')).toMatchObject({
    code: 2,
    err: 'block 0 lies before the first indexed block',
  })
  expect(await ask('entries', ...all, '--chain', '1')).toMatchObject({
    code: 2,
    err: 'chain: expected one of 31337',
  })
  expect(await ask('entries', '--all')).toMatchObject({ code: 2 })
  expect([existsSync(file), existsSync(`${file}.part`)]).toEqual([false, false])
})
