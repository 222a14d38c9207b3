import { once } from 'node:events'
import { createServer, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import WebSocket from 'ws'
import { createTables, type Tables } from '../../support/tables.ts'
import { testSchema } from './schema.ts'
import { type Api, codesOf, createApi, createChain, read } from './world.ts'

let tables: Tables
let api: Api

beforeAll(async () => {
  tables = await createTables()
  await createChain(tables).begin()
  api = await createApi(tables, testSchema, {
    MAX_COST: '5000',
    MAX_DEPTH: '8',
    MAX_ALIASES: '5',
    MAX_ROOT_FIELDS: '6',
    MAX_TOKENS: '300',
    OPERATION_TIMEOUT_MS: '300',
    MAX_ANSWER_BYTES: '20000',
    CORS_ORIGINS: 'https://friend.example',
  })
})
afterAll(async () => {
  await api.stop()
  await tables.stop()
})

const JSON_TYPE = 'application/json'
const post = async (body: string, headers: Record<string, string> = {}) =>
  read(
    await fetch(api.url, {
      method: 'POST',
      body,
      headers: { 'content-type': JSON_TYPE, ...headers },
    }),
  )
const ask = (query: string, variables: Record<string, unknown> = {}) =>
  post(JSON.stringify({ query, variables }), { accept: 'application/graphql-response+json' })

const chain = (levels: number) =>
  `{ item ${'{ child '.repeat(levels)}{ name } ${'}'.repeat(levels)} }`

describe('queries', () => {
  const OK = 200
  const cases: readonly {
    readonly name: string
    readonly query: string
    readonly variables?: Record<string, unknown>
    readonly status: number
    readonly codes: readonly string[]
  }[] = [
    { name: 'a plain one', query: '{ hello }', status: OK, codes: [] },
    { name: 'a typo', query: '{ hello', status: 400, codes: ['GRAPHQL_PARSE_FAILED'] },
    {
      name: 'an unknown field',
      query: '{ none }',
      status: 400,
      codes: ['GRAPHQL_VALIDATION_FAILED'],
    },
    {
      name: 'a mutation',
      query: 'mutation { hello }',
      status: 400,
      codes: ['GRAPHQL_VALIDATION_FAILED'],
    },
    {
      name: 'a wrong variable',
      query: 'query ($n: Int!) { echo(number: $n) }',
      variables: { n: 'many' },
      status: 400,
      codes: ['BAD_USER_INPUT'],
    },
    { name: 'as deep as may be', query: chain(6), status: OK, codes: [] },
    { name: 'too deep', query: chain(7), status: 400, codes: ['QUERY_TOO_COMPLEX'] },
    {
      name: 'too deep through fragments',
      query: `{ item { ...A } } fragment A on Item { child { child { ...B } } }
        fragment B on Item { child { child { child { child { child { name } } } } } }`,
      status: 400,
      codes: ['QUERY_TOO_COMPLEX'],
    },
    {
      name: 'as many aliases as may be',
      query: '{ a: hello b: hello c: hello d: hello e: hello }',
      status: OK,
      codes: [],
    },
    {
      name: 'too many aliases',
      query: '{ a: hello b: hello c: hello d: hello e: hello f: hello }',
      status: 400,
      codes: ['QUERY_TOO_COMPLEX'],
    },
    {
      name: 'aliases in a fragment that is spread again and again',
      query: `{ item { ...A child { ...A child { ...A } } } } fragment A on Item { a: name b: name }`,
      status: 400,
      codes: ['QUERY_TOO_COMPLEX'],
    },
    {
      name: 'too many root fields',
      query: '{ hello hello hello hello hello hello hello }',
      status: 400,
      codes: ['QUERY_TOO_COMPLEX'],
    },
    {
      name: 'too many tokens',
      query: `{ ${'hello '.repeat(301)} }`,
      status: 400,
      codes: ['QUERY_TOO_COMPLEX'],
    },
    {
      name: 'fragments in a circle',
      query: '{ item { ...A } } fragment A on Item { ...B } fragment B on Item { ...A }',
      status: 400,
      codes: ['GRAPHQL_VALIDATION_FAILED'],
    },
    {
      name: 'fragments that double twelve times',
      query: `{ item { ...F0 } } ${Array.from({ length: 12 }, (_, n) => `fragment F${n} on Item { ...F${n + 1} ...F${n + 1} a: name }`).join(' ')}
        fragment F12 on Item { name }`,
      status: 400,
      codes: ['QUERY_TOO_COMPLEX'],
    },
    {
      name: 'pages in pages',
      query: '{ items(first: 100) { items(first: 100) { name } } }',
      status: 400,
      codes: ['QUERY_TOO_COMPLEX'],
    },
    {
      name: 'pages by variables',
      query: 'query ($n: Int) { items(first: $n) { items(last: $n) { name } } }',
      variables: { n: 100 },
      status: 400,
      codes: ['QUERY_TOO_COMPLEX'],
    },
    {
      name: 'small pages by variables',
      query: 'query ($n: Int) { items(first: $n) { items(last: $n) { name } } }',
      variables: { n: 10 },
      status: OK,
      codes: [],
    },
    {
      name: "pages by a variable's default",
      query: 'query ($n: Int = 100) { items(first: $n) { items(first: $n) { name } } }',
      status: 400,
      codes: ['QUERY_TOO_COMPLEX'],
    },
    {
      name: 'pages without a size, which have 25 rows',
      query: '{ items { items { items { name } } } }',
      status: 400,
      codes: ['QUERY_TOO_COMPLEX'],
    },
    {
      name: 'pages through a fragment',
      query: `{ a: items(first: 500) { ...A } b: items(first: 500) { ...A } }
        fragment A on Item { name child { name child { name child { name } } } }`,
      status: 400,
      codes: ['QUERY_TOO_COMPLEX'],
    },
    {
      name: 'nothing where a value is needed',
      query: 'query ($n: Int = 1) { echo(number: $n) }',
      variables: { n: null },
      status: OK,
      codes: ['BAD_USER_INPUT'],
    },
    {
      name: 'introspection',
      query: '{ __schema { types { name fields { name type { name ofType { name } } } } } }',
      status: OK,
      codes: [],
    },
    {
      name: 'introspection in circles',
      query: '{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }',
      status: 400,
      codes: ['GRAPHQL_VALIDATION_FAILED'],
    },
    {
      name: 'introspection many times over',
      query: `{ ${['a', 'b', 'c', 'd', 'e'].map((name) => `${name}: __schema { types { fields { name args { name description } type { fields { name description isDeprecated } } } } }`).join(' ')} }`,
      status: 400,
      codes: ['QUERY_TOO_COMPLEX'],
    },
    {
      name: 'an answer as long as may be',
      query: '{ words(count: 19, length: 1000) }',
      status: OK,
      codes: [],
    },
    {
      name: 'too long an answer',
      query: '{ words(count: 20, length: 1000) }',
      status: 400,
      codes: ['QUERY_TOO_COMPLEX'],
    },
    {
      name: 'a name that would come again with every row',
      query: `{ items { ${'n'.repeat(201)}: name } }`,
      status: 400,
      codes: ['QUERY_TOO_COMPLEX'],
    },
    {
      name: 'a long name in every row',
      query: `{ items(first: 1) { a: items(first: 1) { ${'x'.repeat(7000)}: name } b: items(first: 1) { ${'x'.repeat(7000)}: name } c: items(first: 1) { ${'x'.repeat(7000)}: name } } }`,
      status: 400,
      codes: ['QUERY_TOO_COMPLEX'],
    },
    {
      name: 'a variable with a name that objects have',
      query: 'query ($__proto__: Int!) { echo(number: $__proto__) }',
      variables: JSON.parse('{ "__proto__": 1 }'),
      status: 400,
      codes: ['GRAPHQL_VALIDATION_FAILED'],
    },
    ...['@skip(if: true)', '@include(if: false)', '@skip(if: false)'].flatMap((directive) =>
      [
        `subscription { live ${directive} { head } }`,
        `subscription { ...A } fragment A on Subscription { live ${directive} { head } }`,
        `subscription { ... ${directive} { live { head } } }`,
      ].map((query) => ({
        name: query,
        query,
        status: 200,
        codes: ['GRAPHQL_VALIDATION_FAILED'],
      })),
    ),
    {
      name: "the caller's mistake in a resolver",
      query: '{ refused }',
      status: OK,
      codes: ['BAD_USER_INPUT'],
    },
    { name: 'no answer in time', query: '{ endless }', status: 504, codes: ['TIMEOUT'] },
    {
      name: 'a statement that takes too long',
      query: '{ statement }',
      status: 504,
      codes: ['TIMEOUT'],
    },
  ]
  test.each(cases)('$name: $status $codes', async ({ query, variables, status, codes }) => {
    if (query.startsWith('subscription')) {
      const stream = await fetch(`${api.url}?query=${encodeURIComponent(query)}`, {
        headers: { accept: 'text/event-stream' },
      })
      const [, data = ''] = (await stream.text()).split('event: next\ndata: ')
      expect([stream.status, codesOf(JSON.parse(data.split('\n')[0] ?? ''))]).toEqual([
        status,
        codes,
      ])
      return
    }
    const answer = await ask(query, variables)
    expect([answer.status, answer.codes]).toEqual([status, codes])
  })

  test('what went wrong inside stays inside, with an id that the log has too', async () => {
    const { status, body } = await ask('{ maybeBroken }')
    expect(status).toBe(500)
    expect(body).toEqual({
      data: { maybeBroken: null },
      errors: [
        {
          message: 'Something went wrong on our side',
          locations: [{ line: 1, column: 3 }],
          path: ['maybeBroken'],
          extensions: {
            code: 'INTERNAL_SERVER_ERROR',
            errorId: expect.stringMatching(/^[0-9a-f]{12}$/),
          },
        },
      ],
    })
  })

  test('a subscription whose state is too long ends with the same error', async () => {
    const stream = await fetch(
      `${api.url}?query=${encodeURIComponent('subscription { words(count: 20, length: 1000) }')}`,
      { headers: { accept: 'text/event-stream' } },
    )
    const text = await stream.text()
    expect(text).toContain('QUERY_TOO_COMPLEX')
    expect(text).toContain('event: complete')
    expect(text.length).toBeLessThan(1000)
  })

  test('whatever is nested, however deep, is the mistake of whoever sent it', async () => {
    const lists = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)
    const echo = 'query ($n: Int!) { echo(number: $n) }'
    for (const body of [
      `{"query":"{ hello }","variables":{"x":${lists(30_000)}}}`,
      `{"query":"${echo}","variables":{"n":${lists(30_000)}}}`,
      `{"query":"{ hello }","extensions":{"x":${lists(30_000)}}}`,
      `{"query":"${echo}","variables":{"n":${'{"NOT":'.repeat(4000)}1${'}'.repeat(4000)}}}`,
      `{"query":"{ echo(number: ${lists(140)}) }"}`,
    ]) {
      const { status, codes } = await post(body)
      expect(status).toBeLessThan(500)
      expect(codes).toEqual([expect.stringMatching(/^(BAD_USER_INPUT|GRAPHQL_VALIDATION_FAILED)$/)])
    }
  })

  test('what is said of mistakes is short, however many there are, and long what was sent', async () => {
    const text = 'x'.repeat(55_000)
    const names = Array.from({ length: 60 }, (_, at) => `k${at}`)
    const unknown = Object.fromEntries([...names.map((name) => [name, 1]), ['text', text]])
    for (const [query, variables] of [
      ['query ($n: Int!) { echo(number: $n) }', { n: text }],
      ['query ($n: [Int!]!) { echo(number: 1) hello }', { n: names.map(() => text.slice(0, 900)) }],
      [`{ ${names.slice(0, 5).join(' ')} echo(number: "${text}") }`, {}],
      ['query ($n: Int!) { echo(number: $n) }', { n: unknown }],
      [`{ items { ${names.join(' ')} } }`, {}],
    ] as const) {
      const answer = await fetch(api.url, {
        method: 'POST',
        headers: { 'content-type': JSON_TYPE },
        body: JSON.stringify({ query, variables }),
      })
      const answered = await answer.text()
      expect(JSON.parse(answered).errors.length).toBeLessThanOrEqual(21)
      expect(answered.length).toBeLessThan(15_000)
    }
  })

  test('mistakes use up the budget, by their size', async () => {
    const strict = await createApi(tables, testSchema, { COST_PER_MINUTE: '9000' })
    const send = async (body: object) =>
      (
        await read(
          await fetch(strict.url, {
            method: 'POST',
            headers: { 'content-type': JSON_TYPE },
            body: JSON.stringify(body),
          }),
        )
      ).codes[0]
    const long = ' '.repeat(50_000)
    const found: unknown[] = []
    for (const [query, variables] of [
      [`{ hello ${long}`, {}],
      [`{ none } ${long}`, {}],
      ['query ($n: Int!) { echo(number: $n) }', { n: long }],
      [`{ hello ${long}`, {}],
      ['{ hello }', {}],
      ['{ hello }', {}],
    ] as const)
      found.push(await send({ query, variables }))
    expect(found).toEqual([
      'GRAPHQL_PARSE_FAILED',
      'GRAPHQL_VALIDATION_FAILED',
      'BAD_USER_INPUT',
      'GRAPHQL_PARSE_FAILED',
      'LIMIT_EXCEEDED',
      'LIMIT_EXCEEDED',
    ])
    await strict.stop()
  })

  test('a time-out does not count the time spent waiting for a block', async () => {
    const waiting = ask('{ nextHead }')
    await ask('{ endless }')
    await createChain(tables).mine(2)
    expect((await waiting).body).toEqual({ data: { nextHead: '2' } })
  })
})

