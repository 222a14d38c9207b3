import { PgDialect } from 'drizzle-orm/pg-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { playersById } from '../../../src/api/db/player.ts'
import type { Reader } from '../../../src/api/db/reader.ts'
import { createTables, type Tables } from '../../support/tables.ts'

const PLAYERS = 20_000

let tables: Tables

beforeAll(async () => {
  tables = await createTables()
  await tables.sql.unsafe(`
    insert into player_token (id, chain_id, address, token, first_seen_at, last_seen_at, last_entry_at, entry_count,
      pools_entered, rounds_entered, rounds_won, winning_entries, wagered, won, refunded, fees_paid, biggest_win)
    select address, 1, address, '0x0', 1, 1, 1, 1, 1, 1, 0, 0, 1, 0, 0, 0, 0
    from (select '0x' || lpad(to_hex(n), 40, '0') as address from generate_series(1, ${PLAYERS}) n) player`)
  await tables.sql.unsafe('analyze player_token')
})

afterAll(() => tables.stop())

interface Plan {
  readonly 'Node Type': string
  readonly 'Actual Rows': number
  readonly 'Actual Loops': number
  readonly Plans?: readonly Plan[]
}

const rowsRead = (plan: Plan): number =>
  (plan['Node Type'].includes('Scan') ? plan['Actual Rows'] * plan['Actual Loops'] : 0) +
  (plan.Plans ?? []).reduce((sum, below) => sum + rowsRead(below), 0)

test('a few players among many are looked up, not found by summing up all', async () => {
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
  const ids = Array.from(
    { length: 11 },
    (_, at) => `1-0x${(PLAYERS / 2 + at).toString(16).padStart(40, '0')}`,
  )
  await playersById(reader, ids)
  expect(plans.map(rowsRead)).toEqual([2 * ids.length])
})
