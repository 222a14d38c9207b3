import postgres from 'postgres'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { schema } from '../../../src/api/graphql/schema.ts'
import { createApiKey } from '../../../stack/apiKeys.ts'
import { createTables, type Tables } from '../../support/tables.ts'
import { createRawSocket } from '../server/client.ts'
import { type Api, createApi, createChain } from '../server/world.ts'

/** Those who share a server: what one of them may have, and whose turn it is. */

let tables: Tables
let chain: ReturnType<typeof createChain>
let api: Api
/** How long a thing may take on a machine that is busy. */
const SOON = { timeout: 30_000 }

const sockets: { readonly close: () => unknown }[] = []

beforeAll(async () => {
  tables = await createTables()
  chain = createChain(tables)
})
afterEach(async () => {
  for (const socket of sockets.splice(0)) await socket.close()
  await api.stop()
})
afterAll(() => tables.stop())

const begin = async (variables: Record<string, string> = {}) => {
  await chain.begin()
  // With two connections one execution for those who listen runs at once.
  const common = { TRUSTED_PROXIES: '1', DATABASE_CONNECTIONS: '2' }
  api = await createApi(tables, schema, { ...common, ...variables })
  await expect.poll(() => api.heads.current().size).toBe(1)
}

/** Everything that came, in the order in which it came: who got it, and for which operation. */
const createLog = () => {
  const entries: { readonly who: string; readonly id: string; readonly code?: string }[] = []
  const count = (who: string, ids?: readonly string[]) =>
    entries.filter((entry) => entry.who === who && (ids?.includes(entry.id) ?? true)).length
  return { entries, count }
}
type Log = ReturnType<typeof createLog>

const isRefused = ({ payload }: Record<string, unknown>) =>
  JSON.stringify(payload).includes('LIMIT_EXCEEDED')

/** A client at an address; its messages go to the log. */
const client = async (who: string, log: Log, headers: Record<string, string> = {}) => {
  const socket = await createRawSocket(api.socketUrl, {
    headers: { 'x-forwarded-for': who, ...headers },
  })
  sockets.push(socket)
  await socket.init()
  const read = async (): Promise<void> => {
    const message = await Promise.race([socket.next(), socket.closed])
    if (!('type' in message)) return
    const { id, type } = message
    if (type === 'next')
      log.entries.push({
        ...{ who, id: String(id) },
        ...(isRefused(message) ? { code: 'LIMIT_EXCEEDED' } : {}),
      })
    return read()
  }
  read().catch(() => undefined)
  return socket
}

/** Distinct for each name. */
const livePool = (name: string) =>
  `subscription { livePool(poolId: "1") { head { number } ${name}: participants } }`
const feed = (name: string) =>
  `subscription { feed(fromStart: true) { __typename ... on FeedAppend { ${name}: cursor } } }`
const named = (count: number) => Array.from({ length: count }, (_, at) => `n${at}`)

test('subscriptions have a share of each address and of each key; what there is goes on', async () => {
  await begin({
    ...{ MAX_SUBSCRIPTIONS: '6', MAX_SUBSCRIPTIONS_PER_ADDRESS: '2' },
    MAX_SUBSCRIPTIONS_PER_KEY: '1',
  })
  const sql = postgres(tables.url, { max: 1, onnotice: () => undefined })
  const { key } = await createApiKey(sql, 'pay402win_access', {
    ...{ name: 'a test', role: 'player', costPerMinute: null },
  })
  await sql.end({ timeout: 5 })
  const log = createLog()
  const codes = () =>
    Object.fromEntries(log.entries.map(({ who, id, code }) => [`${who} ${id}`, code ?? 'ok']))
  const full = 'LIMIT_EXCEEDED'
  const one = await client('192.0.2.1', log)
  for (const id of ['a', 'b', 'c']) one.subscribe(id, livePool(id))
  const again = await client('192.0.2.1', log)
  again.subscribe('d', livePool('d'))
  const keyed = await client('192.0.2.2', log, { authorization: `Bearer ${key}` })
  for (const id of ['a', 'b']) keyed.subscribe(id, livePool(id))
  const site = await Promise.all([1, 2].map((n) => client(`2001:db8:0:${n}::1`, log)))
  for (const each of site) each.subscribe('a', livePool('a'))
  await expect.poll(codes, SOON).toEqual({
    ...{ '192.0.2.1 a': 'ok', '192.0.2.1 b': 'ok', '192.0.2.1 c': full, '192.0.2.1 d': full },
    ...{ '192.0.2.2 a': 'ok', '192.0.2.2 b': full },
    ...{ '2001:db8:0:1::1 a': 'ok', '2001:db8:0:2::1 a': 'ok' },
  })
  expect(api.server.live().clients).toBe(5)

  one.send({ type: 'complete', id: 'a' })
  await expect.poll(() => api.server.live().clients, SOON).toBe(4)
  again.subscribe('e', livePool('e'))
  await expect.poll(codes, SOON).toMatchObject({ '192.0.2.1 e': 'ok' })
  log.entries.splice(0)
  await chain.mine(2)
  await expect.poll(() => log.entries.length, SOON).toBe(5)
})

