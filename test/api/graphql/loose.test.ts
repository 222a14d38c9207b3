import { type SQL, sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import * as schema from '../../../ponder.schema.ts'
import { listHeads } from '../../../src/api/db/head.ts'
import { type LooseReading, openLoose, TornError } from '../../../src/api/db/loose.ts'
import { createGame, NATIVE } from '../../support/game.ts'
import { createOperations, type Operations } from '../../support/operation.ts'
import { ANN } from '../../support/story.ts'
import { createTables, type Tables } from '../../support/tables.ts'

let tables: Tables
let operations: Operations
let game: ReturnType<typeof createGame>
let reading: LooseReading

beforeAll(async () => {
  tables = await createTables()
  operations = createOperations(tables)
})

afterAll(async () => {
  await operations.stop()
  await tables.stop()
})

beforeEach(async () => {
  await tables.clear()
  game = createGame()
  await game.block()
  await game.token(NATIVE, 'ETH', 18)
  await game.pool(1n, NATIVE)
  await game.save(tables)
  await tables.finalize(31337, 0)
  reading = openLoose({ database: operations.database })
})

const enter = async () => {
  await game.block()
  await game.enter(1n, ANN, [7, 8, 9])
  await game.save(tables)
}

const NUMBERS: SQL = sql`select number, player from ${schema.entry} order by number desc`
const numbersOf = async () => (await reading.db.rows(NUMBERS)).map(({ number }) => number)

test('statements give their rows in their order, and the heads that they are of', async () => {
  await enter()
  expect(reading.seen()).toBeUndefined()
  expect(await numbersOf()).toEqual([9, 8, 7])
  expect(reading.seen()?.get(31337)).toMatchObject({ number: 2, finalizedNumber: 0 })
  expect([...(await reading.heads()).values()]).toEqual(await listHeads(operations.database.db))
  expect(await reading.db.rows(sql`select from ${schema.entry} where number = ${'402'}`)).toEqual(
    [],
  )
  expect(reading.isTorn()).toBe(false)
})

test('no rows are no rows, and have heads too', async () => {
  expect(await numbersOf()).toEqual([])
  expect(reading.seen()?.get(31337)?.number).toBe(1)
})

test('a row of nothing but nulls is a row', async () => {
  expect(await reading.db.rows(sql`select null as nothing`)).toMatchObject([{ nothing: null }])
})

test('heads can be asked for alone', async () => {
  expect((await reading.heads()).get(31337)?.number).toBe(1)
  expect(reading.seen()?.size).toBe(1)
})

test('asked for together, statements and heads are of one block', async () => {
  const [heads, numbers, again] = await Promise.all([reading.heads(), numbersOf(), numbersOf()])
  expect([heads.get(31337)?.number, numbers, again]).toEqual([1, [], []])
})

test.each([
  ['a block', enter],
  ['a block less', () => tables.sql`delete from block`],
  ['another final block', () => tables.finalize(31337, 1)],
  [
    'a part of a block, while the indexer catches up',
    () => tables.sql`update _ponder_checkpoint set latest_checkpoint = '9'`,
  ],
  ['another build', () => tables.sql`update _ponder_meta set value = '{"build_id":"other"}'`],
])('%s between two statements tears them', async (_, change) => {
  await numbersOf()
  await change()
  await expect(numbersOf()).rejects.toThrow(TornError)
  expect(reading.isTorn()).toBe(true)
})

test('a mistake in a statement is told as it is', async () => {
  await expect(reading.db.rows(sql`select 1 / 0`)).rejects.toThrow('division by zero')
  expect(reading.isTorn()).toBe(false)
  expect(await numbersOf()).toEqual([])
})

test('what is not there yet, is locked or is lost calls for a snapshot', async () => {
  const missing = openLoose({ database: operations.database })
  await expect(missing.db.rows(sql`select * from not_there`)).rejects.toThrow(TornError)
  expect(missing.isTorn()).toBe(true)

  const sleeping = reading.db.rows(sql`select pg_sleep(5)`)
  const sessions = `from pg_stat_activity where application_name = 'pay402win-api' and wait_event = 'PgSleep'`
  await expect
    .poll(() => tables.sql.unsafe(`select pg_terminate_backend(pid) as is_gone ${sessions}`))
    .toEqual([{ is_gone: true }])
  await expect(sleeping).rejects.toThrow(TornError)
  expect(reading.isTorn()).toBe(true)
})

test('a database that is behind what is expected is not read', async () => {
  const heads = await listHeads(operations.database.db)
  const same = openLoose({ database: operations.database, expected: async () => heads })
  expect(await same.db.rows(NUMBERS)).toEqual([])
  const newer = heads.map((head) => ({ ...head, number: 2, hash: '0x02' as const }))
  const behind = openLoose({ database: operations.database, expected: async () => newer })
  await expect(behind.db.rows(NUMBERS)).rejects.toThrow(TornError)
})

test('nothing is read after the end', async () => {
  reading.close()
  await expect(numbersOf()).rejects.toThrow('over')
})

/** Writes a block behind the first statement. */
const interrupted = () => {
  let isWritten = false
  const rows = async (statement: SQL) => {
    const found = await reading.db.rows(statement)
    if (!isWritten) {
      isWritten = true
      await enter()
    }
    return found
  }
  return { ...reading, db: { rows } }
}

const ROUNDS = `{ rounds { edges { node { entryCount entries { totalCount edges { node { number } } } } } } head { number } }`
const answerAt = (head: string, numbers: readonly number[]) => ({
  head: { number: head },
  rounds: {
    edges: [
      {
        node: {
          entryCount: numbers.length,
          entries: {
            totalCount: numbers.length,
            edges: numbers.map((number) => ({ node: { number } })),
          },
        },
      },
    ],
  },
})

test('an operation that a block comes into is done again, and is of one block', async () => {
  expect(await operations.ask(ROUNDS)).toEqual(answerAt('1', []))
  expect(await operations.ask(ROUNDS, {}, { openLoose: interrupted })).toEqual(
    answerAt('2', [7, 8, 9]),
  )
  expect(reading.isTorn()).toBe(true)
})

test('more operations than connections take turns, however they read and whatever comes between', async () => {
  await enter()
  const ranks = `leaderboard(token: "${NATIVE}", metric: WAGERED, first: 3) { totalCount edges { node { rank } } }`
  const text = `{ head { number } rounds { totalCount } ${ranks} }`
  const expected = await operations.ask(text)
  const openTorn = () => {
    const loose = openLoose({ database: operations.database })
    return { ...loose, isTorn: () => true }
  }
  const answers = await Promise.all(
    Array.from({ length: 60 }, (_, at) =>
      operations.ask(text, {}, at % 3 === 0 ? { openLoose: openTorn } : {}),
    ),
  )
  for (const answer of answers) expect(answer).toEqual(expected)
})
