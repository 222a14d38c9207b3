import { join } from 'node:path'
import postgres from 'postgres'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { schema } from '../../../src/api/graphql/schema.ts'
import { createPostgres, type Postgres } from '../../../stack/postgres.ts'
import { waitFor } from '../../../stack/process.ts'
import { createTables, type Tables } from '../../support/tables.ts'
import { createSocket } from '../server/client.ts'
import { type Api, CHAIN, createApi, createChain } from '../server/world.ts'
import { createFacts, createFolder, type Facts, type FeedMessage, feedQuery } from './facts.ts'

/** A primary and a real streaming replica of it. */
let tables: Tables
let standby: Postgres
let replica: postgres.Sql
let facts: Facts
const apis: Api[] = []

const connect = () =>
  postgres(standby.url('pay402win'), { max: 1, onnotice: () => undefined, connect_timeout: 2 })

beforeAll(async () => {
  tables = await createTables()
  standby = await createPostgres({
    directory: join(tables.server.directory, '..', `${Date.now()}-replica`),
    primary: tables.server,
  })
  replica = connect()
})
afterAll(async () => {
  await replica.end({ timeout: 1 })
  await standby.stop()
  await tables.stop()
})

const createReplicated = async (variables: Record<string, string> = {}) => {
  const api = await createApi(tables, schema, {
    DATABASE_READ_URL: standby.url('pay402win'),
    LOOK_INTERVAL_MS: '200',
    REPLICA_PATIENCE_MS: '200',
    // Every question reads.
    ANSWER_CACHE_BYTES: '0',
    ...variables,
  })
  apis.push(api)
  await expect.poll(() => api.heads.current().size).toBe(1)
  return api
}

beforeEach(async () => {
  await createChain(tables).begin()
  facts = createFacts(tables)
  await caughtUp(1)
})
afterEach(async () => {
  for (const api of apis.splice(0)) await api.stop()
})

const caughtUp = (number: number) =>
  waitFor('the replica', async () => {
    const [row] = await replica`select max(number)::int as number from pay402win.block`
    return Number(row?.number) === number ? true : undefined
  })

const head = async ({ url }: Api): Promise<number> => {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ head { number } }' }),
  })
  const { data, errors } = (await response.json()) as { data?: { head: { number: string } } } & {
    errors?: unknown
  }
  if (data == null) throw new Error(JSON.stringify(errors))
  return Number(data.head.number)
}

/** Connections of an API that have read rows there. */
const readers = async (sql: postgres.Sql) => {
  const [row] = await sql`
    select count(*)::int as count from pg_stat_activity
    where application_name = 'pay402win-api' and query like '%_heads%'`
  return Number(row?.count)
}

describe('with a replica', () => {
  test('operations read it, and only the head is looked at on the primary', async () => {
    const api = await createReplicated()
    // A busy replica may be passed over for a second.
    await expect
      .poll(async () => ((await head(api)) === 1 ? readers(replica) : 0), { timeout: 10_000 })
      .toBeGreaterThan(0)
  })

  test('nobody sees an older block after a newer one, on any process, while the replica falls behind', async () => {
    const all = [await createReplicated(), await createReplicated(), await createReplicated()]
    const client = createSocket(all[0]?.socketUrl ?? '')
    const live = client.subscribe({ query: 'subscription { status { head { number } } }' })
    await live.next()
    let newest = 1
    for (let number = 2; number <= 12; number++) {
      // Every other block the replica stands still.
      await (number % 2 === 0
        ? replica`select pg_wal_replay_pause()`
        : replica`select pg_wal_replay_resume()`)
      await facts.mine(number, { picks: [{ number }] })
      const message = (await live.next()) as { data: { status: { head: { number: string } } } }
      newest = Math.max(newest, Number(message.data.status.head.number))
      for (const api of all) {
        const seen = await head(api)
        expect(seen).toBeGreaterThanOrEqual(newest)
        newest = seen
      }
    }
    await replica`select pg_wal_replay_resume()`
    await client.close()
  })

  test('a feed goes on from one process to the next with nothing missed and nothing twice', async () => {
    const all = [await createReplicated(), await createReplicated(), await createReplicated()]
    const folder = createFolder()
    const mining = (async () => {
      for (let number = 2; number <= 40; number++)
        await facts.mine(number, { picks: [{ number }, { number: number + 100 }] })
    })()
    for (let turn = 0; folder.head()?.number !== '40'; turn++) {
      const client = createSocket(all[turn % all.length]?.socketUrl ?? '')
      const feed = client.subscribe({
        query: feedQuery(folder.cursor() === null ? ', fromStart: true' : ''),
        variables: { after: folder.cursor() },
      })
      for (let count = 0; count < 3 && folder.head()?.number !== '40'; count++)
        folder.fold(((await feed.next()) as { data: { feed: FeedMessage } }).data.feed)
      await client.close()
    }
    await mining
    const rows = await tables.sql`select block_number, number from entry order by 1, log_index`
    expect(
      [...folder.events.values()].slice(1).map(({ tx, number }) => `${tx.blockNumber}:${number}`),
    ).toEqual(rows.map((row) => `${String(row.block_number)}:${String(row.number)}`))
  })

  test('when the replica dies the primary answers, and the replica again when it is back', async () => {
    const api = await createReplicated()
    expect(await head(api)).toBe(1)
    await standby.kill()
    await facts.mine(2)
    await expect.poll(() => api.heads.current().get(CHAIN)?.number).toBe(2)
    expect(await head(api)).toBe(2)
    await standby.start()
    await replica.end({ timeout: 1 })
    replica = connect()
    await caughtUp(2)
    await expect
      .poll(async () => ((await head(api)) === 2 ? readers(replica) : 0), { timeout: 10_000 })
      .toBeGreaterThan(0)
  })
})
