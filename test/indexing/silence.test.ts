import { createRequire } from 'node:module'
import type pg from 'pg'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { createSilenceWatch } from '../../stack/silence.ts'
import { createTcpProxy } from '../simulator/proxy/tcp.ts'
import { createTables, type Tables } from '../support/tables.ts'

const driver: typeof pg = createRequire(import.meta.resolve('ponder'))('pg')

let tables: Tables

beforeAll(async () => {
  tables = await createTables()
})

afterAll(() => tables.stop())

/** A watched session behind a proxy. */
const open = async () => {
  const url = new URL(tables.url)
  const proxy = await createTcpProxy({ port: Number(url.port) })
  onTestFinished(proxy.stop)
  url.port = String(proxy.port)
  const client = new driver.Client({ connectionString: url.href })
  client.on('error', () => undefined)
  await client.connect()
  onTestFinished(() => {
    proxy.cut()
  })
  createSilenceWatch(driver, url.href)(client)
  return { client, proxy }
}

test('a session that falls silent is cut, in and between transactions', async () => {
  const [first, second] = [await open(), await open()]
  await second.client.query('begin')
  for (const { proxy } of [first, second]) proxy.freeze()
  const asked = await Promise.allSettled(
    [first, second].map(({ client }) => client.query('select 1')),
  )
  for (const answer of asked)
    expect(answer).toMatchObject({
      status: 'rejected',
      reason: { message: expect.stringContaining('Connection terminated') },
    })
})

test('a session that is at work, or waits for a lock, is left alone', async () => {
  const [first, second] = [await open(), await open()]
  await first.client.query('begin; select pg_advisory_xact_lock(402)')
  const waiting = second.client.query('select pg_advisory_xact_lock(402)')
  await first.client.query('select pg_sleep(9)')
  await first.client.query('commit')
  await waiting
  expect((await second.client.query('select 1 as one')).rows).toEqual([{ one: 1 }])
})
