import postgres from 'postgres'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { createFold } from '../../client/index.ts'
import { encodeHeadCursor } from '../../src/api/db/headCursor.ts'
import { ACCESS_SCHEMA } from '../../src/api/db/names.ts'
import { createApiKey } from '../../stack/apiKeys.ts'
import { createSocket } from '../api/server/client.ts'
import { CHAIN, hashOf } from '../api/server/world.ts'
import { createTables, type Tables } from '../support/tables.ts'
import { createRelay, type Relay } from './relay.ts'
import { createReader, createWorld, type Entry, namesOf, type Reader, type World } from './world.ts'

type Api = Awaited<ReturnType<World['api']>>

let tables: Tables
let world: World
let api: Api
const started: { stop: () => Promise<unknown> }[] = []

const follow = (...options: Parameters<typeof createReader>): Reader => {
  const reader = createReader(...options)
  started.push(reader)
  return reader
}
const relayTo = async (target: () => number): Promise<Relay> => {
  const relay = await createRelay(target)
  started.push(relay)
  return relay
}
/** Holds a handler; a test that fails lets it go. */
const createGate = () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  started.unshift({ stop: async () => resolve() })
  return { passed: promise, open: resolve }
}

const createKey = async () => {
  const sql = postgres(tables.url, { max: 1, onnotice: () => undefined })
  const { key } = await createApiKey(sql, ACCESS_SCHEMA, {
    ...{ name: 'a page', role: 'analyst', costPerMinute: null },
  })
  await sql.end({ timeout: 5 })
  return key
}

beforeAll(async () => {
  tables = await createTables()
  world = createWorld(tables)
})
afterAll(() => tables.stop())
beforeEach(async () => {
  await world.begin()
  api = await world.api()
})
afterEach(async () => {
  for (const each of started.splice(0)) await each.stop()
  await world.stop()
})

const mine = async (from: number, to: number) => {
  for (let number = from; number <= to; number++)
    await world.facts.mine(number, { picks: [{ number }] })
}
const names = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => `${from + at}:${from + at}`)