describe('requests', () => {
  const QUERY = JSON.stringify({ query: '{ hello }' })
  const cases: readonly {
    readonly name: string
    readonly init: RequestInit
    readonly path?: string
    readonly status: number
    readonly codes: readonly string[]
  }[] = [
    {
      name: 'a form',
      init: {
        method: 'POST',
        body: 'query={hello}',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      },
      status: 415,
      codes: ['BAD_USER_INPUT'],
    },
    {
      name: 'a multipart form',
      init: { method: 'POST', body: new FormData() },
      status: 415,
      codes: ['BAD_USER_INPUT'],
    },
    {
      name: 'JSON that says it is text',
      init: { method: 'POST', body: QUERY, headers: { 'content-type': 'text/plain' } },
      status: 415,
      codes: ['BAD_USER_INPUT'],
    },
    {
      name: 'bare GraphQL',
      init: {
        method: 'POST',
        body: '{ hello }',
        headers: { 'content-type': 'application/graphql' },
      },
      status: 415,
      codes: ['BAD_USER_INPUT'],
    },
    {
      name: 'JSON in another encoding',
      init: {
        method: 'POST',
        body: QUERY,
        headers: { 'content-type': 'application/json; charset=utf-16' },
      },
      status: 415,
      codes: ['BAD_USER_INPUT'],
    },
    {
      name: 'a batch',
      init: { method: 'POST', body: `[${QUERY}]`, headers: { 'content-type': JSON_TYPE } },
      status: 400,
      codes: ['BAD_USER_INPUT'],
    },
    {
      name: 'broken JSON',
      init: { method: 'POST', body: '{', headers: { 'content-type': JSON_TYPE } },
      status: 400,
      codes: ['BAD_USER_INPUT'],
    },
    {
      name: 'null',
      init: { method: 'POST', body: 'null', headers: { 'content-type': JSON_TYPE } },
      status: 400,
      codes: ['BAD_USER_INPUT'],
    },
    {
      name: 'a body of 64 KiB',
      init: {
        method: 'POST',
        body: JSON.stringify({ query: '{ hello }' }).padEnd(65_536),
        headers: { 'content-type': JSON_TYPE },
      },
      status: 200,
      codes: [],
    },
    {
      name: 'a body of one byte more',
      init: {
        method: 'POST',
        body: JSON.stringify({ query: '{ hello }' }).padEnd(65_537),
        headers: { 'content-type': JSON_TYPE },
      },
      status: 413,
      codes: ['LIMIT_EXCEEDED'],
    },
    { name: 'GET', path: '?query={hello}', init: {}, status: 200, codes: [] },
    {
      name: 'GET with broken variables',
      path: '?query={hello}&variables={',
      init: {},
      status: 400,
      codes: ['BAD_USER_INPUT'],
    },
    { name: 'PUT', init: { method: 'PUT', body: QUERY }, status: 405, codes: ['BAD_USER_INPUT'] },
    { name: 'another path', path: '/../other', init: {}, status: 404, codes: ['BAD_USER_INPUT'] },
  ]
  test.each(cases)('$name: $status $codes', async ({ init, path = '', status, codes }) => {
    const answer = await read(await fetch(api.url + path, init))
    expect([answer.status, answer.codes]).toEqual([status, codes])
  })

  test('a body without a length is cut off at 64 KiB', async () => {
    const { promise, resolve, reject } = Promise.withResolvers<{ status: unknown; text: string }>()
    const upload = request(
      api.url,
      { method: 'POST', headers: { 'content-type': JSON_TYPE } },
      async (response) => {
        const chunks: Buffer[] = []
        for await (const chunk of response) chunks.push(chunk)
        resolve({ status: response.statusCode, text: Buffer.concat(chunks).toString() })
      },
    )
    upload.on('error', reject)
    for (let sent = 0; sent < 70; sent += 1) upload.write(' '.repeat(1024))
    const { status, text } = await promise
    upload.destroy()
    expect([status, codesOf(JSON.parse(text))]).toEqual([413, ['LIMIT_EXCEEDED']])
  })
})

