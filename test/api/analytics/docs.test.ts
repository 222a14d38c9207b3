import { readFile } from 'node:fs/promises'
import postgres from 'postgres'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createAnalyst } from '../../../stack/analyst.ts'
import { writeStory } from '../../support/story.ts'
import { createTables, type Tables } from '../../support/tables.ts'

const text = await readFile(new URL('../../../docs/analysts.md', import.meta.url), 'utf8')
const [, watchdog = ''] = /```sql\n(select pg_terminate_backend[\s\S]*?)```/.exec(text) ?? []

let tables: Tables
let admin: postgres.Sql
const connect = () => postgres(tables.server.url('pay402win', 'analyst'), { max: 1 })

beforeAll(async () => {
  tables = await createTables()
  await writeStory(tables)
  admin = postgres(tables.url, { max: 1, onnotice: () => undefined })
  await createAnalyst(admin, {
    ...{ schema: tables.schema, analyticsSchema: 'analytics', deployments: [], role: 'analyst' },
  })
})
afterAll(async () => {
  await admin?.end({ timeout: 5 })
  await tables?.stop()
})

it('ends somebody who lifted the limits and holds up a reorganisation', async () => {
  const analyst = connect()
  await analyst.unsafe(
    'set statement_timeout = 0; set transaction_timeout = 0; set idle_in_transaction_session_timeout = 0',
  )
  await analyst.unsafe('begin; select * from entries').simple()
  const lock = () =>
    admin
      .begin(async (tx) => {
        await tx.unsafe(`set local lock_timeout = '100ms'`)
        await tx.unsafe(`lock table ${tables.schema}.entry in access exclusive mode`)
      })
      .then(
        () => 'locked',
        (error) => error.code,
      )
  expect(await lock()).toBe('55P03')
  const ended = await admin.unsafe(
    watchdog.replace('2 minutes', '0 seconds').replace('(pid)', '(pid, 5000)'),
  )
  expect(ended.length).toBe(1)
  expect(await lock()).toBe('locked')
  await analyst.end({ timeout: 1 })
})
