/**
 * The dearest operations that a budget admits: CPU of the API and PostgreSQL together for each unit of cost. A pattern for each field of the
 * schema, and those for filters, sums, small and long operations, each as large as the budget of one operation allows. Fails when one
 * costs more than twice the median: then its price is wrong (src/api/graphql/price.ts).
 */
import { stderr } from 'node:process'
import { getOperationAST, parse } from 'graphql'
import { createDatabase } from '../src/api/db/database.ts'
import { readStatistics, type Statistics } from '../src/api/db/statistics.ts'
import { schema } from '../src/api/graphql/schema.ts'
import { operationCost } from '../src/api/http/cost.ts'
import { createTables, type Tables } from '../test/support/tables.ts'
import { fillGame, playerAt } from './support/bigGame.ts'
import { cpuSeconds } from './support/cpu.ts'
import { dearest, type Pattern } from './support/dearest.ts'
import { median } from './support/figures.ts'
import { type Ground, onGround } from './support/ground.ts'
import { apiEnv, createOurs } from './support/liveServers.ts'
import { addDraws, addPayments } from './support/paymentsAndDraws.ts'
import { special } from './support/specialOperations.ts'
import type { Table } from './table.ts'

/** Of one operation of somebody without a key, and of an analyst's. */
const BUDGETS = { anonymous: 100_000, analyst: 2_000_000 }
const PLAYER = playerAt(0)
/** Above this share of the median a price is wrong. */
const MOST = 2

const costOf = (text: string, statistics: Statistics): number => {
  const document = parse(text)
  const operation = getOperationAST(document)
  if (!operation) throw new Error(`no operation: ${text}`)
  return operationCost(schema, document, operation, {}, statistics)
}

/** The largest operation of a pattern that costs no more; its smallest when all cost more. */
const fill = ({ text, most }: Pattern, budget: number, statistics: Statistics) => {
  for (const times of [most, 1]) {
    const sizes = [1000, 500, 250, 100, 50, 25, 10, 5, 2, 1]
    const size = sizes.find((each) => costOf(text(each, times), statistics) <= budget)
    if (size !== undefined) return text(size, times)
  }
  return undefined
}

interface Measured {
  readonly name: string
  readonly operations: number
  readonly cost: number
  /** Microseconds of CPU for a unit: of the API, and of the database. */
  readonly api: number
  readonly database: number
}

interface Options {
  readonly isQuick: boolean
  /** Of the patterns; all of them when it is empty. */
  readonly only: readonly string[]
}

const perUnit = ({ api, database }: Measured) => api + database

/** Each pattern is measured so often, with all others in between: what disturbs a machine lasts for a while. The least counts. */
const ROUNDS = 3

export const cost = async ({ isQuick, only }: Options): Promise<Table> =>
  onGround('cost', async (ground) => {
    const tables = await createTables()
    ground.later(tables.stop)
    const rounds = isQuick ? 1_000 : 10_000
    await fillTables(tables, rounds)
    return measureAll(ground, tables, { isQuick, only })
  })

export const fillTables = async (tables: Tables, rounds: number) => {
  await fillGame(
    tables,
    { rounds, entries: 10 * rounds, players: rounds },
    {
      end: async (game) => {
        await game.block()
        const numbers = Array.from({ length: 100 }, (_, at) => 1 + 4 * at)
        for (let call = 0; call < 10; call++) await game.enter(1n, PLAYER, numbers)
      },
    },
  )
  await addPayments(tables)
  await addDraws(tables, 60)
  await tables.sql.unsafe('vacuum analyze')
}