test('a site of IPv6 has the shares of four of its networks', async () => {
  await begin({ MAX_SUBSCRIPTIONS_PER_ADDRESS: '1' })
  const log = createLog()
  for (let network = 1; network <= 6; network++)
    (await client(`2001:db8:0:${network}::1`, log)).subscribe('a', livePool('a'))
  await expect.poll(() => log.entries.length, SOON).toBe(6)
  expect(log.entries.filter(({ code }) => code === undefined)).toHaveLength(4)
})

test('at each head what many share comes first, then every holder has a turn', async () => {
  await begin()
  const log = createLog()
  const all = named(40)
  const many = await client('192.0.2.1', log)
  for (const id of all) many.subscribe(id, livePool(id))
  await expect.poll(() => log.count('192.0.2.1'), SOON).toBe(40)
  const alone = await client('192.0.2.2', log)
  alone.subscribe('own', livePool('own'))
  for (const last of [3, 4, 5])
    (await client(`192.0.2.${last}`, log)).subscribe('shared', livePool('shared'))
  await expect.poll(() => log.entries.length, SOON).toBe(44)

  log.entries.splice(0)
  await chain.mine(2)
  await expect.poll(() => log.entries.length, SOON).toBe(44)
  const before = (who: string) =>
    log.entries
      .slice(
        0,
        log.entries.findIndex((entry) => entry.who === who),
      )
      .filter((entry) => entry.who === '192.0.2.1').length
  expect(before('192.0.2.3')).toBeLessThan(5)
  expect(before('192.0.2.2')).toBeLessThan(10)
})

test('a first state does not wait behind the first states of another', async () => {
  await begin()
  const log = createLog()
  const [many, alone] = [await client('192.0.2.1', log), await client('192.0.2.2', log)]
  for (const id of named(40)) many.subscribe(id, id.endsWith('0') ? feed(id) : livePool(id))
  await expect.poll(() => log.entries.length, SOON).toBeGreaterThan(0)
  const since = log.count('192.0.2.1')
  alone.subscribe('own', livePool('own'))
  await expect.poll(() => log.count('192.0.2.2'), SOON).toBe(1)
  const at = log.entries.findIndex(({ who }) => who === '192.0.2.2')
  expect(at - since).toBeLessThan(20)
  await expect.poll(() => log.count('192.0.2.1'), SOON).toBeGreaterThanOrEqual(40)
})

test('who has used up its budget gets what others listen to at each head, and the rest now and then', async () => {
  // Each costs 631 when it begins, and 631 again at each head.
  await begin({ COST_PER_MINUTE: '32000' })
  const log = createLog()
  const own = named(30)
  const many = await client('192.0.2.1', log)
  for (const id of own) many.subscribe(id, livePool(id))
  many.subscribe('shared', livePool('shared'))
  const other = await client('192.0.2.2', log)
  other.subscribe('shared', livePool('shared'))
  await expect.poll(() => log.entries.length, SOON).toBe(32)

  log.entries.splice(0)
  for (let number = 2; number <= 9; number++) {
    await chain.mine(number)
    await expect.poll(() => log.count('192.0.2.2'), SOON).toBe(number - 1)
  }
  await expect.poll(() => log.count('192.0.2.1', ['shared']), SOON).toBe(8)
  // All heads for all of them would be 240.
  expect(log.count('192.0.2.1', own)).toBeLessThan(120)
  const sent = log.count('192.0.2.1', own)
  await expect.poll(() => log.count('192.0.2.1', own), SOON).toBeGreaterThan(sent)
})
