import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type AnalystQuery,
  analystRows,
  LateError,
  WideError,
} from '../../../src/api/db/analystQuery.ts'
import { waitFor } from '../../../stack/process.ts'
import { createRelay, type Relay } from '../../client/relay.ts'
import { createTables, type Tables } from '../../support/tables.ts'

let tables: Tables
let relay: Relay

beforeAll(async () => {
  tables = await createTables()
})
afterAll(() => tables.stop())

/** The address of the database behind a network that the test has in hand. */
const behindRelay = async () => {
  relay = await createRelay(() => tables.server.port)
  const url = new URL(tables.url)
  url.port = new URL(relay.url).port
  return url.href
}

const count = async (url: string, asked: Partial<AnalystQuery>) => {
  let rows = 0
  const query = { text: 'select 1', parameters: [], timeoutMs: 20_000, ...asked }
  for await (const part of analystRows(url, { signal: new AbortController().signal, ...query }))
    rows += part.rows.length
  return rows
}

const statementRuns = () =>
  waitFor('the statement', async () => {
    const [row] = await tables.sql`
      select from pg_stat_activity where application_name = 'pay402win-sql' and query like 'fetch%' and state = 'active'`
    return row === undefined ? undefined : true
  })

test('the time limit holds when the database is silent', async () => {
  const url = await behindRelay()
  const answer = count(url, { text: 'select pg_sleep(60)', timeoutMs: 3000 })
  await statementRuns()
  relay.silence(true)
  await expect(answer).rejects.toThrow(LateError)
  await relay.stop()
})

test('the time limit holds when the database takes no more connections', async () => {
  const url = await behindRelay()
  const answer = count(url, { text: 'select pg_sleep(60)', timeoutMs: 3000 })
  await statementRuns()
  relay.refuse()
  await expect(answer).rejects.toThrow(LateError)
  await relay.stop()
})

test('a client that leaves is not waited for, silent as the database may be', async () => {
  const url = await behindRelay()
  const leaving = new AbortController()
  const answer = count(url, { text: 'select pg_sleep(60)', signal: leaving.signal })
  await statementRuns()
  relay.silence(true)
  leaving.abort()
  await expect(answer).rejects.toThrow()
  await relay.stop()
})

test('rows that would fill the memory are refused, and their statement ends', async () => {
  const text = "select repeat('x', 1000000) from generate_series(1, 1000000)"
  await expect(count(tables.url, { text })).rejects.toThrow(WideError)
  await waitFor('no session left', async () => {
    const left =
      await tables.sql`select from pg_stat_activity where application_name = 'pay402win-sql'`
    return left.length === 0 ? true : undefined
  })
  expect(
    await count(tables.url, { text: "select repeat('x', 20000) from generate_series(1, 1500)" }),
  ).toBe(1500)
})

test('what is wrong with the connection is no fault of the statement', async () => {
  await expect(count(tables.server.url('pay402win', 'nobody'), {})).rejects.toMatchObject({
    name: 'PostgresError',
    code: '28000',
  })
})
