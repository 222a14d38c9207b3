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
  const small = await createApi(tables, schema, { ANSWER_CACHE_BYTES: '450' })
  const none = await createApi(tables, schema, { ANSWER_CACHE_BYTES: '0' })
  const other = '{ head { number hash timestamp finalizedNumber chainId cursor } }'
  expect(await ask(STATE, {}, small)).toMatchObject({ isExecuted: true })
  expect(await ask(other, {}, small)).toMatchObject({ isExecuted: true })
  expect(await ask(other, {}, small)).toMatchObject({ isExecuted: true })
  expect(await ask(STATE, {}, small)).toMatchObject({ isExecuted: false })
  // Another block makes room.
  await chain.mine(2)
  expect(await ask(other, {}, small)).toMatchObject({ isExecuted: true })
  expect(await ask(other, {}, small)).toMatchObject({ isExecuted: false })
  expect(await ask(STATE, {}, none)).toMatchObject({ isExecuted: true })
  expect(await ask(STATE, {}, none)).toMatchObject({ isExecuted: true })
  await small.stop()
  await none.stop()
})
