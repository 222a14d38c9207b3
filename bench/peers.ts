/**
 * Others that index the same chain into the same three tables: each entry, and the totals of each round and each player. Ponder
 * with handlers written for it against a SQD processor, one after the other, from the start of the process until the last row
 * is there. They are installed when they are measured, below bench/peers, and are no part of the project.
 */
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { fileURLToPath } from 'node:url'
import postgres from 'postgres'
import { encodeEventTopics } from 'viem'
import { pay402WinAbi } from '../abis/Pay402Win.ts'
import { createPostgres, type Postgres } from '../stack/postgres.ts'
import { type Child, spawnChild, waitFor } from '../stack/process.ts'
import { createThreeTablesApp } from './support/apps.ts'
import { cpuSeconds } from './support/cpu.ts'
import {
  createDice,
  createEntryChain,
  type EntryChain,
  FINALITY,
  randomCalls,
} from './support/entries.ts'
import { share, spread } from './support/figures.ts'
import { onGround } from './support/ground.ts'
import { createPonder } from './support/ponder.ts'
import type { Table } from './table.ts'

const here = fileURLToPath(new URL('.', import.meta.url))
const SQD = join(here, 'peers/sqd')
/** The newest that can be installed together: later stores ask for a package that the registry does not have. */
const PACKAGES = [
  '@subsquid/evm-processor@1.27.3',
  '@subsquid/evm-abi@0.3.1',
  '@subsquid/evm-codec@0.3.0',
  '@subsquid/typeorm-store@1.5.1',
  '@subsquid/typeorm-config@4.1.1',
  'typeorm@0.3.20',
  'pg@8.13.0',
]
const TABLES = `
  create table entry (id text primary key, block_number int8 not null, log_index int4 not null, transaction_hash text not null,
    timestamp int8 not null, pool_id numeric not null, round_id numeric not null, entry_id numeric not null,
    player text not null, payer text not null, number int4 not null, amount numeric not null, fee_amount numeric not null,
    payment_method int4 not null, payment_ref text not null);
  create table round (id text primary key, entry_count int4 not null, wagered numeric not null);
  create table player (id text primary key, entry_count int4 not null, wagered numeric not null);`

const install = async () => {
  await mkdir(join(SQD, 'lib/model'), { recursive: true })
  await copyFile(join(here, 'rivals/sqd.cjs'), join(SQD, 'main.cjs'))
  await copyFile(join(here, 'rivals/sqdModel.cjs'), join(SQD, 'lib/model/index.js'))
  const isThere = await readFile(join(SQD, 'package.json'), 'utf8').catch(() => '')
  if (PACKAGES.every((name) => isThere.includes(name.slice(0, name.lastIndexOf('@'))))) return
  await writeFile(join(SQD, 'package.json'), '{ "private": true, "type": "commonjs" }\n')
  const npm = await spawnChild('npm', ['install', '--no-audit', '--no-fund', '-E', ...PACKAGES], {
    cwd: SQD,
    stdio: 'ignore',
  })
  if ((await npm.exited).code !== 0) throw new Error(`npm could not install ${PACKAGES.join(' ')}`)
}

interface Site {
  readonly chain: EntryChain
  readonly server: Postgres
  readonly entries: number
  readonly lastBlock: number
}

interface Took {
  readonly wall: number
  readonly cpu: number
  readonly digest: string
}

/** Entries a second from now until `run` has filled the tables, and what is in them. */
const measure = async (
  { server, entries }: Site,
  { url, schema }: { url: string; schema: string },
  start: () => Promise<Pick<Child, 'pid' | 'stop'> & Partial<Pick<Child, 'exited'>>>,
): Promise<Took> => {
  const sql = postgres(url, {
    max: 1,
    onnotice: () => undefined,
    connection: { search_path: schema },
  })
  const [from, before] = [performance.now(), cpuSeconds(server.pid())]
  const child = await start()
  let failure: number | null = null
  child.exited?.then(({ code }) => {
    failure = code
  })
  try {
    const cpu = await waitFor(
      'the last entry',
      async () => {
        if (failure !== null && failure > 0) return Number.NaN
        const [row] = await sql<{ count: number }[]>`
          select coalesce(sum(entry_count), 0)::int as count from player`.catch(() => [])
        return row?.count === entries
          ? cpuSeconds(child.pid) + cpuSeconds(server.pid()) - before
          : undefined
      },
      { timeoutMs: 300_000, everyMs: 100 },
    )
    if (failure !== null && failure > 0) throw new Error(`the indexer ended with ${failure}`)
    const wall = (performance.now() - from) / 1000
    const [row] = await sql<{ digest: string }[]>`
      select (select md5(string_agg(concat_ws(' ', entry_id, block_number, log_index, transaction_hash, timestamp, pool_id,
          round_id, lower(player), lower(payer), number, amount, fee_amount, payment_method, payment_ref), '|'
          order by entry_id)) from entry)
        || (select md5(string_agg(concat_ws(' ', id, entry_count, wagered), '|' order by id)) from round)
        || (select md5(string_agg(concat_ws(' ', lower(id), entry_count, wagered), '|' order by lower(id))) from player)
        as digest`
    return { wall: entries / wall, cpu: entries / cpu, digest: row?.digest ?? '' }
  } finally {
    await child.stop()
    await sql.end({ timeout: 1 })
  }
}

