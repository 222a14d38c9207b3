import { once } from 'node:events'
import { request } from 'node:http'
import { pino } from 'pino'
import postgres from 'postgres'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { parseConfig } from '../../../src/api/config.ts'
import { listApiKeys } from '../../../src/api/db/apiKeys.ts'
import { createDatabase } from '../../../src/api/db/database.ts'
import { KEY_ROLES, type KeyRole } from '../../../src/api/db/names.ts'
import { networkOf } from '../../../src/api/http/address.ts'
import { createApiKey, revokeApiKey } from '../../../stack/apiKeys.ts'
import { createTables, type Tables } from '../../support/tables.ts'
import { createRawSocket } from './client.ts'
import { testSchema } from './schema.ts'
import { type Api, createApi, createChain, read } from './world.ts'

const SCHEMA = 'pay402win_access'
const HELLO = '{ hello }'
const ANSWER = { data: { hello: 'world' } }
const LIVE = 'subscription { live { head } }'
const LIVE_ANSWER = { data: { live: { head: '1' } } }
const CACHE_MS = 150

let tables: Tables
let sql: postgres.Sql
let api: Api
const statements: string[] = []
const logged: string[] = []
const lookUps = () => statements.filter((text) => text.includes('api_key')).length

beforeAll(async () => {
  tables = await createTables()
  await createChain(tables).begin()
  sql = postgres(tables.url, { max: 1, onnotice: () => undefined })
  api = await createApi(
    tables,
    testSchema,
    { MAX_COST: '100', TRUSTED_PROXIES: '1' },
    {
      keyCacheMs: CACHE_MS,
      onStatement: (text) => statements.push(text),
      log: pino({ level: 'trace' }, { write: (line) => logged.push(line) }),
    },
  )
})
afterAll(async () => {
  await api.stop()
  await sql.end({ timeout: 5 })
  await tables.stop()
})
beforeEach(() => statements.splice(0))

const newKey = async (role: KeyRole = 'player', costPerMinute: number | null = null) => {
  const { key, stored } = await createApiKey(sql, SCHEMA, { name: 'a test', role, costPerMinute })
  return { key, id: stored.id, authorization: `Bearer ${key}` }
}

interface Given {
  readonly authorization?: string
  /** The address that the proxy in front saw. */
  readonly from?: string
}

const headersOf = ({ authorization, from }: Given): Record<string, string> => ({
  ...(authorization === undefined ? {} : { authorization }),
  ...(from === undefined ? {} : { 'x-forwarded-for': from }),
})

const ask = async (query: string, given: Given = {}, { url }: Api = api) =>
  read(
    await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headersOf(given) },
      body: JSON.stringify({ query }),
    }),
  )

/** A socket that introduced itself, with a key in the upgrade or in `connection_init`. */
const open = async (given: Given, payload?: unknown, { socketUrl }: Api = api) => {
  const socket = await createRawSocket(socketUrl, { headers: headersOf(given) })
  socket.send({ type: 'connection_init', ...(payload === undefined ? {} : { payload }) })
  return socket
}

/** An operation of a socket, up to its first message. */
const askSocket = async (
  socket: Awaited<ReturnType<typeof open>>,
  id: string,
  query: string,
): Promise<Record<string, unknown>> => {
  socket.subscribe(id, query)
  const message = await socket.next()
  if (message.type === 'next' && !query.startsWith('subscription'))
    expect(await socket.next()).toEqual({ id, type: 'complete' })
  return message
}

/** All that an event stream holds when it ends by itself. */
const readStream = async (query: string, given: Given, { url }: Api = api) => {
  const address = new URL(url)
  address.searchParams.set('query', query)
  const response = await fetch(address, {
    headers: { accept: 'text/event-stream', ...headersOf(given) },
  })
  return { status: response.status, text: await response.text() }
}

/** Costs as much as it says. */
const costing = (cost: number) => `{ items(first: ${cost - 1}) { name } }`

