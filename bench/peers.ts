/**
 * Others that index the same chain into the same three tables: each entry, and the totals of each round and each player. Ponder
 * with handlers written for it against SQD, Envio and SubQuery, one after the other, from the start of the process until the
 * last row is there. They are installed when they are measured, below bench/peers, and are no part of the project.
 */
import { join } from 'node:path'
import { createPostgres } from '../stack/postgres.ts'
import { envio } from './rivals/envio.ts'
import { measure, type Rival, type Site, type Took } from './rivals/measure.ts'
import { sqd } from './rivals/sqd.ts'
import { subquery } from './rivals/subquery.ts'
import { createThreeTablesApp } from './support/apps.ts'
import { createDice, createEntryChain, randomCalls } from './support/entries.ts'
import { share, spread } from './support/figures.ts'
import { onGround } from './support/ground.ts'
import { createPonder } from './support/ponder.ts'
import type { Table } from './table.ts'

/** Empty blocks on top, so that the last entry is final for all: what Anvil calls final lies so far back. */
const TAIL = 64
const NOTES = [
  'What generates, compiles and installs code before a process starts is not counted. CPU is the process and PostgreSQL.',
  'SubQuery keeps no history of its rows, and waits three seconds at its start, because this PostgreSQL speaks no TLS.',
]

const createOwn = (app: string): Rival => ({
  name: 'Ponder',
  prepare: async () => {
    await createThreeTablesApp(app)
  },
  run: (site, url) =>
    measure(site, { url, schema: 'three' }, () =>
      createPonder({
        root: app,
        databaseUrl: url,
        schema: 'three',
        env: {
          ...site.chain.env,
          GAME: site.chain.local.contract,
          FIRST_BLOCK: String(site.chain.local.startBlock),
        },
        postgres: site.server.pid,
      }),
    ),
})

const of = (some: readonly Took[], unit: 'wall' | 'cpu') => some.map((one) => one[unit])

export const peers = async ({ isQuick }: { isQuick: boolean }): Promise<Table> =>
  onGround('peers', async ({ folder, later }) => {
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
    for (let block = 0; block < TAIL; block++) await chain.mine([])
    const server = await createPostgres({ directory: join(folder, 'postgres') })
    later(server.stop)
    const site: Site = { chain, server, entries: blocks * 150, lastBlock }
    const own = createOwn(join(folder, 'three'))
    const all = [own, sqd, envio, subquery].map((rival) => ({ rival, took: [] as Took[] }))
    for (const { rival } of all) {
      if (rival.clean !== undefined) later(rival.clean)
      await rival.prepare(site)
    }
    const repetitions = isQuick ? 1 : 5
    for (let turn = isQuick ? 1 : 0; turn <= repetitions; turn++) {
      const digests = new Set<string>()
      for (const { rival, took } of all) {
        const name = `${rival.name.toLowerCase()}_${turn}`
        const one = await rival.run(site, await server.createDatabase(name))
        digests.add(one.digest)
        if (digests.size > 1) throw new Error(`the tables of ${rival.name} differ: no figure`)
        if (turn > 0) took.push(one)
      }
    }
    const ours = all.find(({ rival }) => rival === own)?.took ?? []
    return {
      title: `${site.entries} entries into three tables, from the start of the process, ${repetitions} repetitions`,
      columns: ['entries/s', 'entries per CPU-second', 'Ponder of it, time', 'Ponder of it, CPU'],
      rows: all.map(({ rival, took }) => ({
        name: [rival.name, rival.version].join(' ').trim(),
        values: [
          spread(of(took, 'wall')),
          spread(of(took, 'cpu')),
          ...(['wall', 'cpu'] as const).map((unit) =>
            rival === own ? '' : share(of(ours, unit), of(took, unit)),
          ),
        ],
      })),
      notes: NOTES,
    }
  })
