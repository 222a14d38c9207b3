import { once } from 'node:events'
import { type ClientRequest, request } from 'node:http'
import { connect } from 'node:net'
import postgres from 'postgres'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createApiKey } from '../../../stack/apiKeys.ts'
import { createTables, type Tables } from '../../support/tables.ts'
import { createRawSocket } from './client.ts'
import { testSchema } from './schema.ts'
import { type Api, createApi, createChain } from './world.ts'

const LIVE = 'subscription { live { prizePool } }'
const STREAM = { accept: 'text/event-stream' }

let tables: Tables
let sql: postgres.Sql
const stops: (() => unknown)[] = []
const statements: string[] = []

beforeAll(async () => {
  tables = await createTables()
  await createChain(tables).begin()
  sql = postgres(tables.url, { max: 2, onnotice: () => undefined })
})
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})
afterAll(async () => {
  await sql.end({ timeout: 5 })
  await tables.stop()
})

const begin = async (variables: Record<string, string>): Promise<Api> => {
  const api = await createApi(tables, testSchema, variables, {
    keyCacheMs: 0,
    onStatement: (text) => statements.push(text),
  })
  stops.push(api.stop)
  await expect.poll(() => api.heads.current().size).toBe(1)
  return api
}

/** A stream that is asked for on a connection of its own. */
const ask = (api: Api, headers: Record<string, string> = {}) => {
  const path = `${api.url}?query=${encodeURIComponent(LIVE)}`
  const asked = request(path, { agent: false, headers: { ...STREAM, ...headers } })
  asked.on('error', () => undefined)
  stops.push(() => asked.destroy())
  asked.end()
  return asked
}
const statusOf = async (asked: ClientRequest): Promise<number> =>
  (await once(asked, 'response'))[0].statusCode

/** Takes as many streams as there may be, and gives them back. */
const expectFree = async (api: Api, count: number) => {
  const all = async () => {
    const streams = Array.from({ length: count }, () => ask(api))
    const statuses = await Promise.all(streams.map(statusOf))
    for (const stream of streams) stream.destroy()
    return statuses
  }
  await expect.poll(all).toEqual(Array(count).fill(200))
  await expect.poll(() => api.server.live().clients).toBe(0)
}

test('a stream whose client leaves while its key is looked up keeps no slot', async () => {
  const api = await begin({
    ...{ MAX_SOCKETS_PER_ADDRESS: '2', LOCK_TIMEOUT_MS: '20000', STATEMENT_TIMEOUT_MS: '20000' },
  })
  const admin = postgres(tables.url, { max: 1, onnotice: () => undefined })
  const { key } = await createApiKey(admin, 'pay402win_access', {
    ...{ name: 'a test', role: 'player', costPerMinute: null },
  })
  await admin.end({ timeout: 5 })
  await sql.begin(async (transaction) => {
    await transaction`lock table pay402win_access.api_key in access exclusive mode`
    statements.splice(0)
    const left = [1, 2].map(() => ask(api, { authorization: `Bearer ${key}` }))
    await expect.poll(() => statements.some((text) => text.includes('api_key'))).toBe(true)
    for (const each of left) each.destroy()
    expect((await fetch(`${api.url}?query={hello}`)).status).toBe(200)
  })
  await expectFree(api, 2)
})

test('an operation whose id another one took leaves nothing when the socket goes', async () => {
  const api = await begin({ MAX_OPERATIONS_PER_SOCKET: '2', OPERATION_TIMEOUT_MS: '300' })
  const socket = await createRawSocket(api.socketUrl)
  await socket.init()
  socket.subscribe('a', '{ endless }')
  socket.send({ type: 'complete', id: 'a' })
  socket.subscribe('a', LIVE)
  expect(await socket.next()).toMatchObject({ id: 'a', payload: { data: { live: {} } } })
  // The first one is over when there is room for a third.
  const third = async () => {
    socket.subscribe('b', '{ hello }')
    for (;;) {
      const { id, type } = await socket.next()
      expect(id).toBe('b')
      if (type !== 'next') return type
    }
  }
  await expect.poll(third).toBe('complete')
  await socket.close()
  await expect.poll(() => api.server.live().clients).toBe(0)
})

