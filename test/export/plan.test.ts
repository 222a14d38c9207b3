import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fillLongGame, POOLS } from '../../bench/support/longGame.ts'
import { exportPages, type Open, pinBlock } from '../../src/api/db/export.ts'
import { exportTables } from '../../src/api/db/exportTables.ts'
import { createWorld, type World } from './world.ts'

let world: World

beforeAll(async () => {
  world = await createWorld()
  await fillLongGame(world.tables, 30_000)
})

afterAll(() => world?.stop())

interface Plan {
  readonly 'Relation Name'?: string
  readonly 'Actual Loops': number
  readonly Plans?: readonly Plan[]
}

const scansOf = (plan: Plan): readonly (readonly [table: string, loops: number])[] => {
  const { 'Relation Name': table, 'Actual Loops': loops, Plans = [] } = plan
  return [...(table === undefined ? [] : [[table, loops] as const]), ...Plans.flatMap(scansOf)]
}

test('what entries of a page have in common is looked up once a round, not once an entry', async () => {
  const plans: Plan[] = []
  const explaining: Open = async () => {
    const { snapshot, close } = await world.open()
    const { db } = snapshot
    const rows: typeof db.rows = async (statement) => {
      const found = await db.rows(statement)
      if (found.length < 2) return found
      const [row] = await db.rows(sql`explain (analyze, format json) ${statement}`)
      if (row !== undefined) plans.push((row['QUERY PLAN'] as [{ Plan: Plan }])[0].Plan)
      return found
    }
    return { snapshot: { ...snapshot, db: { rows } }, close }
  }
  const pin = await pinBlock(world.open, 'finalized')
  for await (const _ of exportPages(explaining, exportTables.entries, pin)) break
  const shared = [
    'round_closed',
    'round_cancelled',
    'round_drawn',
    'round_finalized',
    'pool',
    'token',
  ]
  const scans = plans.flatMap(scansOf).filter(([table]) => shared.includes(table))
  expect(new Set(scans.map(([table]) => table))).toEqual(new Set(shared))
  // The first page has entries of each pool's first round.
  expect(scans.filter(([, loops]) => loops > POOLS)).toEqual([])
})
