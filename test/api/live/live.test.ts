import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createTables, type Tables } from '../../support/tables.ts'
import { createSocket, createStream, type Subscription } from '../server/client.ts'
import { testSchema } from '../server/schema.ts'
import { type Api, createApi, createChain } from '../server/world.ts'

const PRIZE = 'subscription { live { prizePool } }'
const HEAD = 'subscription { live { head prizePool } }'

let tables: Tables
let chain: ReturnType<typeof createChain>
let api: Api

beforeAll(async () => {
  tables = await createTables()
  chain = createChain(tables)
})
afterAll(() => tables.stop())

/** An API that has seen block 1. */
const begin = async (variables: Record<string, string> = {}) => {
  await chain.begin()
  api = await createApi(tables, testSchema, variables)
  await expect.poll(() => api.heads.current().size).toBe(1)
}
const prize = (prizePool: string) => ({ data: { live: { prizePool } } })
const at = (head: string, prizePool: string) => ({ data: { live: { head, prizePool } } })
const kill = (name: string) =>
  tables.sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = ${name}`

describe.each([
  ['WebSocket', () => createSocket(api.socketUrl)],
  ['event stream', () => createStream(api.url)],
])('over %s', (_, connect) => {
  let client: ReturnType<typeof connect>
  const subscribe = (query: string): Subscription => client.subscribe({ query })

  beforeEach(async () => {
    await begin()
    client = connect()
  })
  afterEach(async () => {
    await client.close()
    await api.stop()
  })

  test('the first state comes at once, without another block', async () => {
    expect(await subscribe(PRIZE).next()).toEqual(prize('0'))
  })

  test('then every change, and nothing when nothing differs', async () => {
    const live = subscribe(PRIZE)
    await live.next()
    await chain.mine(2, { prizePool: 2n })
    expect(await live.next()).toEqual(prize('2'))
    await chain.mine(3)
    await chain.mine(4)
    await chain.mine(5, { prizePool: 5n })
    expect(await live.next()).toEqual(prize('5'))
    expect(live.unread()).toBe(0)
  })

  test('a change without a bell comes with the next look', async () => {
    const live = subscribe(HEAD)
    await live.next()
    await chain.mine(2, { prizePool: 2n, isSilent: true })
    expect(await live.next()).toEqual(at('2', '2'))
  })

  test('bells that anyone may ring say nothing', async () => {
    const live = subscribe(HEAD)
    await live.next()
    const channel = `${tables.schema}_live_query`
    for (const payload of ['', '[', '["round"]', '{"head":99}', 'x'.repeat(7000)])
      await tables.sql`select pg_notify(${channel}, ${payload})`
    await chain.mine(2, { prizePool: 2n })
    expect(await live.next()).toEqual(at('2', '2'))
    expect(live.unread()).toBe(0)
  })

  test('after a reorganisation the corrected state comes with the next look, at a lower head', async () => {
    await chain.mine(2)
    await chain.mine(3, { prizePool: 3n })
    const live = subscribe(HEAD)
    expect(await live.next()).toEqual(at('3', '3'))
    await chain.revertTo(1, 0n)
    await chain.mine(2, { branch: 'b', parentBranch: 'a', prizePool: 20n })
    // With the next look, and without another block.
    expect(await live.next()).toEqual(at('2', '20'))
    await chain.mine(3, { branch: 'b' })
    expect(await live.next()).toEqual(at('3', '20'))
  })

  test('also when the reorganisation rings no bell at all', async () => {
    await chain.mine(2, { prizePool: 2n })
    const live = subscribe(HEAD)
    expect(await live.next()).toEqual(at('2', '2'))
    await chain.revertTo(1, 0n)
    await chain.mine(2, { branch: 'b', parentBranch: 'a', prizePool: 20n, isSilent: true })
    expect(await live.next()).toEqual(at('2', '20'))
  })

  test('while the indexer rewinds after a restart nothing comes, then it goes on', async () => {
    for (const number of [2, 3, 4]) await chain.mine(number, { prizePool: BigInt(number) })
    const live = subscribe(HEAD)
    expect(await live.next()).toEqual(at('4', '4'))
    await chain.revertTo(1, 0n)
    await expect.poll(() => api.heads.isRewinding(), { timeout: 3000 }).toBe(true)
    for (const number of [2, 3, 4]) await chain.mine(number, { prizePool: BigInt(number) })
    await expect.poll(() => api.heads.isRewinding(), { timeout: 3000 }).toBe(false)
    await chain.mine(5, { prizePool: 5n })
    expect(await live.next()).toEqual(at('5', '5'))
    expect(live.unread()).toBe(0)
  })

  test('a rewind that runs into a reorganisation is told from the first other block on', async () => {
    for (const number of [2, 3, 4]) await chain.mine(number, { prizePool: BigInt(number) })
    const live = subscribe(HEAD)
    await live.next()
    await chain.revertTo(1, 0n)
    await expect.poll(() => api.heads.isRewinding(), { timeout: 3000 }).toBe(true)
    await chain.mine(2, { prizePool: 2n })
    await chain.mine(3, { branch: 'b', parentBranch: 'a', prizePool: 30n })
    expect(await live.next()).toEqual(at('3', '30'))
  })

  test('the database may drop every connection', async () => {
    const live = subscribe(HEAD)
    await live.next()
    await kill('pay402win-api')
    await kill('pay402win-doorbell')
    await chain.mine(2, { prizePool: 2n })
    expect(await live.next()).toEqual(at('2', '2'))
  })

  test('a new reader of a running subscription gets its state at once', async () => {
    const one = subscribe(PRIZE)
    await one.next()
    await chain.mine(2, { prizePool: 2n })
    await one.next()
    const two = subscribe(PRIZE)
    expect(await two.next()).toEqual(prize('2'))
    expect(api.server.live()).toEqual({ clients: 2, queries: 1 })
  })
})

describe('the doorbell', () => {
  afterEach(() => api.stop())

  const listeners = async () => {
    const rows = await tables.sql`
      select pid from pg_stat_activity
      where application_name = 'pay402win-doorbell' and query like 'listen%' and state = 'idle'`
    return rows.map(({ pid }) => Number(pid))
  }

  test('is what brings the news, long before the next look, and is back after its connection was cut', async () => {
    await begin({ LOOK_INTERVAL_MS: '60000' })
    const client = createSocket(api.socketUrl)
    const live = client.subscribe({ query: HEAD })
    await live.next()
    await expect.poll(listeners).toHaveLength(1)
    const [before] = await listeners()
    await chain.mine(2, { prizePool: 2n })
    expect(await live.next()).toEqual(at('2', '2'))

    await kill('pay402win-doorbell')
    await expect
      .poll(async () => (await listeners()).filter((pid) => pid !== before))
      .toHaveLength(1)
    await chain.mine(3, { prizePool: 3n })
    expect(await live.next()).toEqual(at('3', '3'))
    await client.close()
  })
})

describe('the head', () => {
  afterEach(() => api.stop())

  test('that went back and stands still is believed after a while: the chain is shorter now', async () => {
    await begin({ REWIND_PATIENCE_MS: '100', LOOK_INTERVAL_MS: '50' })
    await chain.mine(2, { prizePool: 2n })
    const client = createSocket(api.socketUrl)
    const live = client.subscribe({ query: HEAD })
    expect(await live.next()).toEqual(at('2', '2'))
    await chain.revertTo(1, 0n)
    expect(await live.next()).toEqual(at('1', '0'))
    await client.close()
  })

  test('can be waited for, and the waiting ends with the time, the signal and the server', async () => {
    await begin()
    const { waitForHead } = api.heads
    const timeoutMs = 20_000
    await waitForHead({ chainId: 31337, afterNumber: 0, timeoutMs })
    await waitForHead({ chainId: 31337, afterNumber: 1, timeoutMs: 1 })
    await waitForHead({ chainId: 31337, afterNumber: 1, timeoutMs, signal: AbortSignal.abort() })
    const [next] = [waitForHead({ chainId: 31337, afterNumber: 1, timeoutMs })]
    await chain.mine(2)
    await next
    const last = waitForHead({ chainId: 31337, afterNumber: 2, timeoutMs })
    await api.heads.stop()
    await last
  })
})
