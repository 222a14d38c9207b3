/**
 * Queries over HTTP, each with another value, by sixteen clients that each ask when they have been answered: requests for each CPU
 * second of the server and PostgreSQL together, against `node:http` with one prepared statement (bare) and against PostGraphile with its
 * aggregates over the same tables. All servers run at once and take turns. Ours once without its cache, and once asked the
 * same again and again.
 */
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { spawnChild } from '../stack/process.ts'
import { createTables } from '../test/support/tables.ts'
import { homeOf, install, rivalFile } from './rivals/install.ts'
import { fillGame } from './support/bigGame.ts'
import { cpuSeconds } from './support/cpu.ts'
import { spread } from './support/figures.ts'
import { type Ground, onGround } from './support/ground.ts'
import { apiEnv, createOurs } from './support/liveServers.ts'
import { type Asked, questions } from './support/questions.ts'
import type { Table } from './table.ts'

const CLIENTS = 16
const POSTGRAPHILE = ['postgraphile@5.1.5', '@graphile/pg-aggregates@0.2.0-rc.2']

interface Server {
  readonly name: string
  readonly url: string
  readonly pid: number
}

/** A server of bench/rivals, which says its port once it listens. */
const startRival = async (
  { later }: Ground,
  name: string,
  program: string,
  env: Readonly<Record<string, string>>,
): Promise<Server> => {
  const child = await spawnChild(execPath, [program], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  later(() => child.stop())
  const port = await new Promise<number>((resolve, reject) => {
    child.process.once('message', (said) => resolve(Number(said)))
    child.exited.then(() => reject(new Error(`${name} ended`)))
  })
  return { name, url: `http://127.0.0.1:${port}/graphql`, pid: child.pid }
}

const ask = async (url: string, asked: Asked): Promise<string> => {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(asked),
  })
  const body = await response.text()
  if (!response.ok || body.startsWith('{"errors"')) throw new Error(body)
  return body
}

/** So many requests; resolves with how many a second, and a CPU second of the server and the database. */
const load = async (
  { url, pid }: Server,
  database: number,
  asked: (n: number) => Asked,
  count: number,
) => {
  const used = () => cpuSeconds(pid) + cpuSeconds(database)
  const [before, since] = [used(), performance.now()]
  let next = 0
  const client = async () => {
    while (next < count) {
      next += 1
      await ask(url, asked(next))
    }
  }
  await Promise.all(Array.from({ length: CLIENTS }, client))
  return {
    perCpu: count / (used() - before),
    perSecond: (1000 * count) / (performance.now() - since),
  }
}

interface Seat {
  readonly server: Server
  readonly asked: (n: number) => Asked
  readonly perCpu: number[]
  readonly perSecond: number[]
}

const ratio = (one: Seat | undefined, other: Seat | undefined) =>
  one === undefined || other === undefined
    ? ''
    : spread(
        one.perCpu.map((value, at) => value / (other.perCpu[at] ?? Number.NaN)),
        2,
      )

export const query = async ({ isQuick }: { isQuick: boolean }): Promise<Table> =>
  onGround('query', async (ground) => {
    const tables = await createTables()
    ground.later(tables.stop)
    const rounds = isQuick ? 2_000 : 100_000
    await fillGame(tables, { rounds, entries: 10 * rounds, players: rounds })
    const home = homeOf('postgraphile')
    await install(home, POSTGRAPHILE)
    const rival = { BENCH_DATABASE_URL: tables.url, BENCH_SCHEMA: tables.schema }
    const story = { env: apiEnv(tables), mine: () => Promise.resolve(0) }
    const settings = { MAX_COST: '1000000', COST_PER_MINUTE: '1000000000000' }
    const ours = await createOurs(ground, story, { ...settings, ANSWER_CACHE_BYTES: '0' })
    const caching = await createOurs(ground, story, settings)
    const bare = await startRival(ground, 'bare', rivalFile('bare.ts'), rival)
    const program = join(home, 'server.cjs')
    await copyFile(rivalFile('postgraphile/server.cjs'), program)
    const postgraphile = await startRival(ground, 'PostGraphile', program, rival)

    const turns = isQuick ? 3 : 5
    const rows: Table['rows'][number][] = []
    for (const question of questions(rounds / 10)) {
      const seat = (server: Server, asked: (n: number) => Asked): Seat => ({
        ...{ server, asked },
        ...{ perCpu: [], perSecond: [] },
      })
      const own = seat(ours, question.ours)
      const again = seat(caching, () => question.ours(1))
      const floor = seat(bare, question.bare)
      const peer =
        question.postgraphile === undefined ? undefined : seat(postgraphile, question.postgraphile)
      const seats = [own, again, floor, ...(peer === undefined ? [] : [peer])]
      for (let turn = 0; turn <= turns; turn++)
        for (const { server, asked, perCpu, perSecond } of seats) {
          const count = isQuick ? 300 : 1_000
          const figures = await load(server, tables.server.pid(), asked, count)
          if (turn === 0) continue
          perCpu.push(figures.perCpu)
          perSecond.push(figures.perSecond)
        }
      rows.push({
        name: question.name,
        values: [
          spread(own.perCpu),
          spread(floor.perCpu),
          peer === undefined ? '' : spread(peer.perCpu),
          spread(again.perCpu),
          ratio(own, floor),
          ratio(own, peer),
          ratio(again, own),
          spread(own.perSecond),
        ],
      })
    }
    return {
      title: `Requests a CPU second of server and database: ${rounds.toLocaleString('en')} rounds, ${(10 * rounds).toLocaleString('en')} entries`,
      columns: [
        ...['ours', 'bare', 'PostGraphile', 'ours, kept'],
        ...['ours ÷ bare', 'ours ÷ PostGraphile', 'kept ÷ ours', 'ours, a second'],
      ],
      rows,
    }
  })
