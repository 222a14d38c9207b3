import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseConfig } from '../../../src/api/config.ts'
import { schema } from '../../../src/api/graphql/schema.ts'
import { createTables, type Tables } from '../../support/tables.ts'
import { createSocket } from './client.ts'
import { type Api, codesOf, createApi, createChain, read } from './world.ts'

let tables: Tables
let folder: string

beforeAll(async () => {
  tables = await createTables()
  await createChain(tables).begin()
  folder = await mkdtemp(join(tmpdir(), 'documents-'))
})
afterAll(async () => {
  await rm(folder, { recursive: true })
  await tables.stop()
})

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex')

const post = async ({ url }: Api, body: object) =>
  read(
    await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  )

const HEAD = '{ head { number } }'
const LIVE = 'subscription { livePool(poolId: "1") { head { number } } }'
const ANSWER = { data: { head: { number: '1' } } }

describe('automatic persisted queries', () => {
  let api: Api
  beforeAll(async () => {
    // Room for some forty texts.
    api = await createApi(tables, schema, { DOCUMENT_CACHE_BYTES: '65536' })
  })
  afterAll(() => api.stop())

  const named = (text: string) => ({
    extensions: { persistedQuery: { version: 1, sha256Hash: hashOf(text) } },
  })

  test('a hash that nobody sent the text of is asked for, in the words that clients know', async () => {
    const { status, body } = await post(api, named(HEAD))
    expect(status).toBe(200)
    expect(body).toEqual({
      errors: [
        { message: 'PersistedQueryNotFound', extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } },
      ],
    })
  })

  test('text and hash together are remembered, and the hash is enough then, everywhere', async () => {
    expect((await post(api, { query: HEAD, ...named(HEAD) })).body).toEqual(ANSWER)
    expect((await post(api, named(HEAD))).body).toEqual(ANSWER)
    expect((await post(api, { documentId: `sha256:${hashOf(HEAD)}` })).body).toEqual(ANSWER)
    const address = new URL(api.url)
    address.searchParams.set('extensions', JSON.stringify(named(HEAD).extensions))
    expect((await read(await fetch(address))).body).toEqual(ANSWER)
    address.search = `documentId=sha256:${hashOf(HEAD)}`
    expect((await read(await fetch(address))).body).toEqual(ANSWER)

    const socket = createSocket(api.socketUrl)
    for (const query of [LIVE, ''])
      expect(await socket.subscribe({ query, ...named(LIVE) }).next()).toEqual({
        data: { livePool: { head: { number: '1' } } },
      })
    await socket.close()
  })

  test('a text that is another one than the hash says is refused, and not remembered', async () => {
    expect(
      (await post(api, { query: '{ __typename }', ...named('{ tokens { name } }') })).codes,
    ).toEqual(['BAD_USER_INPUT'])
    expect((await post(api, named('{ tokens { name } }'))).codes).toEqual([
      'PERSISTED_QUERY_NOT_FOUND',
    ])
  })

  test('a text longer than operations are is answered, and not remembered', async () => {
    const text = `${HEAD} #${' '.repeat(20_000)}`
    expect((await post(api, { query: text, ...named(text) })).body).toEqual(ANSWER)
    expect((await post(api, named(text))).codes).toEqual(['PERSISTED_QUERY_NOT_FOUND'])
  })

  test.each([
    ['neither', {}],
    ['no text', { documentId: 7 }],
    [
      'another version',
      { extensions: { persistedQuery: { version: 2, sha256Hash: hashOf(HEAD) } } },
    ],
    ['no hash', { extensions: { persistedQuery: { version: 1 } } }],
    ['no object', { extensions: { persistedQuery: 'x' } }],
  ])('%s is refused', async (_, body) => {
    expect((await post(api, body)).codes).toEqual(['BAD_USER_INPUT'])
  })

  test('the ones used last are kept when there are too many', async () => {
    await post(api, { query: HEAD, ...named(HEAD) })
    const texts = Array.from({ length: 100 }, (_, at) => `{ head { n${at}: number } }`)
    for (const text of texts) {
      await post(api, { query: text, ...named(text) })
      // Asked for now and then, it stays; but not any more in the end.
      const isAsked = Number(texts.indexOf(text)) % 20 === 0 && texts.indexOf(text) <= 40
      if (isAsked) expect((await post(api, named(HEAD))).body).toEqual(ANSWER)
    }
    expect((await post(api, named(texts[0] ?? ''))).codes).toEqual(['PERSISTED_QUERY_NOT_FOUND'])
    expect((await post(api, named(HEAD))).codes).toEqual(['PERSISTED_QUERY_NOT_FOUND'])
    expect((await post(api, named(texts[99] ?? ''))).body).toEqual({
      data: { head: { n99: '1' } },
    })
  })
})

describe('trusted documents', () => {
  test('are answered by their id, and nothing else is when that is wished', async () => {
    const file = join(folder, 'trusted.json')
    await writeFile(file, JSON.stringify({ head: HEAD, [`sha256:${hashOf(LIVE)}`]: LIVE }))
    const api = await createApi(tables, schema, {
      TRUSTED_DOCUMENTS: file,
      TRUSTED_DOCUMENTS_ONLY: 'true',
    })
    expect((await post(api, { documentId: 'head' })).body).toEqual(ANSWER)
    expect((await post(api, { query: HEAD })).body).toEqual(ANSWER)
    expect((await post(api, { query: '{ __typename }' })).codes).toEqual(['DOCUMENT_NOT_TRUSTED'])
    const other = '{ tokens { name } }'
    const hash = { documentId: `sha256:${hashOf(other)}` }
    expect((await post(api, { query: other, ...hash })).codes).toEqual(['DOCUMENT_NOT_TRUSTED'])
    expect((await post(api, hash)).codes).toEqual(['PERSISTED_QUERY_NOT_FOUND'])
    const socket = createSocket(api.socketUrl)
    expect(await socket.subscribe({ query: LIVE }).next()).toEqual({
      data: { livePool: { head: { number: '1' } } },
    })
    const [refused] = (await socket.subscribe({ query: other }).ended) as [object]
    expect(codesOf({ errors: [refused] })).toEqual(['DOCUMENT_NOT_TRUSTED'])
    await socket.close()
    await api.stop()
  })

  test.each([
    ['no file', undefined],
    ['no JSON', '{'],
    ['no texts', '{"a":1}'],
    ['a hash of another text', JSON.stringify({ [`sha256:${hashOf('x')}`]: 'y' })],
  ])('%s is named at the start', async (name, text) => {
    const file = join(folder, `${name}.json`)
    if (text !== undefined) await writeFile(file, text)
    const given = { DATABASE_URL: tables.url, DEPLOYMENTS: '[]', TRUSTED_DOCUMENTS: file }
    expect(() => parseConfig(given)).toThrow('TRUSTED_DOCUMENTS should be a JSON file')
  })

  test('nothing but trusted ones, and none of them, is a mistake', () => {
    const deployments = JSON.stringify([
      {
        ...{ chainId: 1, name: 'main', startBlock: 1, tokens: [] },
        ...{ address: `0x${'11'.repeat(20)}`, coordinator: `0x${'22'.repeat(20)}` },
      },
    ])
    const given = {
      DATABASE_URL: tables.url,
      DEPLOYMENTS: deployments,
      TRUSTED_DOCUMENTS_ONLY: 'true',
    }
    expect(() => parseConfig(given)).toThrow('TRUSTED_DOCUMENTS should be there')
  })
})