describe('origins', () => {
  const preflight = (origin: string) =>
    fetch(api.url, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
      },
    })
  const cors = (headers: Headers) =>
    Object.fromEntries([...headers].filter(([name]) => name.startsWith('access-control')))

  test('one of the list may read, without credentials', async () => {
    const { status, headers } = await preflight('https://friend.example')
    expect([status, cors(headers)]).toEqual([
      204,
      {
        'access-control-allow-origin': 'https://friend.example',
        'access-control-allow-methods': 'GET, POST',
        'access-control-allow-headers':
          'accept, authorization, content-type, last-event-id, traceparent, tracestate, baggage, sentry-trace, apollographql-client-name, apollographql-client-version',
        'access-control-max-age': '86400',
      },
    ])
    const answer = await post(JSON.stringify({ query: '{ hello }' }), {
      origin: 'https://friend.example',
    })
    expect(cors(answer.headers)).toEqual({
      'access-control-allow-origin': 'https://friend.example',
      'access-control-expose-headers': 'retry-after, x-block, x-request-id',
    })
    const exported = api.url.replace('/graphql', '/export/entries')
    const asked = { origin: 'https://friend.example', 'access-control-request-method': 'GET' }
    const { status: exportStatus, headers: exportHeaders } = await fetch(exported, {
      method: 'OPTIONS',
      headers: asked,
    })
    expect([exportStatus, cors(exportHeaders)['access-control-allow-origin']]).toEqual([
      204,
      'https://friend.example',
    ])
  })

  test.each(['https://foe.example', 'http://friend.example', 'null'])(
    '%s may not',
    async (origin) => {
      expect(cors((await preflight(origin)).headers)).toEqual({})
      const answer = await post(JSON.stringify({ query: '{ hello }' }), { origin })
      expect(cors(answer.headers)).toEqual({})
      const stream = await fetch(`${api.url}?query={hello}`, {
        headers: { origin, accept: 'text/event-stream' },
      })
      expect(stream.status).toBe(403)
    },
  )
})

