import { get, type IncomingMessage } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTables, type Tables } from '../../support/tables.ts'
import { createInbox, createStream } from './client.ts'
import { testSchema } from './schema.ts'
import { type Api, createApi, createChain, read } from './world.ts'

const LIVE = 'subscription { live { prizePool } }'

let tables: Tables
let api: Api

beforeAll(async () => {
  tables = await createTables()
  await createChain(tables).begin()
  api = await createApi(tables, testSchema, { MAX_SOCKETS_PER_ADDRESS: '3', KEEP_ALIVE_MS: '50' })
})
afterAll(async () => {
  await api.stop()
  await tables.stop()
})

/** The bytes of an event stream as they come, over a connection of its own. */
const openStream = async (query: string) => {
  const inbox = createInbox<string>()
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(
      `${api.url}?query=${encodeURIComponent(query)}`,
      { headers: { accept: 'text/event-stream' }, agent: false },
      resolve,
    ).on('error', reject)
  })
  response.setEncoding('utf8')
  response.on('data', inbox.put)
  response.on('error', () => undefined)
  return { response, ...inbox }
}

test('a query over POST answers and completes', async () => {
  const client = createStream(api.url)
  const query = client.subscribe({ query: '{ hello }' })
  expect(await query.next()).toEqual({ data: { hello: 'world' } })
  expect(await query.ended).toBe('complete')
})

test('errors of the query come in the stream', async () => {
  const client = createStream(api.url)
  const query = client.subscribe({ query: '{ none }' })
  expect(await query.next()).toMatchObject({
    errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
  })
  expect(await query.ended).toBe('complete')
})

test('the format, byte for byte, and the heartbeat', async () => {
  const { response, next } = await openStream(LIVE)
  expect(response.statusCode).toBe(200)
  expect(response.headers['content-type']).toBe('text/event-stream; charset=utf-8')
  let text = ''
  while (!/:\n\n$/.test(text) || !text.includes('data')) text += await next()
  expect(text.replace(/:\n\n/g, '')).toBe(
    'event: next\ndata: {"data":{"live":{"prizePool":"0"}}}\n\n',
  )
  response.destroy()
  await expect.poll(() => api.server.live()).toEqual({ clients: 0, queries: 0 })
})

test('a client that goes away gives its subscription back, over POST too', async () => {
  const client = createStream(api.url)
  const live = client.subscribe({ query: LIVE })
  await live.next()
  expect(api.server.live()).toEqual({ clients: 1, queries: 1 })
  live.close()
  await expect.poll(() => api.server.live()).toEqual({ clients: 0, queries: 0 })
})

test('streams from one address are capped, and come back', async () => {
  const streams = [await openStream(LIVE), await openStream(LIVE), await openStream(LIVE)]
  const refused = () =>
    fetch(`${api.url}?query={hello}`, { headers: { accept: 'text/event-stream' } })
  const answer = await read(await refused())
  expect([answer.status, answer.codes]).toEqual([429, ['LIMIT_EXCEEDED']])
  for (const { response } of streams) response.destroy()
  await expect.poll(async () => (await refused()).status).toBe(200)
})

test.each([
  ['a query', '{ hello }', 'text/event-stream', 'text/event-stream; charset=utf-8'],
  [
    'a query',
    '{ hello }',
    'application/json, text/event-stream',
    'application/json; charset=utf-8',
  ],
  [
    'a subscription',
    LIVE,
    'application/json, text/event-stream',
    'text/event-stream; charset=utf-8',
  ],
  ['a subscription', LIVE, '*/*', 'text/event-stream; charset=utf-8'],
  ['a subscription', LIVE, 'application/json', '406'],
  ['a subscription', LIVE, 'multipart/mixed', '406'],
])('%s %s with accept: %s is %s', async (_, query, accept, expected) => {
  const abort = new AbortController()
  const response = await fetch(api.url, {
    method: 'POST',
    headers: { accept, 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
    signal: abort.signal,
  })
  expect(response.ok ? response.headers.get('content-type') : String(response.status)).toBe(
    expected,
  )
  abort.abort()
  await expect.poll(() => api.server.live()).toEqual({ clients: 0, queries: 0 })
})

test('the same subscription by many clients is one query', async () => {
  const client = createStream(api.url)
  const all = [1, 2, 3].map(() => client.subscribe({ query: LIVE }))
  for (const each of all) await each.next()
  expect(api.server.live()).toEqual({ clients: 3, queries: 1 })
  for (const each of all) each.close()
  await expect.poll(() => api.server.live()).toEqual({ clients: 0, queries: 0 })
})

test('behind a proxy the address is the one that the proxy saw, whatever the client claims', async () => {
  const other = await createApi(tables, testSchema, {
    TRUSTED_PROXIES: '1',
    MAX_SOCKETS_PER_ADDRESS: '1',
  })
  const abort = new AbortController()
  const open = async (forwarded: string) => {
    const { status } = await fetch(`${other.url}?query=${encodeURIComponent(LIVE)}`, {
      headers: { accept: 'text/event-stream', 'x-forwarded-for': forwarded },
      signal: abort.signal,
    })
    return status
  }
  expect(await open('192.0.2.1')).toBe(200)
  expect(await open('192.0.2.2')).toBe(200)
  expect(await open('198.51.100.7, 192.0.2.1')).toBe(429)
  abort.abort()
  await other.stop()
})

test('streams end without complete when the server stops, so that clients come back', async () => {
  const other = await createApi(tables, testSchema)
  const client = createStream(other.url)
  const live = client.subscribe({ query: LIVE })
  await live.next()
  await other.stop()
  expect(await live.ended).toBeInstanceOf(Error)
})
