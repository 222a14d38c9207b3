/**
 * Queries over HTTP, each with another value, by sixteen clients that each ask when they have been answered: requests for each CPU
 * second of the server and PostgreSQL together, against `node:http` with one prepared statement (bare), against Ponder's own GraphQL, and
 * against PostGraphile with its aggregates, over the same tables. All servers run at once and take turns; before that, all have to answer
 * the same. Ours once without its cache, and once asked the same again and again.
 */
import { createTables } from '../test/support/tables.ts'
import { fillGame } from './support/bigGame.ts'
import { cpuSeconds } from './support/cpu.ts'
import { spread } from './support/figures.ts'
import { onGround } from './support/ground.ts'
import { apiEnv, createOurs } from './support/liveServers.ts'
import {
  type QueryServer,
  startBare,
  startPostGraphile,
  startStockPonder,
} from './support/queryServers.ts'
import { type Asked, questions } from './support/questions.ts'
import type { Table } from './table.ts'

const CLIENTS = 16
/** Turns of each question that do not count: everything is compiled and cached by then. */
const WARM_UP = 2
/** Answers of each question that are compared. */
const COMPARED = 5

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

/** What an answer says, whatever it calls it: its values in order, numbers as text. */
const valuesOf = (answer: unknown): readonly string[] =>
  typeof answer === 'object' && answer !== null
    ? Object.values(answer).flatMap(valuesOf)
    : [String(answer)]

/** @throws when somebody answers something else than ours, or nothing. */
const compare = async (name: string, [own, ...others]: readonly Seat[]) => {
  const answerOf = async (seat: Seat | undefined, n: number) =>
    seat === undefined
      ? ''
      : valuesOf(JSON.parse(await ask(seat.server.url, seat.asked(n))))
          .toSorted()
          .join(' ')
  for (let n = 1; n <= COMPARED; n++) {
    const expected = await answerOf(own, n)
    if (expected === '' || expected === 'null') throw new Error(`no answer to ${name}: no figure`)
    for (const other of others) {
      const answer = await answerOf(other, n)
      if (answer !== expected)
        throw new Error(`${name}: the answers differ\n${other.server.url}: ${answer}\n${expected}`)
    }
  }
}

/** So many requests; resolves with how many a second, and a CPU second of the server and the database. */
const load = async (
  { url, pid }: QueryServer,
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
  readonly server: QueryServer
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
    const env = apiEnv(tables)
    const story = { env, mine: () => Promise.resolve(0) }
    const settings = {
      ...{ MAX_COST: '1000000', COST_PER_MINUTE: '1000000000000' },
      ...{ STATEMENT_TIMEOUT_MS: '60000', OPERATION_TIMEOUT_MS: '60000' },
    }
    const ours = await createOurs(ground, story, { ...settings, ANSWER_CACHE_BYTES: '0' })
    const caching = await createOurs(ground, story, settings)
    const bare = await startBare(ground, tables)
    const ponder = await startStockPonder(ground, { ...tables, env })
    const postgraphile = await startPostGraphile(ground, tables)

    const turns = isQuick ? 3 : 5
    const rows: Table['rows'][number][] = []
    for (const question of questions(rounds / 10)) {
      const seat = (server: QueryServer, asked: (n: number) => Asked): Seat => ({
        ...{ server, asked },
        ...{ perCpu: [], perSecond: [] },
      })
      const own = seat(ours, question.ours)
      const again = seat(caching, () => question.ours(1))
      const floor = seat(bare, question.bare)
      const stock = question.ponder && seat(ponder, question.ponder)
      const peer = question.postgraphile && seat(postgraphile, question.postgraphile)
      const others = [floor, stock, peer].filter((one) => one !== undefined)
      await compare(question.name, [own, ...others])
      for (let turn = -WARM_UP; turn < turns; turn++)
        for (const { server, asked, perCpu, perSecond } of [own, again, ...others]) {
          const count = (isQuick ? 500 : 1_000) * (question.share ?? 1)
          const figures = await load(server, tables.server.pid(), asked, count)
          if (turn < 0) continue
          perCpu.push(figures.perCpu)
          perSecond.push(figures.perSecond)
        }
      rows.push({
        name: question.name,
        values: [
          ...[own, floor, stock, peer, again].map((one) => (one ? spread(one.perCpu) : '')),
          ...[ratio(own, floor), ratio(own, stock), ratio(own, peer), ratio(again, own)],
          spread(own.perSecond),
        ],
      })
    }
    return {
      title: `Requests a CPU second of server and database: ${rounds.toLocaleString('en')} rounds, ${(10 * rounds).toLocaleString('en')} entries`,
      columns: [
        ...['ours', 'bare', 'Ponder', 'PostGraphile', 'ours, kept'],
        ...['ours ÷ bare', 'ours ÷ Ponder', 'ours ÷ PostGraphile', 'kept ÷ ours'],
        'ours, a second',
      ],
      rows,
    }
  })
