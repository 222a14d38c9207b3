import { PgDialect } from 'drizzle-orm/pg-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listPages } from '../../../src/api/db/page.ts'
import { playersById } from '../../../src/api/db/player.ts'
import type { Reader } from '../../../src/api/db/reader.ts'
import { rounds } from '../../../src/api/db/round.ts'
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
