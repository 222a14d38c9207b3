import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import WebSocket from 'ws'
import { createTables, type Tables } from '../../support/tables.ts'
import { createRawSocket, createSocket } from './client.ts'
import { testSchema } from './schema.ts'
import { type Api, createApi, createChain } from './world.ts'

const LIVE = 'subscription { live { prizePool } }'

let tables: Tables
let api: Api
let blocks = 1
const open: { close: () => unknown }[] = []

const connect = async (options?: WebSocket.ClientOptions) => {
  const socket = await createRawSocket(api.socketUrl, options)
  open.push(socket)
  return socket
}
const handshake = (headers: Record<string, string>, path = '') =>
  new Promise<number | 'open'>((resolve) => {
    const socket = new WebSocket(api.socketUrl + path, 'graphql-transport-ws', { headers })
    socket.on('open', () => {
      socket.close()
      resolve('open')
    })
    socket.on('unexpected-response', (_, { statusCode }) => {
      resolve(statusCode ?? 0)
      socket.terminate()
    })
    socket.on('error', () => undefined)
  })

beforeAll(async () => {
  tables = await createTables()
  await createChain(tables).begin()
  api = await createApi(tables, testSchema, {
    MAX_OPERATIONS_PER_SOCKET: '3',
    MAX_SOCKETS_PER_ADDRESS: '4',
    MAX_SUBSCRIPTIONS: '5',
    MAX_SUBSCRIPTIONS_PER_ADDRESS: '5',
    CONNECTION_INIT_TIMEOUT_MS: '500',
    KEEP_ALIVE_MS: '300',
    CORS_ORIGINS: 'https://friend.example',
  })
})
afterEach(async () => {
  for (const each of open.splice(0)) await each.close()
  await expect.poll(() => api.server.live().clients).toBe(0)
})
afterAll(async () => {
  await api.stop()
  await tables.stop()
})

describe('operations', () => {
  test('queries and subscriptions run side by side on one socket', async () => {
    const client = createSocket(api.socketUrl)
    open.push(client)
    const live = client.subscribe({ query: LIVE })
    const query = client.subscribe({ query: '{ hello }' })
    expect(await query.next()).toEqual({ data: { hello: 'world' } })
    expect(await query.ended).toBe('complete')
    expect(await live.next()).toMatchObject({ data: { live: {} } })
  })

  test.each([
    ['a typo', '{ hello', 'GRAPHQL_PARSE_FAILED'],
    ['an unknown field', '{ none }', 'GRAPHQL_VALIDATION_FAILED'],
    [
      'too deep',
      `{ item ${'{ child '.repeat(20)}{ name } ${'}'.repeat(20)} }`,
      'QUERY_TOO_COMPLEX',
    ],
    ['no text', 402, undefined],
  ])('%s ends that operation alone', async (_, query, code) => {
    const socket = await connect()
    await socket.init()
    socket.subscribe('other', LIVE)
    expect(await socket.next()).toMatchObject({ id: 'other', type: 'next' })
    socket.send({ type: 'subscribe', id: 'bad', payload: { query } })
    if (code === undefined) {
      // Not a message of the protocol at all, so the protocol says to close.
      expect(await socket.closed).toMatchObject({ code: 4400 })
      return
    }
    expect(await socket.next()).toMatchObject({
      id: 'bad',
      type: 'error',
      payload: [{ extensions: { code } }],
    })
    socket.subscribe('again', '{ hello }')
    expect(await socket.next()).toEqual({
      id: 'again',
      type: 'next',
      payload: { data: { hello: 'world' } },
    })
    expect(await socket.next()).toEqual({ id: 'again', type: 'complete' })
    blocks += 1
    await createChain(tables).mine(blocks, { prizePool: BigInt(blocks) })
    expect(await socket.next()).toMatchObject({
      id: 'other',
      payload: { data: { live: { prizePool: String(blocks) } } },
    })
  })

  test('an error inside is masked, and ends the subscription', async () => {
    const client = createSocket(api.socketUrl)
    open.push(client)
    const broken = client.subscribe({ query: 'subscription { broken }' })
    expect(await broken.next()).toMatchObject({
      data: null,
      errors: [
        {
          message: 'Something went wrong on our side',
          extensions: { code: 'INTERNAL_SERVER_ERROR' },
        },
      ],
    })
    expect(await broken.ended).toBe('complete')
  })

  test('what is more than the cap is refused, and slots come back', async () => {
    const socket = await connect()
    await socket.init()
    for (const id of ['a', 'b', 'c']) socket.subscribe(id, LIVE)
    for (const _ of 'abc') expect(await socket.next()).toMatchObject({ type: 'next' })
    socket.subscribe('d', LIVE)
    expect(await socket.next()).toMatchObject({
      id: 'd',
      type: 'error',
      payload: [{ extensions: { code: 'LIMIT_EXCEEDED' } }],
    })
    socket.send({ type: 'complete', id: 'a' })
    socket.subscribe('e', LIVE)
    expect(await socket.next()).toMatchObject({ id: 'e', type: 'next' })
  })

  test('subscriptions in all are capped, over every socket, and come back when one goes', async () => {
    const [one, two] = [await connect(), await connect()]
    for (const socket of [one, two]) await socket.init()
    for (const id of ['a', 'b', 'c']) one.subscribe(id, LIVE)
    for (const _ of 'abc') await one.next()
    for (const id of ['a', 'b']) two.subscribe(id, LIVE)
    for (const _ of 'ab') await two.next()
    two.subscribe('c', LIVE)
    expect(await two.next()).toMatchObject({
      id: 'c',
      payload: { errors: [{ extensions: { code: 'LIMIT_EXCEEDED' } }] },
    })
    expect(await two.next()).toEqual({ id: 'c', type: 'complete' })
    one.close()
    await expect.poll(() => api.server.live().clients).toBe(2)
    two.subscribe('d', LIVE)
    expect(await two.next()).toMatchObject({ id: 'd', payload: { data: {} } })
  })
})

