import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { schema } from '../../../src/api/graphql/schema.ts'
import { createTables, type Tables } from '../../support/tables.ts'
import { createSocket } from './client.ts'
import { type Api, createApi, createChain, hashOf, read } from './world.ts'

let tables: Tables
let chain: ReturnType<typeof createChain>
let api: Api

beforeAll(async () => {
  tables = await createTables()
  chain = createChain(tables)
  await chain.begin()
  // Nobody tells this process of a block: it has to find out when it is asked.
  api = await createApi(tables, schema, { LOOK_INTERVAL_MS: '60000' })
})
beforeEach(() => chain.begin())
afterAll(async () => {
  await api.stop()
  await tables.stop()
})

const post = async (body: object, of: Api = api) =>
  read(
    await fetch(of.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  )

/** The answer, and whether it was executed for this. */
const ask = async (query: string, rest: object = {}, of: Api = api) => {
  const before = of.executed()
  const { body } = await post({ query, ...rest }, of)
  return { body, isExecuted: of.executed() > before }
}

const STATE =
  '{ head { number hash finalizedNumber } pool(poolId: "1") { currentRound { prizePool { raw } } } }'

const state = (number: number, raw: string, branch = 'a', finalized = 1) => ({
  data: {
    head: {
      number: String(number),
      hash: hashOf(number, branch),
      finalizedNumber: String(finalized),
    },
    pool: { currentRound: { prizePool: { raw } } },
  },
})

test('the same question about the same block is executed once', async () => {
  expect(await ask(STATE)).toEqual({ body: state(1, '0'), isExecuted: true })
  expect(await ask(STATE)).toEqual({ body: state(1, '0'), isExecuted: false })
  // Spaces are no part of a question; names, values and other documents are.
  expect(await ask(STATE.replace('{ head', '{  head'))).toMatchObject({ isExecuted: false })
  const named = 'query A($id: BigInt!) { pool(poolId: $id) { name } } query B { head { number } }'
  const a = { operationName: 'A', variables: { id: '1' } }
  expect(await ask(named, a)).toMatchObject({ isExecuted: true })
  expect(await ask(named, a)).toMatchObject({ isExecuted: false })
  expect(await ask(named, { ...a, variables: { id: '2' } })).toMatchObject({ isExecuted: true })
  expect(await ask(named, { operationName: 'B' })).toMatchObject({ isExecuted: true })
})

test('variables count by what they mean, and only those that are declared', async () => {
  const text =
    'query ($id: BigInt! = 1, $of: PoolFilter) { pool(poolId: $id) { name } pools(where: $of) { totalCount } }'
  const ofFee = (feeBps: object) => ({ of: { AND: [{ feeBps, name: { eq: 'Classic' } }] } })
  expect(await ask(text, { variables: ofFee({ gt: 1, lt: 2 }) })).toMatchObject({
    isExecuted: true,
  })
  for (const variables of [
    { ...ofFee({ lt: 2, gt: 1 }), id: '1' },
    { id: 1, of: { AND: { name: { eq: 'Classic' }, feeBps: { gt: 1, lt: 2 } } } },
    { ...ofFee({ gt: 1, lt: 2 }), padding: 'x'.repeat(1000), ID: 2 },
  ])
    expect(await ask(text, { variables })).toMatchObject({ isExecuted: false })
  expect(await ask(text, { variables: ofFee({ gt: 1, lt: 3 }) })).toMatchObject({
    isExecuted: true,
  })
  expect(await ask(text, { variables: { of: null } })).toMatchObject({ isExecuted: true })
  expect(await ask(text)).toMatchObject({ isExecuted: true })
})

test('no answer is older than the rows, whoever was told of them', async () => {
  await ask(STATE)
  await chain.mine(2, { prizePool: 5n, isSilent: true })
  expect(await ask(STATE)).toEqual({ body: state(2, '5'), isExecuted: true })
  expect(await ask(STATE)).toEqual({ body: state(2, '5'), isExecuted: false })

  await chain.revertTo(1, 0n)
  await chain.mine(2, { prizePool: 7n, branch: 'b', parentBranch: 'a', isSilent: true })
  expect(await ask(STATE)).toEqual({ body: state(2, '7', 'b'), isExecuted: true })

  await tables.finalize(31337, 2)
  expect(await ask(STATE)).toEqual({ body: state(2, '7', 'b', 2), isExecuted: true })
  expect(await ask(STATE)).toMatchObject({ isExecuted: false })

  await chain.revertTo(1, 0n)
  expect(await ask(STATE)).toEqual({ body: state(1, '0'), isExecuted: true })
})

test.each([
  ['an error', '{ pool(poolId: "x") { name } }'],
  ['what has data and an error', '{ head { number } leaderboard(token: "0x00") { totalCount } }'],
  ['the status, which a node and the clock have a part in', '{ status { ready } }'],
  ['what the auditor found', '{ integrityIssues { edges { node { id } } } }'],
  ['what it compared', '{ reconciliations { drift { raw } } }'],
  ['an issue', '{ node(id: "SW50ZWdyaXR5SXNzdWU6eA") { id } }'],
  ['a wait', `{ transaction(hash: "${hashOf(9)}", waitMs: 10) { indexed } }`],
])('%s is never kept', async (_, query) => {
  const first = await ask(query)
  expect(await ask(query)).toEqual(first)
})

test('WebSocket clients get what HTTP clients were answered', async () => {
  await ask(STATE)
  const before = api.executed()
  const socket = createSocket(api.socketUrl)
  expect(await socket.subscribe({ query: STATE }).next()).toEqual(state(1, '0'))
  expect(api.executed()).toBe(before)
  await socket.close()
})

test('what does not fit is executed again', async () => {
  const small = await createApi(tables, schema, { ANSWER_CACHE_BYTES: '700' })
  const none = await createApi(tables, schema, { ANSWER_CACHE_BYTES: '0' })
  const large = `{ ${Array.from({ length: 5 }, (_, at) => `a${at}: head { hash }`).join(' ')} }`
  expect(await ask(large, {}, small)).toMatchObject({ isExecuted: true })
  expect(await ask(large, {}, small)).toMatchObject({ isExecuted: true })
  expect(await ask(STATE, {}, small)).toMatchObject({ isExecuted: true })
  expect(await ask(STATE, {}, small)).toMatchObject({ isExecuted: false })
  expect(await ask(STATE, {}, none)).toMatchObject({ isExecuted: true })
  expect(await ask(STATE, {}, none)).toMatchObject({ isExecuted: true })
  await small.stop()
  await none.stop()
})

test('whatever clients ask, while the head stands still, every cache stays within its bytes', async () => {
  const tight = await createApi(tables, schema, {
    ANSWER_CACHE_BYTES: '8192',
    DOCUMENT_CACHE_BYTES: '131072',
    LEADERBOARD_BYTES: '65536',
  })
  const padding = 'x'.repeat(2000)
  const board = (alias: number, minEntries: number) =>
    `a${alias}: leaderboard(token: "0x${'00'.repeat(20)}", minEntries: ${minEntries}) { totalCount }`
  const questions = (at: number): readonly object[] => [
    { query: 'query ($id: BigInt!) { pool(poolId: $id) { name } }', variables: { id: at } },
    { query: `{ a${at}: head { number } }`, variables: { [padding]: at } },
    { query: `{ a${at}: hea { ${padding} } }` },
    { query: '{ head('.repeat(at + 1) + padding },
    {
      query: `{ ${Array.from({ length: 20 }, (_, alias) => board(alias, 20 * at + alias)).join(' ')} }`,
    },
  ]
  const fullest = new Map<string, number>()
  for (let at = 0; at < 40; at += 1) {
    await Promise.all(
      questions(at)
        .slice(0, at < 8 ? 5 : 4)
        .map((body) => post(body, tight)),
    )
    for (const [name, { bytes, mostBytes }] of Object.entries(tight.server.caches()))
      fullest.set(name, Math.max(fullest.get(name) ?? 0, bytes / mostBytes))
  }
  expect([...fullest].filter(([, share]) => share > 1)).toEqual([])
  // They were full, so that it was the bound that held. Boards have a share of their own in the last.
  expect([...fullest].filter(([, share]) => share > 0.35).map(([name]) => name)).toEqual(
    expect.arrayContaining(['answers', 'documents', 'leaderboards']),
  )
  await tight.stop()
})

test('tables that somebody locks are waited for, and said to be locked', async () => {
  const other = await createApi(tables, schema, { LOCK_TIMEOUT_MS: '20' })
  const locked = Promise.withResolvers<void>()
  const release = Promise.withResolvers<void>()
  const changing = tables.sql.begin(async (sql) => {
    await sql.unsafe('lock table block, pool in access exclusive mode')
    locked.resolve()
    await release.promise
  })
  try {
    await locked.promise
    expect((await post({ query: '{ pools { totalCount } }' }, other)).codes).toEqual(['NOT_READY'])
  } finally {
    release.resolve()
    await changing
    await other.stop()
  }
})