describe('a key', () => {
  test('is told apart by its form', async () => {
    const { key, id } = await newKey()
    expect(key).toMatch(new RegExp(`^p402_${id}_[0-9A-Za-z]{43}$`))
  })

  test('is taken from the header of a request and of a stream', async () => {
    const { authorization } = await newKey('analyst')
    expect((await ask(HELLO, { authorization })).body).toEqual(ANSWER)
    expect((await ask(HELLO, { authorization: authorization.replace('B', 'b') })).body).toEqual(
      ANSWER,
    )
    const { status, text } = await readStream(HELLO, { authorization })
    expect([status, text]).toEqual([200, expect.stringContaining(JSON.stringify(ANSWER))])
  })

  test('is taken from the upgrade of a socket, and from connection_init', async () => {
    const { authorization } = await newKey('analyst')
    for (const socket of [await open({ authorization }), await open({}, { authorization })]) {
      expect(await socket.next()).toEqual({ type: 'connection_ack' })
      expect(await askSocket(socket, '1', costing(2000))).toMatchObject({ type: 'next' })
      await socket.close()
    }
  })

  test('is taken from connection_init in capitals, and refused where nobody reads it', async () => {
    const { authorization, key } = await newKey('analyst')
    for (const payload of [{ Authorization: authorization }, { AUTHORIZATION: authorization }]) {
      const socket = await open({}, payload)
      expect(await socket.next()).toEqual({ type: 'connection_ack' })
      expect(await askSocket(socket, '1', costing(2000))).toMatchObject({ type: 'next' })
      await socket.close()
    }
    const wrong = await open({}, { Authorization: authorization.slice(0, -1) })
    expect(await wrong.closed).toEqual({ code: 4403, reason: 'Forbidden' })
    for (const payload of [
      { headers: { Authorization: authorization } },
      { headers: { authorization: 'Basic dTpw' } },
      { authorization, Authorization: authorization },
      { authToken: key },
      { authorization, a: [{ b: `token=${key}` }] },
    ]) {
      const socket = await open({}, payload)
      const reason = 'authorization: expected once, beside nothing else that holds a key'
      expect([await socket.closed, socket.unread()]).toEqual([{ code: 4403, reason }, 0])
    }
    const other = await open({}, { locale: 'en', headers: { accept: '*/*' } })
    expect(await other.next()).toEqual({ type: 'connection_ack' })
    await other.close()
  })

  test('is not taken from the address', async () => {
    const { key } = await newKey('analyst')
    const address = new URL(api.url)
    address.search = String(new URLSearchParams({ query: costing(200), authorization: key, key }))
    expect((await read(await fetch(address))).codes).toEqual(['QUERY_TOO_COMPLEX'])
  })

  test('lets its holder ask for more at once, and no role for what is above its own', async () => {
    const allowed = async (cost: number) => {
      const codes: Record<string, unknown> = { anonymous: (await ask(costing(cost))).codes }
      for (const role of KEY_ROLES) {
        const { authorization } = await newKey(role)
        codes[role] = (await ask(costing(cost), { authorization })).codes
      }
      return codes
    }
    const no = ['QUERY_TOO_COMPLEX']
    expect(await allowed(100)).toEqual({ anonymous: [], player: [], analyst: [], operator: [] })
    expect(await allowed(101)).toEqual({ anonymous: no, player: [], analyst: [], operator: [] })
    expect(await allowed(201)).toEqual({ anonymous: no, player: no, analyst: [], operator: [] })
    expect(await allowed(1001)).toEqual({ anonymous: no, player: no, analyst: [], operator: [] })
  })

  test('of a page of another origin may be sent, when the page may call', async () => {
    const strict = await createApi(tables, testSchema, { CORS_ORIGINS: 'https://friend.example' })
    const { headers } = await fetch(strict.url, {
      method: 'OPTIONS',
      headers: { origin: 'https://friend.example' },
    })
    expect(headers.get('access-control-allow-headers')).toContain('authorization')
    await strict.stop()
  })
})

