import { type ClientRequest, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { schema } from '../../../src/api/graphql/schema.ts'
import { createTcpProxy, type TcpProxy } from '../../simulator/proxy/tcp.ts'
import { createTables, type Tables } from '../../support/tables.ts'
import { createRawSocket, createStream } from './client.ts'
import { type Api, createApi, createChain, read } from './world.ts'

let tables: Tables
let chain: ReturnType<typeof createChain>
let api: Api

beforeAll(async () => {
  tables = await createTables()
  chain = createChain(tables)
  await chain.begin()
})
afterAll(() => tables.stop())

/** Reads a table that is locked, in a statement that goes on until the lock does or somebody stops it. */
const STUCK = '{ entries { totalCount } }'
const FREE = '{ pools { totalCount } }'

const ask = async (query: string, from = '8.8.8.8', of: Api = api) =>
  read(
    await fetch(of.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': from },
      body: JSON.stringify({ query }),
    }),
  )

/** Locks the table as a reorganisation would, but for as long as it likes. */
const lockEntries = async () => {
  const locked = Promise.withResolvers<void>()
  const release = Promise.withResolvers<void>()
  const locking = tables.sql.begin(async (sql) => {
    await sql.unsafe('lock table entry in access exclusive mode')
    locked.resolve()
    await release.promise
  })
  await locked.promise
  return async () => {
    release.resolve()
    await locking
  }
}

/** Statements of the API that wait for the lock. */
const stuck = async () => {
  const [row] = await tables.sql.unsafe(
    `select count(*)::int as n from pg_stat_activity where application_name = 'pay402win-api' and wait_event_type = 'Lock'`,
  )
  return row?.n
}

/** Sends one and does not wait for the answer; resolves with its status, or 0 when there was none. */
const send = (query: string, from: string) => {
  const body = JSON.stringify({ query })
  const answered = Promise.withResolvers<{ status: number; retryAfter: string | undefined }>()
  const sent: ClientRequest = request(
    api.url,
    {
      method: 'POST',
      agent: false,
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'x-forwarded-for': from,
      },
    },
    (response) => {
      response.resume()
      const retryAfter = response.headers['retry-after']
      answered.resolve({ status: response.statusCode ?? 0, retryAfter })
    },
  )
  sent.on('error', () => answered.resolve({ status: 0, retryAfter: undefined }))
  sent.end(body)
  return { answered: answered.promise, leave: () => sent.destroy() }
}

