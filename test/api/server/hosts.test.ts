import { request } from 'node:http'
import { text as consume } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseConfig } from '../../../src/api/config.ts'
import { createTables, type Tables } from '../../support/tables.ts'
import { testSchema } from './schema.ts'
import { type Api, codesOf, createApi, createChain } from './world.ts'

/** By which names the server answers, and what it gives a browser that opens it. */

let tables: Tables
let api: Api

beforeAll(async () => {
  tables = await createTables()
  await createChain(tables).begin()
  api = await createApi(tables, testSchema)
})
afterAll(async () => {
  await api.stop()
  await tables.stop()
})

/** Status and code of what asks by another name; over HTTP, or for an upgrade. */
const askAs = (
  host: string,
  path: string,
  { of = api, ...headers }: { of?: Api } & Record<string, unknown> = {},
) =>
  new Promise<{ status: number | undefined; codes: readonly unknown[] }>((resolve, reject) => {
    const asked = request({
      ...{ host: '127.0.0.1', port: of.server.port, path, agent: false },
      headers: { host, ...(headers as Record<string, string>) },
    })
    asked.on('error', reject)
    asked.on('upgrade', (response, socket) => {
      socket.destroy()
      resolve({ status: response.statusCode, codes: [] })
    })
    asked.on('response', async (response) => {
      // An event stream has no end.
      if (response.statusCode === 200) response.destroy()
      const text = response.statusCode === 200 ? '{}' : await consume(response)
      resolve({ status: response.statusCode, codes: text === '' ? [] : codesOf(JSON.parse(text)) })
    })
    asked.end()
  })

describe('a name that leads here, but is not the server’s', () => {
  const UPGRADE = {
    ...{ connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' },
    ...{
      'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
      'sec-websocket-protocol': 'graphql-transport-ws',
    },
  }
  const WAYS: readonly (readonly [string, string, Readonly<Record<string, string>>])[] = [
    ['a query', '/graphql?query={hello}', {}],
    ['a stream', '/graphql?query={hello}', { accept: 'text/event-stream' }],
    ['GraphiQL', '/graphql', { accept: 'text/html' }],
    ['SQL', '/sql', {}],
    ['an export', '/export/entries', {}],
    ['health', '/health', {}],
    ['readiness', '/ready', {}],
  ]
  test.each(WAYS)('is refused for %s', async (_, path, headers) => {
    for (const host of ['evil.example', 'evil.example:80', 'localhost.evil.example'])
      expect(await askAs(host, path, headers)).toEqual({ status: 421, codes: ['HOST_NOT_ALLOWED'] })
  })

  test('is refused for a WebSocket', async () => {
    expect((await askAs('evil.example', '/graphql', UPGRADE)).status).toBe(421)
    expect((await askAs('localhost', '/graphql', UPGRADE)).status).toBe(101)
  })

  test.each([
    'localhost',
    'LOCALHOST:1',
    '127.0.0.1',
    '[::1]:4000',
    '10.1.2.3',
    'a.localhost',
    'localhost.',
  ])('%s is one of its own', async (host) => {
    expect((await askAs(host, '/health')).status).toBe(200)
  })

  test('may be allowed', async () => {
    const named = await createApi(tables, testSchema, { ALLOWED_HOSTS: 'Api.Example, .internal' })
    const any = await createApi(tables, testSchema, { ALLOWED_HOSTS: '*' })
    const status = async (host: string, of: Api) => (await askAs(host, '/health', { of })).status
    try {
      for (const host of ['api.example', 'API.EXAMPLE:443', 'a.internal', 'b.a.internal'])
        expect(await status(host, named)).toBe(200)
      for (const host of ['x.api.example', 'internal', 'notinternal'])
        expect(await status(host, named)).toBe(421)
      expect(await status('whatever.example', any)).toBe(200)
    } finally {
      await Promise.all([named.stop(), any.stop()])
    }
  })
})

describe('GraphiQL', () => {
  const open = (of: Api) => fetch(of.url, { headers: { accept: 'text/html' } })

  test('runs its own scripts alone, and in no frame', async () => {
    const { headers } = await open(api)
    const policy = headers.get('content-security-policy')
    expect(policy).toMatch(/^default-src 'none'; script-src( 'sha256-[\w+/]+=')+;/)
    expect(policy).toContain("frame-ancestors 'none'")
  })

  test('can be switched off', async () => {
    const off = await createApi(tables, testSchema, { GRAPHIQL: 'false' })
    try {
      expect((await open(off)).headers.get('content-type')).not.toContain('text/html')
    } finally {
      await off.stop()
    }
  })

  test('is off where trusted documents alone are answered', () => {
    expect(api.config.hasGraphiql).toBe(true)
    const given = {
      ...{ DATABASE_URL: tables.url, DEPLOYMENTS: DEPLOYMENT },
      TRUSTED_DOCUMENTS: FILE,
    }
    expect(parseConfig(given).hasGraphiql).toBe(true)
    expect(parseConfig({ ...given, TRUSTED_DOCUMENTS_ONLY: 'true' }).hasGraphiql).toBe(false)
    expect(() =>
      parseConfig({ ...given, TRUSTED_DOCUMENTS_ONLY: 'true', GRAPHIQL: 'true' }),
    ).toThrow('GRAPHIQL should not be true')
    expect(() => parseConfig({ ...given, GRAPHIQL: 'no' })).toThrow(
      'GRAPHIQL should be true or false',
    )
    expect(() => parseConfig({ ...given, ALLOWED_HOSTS: 'https://a.example' })).toThrow(
      'ALLOWED_HOSTS should be names',
    )
  })
})

const DEPLOYMENT = JSON.stringify([
  {
    ...{ chainId: 1, name: 'main', startBlock: 1, tokens: [] },
    ...{ address: `0x${'11'.repeat(20)}`, coordinator: `0x${'22'.repeat(20)}` },
  },
])
/** An object of texts by names, as a file of operations is. */
const FILE = new URL('./trusted.json', import.meta.url).pathname
