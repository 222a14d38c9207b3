/**
 * How fast old blocks are indexed: our handlers against an app of the same configuration and schema whose handlers do nothing,
 * which is the ceiling that Ponder sets; with an empty cache of the chain and with a full one; and what is left after a SIGKILL
 * half way against a run without one. Time and CPU are taken from the first line of the backfill to its last.
 */
import { join } from 'node:path'
import postgres from 'postgres'
import { createPostgres, type Postgres } from '../stack/postgres.ts'
import { waitFor } from '../stack/process.ts'
import { createEmptyApp, ownApp } from './support/apps.ts'
import { digest } from './support/digest.ts'
import {
  createDice,
  createEntryChain,
  type EntryChain,
  FINALITY,
  randomCalls,
} from './support/entries.ts'
import { share, spread } from './support/figures.ts'
import { type Ground, onGround } from './support/ground.ts'
import { createPonder, type Ponder } from './support/ponder.ts'
import type { Table } from './table.ts'

const POPULATION = 5_000
const CALLS = [
  { count: 1, each: 100, population: POPULATION },
  { count: 50, each: 1, population: POPULATION },
]
const ENTRIES_A_BLOCK = 150

/** Events a second of wall time, and a second of the indexer's and PostgreSQL's CPU together. */
interface Pace {
  readonly wall: number
  readonly cpu: number
}

interface Site {
  readonly chain: EntryChain
  readonly server: Postgres
  /** Entries before the block that is final at the start. */
  readonly entries: number
}

interface Run {
  readonly root: string
  readonly database: string
  readonly schema: string
}

const start = ({ chain, server }: Site, { root, database, schema }: Run): Promise<Ponder> =>
  createPonder({
    root,
    databaseUrl: server.url(database),
    schema,
    env: { ...chain.env, RPC_POLLING_MS: '1000' },
    postgres: server.pid,
  })

const paceOf = async (ponder: Ponder, entries: number): Promise<Pace> => {
  const first = await ponder.said(({ msg }) => msg === 'Started backfill indexing')
  const last = await ponder.said(({ msg }) => String(msg).startsWith('Completed backfill'))
  const cpu = last.cpu.indexer - first.cpu.indexer + (last.cpu.postgres - first.cpu.postgres)
  return { wall: (1000 * entries) / (last.at - first.at), cpu: entries / cpu }
}

/** Indexes all, and says how fast. */
const runWhole = async (site: Site, run: Run): Promise<Pace> => {
  const ponder = await start(site, run)
  try {
    const pace = await paceOf(ponder, site.entries)
    await ponder.said(({ endpoint }) => endpoint === '/ready')
    return pace
  } finally {
    await ponder.stop()
  }
}

/** Kills the indexer half way, and says how fast the other one did the rest. */
const runKilled = async (site: Site, run: Run): Promise<Pace> => {
  const sql = postgres(site.server.url(run.database), { max: 1, onnotice: () => undefined })
  const count = async () => {
    const [row] = await sql<{ count: number }[]>`
      select count(*)::int as count from ${sql(run.schema)}.entry`
    return row?.count ?? 0
  }
  try {
    const first = await start(site, run)
    await waitFor(
      'half of the entries',
      async () => ((await count().catch(() => 0)) > site.entries * 0.3 ? true : undefined),
      { timeoutMs: 300_000, everyMs: 10 },
    )
    await first.kill()
    const left = site.entries - (await count())
    if (left <= 0) throw new Error('the kill came after the end')
    const second = await start(site, run)
    try {
      const pace = await paceOf(second, left)
      await second.said(({ endpoint }) => endpoint === '/ready')
      return pace
    } finally {
      await second.stop()
    }
  } finally {
    await sql.end({ timeout: 1 })
  }
}

const createSite = async ({ folder, later }: Ground, blocks: number): Promise<Site> => {
  const chain = await createEntryChain(1_750_000_000)
  later(chain.stop)
  const dice = createDice(7)
  for (let block = 0; block < blocks; block++)
    await chain.mine(CALLS.flatMap((kind) => randomCalls(dice, kind)))
  for (let block = 0; block < FINALITY; block++) await chain.mine([])
  const server = await createPostgres({ directory: join(folder, 'postgres') })
  later(server.stop)
  return { chain, server, entries: blocks * ENTRIES_A_BLOCK }
}

interface Turn {
  readonly cold: Pace
  readonly coldCeiling: Pace
  readonly cached: Pace
  readonly cachedCeiling: Pace
  readonly resumed: Pace
}

/** One repetition: each kind once, each in a schema of its own; the second of two in a database has a full cache. */
const takeTurn = async (site: Site, emptyApp: string, turn: number): Promise<Turn> => {
  const [ours, empty] = [`ours_${turn}`, `empty_${turn}`]
  await site.server.createDatabase(ours)
  await site.server.createDatabase(empty)
  const own = (schema: string): Run => ({ root: ownApp, database: ours, schema })
  const nothing = (schema: string): Run => ({ root: emptyApp, database: empty, schema })
  const cold = await runWhole(site, own('cold'))
  const coldCeiling = await runWhole(site, nothing('cold'))
  const cached = await runWhole(site, own('cached'))
  const cachedCeiling = await runWhole(site, nothing('cached'))
  const resumed = await runKilled(site, own('killed'))
  const url = site.server.url(ours)
  const [a, b, c] = [
    await digest(url, 'cold'),
    await digest(url, 'cached'),
    await digest(url, 'killed'),
  ]
  if (a !== b || a !== c) throw new Error('the three ways left different tables: no figure')
  return { cold, coldCeiling, cached, cachedCeiling, resumed }
}

export const backfill = async ({ isQuick }: { isQuick: boolean }): Promise<Table> =>
  onGround('backfill', async (ground) => {
    const blocks = isQuick ? 50 : 100
    const site = await createSite(ground, blocks)
    const emptyApp = await createEmptyApp(join(ground.folder, 'empty'))
    const turns: Turn[] = []
    // The first one warms up.
    for (let turn = isQuick ? 1 : 0; turn <= (isQuick ? 1 : 5); turn++) {
      const took = await takeTurn(site, emptyApp, turn)
      if (turn > 0) turns.push(took)
    }
    const of = (kind: keyof Turn, unit: keyof Pace) => turns.map((turn) => turn[kind][unit])
    const row = (name: string, kind: keyof Turn, against?: keyof Turn) => ({
      name,
      values: [
        spread(of(kind, 'wall')),
        spread(of(kind, 'cpu')),
        against === undefined ? '' : share(of(kind, 'wall'), of(against, 'wall')),
        against === undefined ? '' : share(of(kind, 'cpu'), of(against, 'cpu')),
      ],
    })
    return {
      title: `Backfill of ${site.entries} entries in ${blocks} blocks, ${turns.length} repetitions`,
      columns: ['entries/s', 'entries per CPU-second', 'of the other, time', 'of the other, CPU'],
      rows: [
        row('empty handlers, empty cache', 'coldCeiling'),
        row('ours, empty cache', 'cold', 'coldCeiling'),
        row('empty handlers, full cache', 'cachedCeiling'),
        row('ours, full cache', 'cached', 'cachedCeiling'),
        row(
          'ours, full cache, the rest after a SIGKILL half way, against a whole run',
          'resumed',
          'cached',
        ),
      ],
    }
  })