describe('what is no key in force', () => {
  const wrong = async () => {
    const { key, authorization } = await newKey()
    const revoked = await newKey()
    await revokeApiKey(sql, SCHEMA, revoked.id)
    const last = key.at(-1) === 'x' ? 'y' : 'x'
    return {
      'another secret': `${authorization.slice(0, -1)}${last}`,
      'an unknown id': authorization.replace(/p402_.{8}/, 'p402_00000000'),
      revoked: revoked.authorization,
      'too short': authorization.slice(0, -1),
      'more behind it': `${authorization} more`,
      'no scheme': key,
      'another scheme': `Basic ${Buffer.from(`user:${key}`).toString('base64')}`,
      'a scheme alone': 'Bearer',
      'nothing at all': '',
      'an id with a quote': "Bearer p402_'or'1=1'_x",
    }
  }

  test('is refused over HTTP, with what was expected', async () => {
    for (const [name, authorization] of Object.entries(await wrong())) {
      const { status, headers, body } = await ask(HELLO, { authorization })
      expect([name, status, headers.get('www-authenticate'), body]).toEqual([
        name,
        401,
        'Bearer',
        {
          errors: [
            {
              message: 'authorization: expected "Bearer", a space and a key in force',
              extensions: { code: 'UNAUTHENTICATED' },
            },
          ],
        },
      ])
      expect((await readStream(LIVE, { authorization })).status).toBe(401)
    }
  })

  test('closes a socket with 4403 before anything is answered', async () => {
    const forbidden = { code: 4403, reason: 'Forbidden' }
    const { authorization: good } = await newKey()
    for (const [name, authorization] of Object.entries(await wrong())) {
      const payload = await open({}, { authorization })
      expect([name, await payload.closed, payload.unread()]).toEqual([name, forbidden, 0])
      const upgrade = await open({ authorization })
      expect([name, await upgrade.closed, upgrade.unread()]).toEqual([name, forbidden, 0])
      const both = await open({ authorization: good }, { authorization })
      expect([name, await both.closed, both.unread()]).toEqual([name, forbidden, 0])
    }
    for (const authorization of [7, {}, ['Bearer'], true]) {
      const socket = await open({}, { authorization })
      expect(await socket.closed).toEqual(forbidden)
    }
  })

  test('is what a key is within the time that it is remembered for, also on an open socket', async () => {
    const { id, authorization } = await newKey()
    const socket = await open({}, { authorization })
    expect(await socket.next()).toEqual({ type: 'connection_ack' })
    expect(await askSocket(socket, '1', HELLO)).toMatchObject({ payload: ANSWER })
    expect(await askSocket(socket, 'live', LIVE)).toMatchObject({ payload: LIVE_ANSWER })
    await revokeApiKey(sql, SCHEMA, id)
    await expect
      .poll(async () => (await ask(HELLO, { authorization })).status, { interval: 10 })
      .toBe(401)
    expect(await askSocket(socket, '2', HELLO)).toEqual({
      id: '2',
      type: 'error',
      payload: [
        {
          message: 'authorization: expected "Bearer", a space and a key in force',
          extensions: { code: 'UNAUTHENTICATED' },
        },
      ],
    })
    await socket.close()
  })

  test('is every key where the keys cannot be read', async () => {
    const { authorization, id } = await newKey()
    const elsewhere = await createApi(tables, testSchema, { ACCESS_SCHEMA: 'nowhere' })
    expect((await ask(HELLO, { authorization }, elsewhere)).status).toBe(401)
    expect((await ask(HELLO, {}, elsewhere)).body).toEqual(ANSWER)
    await elsewhere.stop()

    await sql`create role stranger login`
    const database = createDatabase({
      ...api.config.database,
      url: tables.server.url('pay402win', 'stranger'),
    })
    expect(await listApiKeys(database.db, SCHEMA, [id])).toEqual([])
    expect(await listApiKeys(database.db, 'nowhere', [id])).toEqual([])
    await createApiKey(sql, SCHEMA, {
      ...{ name: 'a test', role: 'player', costPerMinute: null, apiRole: 'stranger' },
    })
    expect(await listApiKeys(database.db, SCHEMA, [id])).toEqual([
      { id, role: 'player', hash: expect.any(Buffer) },
    ])
    await database.stop()
  })
})

