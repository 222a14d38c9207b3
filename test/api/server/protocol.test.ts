import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import WebSocket from 'ws'
import { waitFor } from '../../../stack/process.ts'
import { createTables, type Tables } from '../../support/tables.ts'
import { createRawSocket } from './client.ts'
import { testSchema } from './schema.ts'
import { type Api, createApi, createChain } from './world.ts'

/** graphql-transport-ws, a test for each sentence of the protocol that binds a server. */

let tables: Tables
let chain: ReturnType<typeof createChain>
let api: Api

const LIVE = 'subscription { live { head prizePool } }'
const ASK = '{ live { prizePool } }'

beforeAll(async () => {
  tables = await createTables()
  chain = createChain(tables)
  await chain.begin()
  api = await createApi(tables, testSchema, { CONNECTION_INIT_TIMEOUT_MS: '300' })
  await waitFor('a head', async () => api.heads.current().size === 1 || undefined)
})
afterAll(async () => {
  await api.stop()
  await tables.stop()
})

const connect = () => createRawSocket(api.socketUrl)
const introduced = async () => {
  const socket = await connect()
  await socket.init()
  return socket
}
const closing = (code: number, reason: string) => ({ code, reason })

describe('the connection', () => {
  test('speaks graphql-transport-ws only: 4406 otherwise', async () => {
    const socket = new WebSocket(api.socketUrl)
    const closed = new Promise((resolve) => {
      socket.on('close', (code) => resolve(code))
    })
    expect(await closed).toBe(4406)
  })

  test('is acknowledged once the client has introduced itself', async () => {
    const socket = await connect()
    expect(await socket.init()).toEqual({ type: 'connection_ack' })
    await socket.close()
  })

  test('waits only so long for an introduction: 4408', async () => {
    const socket = await connect()
    expect(await socket.closed).toEqual(closing(4408, 'Connection initialisation timeout'))
  })

  test('is introduced once: 4429', async () => {
    const socket = await introduced()
    socket.send({ type: 'connection_init' })
    expect(await socket.closed).toEqual(closing(4429, 'Too many initialisation requests'))
  })

  test('takes no subscription before it is acknowledged: 4401', async () => {
    const socket = await connect()
    socket.subscribe('a', ASK)
    expect(await socket.closed).toEqual(closing(4401, 'Unauthorized'))
  })

  test('answers a ping at any time, also before the introduction, and takes an unasked pong', async () => {
    const socket = await connect()
    socket.send({ type: 'ping', payload: { at: 1 } })
    expect(await socket.next()).toMatchObject({ type: 'pong' })
    await socket.init()
    socket.send({ type: 'pong' })
    socket.send({ type: 'ping' })
    expect(await socket.next()).toMatchObject({ type: 'pong' })
    await socket.close()
  })

  test.each([
    ['no JSON', '{'],
    ['no type', '{"id":"a"}'],
    ['a type that there is not', '{"type":"start","id":"a","payload":{"query":"{ __typename }"}}'],
    ['no id', '{"type":"subscribe","payload":{"query":"{ __typename }"}}'],
    ['an empty id', '{"type":"subscribe","id":"","payload":{"query":"{ __typename }"}}'],
    ['no payload', '{"type":"subscribe","id":"a"}'],
    ['a payload without a query', '{"type":"subscribe","id":"a","payload":{}}'],
    [
      'variables that are no object',
      '{"type":"subscribe","id":"a","payload":{"query":"{ __typename }","variables":1}}',
    ],
    ['a message of the server', '{"type":"connection_ack"}'],
  ])('closes with 4400 at %s', async (_, text) => {
    const socket = await introduced()
    socket.sendText(text)
    expect((await socket.closed).code).toBe(4400)
  })
})

describe('an operation', () => {
  test('that has one result gets it, then complete', async () => {
    const socket = await introduced()
    socket.subscribe('a', '{ __typename }')
    expect(await socket.next()).toEqual({
      id: 'a',
      type: 'next',
      payload: { data: { __typename: 'Query' } },
    })
    expect(await socket.next()).toEqual({ id: 'a', type: 'complete' })
    await socket.close()
  })

  test('cannot take the id of one that runs: 4409', async () => {
    const socket = await introduced()
    socket.subscribe('a', LIVE)
    await socket.next()
    socket.subscribe('a', LIVE)
    expect(await socket.closed).toEqual(closing(4409, 'Subscriber for a already exists'))
  })

  test('may take the id of one that is over', async () => {
    const socket = await introduced()
    for (let turn = 0; turn < 2; turn++) {
      socket.subscribe('a', '{ __typename }')
      expect(await socket.next()).toMatchObject({ id: 'a', type: 'next' })
      expect(await socket.next()).toEqual({ id: 'a', type: 'complete' })
    }
    socket.subscribe('b', LIVE)
    await socket.next()
    socket.send({ id: 'b', type: 'complete' })
    socket.subscribe('b', LIVE)
    expect(await socket.next()).toMatchObject({ id: 'b', type: 'next' })
    await socket.close()
  })

  test('that is not valid gets error and nothing more; the connection lives on', async () => {
    const socket = await introduced()
    socket.subscribe('a', '{ nothingOfThatName }')
    expect(await socket.next()).toMatchObject({ id: 'a', type: 'error', payload: [{}] })
    socket.subscribe('a', '{ __typename }')
    expect(await socket.next()).toMatchObject({ id: 'a', type: 'next' })
    await socket.close()
  })

  test('that the client completes is over at once: no message of it comes any more', async () => {
    const socket = await introduced()
    socket.subscribe('a', LIVE)
    socket.subscribe('b', LIVE)
    await socket.next()
    await socket.next()
    socket.send({ id: 'a', type: 'complete' })
    // Answered after the complete was heard.
    socket.send({ type: 'ping' })
    expect(await socket.next()).toMatchObject({ type: 'pong' })
    await chain.mine(2, { prizePool: 2n })
    expect(await socket.next()).toMatchObject({ id: 'b', type: 'next' })
    expect(socket.unread()).toBe(0)
    await expect.poll(() => api.server.live().clients).toBe(1)
    await socket.close()
    await expect.poll(() => api.server.live().clients).toBe(0)
  })

  test('may be completed after it is over, or without having been: nothing happens', async () => {
    const socket = await introduced()
    socket.send({ id: 'never', type: 'complete' })
    socket.subscribe('a', '{ __typename }')
    expect(await socket.next()).toMatchObject({ id: 'a', type: 'next' })
    expect(await socket.next()).toEqual({ id: 'a', type: 'complete' })
    socket.send({ id: 'a', type: 'complete' })
    socket.send({ type: 'ping' })
    expect(await socket.next()).toMatchObject({ type: 'pong' })
    await socket.close()
  })

  test('runs beside others: messages carry the id of theirs', async () => {
    const socket = await introduced()
    for (const id of ['a', 'b', 'c']) socket.subscribe(id, LIVE)
    const ids = [await socket.next(), await socket.next(), await socket.next()]
    expect(ids.map(({ id }) => id).toSorted()).toEqual(['a', 'b', 'c'])
    await socket.close()
  })
})