describe('media types', () => {
  const STRICT = 'application/graphql-response+json'
  test.each([
    ['application/json;q=0', 406, JSON_TYPE],
    [`application/json;q=0, ${STRICT}`, 200, STRICT],
    [`application/json;q=0.1, ${STRICT}`, 200, STRICT],
    [`${STRICT};q=0.1, application/json`, 200, JSON_TYPE],
    [`${STRICT};q=0, application/json`, 200, JSON_TYPE],
    ['*/*;q=0', 406, JSON_TYPE],
    [STRICT.toUpperCase(), 200, STRICT],
    ['application/json; charset=utf-16', 406, JSON_TYPE],
    ['text/html, application/xhtml+xml, */*;q=0.8', 200, JSON_TYPE],
    ['Text/Event-Stream', 200, 'text/event-stream'],
    ['text/event-stream;q=0, application/json', 200, JSON_TYPE],
  ])('%s: %d %s', async (accept, status, type) => {
    const answer = await fetch(api.url, {
      method: 'POST',
      body: JSON.stringify({ query: '{ hello }' }),
      headers: { accept, 'content-type': JSON_TYPE },
    })
    await answer.text()
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      status,
      `${type}; charset=utf-8`,
    ])
  })

  test('no answer is kept by a cache between', async () => {
    for (const search of ['?query={hello}', '?query={none}', '?query={'])
      expect((await fetch(api.url + search)).headers.get('cache-control')).toBe('no-store')
  })
})