describe('a client that asks for too much, and goes', () => {
  let unlock: () => Promise<void>

  beforeAll(async () => {
    api = await createApi(tables, schema, {
      DATABASE_CONNECTIONS: '4',
      TRUSTED_PROXIES: '1',
      LOCK_TIMEOUT_MS: '60000',
      STATEMENT_TIMEOUT_MS: '60000',
      OPERATION_TIMEOUT_MS: '60000',
      MAX_WAITING_PER_CLIENT: '20',
    })
  })
  afterAll(() => api.stop())
  beforeEach(async () => {
    unlock = await lockEntries()
  })
  afterEach(() => unlock())

  const nothingIsLeft = () => expect.poll(stuck, { timeout: 10_000 }).toBe(0)

  test('keeps others from nothing, is refused what cannot be done, and leaves nothing behind', async () => {
    const all = Array.from({ length: 60 }, () => send(STUCK, '6.6.6.6'))
    const refused: unknown[] = []
    for (const { answered } of all) answered.then((answer) => refused.push(answer))
    // Three run, twenty wait.
    await expect.poll(() => refused.length, { timeout: 10_000 }).toBe(37)
    expect(refused[0]).toEqual({ status: 429, retryAfter: expect.stringMatching(/^\d+$/) })
    await expect.poll(stuck).toBe(1)
    expect(await ask(FREE)).toMatchObject({ status: 200, codes: [] })
    expect(await ask(FREE, '7.7.7.7')).toMatchObject({ status: 200, codes: [] })

    for (const { leave } of all) leave()
    await nothingIsLeft()
    expect(await ask(FREE, '6.6.6.6')).toMatchObject({ status: 200, codes: [] })
  })

  const pipelined = async (): Promise<Socket> => {
    const { hostname, port } = new URL(api.url)
    const socket = connect(Number(port), hostname)
    const path = `/graphql?query=${encodeURIComponent(STUCK)}`
    socket.write(`GET ${path} HTTP/1.1\r\nhost: ${hostname}\r\n\r\n`.repeat(3))
    return socket
  }

  test.each<[string, () => Promise<() => unknown>]>([
    ['by HTTP', async () => send(STUCK, '6.6.6.6').leave],
    [
      'with several requests on one connection',
      async () => {
        const socket = await pipelined()
        return () => socket.destroy()
      },
    ],
    [
      'by WebSocket, whose operation it completes',
      async () => {
        const socket = await createRawSocket(api.socketUrl)
        await socket.init()
        socket.subscribe('1', STUCK)
        return () => socket.send({ type: 'complete', id: '1' })
      },
    ],
    [
      'by WebSocket, which it closes',
      async () => {
        const socket = await createRawSocket(api.socketUrl)
        await socket.init()
        socket.subscribe('1', STUCK)
        return socket.close
      },
    ],
    [
      'by an event stream',
      async () => {
        const stream = createStream(api.url)
        stream.subscribe({ query: STUCK })
        return stream.close
      },
    ],
  ])('leaves no statement running: %s', async (_, begin) => {
    const leave = await begin()
    await expect.poll(stuck, { timeout: 10_000 }).toBeGreaterThan(0)
    await leave()
    await nothingIsLeft()
  })
})

test('what is too late is stopped in the database, too', async () => {
  api = await createApi(tables, schema, {
    LOCK_TIMEOUT_MS: '60000',
    STATEMENT_TIMEOUT_MS: '60000',
    OPERATION_TIMEOUT_MS: '500',
  })
  const unlock = await lockEntries()
  expect(await ask(STUCK)).toMatchObject({ status: 504, codes: ['TIMEOUT'] })
  await expect.poll(stuck, { timeout: 10_000 }).toBe(0)
  await unlock()
  await api.stop()
})

describe('connections that fall silent', () => {
  let proxy: TcpProxy

  beforeAll(async () => {
    const { hostname, port, pathname, username, password } = new URL(tables.url)
    expect(hostname).toMatch(/^(127\.0\.0\.1|localhost)$/)
    proxy = await createTcpProxy({ port: Number(port) })
    const login = password === '' ? username : `${username}:${password}`
    api = await createApi(tables, schema, {
      API_DATABASE_URL: `postgres://${login}@127.0.0.1:${proxy.port}${pathname}`,
      DATABASE_CONNECTIONS: '3',
      STATEMENT_TIMEOUT_MS: '1000',
      OPERATION_TIMEOUT_MS: '3000',
    })
  })
  afterAll(async () => {
    await api.stop()
    await proxy.stop()
  })

  test('are replaced: every request is answered in time, and soon as before', async () => {
    await Promise.all(Array.from({ length: 6 }, () => ask(FREE)))
    const stream = createStream(api.url)
    const live = stream.subscribe({
      query: 'subscription { livePool(poolId: "1") { head { number } } }',
    })
    await live.next()
    proxy.freeze()
    const codes: unknown[] = []
    const isAnswered = async () => {
      const answer = await ask(FREE)
      codes.push(...answer.codes)
      return answer.status
    }
    await expect.poll(isAnswered, { timeout: 15_000 }).toBe(200)
    expect(codes.filter((code) => code !== 'TIMEOUT' && code !== 'OVERLOADED')).toEqual([])
    await chain.mine(2)
    await expect.poll(live.next, { timeout: 15_000 }).toMatchObject({
      data: { livePool: { head: { number: '2' } } },
    })
    stream.close()
  })
})