describe('the database', () => {
  test('is asked once for those who come together, and not for a wrong secret of a known id', async () => {
    const remembering = await createApi(
      tables,
      testSchema,
      {},
      {
        onStatement: (text) => statements.push(text),
      },
    )
    const { authorization } = await newKey()
    statements.splice(0)
    await Promise.all(Array.from({ length: 20 }, () => ask(HELLO, { authorization }, remembering)))
    const asked = lookUps()
    expect(asked).toBeLessThanOrEqual(2)
    for (let at = 0; at < 20; at++) {
      const other = `${authorization.slice(0, -2)}${String(at).padStart(2, '0')}`
      await ask(HELLO, { authorization: other }, remembering)
      await ask(HELLO, { authorization }, remembering)
    }
    expect(lookUps()).toBe(asked)
    await remembering.stop()
  })

  test('is asked for guessed ids at most ten times a second, however many there are', async () => {
    const secret = 'x'.repeat(43)
    const guess = (at: number) =>
      ask(HELLO, { authorization: `Bearer p402_${String(at).padStart(8, '0')}_${secret}` })
    const began = performance.now()
    const answers = await Promise.all(Array.from({ length: 600 }, (_, at) => guess(at)))
    const tenths = Math.ceil((performance.now() - began) / 100)
    expect(answers.every(({ status }) => status === 401)).toBe(true)
    expect(lookUps()).toBeLessThanOrEqual(tenths + 1)
    const { authorization } = await newKey()
    expect((await ask(HELLO, { authorization })).body).toEqual(ANSWER)
  })
})

test('budgets follow those of who has no key, unless they are given', () => {
  const perMinute = 1_000_000_000_000
  expect(api.config.budgets).toEqual({
    anonymous: { cost: 100, costPerMinute: perMinute },
    player: { cost: 200, costPerMinute: 2 * perMinute },
    analyst: { cost: 2000, costPerMinute: 10 * perMinute },
    operator: { cost: 10_000, costPerMinute: 100 * perMinute },
  })
  const given = {
    DATABASE_URL: tables.url,
    DEPLOYMENTS: JSON.stringify(api.config.deployments),
    ...{ MAX_COST_PLAYER: '1', MAX_COST_ANALYST: '2', MAX_COST_OPERATOR: '3' },
    ...{ COST_PER_MINUTE_PLAYER: '4', COST_PER_MINUTE_ANALYST: '5', COST_PER_MINUTE_OPERATOR: '6' },
  }
  expect(parseConfig(given)).toMatchObject({
    accessSchema: 'pay402win_access',
    budgets: {
      anonymous: { cost: 100_000, costPerMinute: 3_000_000 },
      player: { cost: 1, costPerMinute: 4 },
      analyst: { cost: 2, costPerMinute: 5 },
      operator: { cost: 3, costPerMinute: 6 },
    },
  })
  expect(() => parseConfig({ ...given, COST_PER_MINUTE_ANALYST: '0', ACCESS_SCHEMA: 'A' })).toThrow(
    /ACCESS_SCHEMA should be lower-case[\s\S]*COST_PER_MINUTE_ANALYST should be a whole number from 1/,
  )
})