/** A proxy as nginx is one: another host, and what it is told to add. */
const createProxy = async (to: string, added: (host: string) => Record<string, string>) => {
  const { port } = new URL(to)
  const headersOf = ({ headers }: IncomingMessage) => {
    const { host = '', ...others } = headers
    return { ...others, host: `127.0.0.1:${port}`, ...added(host) }
  }
  const proxy = createServer((incoming, response) => {
    const headers = headersOf(incoming)
    const upstream = request(
      new URL(incoming.url ?? '/', to),
      { method: incoming.method ?? 'GET', headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(response)
      },
    )
    upstream.on('error', () => response.destroy())
    response.on('close', () => upstream.destroy())
    incoming.pipe(upstream)
  })
  proxy.on('upgrade', (incoming, socket) => {
    const upstream = request(new URL(incoming.url ?? '/', to), { headers: headersOf(incoming) })
    upstream.on('upgrade', ({ headers }, other) => {
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
      socket.write(['HTTP/1.1 101 Switching Protocols', ...lines, '', ''].join('\r\n'))
      socket.on('error', () => other.destroy())
      other.on('error', () => socket.destroy())
      socket.pipe(other).pipe(socket)
    })
    upstream.on('response', ({ statusCode }) => {
      socket.end(`HTTP/1.1 ${statusCode} Refused\r\ncontent-length: 0\r\n\r\n`)
    })
    upstream.on('error', () => socket.destroy())
    upstream.end()
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const address = proxy.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${address.port}/graphql/`,
    origin: `http://127.0.0.1:${address.port}`,
    stop: () => {
      proxy.closeAllConnections()
      proxy.close()
    },
  }
}

describe('behind a proxy', () => {
  const LIVE = 'subscription { live { prizePool } }'

  /** Whether a page of this origin gets an event stream and a WebSocket. */
  const opens = async (url: string, headers: Record<string, string>) => {
    const leaving = new AbortController()
    const stream = await fetch(`${url}?query=${encodeURIComponent(LIVE)}`, {
      signal: leaving.signal,
      headers: { accept: 'text/event-stream', ...headers },
    })
    leaving.abort()
    const socket = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws', { headers })
    const opened = await new Promise((resolve) => {
      socket.on('open', () => resolve(true))
      socket.on('error', () => resolve(false))
    })
    socket.terminate()
    return [stream.status === 200, opened]
  }

  test.each<[string, Record<string, string>, (host: string) => Record<string, string>, boolean]>([
    [
      'that hands the host on',
      { TRUSTED_PROXIES: '1' },
      (host) => ({ 'x-forwarded-host': host }),
      true,
    ],
    [
      'that hands it on as RFC 7239 says',
      { TRUSTED_PROXIES: '1', FORWARDED_HEADER: 'Forwarded' },
      (host) => ({ forwarded: `for=192.0.2.1;host="${host}"` }),
      true,
    ],
    ['that nobody trusts', {}, (host) => ({ 'x-forwarded-host': host }), false],
    ['with the defaults of nginx', {}, () => ({}), false],
    ['with the defaults of nginx, on this machine', { CORS_ORIGINS: 'loopback' }, () => ({}), true],
  ])('%s', async (_, variables, added, isOpen) => {
    const behind = await createApi(tables, testSchema, variables)
    const proxy = await createProxy(behind.url, added)
    const { origin } = proxy
    expect(await opens(proxy.url, { origin })).toEqual([isOpen, isOpen])
    expect(await opens(proxy.url, { origin: 'https://foe.example' })).toEqual([false, false])
    // What the browser says of its own page holds whatever the proxy makes of the host.
    expect(await opens(proxy.url, { origin, 'sec-fetch-site': 'same-origin' })).toEqual([
      true,
      true,
    ])
    proxy.stop()
    await behind.stop()
  })
})

test('health, readiness and GraphiQL', async () => {
  const base = api.url.replace('/graphql', '')
  expect((await read(await fetch(`${base}/health`))).body).toEqual({ status: 'ok' })
  const ready = await read(await fetch(`${base}/ready`))
  expect([ready.status, ready.body.ready]).toEqual([200, true])
  const page = await fetch(api.url, { headers: { accept: 'text/html' } })
  const html = await page.text()
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(html).toContain('YogaGraphiQL.renderYogaGraphiQL(')
  expect(html).not.toMatch(/<(script|link)[^>]+(src|href)=["']?https?:/)
})