describe('sockets', () => {
  test('from one address are capped, and come back', async () => {
    const sockets = [await connect(), await connect(), await connect(), await connect()]
    expect(await handshake({})).toBe(429)
    sockets[0]?.close()
    await sockets[0]?.closed
    await expect.poll(() => handshake({})).toBe('open')
  })

  test('must introduce themselves in time', async () => {
    const socket = await connect()
    expect(await socket.closed).toMatchObject({ code: 4408 })
  })

  test('must introduce themselves first', async () => {
    const socket = await connect()
    socket.subscribe('a', LIVE)
    expect(await socket.closed).toMatchObject({ code: 4401 })
  })

  test('that send nonsense are closed', async () => {
    const socket = await connect()
    await socket.init()
    socket.sendText('nonsense')
    expect(await socket.closed).toMatchObject({ code: 4400 })
  })

  test('that send more than 64 KiB are closed', async () => {
    const socket = await connect()
    await socket.init()
    socket.sendText(' '.repeat(65_537))
    expect(await socket.closed).toMatchObject({ code: 1009 })
  })

  test('that answer no ping are cut off', async () => {
    const socket = await connect({ autoPong: false })
    await socket.init()
    expect(await socket.closed).toMatchObject({ code: 1006 })
  })

  test.each([
    ['no origin', {}, 'open'],
    ["the server's own", { origin: 'OWN' }, 'open'],
    ['one of the list', { origin: 'https://friend.example' }, 'open'],
    ['another', { origin: 'https://foe.example' }, 403],
    ['none that can be named', { origin: 'null' }, 403],
  ])('of %s: %s %s', async (_, headers, expected) => {
    const own = new URL(api.url).origin
    const origin = 'origin' in headers && headers.origin === 'OWN' ? { origin: own } : headers
    expect(await handshake({ ...origin })).toBe(expected)
  })

  test('are closed when they ask nothing for too long; one that asks stays', async () => {
    const other = await createApi(tables, testSchema, {
      IDLE_SOCKET_MS: '400',
      KEEP_ALIVE_MS: '300',
    })
    const busy = await createRawSocket(other.socketUrl)
    await busy.init()
    busy.subscribe('a', LIVE)
    await busy.next()
    const idle = await createRawSocket(other.socketUrl)
    await idle.init()
    expect(await idle.closed).toEqual({ code: 4410, reason: 'idle: no operation' })
    busy.subscribe('b', LIVE)
    expect(await busy.next()).toMatchObject({ id: 'b', type: 'next' })
    await busy.close()
    await other.stop()
  })

  test('are found at /graphql only', async () => {
    expect(await handshake({}, '/other')).toBe(404)
  })

  test('are closed with 1012 when the server stops', async () => {
    const other = await createApi(tables, testSchema)
    const socket = await createRawSocket(other.socketUrl)
    await socket.init()
    socket.subscribe('a', LIVE)
    await socket.next()
    await other.stop()
    expect(await socket.closed).toEqual({ code: 1012, reason: 'Service restart' })
  })
})
