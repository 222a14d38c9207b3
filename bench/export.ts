/**
 * Entries as of the newest final block, into files by the command and over HTTP from an API: how fast, and whether memory grows with the
 * rows. Resident memory is read when a tenth, a half and all of the rows are written; the peak is the kernel's.
 */
import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import postgres from 'postgres'
import { ACCESS_SCHEMA } from '../src/api/db/names.ts'
import { createApiKey } from '../stack/apiKeys.ts'
import { spawnChild } from '../stack/process.ts'
import { createTables, type Tables } from '../test/support/tables.ts'
import { cpuSeconds, mostResidentMb, residentMb } from './support/cpu.ts'
import { type Ground, onGround } from './support/ground.ts'
import { apiEnv, createOurs } from './support/liveServers.ts'
import { fillLongGame } from './support/longGame.ts'
import type { Table } from './table.ts'

const program = fileURLToPath(new URL('../export/main.ts', import.meta.url))

const SHARES = [0.1, 0.5, 1]
const LOOK_MS = 100

/** Watches a process that writes so many rows. */
const watch = (pid: number, all: number) => {
  const at: number[] = []
  let [most, cpu] = [0, 0]
  const look = () => {
    most = Math.max(most, mostResidentMb(pid) || 0)
    cpu = cpuSeconds(pid) || cpu
  }
  const timer = setInterval(look, LOOK_MS)
  const from = performance.now()
  return {
    rows: (count: number) => {
      while (at.length < SHARES.length && count >= (SHARES[at.length] ?? 0) * all)
        at.push(residentMb(pid))
    },
    end: (bytes: number): Took => {
      clearInterval(timer)
      look()
      return { seconds: (performance.now() - from) / 1000, bytes, at, most, cpu }
    },
  }
}

interface Took {
  readonly seconds: number
  readonly bytes: number
  /** MB at each of SHARES. */
  readonly at: readonly number[]
  readonly most: number
  readonly cpu: number
}

/** The command, which says on stderr how far it is. */
const byCommand = async (
  { folder }: Ground,
  tables: Tables,
  format: string,
  all: number,
): Promise<Took> => {
  const file = join(folder, `entries.${format}`)
  const child = await spawnChild(
    execPath,
    [program, 'entries', '--format', format, '--at-block', 'finalized', '--out', file],
    { env: { ...process.env, ...apiEnv(tables) }, stdio: ['ignore', 'ignore', 'pipe'] },
  )
  const watched = watch(child.pid, all)
  let said = ''
  if (child.process.stderr !== null)
    for await (const line of createInterface(child.process.stderr)) {
      said = line
      watched.rows(Number(/^[\d,]+(?= rows)/.exec(line)?.[0].replaceAll(',', '')))
    }
  const { code } = await child.exited
  if (code !== 0) throw new Error(said)
  const took = watched.end((await stat(file)).size)
  await rm(file)
  return took
}

const LINE_FEED = 10

/** An API of its own, asked by one client that reads as fast as it can. */
const overHttp = async (
  ground: Ground,
  tables: Tables,
  format: string,
  all: number,
): Promise<Took> => {
  const admin = postgres(tables.url, { max: 1, onnotice: () => undefined })
  const { key } = await createApiKey(admin, ACCESS_SCHEMA, {
    ...{ name: 'bench', role: 'analyst', costPerMinute: null },
  })
  await admin.end({ timeout: 5 })
  const api = await createOurs(ground, { env: apiEnv(tables), mine: () => Promise.resolve(0) })
  const url = new URL(`/export/entries?format=${format}`, api.url)
  const watched = watch(api.pid, all)
  const { ok, body } = await fetch(url, { headers: { authorization: `Bearer ${key}` } })
  if (!ok || body === null) throw new Error('no export')
  let [rows, bytes] = [format === 'csv' ? -1 : 0, 0]
  for await (const chunk of body) {
    for (let at = chunk.indexOf(LINE_FEED); at >= 0; at = chunk.indexOf(LINE_FEED, at + 1))
      rows += 1
    bytes += chunk.length
    watched.rows(rows)
  }
  if (rows !== all) throw new Error(`${rows} rows of ${all}`)
  return watched.end(bytes)
}

const whole = (value: number) => Math.round(value).toLocaleString('en')

export const exported = async ({ isQuick }: { isQuick: boolean }): Promise<Table> =>
  onGround('export', async (ground) => {
    const tables = await createTables()
    ground.later(tables.stop)
    const all = isQuick ? 300_000 : 10_000_000
    await fillLongGame(tables, all)
    const rows: Table['rows'][number][] = []
    const add = (name: string, { seconds, bytes, at, most, cpu }: Took) =>
      rows.push({
        name,
        values: [
          ...[whole(seconds), whole(all / seconds), whole((1e6 * cpu) / all)],
          ...[bytes / 1e6, ...at, most].map(whole),
        ],
      })
    for (const format of ['csv', 'ndjson', 'parquet'])
      add(`command, ${format}`, await byCommand(ground, tables, format, all))
    for (const format of ['csv', 'ndjson'])
      add(`HTTP, ${format}`, await overHttp(ground, tables, format, all))
    return {
      title: `${all.toLocaleString('en')} entries exported`,
      columns: [
        ...['seconds', 'rows a second', 'CPU a row, µs', 'MB written'],
        ...SHARES.map((share) => `MB resident at ${100 * share} %`),
        'most MB',
      ],
      rows,
    }
  })