const runSqd = async (site: Site, name: string): Promise<Took> => {
  const { chain, server, lastBlock } = site
  const url = await server.createDatabase(name)
  const sql = postgres(url, { max: 1, onnotice: () => undefined })
  await sql.unsafe(TABLES)
  await sql.end()
  const [topic] = encodeEventTopics({ abi: pay402WinAbi, eventName: 'EntryPlaced' })
  return measure(site, { url, schema: 'public' }, () =>
    spawnChild(execPath, ['main.cjs'], {
      cwd: SQD,
      env: {
        ...process.env,
        DB_URL: url,
        RPC_URL: chain.anvil.url,
        GAME: chain.local.contract,
        FIRST_BLOCK: String(chain.local.startBlock),
        LAST_BLOCK: String(lastBlock),
        TOPIC: String(topic),
      },
      stdio: 'ignore',
    }),
  )
}

const runPonder = async (site: Site, root: string, name: string): Promise<Took> => {
  const { chain, server } = site
  const url = await server.createDatabase(name)
  return measure(site, { url, schema: 'three' }, () =>
    createPonder({
      root,
      databaseUrl: url,
      schema: 'three',
      env: {
        ...chain.env,
        GAME: chain.local.contract,
        FIRST_BLOCK: String(chain.local.startBlock),
      },
      postgres: server.pid,
    }),
  )
}

export const peers = async ({ isQuick }: { isQuick: boolean }): Promise<Table> =>
  onGround('peers', async ({ folder, later }) => {
    await install()
    const chain = await createEntryChain(1_750_000_000)
    later(chain.stop)
    const dice = createDice(3)
    const blocks = isQuick ? 30 : 100
    let lastBlock = 0
    for (let block = 0; block < blocks; block++)
      lastBlock = await chain.mine([
        ...randomCalls(dice, { count: 1, each: 100, population: 5_000 }),
        ...randomCalls(dice, { count: 50, each: 1, population: 5_000 }),
      ])
    for (let block = 0; block < FINALITY; block++) await chain.mine([])
    const server = await createPostgres({ directory: join(folder, 'postgres') })
    later(server.stop)
    const site: Site = { chain, server, entries: blocks * 150, lastBlock }
    const app = await createThreeTablesApp(join(folder, 'three'))
    const took = { ponder: [] as Took[], sqd: [] as Took[] }
    const repetitions = isQuick ? 1 : 5
    for (let turn = isQuick ? 1 : 0; turn <= repetitions; turn++) {
      const [a, b] = [
        await runPonder(site, app, `ponder_${turn}`),
        await runSqd(site, `sqd_${turn}`),
      ]
      if (a.digest !== b.digest) throw new Error('the tables differ: no figure')
      if (turn === 0) continue
      took.ponder.push(a)
      took.sqd.push(b)
    }
    await rm(join(SQD, 'main.cjs'))
    const of = (some: readonly Took[], unit: 'wall' | 'cpu') => some.map((one) => one[unit])
    return {
      title: `${site.entries} entries into three tables, from the start of the process, ${repetitions} repetitions`,
      columns: ['entries/s', 'entries per CPU-second', 'of SQD, time', 'of SQD, CPU'],
      rows: [
        {
          name: 'SQD',
          values: [spread(of(took.sqd, 'wall')), spread(of(took.sqd, 'cpu')), '', ''],
        },
        {
          name: 'Ponder',
          values: [
            spread(of(took.ponder, 'wall')),
            spread(of(took.ponder, 'cpu')),
            share(of(took.ponder, 'wall'), of(took.sqd, 'wall')),
            share(of(took.ponder, 'cpu'), of(took.sqd, 'cpu')),
          ],
        },
      ],
    }
  })
