import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { schema } from '../../../src/api/graphql/schema.ts'
import { waitFor } from '../../../stack/process.ts'
import { createTables, type Tables } from '../../support/tables.ts'
import { type Api, CHAIN, createApi, createChain, read } from './world.ts'

let tables: Tables
let api: Api
let stops: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  tables = await createTables()
})
afterAll(() => tables?.stop())
beforeEach(async () => {
  await setReady(1)
  await createChain(tables).begin()
})
afterEach(async () => {
  for (const stop of stops.reverse()) await stop()
  stops = []
})

/** What Ponder says of itself: 0 from each start until it has reached the finalized block. */
const setReady = (value: 0 | 1) =>
  tables.sql`update _ponder_meta set value = jsonb_set(value, '{is_ready}', to_jsonb(${value}::int))`

const start = async (variables: Record<string, string> = {}) => {
  api = await createApi(tables, schema, { LOOK_INTERVAL_MS: '20', ...variables })
  stops.push(api.stop)
}

const get = async (path: string) => read(await fetch(new URL(path, api.url)))
const statusOf = async (path: string) => (await get(path)).status

const ask = async (query: string, accept = 'application/graphql-response+json') =>
  read(
    await fetch(api.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept },
      body: JSON.stringify({ query }),
    }),
  )

const until = (path: string, status: number) =>
  waitFor(`${path} with ${status}`, async () => (await statusOf(path)) === status || undefined)

const STATUS = '{ status { ready rewinding head { number isRewinding } backfillProgressBps } }'

describe('while the history is read for the first time', () => {
  beforeEach(async () => {
    await setReady(0)
    await start()
    await waitFor(
      'the schema to be seen',
      async () => (await get('/ready')).body.schema === 'BACKFILL' || undefined,
    )
  })

  test('nothing is answered but how far it is, and when to ask again', async () => {
    expect(await statusOf('/health')).toBe(200)
    expect(await statusOf('/ready')).toBe(503)
    expect(await statusOf('/fresh')).toBe(503)
    expect((await ask(STATUS)).body).toEqual({
      data: {
        status: {
          ...{ ready: false, rewinding: false, backfillProgressBps: null },
          head: { number: '1', isRewinding: false },
        },
      },
    })
    for (const query of [
      '{ pools { totalCount } }',
      '{ status { ready } head { number } }',
      '{ ...all } fragment all on Query { head { number } }',
    ]) {
      const answer = await ask(query)
      expect([answer.status, answer.codes]).toEqual([503, ['NOT_READY']])
      expect(answer.headers.get('retry-after')).toBe('5')
      expect(answer.body.errors[0].extensions.retryAfterMs).toBe(5000)
    }
    const stream = await fetch(
      `${api.url}?query=${encodeURIComponent('subscription { livePools { head { number } } }')}`,
      { headers: { accept: 'text/event-stream' } },
    )
    expect(await stream.text()).toContain('NOT_READY')
  })

  test('then everything is, and goes on to be while the indexer starts again', async () => {
    await setReady(1)
    await until('/ready', 200)
    expect((await ask('{ pools { totalCount } }')).body).toEqual({
      data: { pools: { totalCount: 1 } },
    })
    expect((await ask(STATUS)).body.data.status.ready).toBe(true)
    await setReady(0)
    const looked = api.heads.health().lookedMsAgo
    await waitFor('another look', async () => api.heads.health().lookedMsAgo < looked || undefined)
    expect(await statusOf('/ready')).toBe(200)
  })

  test('a process that starts while the indexer does serves what had caught up before', async () => {
    await tables.sql`create table _leader (caught_up_at timestamptz)`
    stops.push(() => tables.sql`drop table _leader`)
    await tables.sql`insert into _leader values (null)`
    await start()
    await waitFor('a look', async () => api.heads.health().lookedMsAgo < 1000 || undefined)
    expect(await statusOf('/ready')).toBe(503)
    await tables.sql`update _leader set caught_up_at = now()`
    await until('/ready', 200)
  })
})

