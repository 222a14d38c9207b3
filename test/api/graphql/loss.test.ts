import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDatabase, type Database } from '../../../src/api/db/database.ts'
import { openSnapshot } from '../../../src/api/db/snapshot.ts'
import { createTables, type Tables } from '../../support/tables.ts'

let tables: Tables
let database: Database

beforeAll(async () => {
  tables = await createTables()
  database = createDatabase({
    url: tables.url,
    schema: tables.schema,
    maxConnections: 4,
    lockTimeoutMs: 500,
    statementTimeoutMs: 5000,
  })
})

afterAll(async () => {
  await database.stop()
  await tables.stop()
})

test('readers survive a PostgreSQL that dies under them, again and again', async () => {
  let isOver = false
  let answers = 0
  let failures = 0
  const read = async () => {
    const { snapshot, close } = await openSnapshot(database)
    try {
      await snapshot.db.rows(sql`select pg_sleep(0.002)`)
      await snapshot.db.rows(sql`select ${'text'}::text`)
    } finally {
      await close()
    }
  }
  const reader = async () => {
    while (!isOver)
      await read().then(
        () => {
          answers += 1
        },
        () => {
          failures += 1
        },
      )
  }
  const progress = async () => {
    const before = answers
    await expect.poll(() => answers, { timeout: 10_000 }).toBeGreaterThan(before + 20)
  }
  const readers = Array.from({ length: 8 }, reader)
  await progress()
  for (let kill = 0; kill < 5; kill += 1) {
    await tables.server.kill()
    const before = failures
    await expect.poll(() => failures).toBeGreaterThan(before)
    await tables.server.start()
    await progress()
  }
  isOver = true
  await Promise.all(readers)
})