export const measureAll = async (
  ground: Ground,
  tables: Pick<Tables, 'sql' | 'url' | 'schema' | 'server'>,
  { isQuick, only }: Options,
): Promise<Table> => {
  const [busy] = await tables.sql`
      select round_id, transaction_hash, (select min(hour) from pool_hour) as hour
      from entry where player = ${PLAYER} order by block_number desc limit 1`
  const subjects = {
    ...{ player: PLAYER, poolId: 1n, roundId: BigInt(busy?.round_id) },
    ...{ transactionHash: String(busy?.transaction_hash), since: Number(busy?.hour) * 3600 },
  }
  const api = await createOurs(
    ground,
    { env: apiEnv(tables), mine: () => Promise.resolve(0) },
    {
      ...{ MAX_COST: String(BUDGETS.analyst), ANSWER_CACHE_BYTES: '0' },
      ...{ STATEMENT_TIMEOUT_MS: '60000', OPERATION_TIMEOUT_MS: '60000' },
    },
  )
  const database = createDatabase({
    ...{ url: tables.url, schema: tables.schema, maxConnections: 2 },
    ...{ lockTimeoutMs: 500, statementTimeoutMs: 60_000 },
  })
  ground.later(database.stop)
  const statistics = await readStatistics(database.db)

  const ask = async (query: string) => {
    const response = await fetch(api.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    })
    const body = await response.text()
    if (!response.ok || body.startsWith('{"errors"') || /"errors":\[/.test(body.slice(0, 200)))
      throw new Error(`${query.slice(0, 300)}\n${body.slice(0, 500)}`)
    return body
  }

  interface Wish {
    readonly name: string
    /** `n` makes each another one. */
    readonly text: (n: number) => string
    readonly warmUp: number
    readonly most: number
  }

  /** Asks from the `from`-th on. */
  const measure = async (
    { name, text, warmUp, most }: Wish,
    from: number,
    leastSeconds: number,
  ): Promise<Measured> => {
    const texts = (n: number) => text(from + n)
    const unit = costOf(texts(0), statistics)
    const first = warmUp > 1 && unit < 5_000 ? 50 : warmUp
    for (let n = 0; n < first; n++) await ask(text(-1 - from - n))
    const used = () => [cpuSeconds(api.pid), cpuSeconds(tables.server.pid())] as const
    const before = used()
    let count = 0
    let spent = [0, 0]
    while (count < most) {
      await ask(texts(count))
      count += 1
      if (count % 10 !== 0 && unit < 5_000) continue
      const now = used()
      spent = now.map((value, at) => value - (before[at] ?? 0))
      if ((spent[0] ?? 0) + (spent[1] ?? 0) >= leastSeconds) break
    }
    const now = used()
    spent = now.map((value, at) => value - (before[at] ?? 0))
    const units = unit * count
    const [ofApi = 0, ofDatabase = 0] = spent.map((seconds) => (1e6 * seconds) / units)
    return { name, operations: count, cost: unit, api: ofApi, database: ofDatabase }
  }

  const least = isQuick ? 0.12 : 0.3
  for (let n = 0; n < 500; n++) await ask('{ head { number } pools { edges { node { name } } } }')
  const wishes: Wish[] = []
  for (const { name, text, budget = 'anonymous', most = 5_000, warmUp = 3 } of special(subjects))
    if (costOf(text(0), statistics) <= BUDGETS[budget]) wishes.push({ name, text, most, warmUp })
  for (const pattern of dearest(schema, subjects)) {
    const text = fill(pattern, BUDGETS.anonymous, statistics)
    if (text !== undefined)
      wishes.push({ name: pattern.name, text: () => text, most: 5_000, warmUp: 3 })
  }
  const best = new Map<string, Measured>()
  const unanswered = new Set<string>()
  for (let round = 0; round < ROUNDS; round++)
    for (const wish of wishes) {
      const { name } = wish
      if (only.length > 0 && !only.some((part) => name.includes(part))) continue
      try {
        const one = await measure(wish, round * wish.most, least)
        const known = best.get(name)
        if (known === undefined || perUnit(one) < perUnit(known)) best.set(name, one)
      } catch (error) {
        stderr.write(`${name}: ${String(error)}\n`)
        unanswered.add(name)
      }
    }
  const found = [...best.values()]
  const middle = median(found.map(perUnit))
  const sorted = found.toSorted((a, b) => perUnit(b) - perUnit(a))
  const wrong = sorted.filter((one) => perUnit(one) > MOST * middle)
  return {
    title: `CPU of the API and PostgreSQL for a unit of cost, µs: the dearest operations; ${statistics.rows('round').toLocaleString('en')} rounds, ${statistics.rows('entry').toLocaleString('en')} entries`,
    columns: ['cost of one', 'asked', 'API', 'PostgreSQL', 'together', '÷ median'],
    rows: sorted.map(({ name, operations, cost, api, database }) => ({
      name,
      values: [
        ...[Math.round(cost).toLocaleString('en'), operations.toLocaleString('en')],
        ...[api, database, api + database].map((value) => value.toFixed(2)),
        ((api + database) / middle).toFixed(2),
      ],
    })),
    notes: [`The median of ${found.length} patterns is ${middle.toFixed(2)} µs a unit.`],
    ...(wrong.length + unanswered.size === 0
      ? {}
      : {
          failure: `not answered: ${[...unanswered].join(', ') || 'none'}; more than ${MOST} times the median a unit: ${wrong.map(({ name }) => name).join(', ') || 'none'}`,
        }),
  }
}