describe('a budget', () => {
  let small: Api
  beforeAll(async () => {
    small = await createApi(tables, testSchema, {
      COST_PER_MINUTE: '100',
      COST_PER_MINUTE_PLAYER: '100',
      TRUSTED_PROXIES: '1',
    })
  })
  afterAll(() => small.stop())

  const refused = (most: number) => ({
    message: `The operations of a minute may cost ${most}; wait for the next one`,
    extensions: { code: 'LIMIT_EXCEEDED', retryAfterMs: expect.any(Number) },
  })
  const expectSoon = ([error]: readonly { extensions: { retryAfterMs: number } }[]) => {
    const retryAfterMs = error?.extensions.retryAfterMs ?? 0
    expect(retryAfterMs).toBeGreaterThan(0)
    expect(retryAfterMs).toBeLessThanOrEqual(60_000)
    return retryAfterMs
  }

  test('is used up over HTTP: 429, and when to come back', async () => {
    const given = { from: '192.0.2.1' }
    expect((await ask(costing(90), given, small)).codes).toEqual([])
    expect((await ask(costing(10), given, small)).codes).toEqual([])
    const { status, headers, body } = await ask(HELLO, given, small)
    expect(status).toBe(429)
    expect(body).toEqual({ errors: [refused(100)] })
    expect(headers.get('retry-after')).toBe(String(Math.ceil(expectSoon(body.errors) / 1000)))
  })

  test('is used up by what costs nothing, in the end', async () => {
    const given = { from: '192.0.2.2' }
    for (let at = 0; at < 100; at++)
      expect((await ask('{ __typename }', given, small)).codes).toEqual([])
    expect((await ask('{ __typename }', given, small)).codes).toEqual(['LIMIT_EXCEEDED'])
  })

  test('is touched by mistakes, too', async () => {
    const given = await newKey('player', 1000)
    const wrong = '{ echo(number: "x") }'
    const mutation = 'mutation { hello }'
    const codesFor = async (query: string) => (await ask(query, given, small)).codes
    for (const query of ['{', '{ none }', costing(1001), wrong, mutation]) {
      const codes = await codesFor(query)
      expect(codes).not.toEqual([])
      expect(codes).not.toEqual(['LIMIT_EXCEEDED'])
    }
    // The five have cost a little more than 500 of the 1,000.
    for (let at = 0; at < 4; at++) expect(await codesFor(costing(100))).toEqual([])
    expect(await codesFor(costing(100))).toEqual(['LIMIT_EXCEEDED'])
  })

  test('is used up on a socket, which stays open with what runs on it', async () => {
    const socket = await open({ from: '192.0.2.4' }, undefined, small)
    expect(await socket.next()).toEqual({ type: 'connection_ack' })
    expect(await askSocket(socket, 'live', LIVE)).toMatchObject({ payload: LIVE_ANSWER })
    expect(await askSocket(socket, '1', costing(98))).toMatchObject({ type: 'next' })
    for (const query of [HELLO, LIVE]) {
      socket.subscribe('2', query)
      expect(await socket.next()).toEqual({
        ...{ id: '2', type: 'next', payload: { errors: [refused(100)] } },
      })
      expect(await socket.next()).toEqual({ id: '2', type: 'complete' })
    }
    await createChain(tables).mine(2)
    expect(await socket.next()).toEqual({
      ...{ id: 'live', type: 'next', payload: { data: { live: { head: '2' } } } },
    })
    await socket.close()
  })

  test('is used up on event streams, a subscription when it begins', async () => {
    const given = { from: '192.0.2.5' }
    const operation = async (query: string) => readStream(query, given, small)
    const began = request(`${small.url}?query=${encodeURIComponent(LIVE)}`, {
      headers: { accept: 'text/event-stream', ...headersOf(given) },
    }).end()
    const [response] = await once(began, 'response')
    const texts: string[] = []
    for await (const chunk of response) {
      texts.push(String(chunk))
      if (texts.join('').includes('"head":')) break
    }
    expect((await operation(costing(98))).text).toContain('"data"')
    for (const query of [HELLO, LIVE]) {
      const { text } = await operation(query)
      const [, data = '{}'] = /^data: (.*)$/m.exec(text.slice(text.indexOf('event: next'))) ?? []
      const { errors } = JSON.parse(data)
      expect(errors).toEqual([refused(100)])
      expectSoon(errors)
    }
    began.destroy()
  })

  test('is one for all transports, and one for each address and key', async () => {
    const from = '192.0.2.6'
    const { authorization } = await newKey('player')
    const other = await newKey('player')
    expect((await ask(costing(100), { from }, small)).codes).toEqual([])
    const socket = await open({ from }, undefined, small)
    await socket.next()
    expect(await askSocket(socket, '1', HELLO)).toMatchObject({
      payload: { errors: [refused(100)] },
    })
    await socket.close()
    expect((await ask(HELLO, { from: '192.0.2.7' }, small)).codes).toEqual([])
    expect((await ask(costing(100), { from, authorization }, small)).codes).toEqual([])
    expect((await ask(HELLO, { from: '192.0.2.8', authorization }, small)).codes).toEqual([
      'LIMIT_EXCEEDED',
    ])
    expect((await ask(HELLO, { from, ...other }, small)).codes).toEqual([])
  })

  test('of a key goes before the one of its role', async () => {
    const tight = await newKey('operator', 120)
    expect((await ask(costing(121), tight, small)).body.errors).toEqual([
      {
        message:
          'The operation costs 121; at most 120 is answered. Ask for fewer fields or smaller pages',
        extensions: { code: 'QUERY_TOO_COMPLEX' },
      },
    ])
    // The mistake has cost some 105 of the 120.
    expect((await ask(costing(15), tight, small)).codes).toEqual([])
    expect((await ask(costing(15), tight, small)).body.errors).toEqual([refused(120)])
    const wide = await newKey('player', 1000)
    for (let at = 0; at < 10; at++) expect((await ask(costing(100), wide, small)).codes).toEqual([])
    expect((await ask(HELLO, wide, small)).body.errors).toEqual([refused(1000)])
  })

  test('of IPv6 belongs to a network', async () => {
    expect(
      ['2001:db8:0:1::', '2001:0db8::1:ffff:0:0:1', '::1', '::', '1::', '1:2:3:4:5:6:7:8'].map(
        networkOf,
      ),
    ).toEqual([
      '2001:db8:0:1::/64',
      '2001:db8:0:1::/64',
      '0:0:0:0::/64',
      '0:0:0:0::/64',
      '1:0:0:0::/64',
      '1:2:3:4::/64',
    ])
    expect(['192.0.2.1', '::ffff:192.0.2.1', 'unknown'].map(networkOf)).toEqual([
      '192.0.2.1',
      '192.0.2.1',
      'unknown',
    ])
    expect((await ask(costing(100), { from: '2001:db8::1' }, small)).codes).toEqual([])
    expect((await ask(HELLO, { from: '2001:db8::2' }, small)).codes).toEqual(['LIMIT_EXCEEDED'])
    expect((await ask(HELLO, { from: '2001:db8:0:1::1' }, small)).codes).toEqual([])
  })
})

test('no secret is stored or logged', async () => {
  const { key, id, authorization } = await newKey('analyst')
  const secret = key.slice(-43)
  for (const given of [
    authorization,
    authorization.replace('p402_', 'p40_'),
    `${authorization}x`,
  ]) {
    await ask('{ broken }', { authorization: given })
    await readStream('{ broken }', { authorization: given })
    for (const socket of [
      await open({ authorization: given }),
      await open({}, { authorization: given }),
    ]) {
      await Promise.race([socket.next(), socket.closed])
      socket.sendText('{')
      await socket.closed
    }
  }
  const [row] =
    await sql`select api_key::text as text, * from ${sql(SCHEMA)}.api_key where id = ${id}`
  expect(row?.text).not.toContain(secret)
  expect(Object.keys(row ?? {})).toEqual([
    ...['text', 'id', 'hash', 'name', 'role', 'cost_per_minute', 'created_at', 'revoked_at'],
  ])
  expect(logged.join('')).toContain('the password is 402')
  expect(logged.join('')).not.toContain(secret)
  expect(statements.join('')).not.toContain(secret)
})