test('a refused upgrade does not wait for a client that never closes', async () => {
  const api = await begin({})
  const { port, hostname } = new URL(api.url)
  const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true })
  socket.on('error', () => undefined)
  const key = 'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13'
  socket.write(
    `GET /other HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: upgrade\r\nupgrade: websocket\r\n${key}\r\n\r\n`,
  )
  const [answer] = await once(socket, 'data')
  expect(String(answer)).toMatch(/^HTTP\/1.1 404 /)
  await once(socket, 'end')
  // Who has closed the other half too answers what comes with a reset.
  await expect
    .poll(() => {
      socket.write('x')
      return socket.destroyed
    })
    .toBe(true)
})

test('connections of an address are capped, and come back', async () => {
  const api = await begin({ MAX_CONNECTIONS_PER_ADDRESS: '2' })
  const { port, hostname } = new URL(api.url)
  const open = async () => {
    const socket = connect(Number(port), hostname)
    socket.on('error', () => undefined)
    stops.push(() => socket.destroy())
    socket.write('GET /health HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n')
    const [first] = await Promise.race([once(socket, 'data'), once(socket, 'close')])
    return { socket, answer: first instanceof Buffer ? 'answered' : 'refused' }
  }
  const [one, two, three] = [await open(), await open(), await open()]
  expect([one, two, three].map(({ answer }) => answer)).toEqual(['answered', 'answered', 'refused'])
  one.socket.destroy()
  await expect.poll(async () => (await open()).answer).toBe('answered')
})

/** Streams that are open while others are asked for: which of them count as the same address. */
const opened = async (api: Api, header: string, from: readonly string[]) => {
  const statuses: number[] = []
  for (const address of from) statuses.push(await statusOf(ask(api, { [header]: address })))
  return statuses
}

test('every form of an address is one address', async () => {
  const api = await begin({ MAX_SOCKETS_PER_ADDRESS: '1', TRUSTED_PROXIES: '1' })
  const same = [
    [
      '192.0.2.1',
      '192.0.2.1:4711',
      '::ffff:192.0.2.1',
      '::FFFF:c000:201',
      '0:0:0:0:0:ffff:c000:201',
    ],
    ['[::ffff:192.0.2.2]:80', '64:ff9b::192.0.2.2', '2002:c000:202:7::1', '2002:c000:0202:8::1'],
    ['2001:db8::1', '[2001:DB8::1]:443', '[2001:db8:0:0:ffff::2]', '2001:db8::3%eth0'],
    // The proxy's own connection, when what it wrote is no address.
    ['', 'unknown', '_hidden', '192.0.2.300', '0x7f.1', '1.2.3', '[2001:db8::1', '127.0.0.1'],
  ]
  for (const [first = '', ...others] of same)
    expect(await opened(api, 'x-forwarded-for', [first, ...others])).toEqual([
      200,
      ...others.map(() => 429),
    ])
})

test('a proxy that writes Forwarded is read so, and nothing else', async () => {
  const api = await begin({
    ...{ MAX_SOCKETS_PER_ADDRESS: '1', TRUSTED_PROXIES: '1', FORWARDED_HEADER: 'Forwarded' },
  })
  const written = [
    'for=192.0.2.1;proto=https',
    'for=198.51.100.1, For="192.0.2.1:4711"',
    'for="[2001:db8::1]:_port"',
    'by=203.0.113.1;for="[2001:DB8::2]"',
    'for=unknown',
    'for="unclosed, for=192.0.2.77',
  ]
  expect(await opened(api, 'forwarded', written)).toEqual([200, 429, 200, 429, 200, 429])
  expect(await opened(api, 'x-forwarded-for', ['192.0.2.99'])).toEqual([429])
})