describe.each([{ transport: 'ws' }, { transport: 'sse' }] as const)(
  'a feed over $transport',
  ({ transport }) => {
    test('begins with the head, and a fold of it is what the chain says, through a reorganisation', async () => {
      await mine(2, 2)
      await expect.poll(() => api.heads.current().get(CHAIN)?.number).toBe(2)
      const fold = createFold<Entry>()
      const reader = follow({ url: api.url, transport }, fold.apply)
      expect(reader.cursor()).toBeNull()
      const first = await reader.next()
      expect(first).toMatchObject({ __typename: 'FeedAppend', events: [], head: { number: '2' } })
      await reader.status('live')
      expect(reader.cursor()).toBe(first.cursor)
      await mine(3, 4)
      await reader.reach(4)
      expect(namesOf(fold.events.values())).toEqual(['3:3', '4:4'])
      const [, gone] = fold.events.keys()

      await world.facts.revertTo(3)
      await world.facts.mine(4, { branch: 'b', onto: 'a', picks: [{ number: 40 }] })
      expect(await reader.next()).toMatchObject({
        __typename: 'FeedUndo',
        toBlock: '3',
        removed: [gone],
        head: { number: '3', hash: hashOf(3) },
      })
      await reader.reach(4)
      expect(namesOf(fold.events.values())).toEqual(['3:3', '4:40'])
    })

    test('goes on with another server at another address, and nothing comes twice', async () => {
      let { url } = api
      const fold = createFold<Entry>()
      const reader = follow({ url: () => url, transport }, fold.apply)
      await reader.next()
      await mine(2, 3)
      await reader.reach(3)
      const told = reader.cursor()
      await api.stop()
      expect(await reader.status('waiting')).toMatchObject({ reason: { isFinal: false } })
      await mine(4, 5)
      const other = await world.api()
      expect(other.url).not.toBe(url)
      url = other.url
      await mine(6, 6)
      await reader.reach(6)
      await reader.status('live')
      expect(reader.cursor()).not.toBe(told)
      expect(namesOf(fold.events.values())).toEqual(names(2, 6))
      expect(reader.ids).toEqual([...fold.events.keys()])
    })

    test('learns of a reorganisation that went on while it was away', async () => {
      let { url } = api
      const fold = createFold<Entry>()
      const reader = follow({ url: () => url, transport }, fold.apply)
      await reader.next()
      await mine(2, 4)
      await reader.reach(4)
      await api.stop()
      await reader.status('waiting')
      await world.facts.revertTo(2)
      await world.facts.mine(3, { branch: 'b', onto: 'a', picks: [{ number: 30 }] })
      await world.facts.mine(4, { branch: 'b', picks: [] })
      await world.facts.mine(5, { branch: 'b', picks: [{ number: 50 }] })
      url = (await world.api()).url
      await reader.reach(5)
      expect(namesOf(fold.events.values())).toEqual(['2:2', '3:30', '5:50'])
    })

    test('survives connections that are cut at any time', async () => {
      const relay = await relayTo(() => api.server.port)
      const fold = createFold<Entry>()
      const reader = follow(
        { url: relay.url, transport, variables: { fromStart: true } },
        fold.apply,
      )
      await reader.next()
      for (let number = 2; number <= 41; number++) {
        await mine(number, number)
        if (number % 4 === 0) relay.cut()
      }
      await reader.reach(41)
      expect(relay.connections()).toBeGreaterThan(3)
      // Block 1 has the pool.
      expect(namesOf(fold.events.values()).slice(1)).toEqual(names(2, 41))
      expect(reader.ids).toEqual([...fold.events.keys()])
    })

    test('notices a server from which nothing comes any more', async () => {
      const relay = await relayTo(() => api.server.port)
      const reader = follow({ url: relay.url, transport, silenceMs: 200 })
      await reader.next()
      relay.silence(true)
      expect(await reader.status('waiting')).toMatchObject({ reason: { code: 'SILENCE' } })
      await mine(2, 2)
      relay.silence(false)
      await reader.reach(2)
      expect(reader.ids).toHaveLength(1)
    })

    test('is kept by a server that has nothing to tell but is there', async () => {
      const other = await world.api({ KEEP_ALIVE_MS: '50' })
      const relay = await relayTo(() => other.server.port)
      const reader = follow({ url: relay.url, transport, silenceMs: 1000 })
      const since = performance.now()
      await reader.next()
      await expect.poll(() => performance.now() - since, { timeout: 10_000 }).toBeGreaterThan(2500)
      await mine(2, 2)
      await reader.reach(2)
      expect(relay.connections()).toBe(1)
    })

    test('waits for each handler before it takes the next message', async () => {
      const gate = createGate()
      const events: string[] = []
      const reader = follow({ url: api.url, transport }, async ({ head }) => {
        events.push(`${head.number} begins`)
        if (head.number === '2') await gate.passed
        events.push(`${head.number} ends`)
      })
      const { cursor } = await reader.next()
      const other = follow({ url: api.url, transport })
      await other.next()
      await mine(2, 2)
      await expect.poll(() => events.at(-1)).toBe('2 begins')
      await mine(3, 3)
      await other.reach(3)
      expect(events.at(-1)).toBe('2 begins')
      expect(reader.cursor()).toBe(cursor)
      gate.open()
      await reader.reach(3)
      expect(events.slice(-4)).toEqual(['2 begins', '2 ends', '3 begins', '3 ends'])
    })

    test('tells a message again when its handler fails', async () => {
      let failures = 0
      const reader = follow({ url: api.url, transport }, async ({ head }) => {
        await null
        if (head.number !== '2' || failures >= 2) return
        failures += 1
        throw new Error(`no room for ${head.number}`)
      })
      const { cursor } = await reader.next()
      await mine(2, 2)
      for (const _ of [1, 2]) {
        expect(await reader.error()).toMatchObject({
          code: 'HANDLER_FAILED',
          isFinal: false,
          message: 'no room for 2',
          cause: new Error('no room for 2'),
        })
        expect(reader.cursor()).toBe(cursor)
      }
      await reader.reach(2)
      expect(failures).toBe(2)
      expect(reader.ids).toHaveLength(1)
    })

    const place = { number: 1, hash: hashOf(1), logIndex: null, finalizedNumber: 1, chainId: CHAIN }
    const foreign = encodeHeadCursor({ ...place, contract: `0x${'22'.repeat(20)}` })
    const own = encodeHeadCursor({ ...place, contract: `0x${'11'.repeat(20)}` })
    test.each([
      ['a cursor that is none', { after: 'nonsense' }, 'BAD_USER_INPUT'],
      ['a cursor of another contract', { after: foreign }, 'CURSOR_FOREIGN'],
      ['two beginnings', { after: own, variables: { fromStart: true } }, 'BAD_USER_INPUT'],
      ['a filter that is none', { variables: { where: { none: 1 } } }, 'BAD_USER_INPUT'],
      ['a field that is none', { select: 'none' }, 'GRAPHQL_VALIDATION_FAILED'],
      ['a text that is no selection', { select: 'kind {{' }, 'GRAPHQL_PARSE_FAILED'],
    ])('ends with %s', async (_, options, code) => {
      const relay = await relayTo(() => api.server.port)
      const reader = follow({ url: relay.url, transport, ...options })
      const reason = await reader.error()
      expect(reason).toMatchObject({ name: 'FeedError', code, isFinal: true })
      expect(await reader.status('ended')).toEqual({ state: 'ended', reason })
      await reader.stop()
      expect(relay.connections()).toBe(1)
      expect(reader.unread()).toBe(0)
      await expect.poll(() => api.server.live().clients).toBe(0)
    })

    test('with a key may ask for what nobody else may', async () => {
      const costly = await world.api({ COST_PER_MINUTE: '1', COST_PER_MINUTE_ANALYST: '1000000' })
      const key = await createKey()
      const nobody = follow({ url: costly.url, transport })
      expect(await nobody.error()).toMatchObject({ code: 'QUERY_TOO_COMPLEX', isFinal: true })
      const relay = await relayTo(() => costly.server.port)
      const reader = follow({ url: relay.url, transport, key })
      await reader.next()
      relay.cut()
      await reader.status('waiting')
      await mine(2, 2)
      await reader.reach(2)
      expect(reader.ids).toHaveLength(1)
    })

    test('ends with a key that is none of the API’s', async () => {
      const key = await createKey()
      const relay = await relayTo(() => api.server.port)
      const other = key.endsWith('a') ? 'b' : 'a'
      const reader = follow({ url: relay.url, transport, key: `${key.slice(0, -1)}${other}` })
      const code = transport === 'ws' ? 'CLOSED_4403' : 'UNAUTHENTICATED'
      expect(await reader.error()).toMatchObject({ code, isFinal: true })
      await reader.stop()
      expect(relay.connections()).toBe(1)
    })

    test('ends with an address that is none', async () => {
      const reader = follow({ url: '/graphql', transport })
      expect(await reader.error()).toMatchObject({ code: 'BAD_URL', isFinal: true })
    })

    test('comes back when the server had no place for it', async () => {
      const other = await world.api({ MAX_SUBSCRIPTIONS: '1' })
      const client = createSocket(other.socketUrl)
      const taken = client.subscribe({ query: 'subscription { status { head { number } } }' })
      await taken.next()
      const reader = follow({ url: other.url, transport })
      expect(await reader.status('waiting')).toMatchObject({ reason: { code: 'LIMIT_EXCEEDED' } })
      await client.close()
      await reader.status('live')
    })

    test('waits longer from failure to failure, up to the most', async () => {
      const relay = await relayTo(() => api.server.port)
      await relay.stop()
      const reader = follow({ url: relay.url, transport, retry: { firstMs: 1, mostMs: 8 } })
      for (const most of [1, 2, 4, 8, 8, 8]) {
        const status = await reader.status('waiting')
        expect(status.reason.isFinal).toBe(false)
        expect(status.ms).toBeGreaterThanOrEqual(0)
        expect(status.ms).toBeLessThanOrEqual(most)
      }
    })

    test('asks a function that fails again', async () => {
      let calls = 0
      const reader = follow({
        transport,
        url: async () => {
          calls += 1
          if (calls < 3) throw new Error('nobody knows')
          return api.url
        },
      })
      expect(await reader.status('waiting')).toMatchObject({ reason: { message: 'nobody knows' } })
      await reader.next()
      expect(calls).toBe(3)
    })

    test('stops: lets a handler finish, calls none after it, and leaves the server', async () => {
      const gate = createGate()
      const heads: string[] = []
      const reader = follow({ url: api.url, transport }, async ({ head }) => {
        heads.push(head.number)
        if (head.number !== '1') await gate.passed
      })
      await reader.next()
      await mine(2, 2)
      await expect.poll(() => heads).toEqual(['1', '2'])
      await mine(3, 3)
      const stopped = reader.stop()
      gate.open()
      await stopped
      expect(await reader.status('ended')).toEqual({ state: 'ended' })
      expect(heads).toEqual(['1', '2'])
      await expect.poll(() => api.server.live().clients).toBe(0)

      // Its cursor is that of the handler that was let finish.
      const after = reader.cursor() ?? ''
      const next = follow({ url: api.url, transport, after })
      expect(namesOf((await next.reach(3)).events)).toEqual(['3:3'])
    })

    test('stops while it waits to try again', async () => {
      const relay = await relayTo(() => api.server.port)
      await relay.stop()
      const reader = follow({ url: relay.url, transport, retry: { firstMs: 1e9, mostMs: 1e9 } })
      await reader.status('waiting')
      await reader.stop()
    })
  },
)

