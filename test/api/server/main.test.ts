import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EXAMPLES } from '../../../src/api/graphql/examples.ts'
import { createTables, type Tables } from '../../support/tables.ts'
import { createSocket, createStream } from './client.ts'
import { CHAIN, createChain, read } from './world.ts'

const ADDRESS = `0x${'11'.repeat(20)}`
const DEPLOYMENTS = JSON.stringify([
  {
    chainId: CHAIN,
    name: 'local',
    address: ADDRESS,
    startBlock: 1,
    coordinator: ADDRESS,
    tokens: [],
  },
])

/** The API as its own process. */
const start = (env: Record<string, string>) => {
  const child = spawn(process.execPath, ['src/api/main.ts'], {
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const chunks: Buffer[] = []
  child.stderr.on('data', (chunk) => chunks.push(chunk))
  const exited = once(child, 'exit').then(([code]) => ({
    code,
    complaint: Buffer.concat(chunks).toString(),
  }))
  const listening = async () => {
    for await (const line of createInterface({ input: child.stdout })) {
      const { msg, url }: { msg: string; url: string } = JSON.parse(line)
      if (msg === 'listening') return url
    }
    throw new Error(Buffer.concat(chunks).toString())
  }
  return { listening, exited, kill: (signal: NodeJS.Signals) => child.kill(signal) }
}

let tables: Tables
let api: ReturnType<typeof start>
let url: string

beforeAll(async () => {
  tables = await createTables()
  await createChain(tables).begin()
  api = start({
    DATABASE_URL: tables.url,
    DATABASE_SCHEMA: tables.schema,
    DEPLOYMENTS,
    PORT: '0',
    STOP_TIMEOUT_MS: '500',
  })
  url = await api.listening()
})
afterAll(async () => {
  api.kill('SIGKILL')
  await tables.stop()
})

const ask = async (query: string) =>
  read(
    await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    }),
  )

test('names every mistake in its environment at once', async () => {
  const { exited } = start({
    DATABASE_URL: 'mysql://here',
    DATABASE_SCHEMA: 'Pay402Win',
    PORT: 'http',
    CORS_ORIGINS: 'example.com',
    DEPLOYMENTS: '[{}]',
  })
  const { code, complaint } = await exited
  expect(code).toBe(1)
  for (const text of [
    'API_DATABASE_URL should be the address of a PostgreSQL',
    'DATABASE_SCHEMA should be lower-case letters',
    'PORT should be a whole number from 0 to 65535',
    'CORS_ORIGINS should be origins',
    'DEPLOYMENTS[0].chainId should be',
  ])
    expect(complaint).toContain(text)
})

describe('ends with one sentence, and without a trace,', () => {
  const env = () => ({ DATABASE_URL: tables.url, DATABASE_SCHEMA: tables.schema, DEPLOYMENTS })
  const withUser = (user: string) => {
    const address = new URL(tables.url)
    address.username = user
    return address.href
  }
  const cases: readonly (readonly [string, () => Record<string, string>, string])[] = [
    ['a port that is taken', () => ({ PORT: new URL(url).port }), 'EADDRINUSE'],
    ['an address of another machine', () => ({ HOST: '203.0.113.1' }), 'EADDRNOTAVAIL'],
    [
      'a database that is not there',
      () => ({ API_DATABASE_URL: tables.url.replace(/[^/]+$/, 'nowhere') }),
      'API_DATABASE_URL: PostgreSQL: the database does not exist (database "nowhere" does not exist)',
    ],
    [
      'a role that is not there',
      () => ({ API_DATABASE_URL: withUser('nobody') }),
      'API_DATABASE_URL: PostgreSQL: the role may not connect (role "nobody" does not exist)',
    ],
    [
      'a replica with another role',
      () => ({ DATABASE_READ_URL: withUser('nobody') }),
      'DATABASE_READ_URL: PostgreSQL: the role may not connect',
    ],
  ]
  test.each(cases)('%s', async (_, mistaken, sentence) => {
    const { code, complaint } = await start({ ...env(), ...mistaken() }).exited
    expect(complaint).toContain(sentence)
    expect(complaint.trim().split('\n')).toEqual(['Configuration:', expect.any(String)])
    expect(code).toBe(1)
  })
})

test('a database that is away is no mistake: it is waited for', async () => {
  const waiting = start({
    ...{ DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nowhere', DEPLOYMENTS, PORT: '0' },
  })
  const base = new URL(await waiting.listening()).origin
  const [health, ready, fresh] = await Promise.all(
    ['health', 'ready', 'fresh'].map(async (path) => (await fetch(`${base}/${path}`)).status),
  )
  expect([health, ready, fresh]).toEqual([200, 503, 503])
  waiting.kill('SIGTERM')
  expect((await waiting.exited).code).toBe(0)
})

describe('every example', () => {
  const queries = EXAMPLES.filter(({ text }) => /^(query|\{)/m.test(text))
  test.each(queries.map(({ name, text }) => [name, text]))('%s is answered', async (_, text) => {
    expect((await ask(text)).body).toEqual({ data: expect.anything() })
  })

  const subscriptions = EXAMPLES.filter(({ text }) => /^subscription/m.test(text))
  test.each(subscriptions.map(({ name, text }) => [name, text]))(
    '%s sends its first state at once, over both transports',
    async (_, query) => {
      const clients = [createSocket(url.replace('http', 'ws')), createStream(url)]
      for (const client of clients) {
        expect(await client.subscribe({ query }).next()).toEqual({ data: expect.anything() })
        await client.close()
      }
    },
  )
})

test('livePool tells every change', async () => {
  const chain = createChain(tables)
  const query =
    'subscription { livePool(poolId: "1") { head { number } round { prizePool { raw } } } }'
  const state = (number: string, raw: string) => ({
    data: { livePool: { head: { number }, round: { prizePool: { raw } } } },
  })
  const clients = [createSocket(url.replace('http', 'ws')), createStream(url)]
  const lives = clients.map((client) => client.subscribe({ query }))
  for (const live of lives) expect(await live.next()).toEqual(state('1', '0'))
  for (const number of [2, 3, 4, 5]) {
    await chain.mine(number, { prizePool: BigInt(number) * 10n ** 18n })
    for (const live of lives)
      expect(await live.next()).toEqual(state(String(number), `${number}${'0'.repeat(18)}`))
  }
  for (const client of clients) await client.close()
})

test('a subscription to a pool that is not there says so and ends', async () => {
  const client = createStream(url)
  const live = client.subscribe({
    query: 'subscription { livePool(poolId: "9") { participants } }',
  })
  expect(await live.next()).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] })
  expect(await live.ended).toBe('complete')
})

test('introspection as tools ask for it costs less than the limit', async () => {
  const { getIntrospectionQuery } = await import('graphql')
  expect((await ask(getIntrospectionQuery())).body).toEqual({ data: expect.anything() })
})

test('stops on SIGTERM with open streams, exit code 0', async () => {
  const client = createStream(url)
  const live = client.subscribe({
    query: 'subscription { livePool(poolId: "1") { participants } }',
  })
  await live.next()
  api.kill('SIGTERM')
  expect(await api.exited).toEqual({ code: 0, complaint: '' })
  expect(await live.ended).toBeInstanceOf(Error)
})