describe('while the indexer rewinds', () => {
  test('this process can answer, from rows that say so; the data are not fresh', async () => {
    const chain = createChain(tables)
    for (const number of [2, 3, 4]) await chain.mine(number)
    await start()
    await until('/fresh', 200)
    await chain.revertTo(2, 0n)
    await until('/fresh', 503)
    expect((await get('/fresh')).body).toMatchObject({
      chains: [{ chainId: CHAIN, rewinding: true, fresh: false }],
    })
    expect(await statusOf('/ready')).toBe(200)
    expect((await ask(STATUS)).body.data.status).toEqual({
      ...{ ready: false, rewinding: true, backfillProgressBps: null },
      head: { number: '2', isRewinding: true },
    })
    expect((await ask('{ pools { totalCount } }')).body).toEqual({
      data: { pools: { totalCount: 1 } },
    })
    for (const number of [3, 4]) await chain.mine(number)
    await until('/fresh', 200)
    expect((await ask('{ head { number isRewinding } }')).body.data.head).toEqual({
      ...{ number: '4', isRewinding: false },
    })
  })
})

describe('/fresh', () => {
  test('goes by the clock, and by the age that is asked for', async () => {
    const at = Math.floor(Date.now() / 1000) - 600
    await tables.sql`update block set timestamp = ${at}`
    await start()
    await until('/ready', 200)
    expect(await statusOf('/fresh')).toBe(503)
    expect(await statusOf('/fresh?maxAgeSeconds=3600')).toBe(200)
    expect(
      (await ask('{ status { ready headAgeSeconds } }')).body.data.status.headAgeSeconds,
    ).toBeGreaterThanOrEqual(600)
    for (const wrong of ['0', '-1', '1.5', 'soon', ''])
      expect(await statusOf(`/fresh?maxAgeSeconds=${wrong}`)).toBe(400)
  })

  test('is red while the node is silent', async () => {
    await start({ RPC_URL: 'http://127.0.0.1:1' })
    await until('/ready', 200)
    expect(await get('/fresh')).toMatchObject({
      status: 503,
      body: {
        chains: [{ nodeAnsweredSecondsAgo: null, fresh: false, ageSeconds: expect.any(Number) }],
      },
    })
  })

  test('is red while blocks that were final are still in the tables, and gone from the chain', async () => {
    await start()
    await until('/fresh', 200)
    await tables.sql`create schema pay402win_audit`
    stops.push(() => tables.sql`drop schema pay402win_audit cascade`)
    await tables.sql`create table pay402win_audit.issue (chain_id int, invariant text, resolved_at bigint)`
    await tables.sql`insert into pay402win_audit.issue values (${CHAIN}, 'DEEP_REORGANISATION', null)`
    await until('/fresh', 503)
    expect((await get('/fresh')).body.chains[0].finalBlocksReplaced).toBe(true)
    expect(await statusOf('/ready')).toBe(200)
    await tables.sql`update pay402win_audit.issue set resolved_at = 1`
    await until('/fresh', 200)
  })
})

test('a failure of ours that leaves nothing of the answer is a 5xx for clients that know the newer media type', async () => {
  await start()
  await until('/ready', 200)
  await tables.sql`alter table pool rename to lost`
  stops.push(() => tables.sql`alter table lost rename to pool`)
  const query = '{ pool(poolId: "1") { name } }'
  const strict = await ask(query)
  expect([strict.status, strict.body.data, strict.codes]).toEqual([
    503,
    { pool: null },
    ['NOT_READY'],
  ])
  expect((await ask(query, 'application/json')).status).toBe(200)
  const part = await ask('{ head { number } pool(poolId: "1") { name } }')
  expect([part.status, part.body.data]).toEqual([200, { head: { number: '1' }, pool: null }])
})