test('a runtime without a WebSocket takes the one that it is given', async () => {
  const reader = follow({ url: api.url, transport: 'ws', webSocket: WebSocket })
  await reader.next()
  await mine(2, 2)
  await reader.reach(2)
  await reader.stop()
  await expect.poll(() => api.server.live().clients).toBe(0)
})

describe('a page that is too slow', () => {
  test('is cut off over SSE, and goes on where its handler ended', async () => {
    const slow = await world.api({ SLOW_CONSUMER_MS: '300', KEEP_ALIVE_MS: '60000' })
    const gate = createGate()
    const picks = Array.from({ length: 300 }, (_, at) => ({ number: at + 1 }))
    const fold = createFold<Entry>()
    let [number, messages] = [1, 0]
    const reader = follow(
      {
        url: slow.url,
        transport: 'sse',
        // Half a megabyte for each block.
        select: `kind number tx { ${Array.from({ length: 25 }, (_, at) => `h${at}: blockHash`).join(' ')} }`,
      },
      async (message) => {
        messages += 1
        if (messages > 1) await gate.passed
        fold.apply(message)
      },
    )
    await reader.next()
    await expect
      .poll(
        async () => {
          number += 1
          await world.facts.mine(number, { picks })
          await expect.poll(() => slow.heads.current().get(CHAIN)?.number).toBe(number)
          return slow.server.live().clients
        },
        { timeout: 30_000, interval: 1 },
      )
      .toBe(0)
    gate.open()
    expect(await reader.status('waiting')).toMatchObject({ reason: { code: 'SLOW_CONSUMER' } })
    await reader.reach(number)
    expect(fold.events.size).toBe(300 * (number - 1))
    expect(reader.ids).toEqual([...fold.events.keys()])
  })
})
