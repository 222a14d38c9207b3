import { PgDialect } from 'drizzle-orm/pg-core'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { activity, playerHistory } from '../../../src/api/db/activity.ts'
import { createDatabase } from '../../../src/api/db/database.ts'
import { rowsLookedAt } from '../../../src/api/db/estimate.ts'
import type { List, PageArgs } from '../../../src/api/db/list.ts'
import { listPages } from '../../../src/api/db/page.ts'
import { players, playersById } from '../../../src/api/db/player.ts'
import type { Reader } from '../../../src/api/db/reader.ts'
import { poolRounds, rounds } from '../../../src/api/db/round.ts'
import { createStatistics, readStatistics } from '../../../src/api/db/statistics.ts'
import { createGame, NATIVE } from '../../support/game.ts'
import { createTables, type Tables } from '../../support/tables.ts'

const PLAYERS = 20_000
const ROUNDS = 20_000

let tables: Tables

beforeAll(async () => {
  tables = await createTables()
  await tables.sql.unsafe(`
    insert into player_token (id, chain_id, address, token, first_seen_at, last_seen_at, last_entry_at, entry_count,
      pools_entered, rounds_entered, rounds_won, winning_entries, wagered, won, refunded, fees_paid, biggest_win)
    select address, 1, address, '0x0', 1, 1, 1, 1, 1, 1, 0, 0, 1, 0, 0, 0, 0
    from (select '0x' || lpad(to_hex(n), 40, '0') as address from generate_series(1, ${PLAYERS}) n) player`)
  const game = createGame()
  await game.block()
  await game.token(NATIVE, 'ETH', 18)
  await game.pool(1n, NATIVE)
  await game.save(tables)
  await tables.sql.unsafe(`
    insert into round select copy.* from round, generate_series(2, ${ROUNDS}) n,
      jsonb_populate_record(round, jsonb_build_object('id', '31337-1-' || n, 'round_id', n)) copy`)
  // A session that reported its rows after the count would have them counted twice.
  await tables.sql.unsafe('select pg_stat_force_next_flush()')
  await tables.sql.unsafe('analyze player_token, round')
})

afterAll(() => tables.stop())

interface Plan {
  readonly 'Node Type': string
  readonly 'Actual Rows': number
  readonly 'Actual Loops': number
  readonly Plans?: readonly Plan[]
}

/** Of tables. */
const rowsRead = (plan: Plan): number =>
  (/^(Seq|Index|Index Only|Bitmap Heap) Scan$/.test(plan['Node Type'])
    ? plan['Actual Rows'] * plan['Actual Loops']
    : 0) + (plan.Plans ?? []).reduce((sum, below) => sum + rowsRead(below), 0)

/** Explains what is read, and finds nothing. */
const createExplainer = () => {
  const plans: Plan[] = []
  const reader: Reader = {
    rows: async (statement) => {
      const { sql: text, params } = new PgDialect().sqlToQuery(statement)
      const [row] = await tables.sql.unsafe<{ 'QUERY PLAN': [{ Plan: Plan }] }[]>(
        `explain (analyze, format json) ${text}`,
        params.map(String),
      )
      if (row !== undefined) plans.push(row['QUERY PLAN'][0].Plan)
      return []
    },
  }
  return { plans, reader }
}

test('a few players among many are looked up, not found by summing up all', async () => {
  const { plans, reader } = createExplainer()
  const ids = Array.from(
    { length: 11 },
    (_, at) => `1-0x${(PLAYERS / 2 + at).toString(16).padStart(40, '0')}`,
  )
  await playersById(reader, ids)
  expect(plans.map(rowsRead)).toEqual([ids.length])
})

test('where there is but one chain, a page that names none is read in the order of the index', async () => {
  const { plans, reader } = createExplainer()
  const where = { poolId: { eq: 1n }, roundId: { gte: 100n } }
  const orderBy = [{ field: 'roundId', direction: 'ASC' }] as const
  const page = { where, orderBy, first: 10 }
  await listPages(reader, rounds, [[]], page)
  await listPages(reader, rounds, [[]], { ...page, onlyChain: 31337 })
  expect(plans.map(rowsRead)).toEqual([ROUNDS - 99, 11])
})

const open = () => {
  const { url, schema } = tables
  const limits = { lockTimeoutMs: 500, statementTimeoutMs: 5000, maxConnections: 1 }
  const database = createDatabase({ url, schema, ...limits })
  onTestFinished(database.stop)
  return database
}

test('the sizes of tables are known, and how many rows share a value', async () => {
  const { rows, most } = await readStatistics(open().db)
  expect([rows('player_token'), rows('round'), rows('none'), rows('entry')]).toEqual([
    ...[PLAYERS, ROUNDS, 0, 0],
  ])
  // Never analysed: known as soon as the session that wrote it has reported.
  await expect
    .poll(async () => (await readStatistics(open().db)).rows('pool'), { timeout: 30_000 })
    .toBeGreaterThan(0)
  expect(most('round', 'pool_id')).toBe(ROUNDS)
  expect(most('round', 'round_id')).toBeLessThan(10)
  expect(most('pool', 'pool_id')).toBe(rows('pool'))
})

test('they are read once a while, and an older look holds when there is none', async () => {
  const { db, stop } = open()
  let count = 0
  const reading: Reader = {
    rows: (statement) => {
      count += 1
      return db.rows(statement)
    },
  }
  const known = createStatistics(reading)
  const looks = await Promise.all([known(), known(), known()])
  expect([new Set(looks).size, (await known()).rows('round'), count]).toEqual([1, ROUNDS, 2])
  const eager = createStatistics(reading, 0)
  const before = await eager()
  await stop()
  await eager()
  expect((await eager()).rows('round')).toBe(before.rows('round'))
})

test('a page looks at its own rows, at what an index leaves, or at all', async () => {
  const statistics = await readStatistics(open().db)
  const looked = <Row>(list: List<Row>, args: PageArgs = {}) =>
    rowsLookedAt(statistics, list, args, 25).page
  const gross = { gross: { gt: '1' } }
  const DESC = [{ field: 'roundId', direction: 'DESC' }] as const
  expect([
    looked(rounds),
    looked(rounds, { where: {} }),
    looked(poolRounds, { orderBy: DESC }),
  ]).toEqual([25, 25, 25])
  for (const where of [gross, { OR: [{ poolId: { eq: '1' } }, gross] }, { AND: [gross] }])
    expect(looked(rounds, { where })).toBe(ROUNDS)
  expect(looked(rounds, { orderBy: [{ field: 'gross', direction: 'ASC' }] })).toBe(ROUNDS)
  const someone = { address: { eq: '0x1' } }
  for (const where of [someone, { AND: [someone, { entryCount: { gt: 1 } }] }])
    expect(looked(players, { where })).toBeLessThan(10)
  expect(looked(players, { where: { NOT: [someone] } })).toBe(PLAYERS)
  // A kind is a table; whoever asks for the player of a round that has none asks for nothing.
  expect(looked(activity, { where: { kind: { eq: 'ROUND_OPENED' } } })).toBeLessThanOrEqual(300)
  expect(looked(playerHistory)).toBeLessThanOrEqual(300)
})
