import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { encodeHeadCursor } from '../../../src/api/db/headCursor.ts'
import { schema } from '../../../src/api/graphql/schema.ts'
import { createTables, type Tables } from '../../support/tables.ts'
import { createRawSocket, createSocket, createStream, type Subscription } from '../server/client.ts'
import { type Api, CHAIN, createApi, createChain, hashOf, read } from '../server/world.ts'
import { BOB, createFacts, createFolder, type Facts, type FeedMessage, feedQuery } from './facts.ts'

/** What docs/subscriptions.md promises of `feed`, a test for each sentence. */

let tables: Tables
let chain: ReturnType<typeof createChain>
let facts: Facts
let api: Api

beforeAll(async () => {
  tables = await createTables()
  chain = createChain(tables)
})
afterAll(() => tables.stop())

const begin = async (variables: Record<string, string> = {}) => {
  await chain.begin()
  facts = createFacts(tables)
  api = await createApi(tables, schema, { LOOK_INTERVAL_MS: '200', ...variables })
  await expect.poll(() => api.heads.current().size).toBe(1)
}

const messageOf = (value: unknown): FeedMessage => {
  const { data, errors } = value as { data?: { feed: FeedMessage }; errors?: unknown }
  if (data == null) throw new Error(`no data: ${JSON.stringify(errors)}`)
  return data.feed
}

const codeOf = (value: unknown): unknown =>
  (value as { errors?: readonly { extensions?: { code?: unknown } }[] }).errors?.[0]?.extensions
    ?.code

/** A reader that folds what it reads. */
const createReader = (subscription: Subscription) => {
  const folder = createFolder()
  return {
    ...folder,
    subscription,
    next: async () => folder.fold(messageOf(await subscription.next())),
    /** The events that it has, as block and number. */
    has: () =>
      [...folder.events.values()].map(({ tx, number }) => `${tx.blockNumber}:${String(number)}`),
  }
}

type Client = ReturnType<typeof createSocket>
const clients: Client[] = []
const open = (connect: () => Client) => {
  const client = connect()
  clients.push(client)
  return client
}
const socket = () => open(() => createSocket(api.socketUrl))

const follow = (
  client: Client,
  variables: Record<string, unknown> = {},
  args = '',
): ReturnType<typeof createReader> =>
  createReader(client.subscribe({ query: feedQuery(args), variables }))

const query = async (text: string) =>
  (await read(await post(text))).body.data as Record<string, never>
const post = (text: string) =>
  fetch(api.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: text }),
  })
const headCursor = async () =>
  ((await query('{ head { cursor } }')) as unknown as { head: { cursor: string } }).head.cursor

afterEach(async () => {
  for (const client of clients.splice(0)) await client.close()
  await api.stop()
})

describe.each([
  ['WebSocket', () => createSocket(api.socketUrl)],
  ['event stream', () => createStream(api.url)],
])('the feed over %s', (_, connect) => {
  let client: Client
  beforeEach(async () => {
    await begin()
    client = open(connect)
  })

  test('1: messages come in one order, each with a cursor and its head', async () => {
    const reader = follow(client)
    await reader.next()
    for (const number of [2, 3, 4]) {
      await facts.mine(number, { picks: [{ number }] })
      const message = await reader.next()
      expect(message.head).toMatchObject({ number: String(number), hash: hashOf(number) })
      expect(message.head.cursor).toBe(message.cursor)
    }
  })

  test('7: without a cursor the first message is empty and has the present head', async () => {
    await facts.mine(2, { picks: [{ number: 7 }] })
    await expect.poll(() => api.heads.current().get(CHAIN)?.number).toBe(2)
    const reader = follow(client)
    const first = await reader.next()
    expect(first).toMatchObject({ __typename: 'FeedAppend', events: [], head: { number: '2' } })
    await facts.mine(3, { picks: [{ number: 8 }] })
    await reader.next()
    expect(reader.has()).toEqual(['3:8'])
  })

  test('7: fromStart begins with the first block', async () => {
    await facts.mine(2, { picks: [{ number: 7 }, { number: 8 }] })
    await facts.mine(3, { picks: [{ number: 9 }] })
    const reader = follow(client, {}, ', fromStart: true')
    const message = await reader.next()
    expect(message.events?.map(({ tx }) => `${tx.blockNumber}:${tx.logIndex}`)).toEqual([
      // Block 1 has the pool.
      '1:0',
      '2:0',
      '2:1',
      '3:0',
    ])
  })

  test('5: after a reorganisation it undoes to the common block, names what goes, and goes on', async () => {
    await facts.mine(2, { picks: [{ number: 1 }] })
    const reader = follow(client, { after: await headCursor() })
    await facts.mine(3, { picks: [{ number: 2 }] })
    const { events: [gone] = [] } = await reader.next()
    await facts.revertTo(2)
    await facts.mine(3, { branch: 'b', onto: 'a', picks: [{ number: 30 }] })
    const undo = await reader.next()
    expect(undo).toMatchObject({
      __typename: 'FeedUndo',
      toBlock: '2',
      removed: [gone?.id],
      head: { number: '2', hash: hashOf(2) },
    })
    await reader.next()
    expect(reader.has()).toEqual(['3:30'])
    expect(reader.head()).toMatchObject({ number: '3', hash: hashOf(3, 'b') })
  })

  test('8: it goes on exactly where a cursor ended', async () => {
    const one = follow(client, {}, ', fromStart: true')
    await one.next()
    for (const number of [2, 3, 4]) await facts.mine(number, { picks: [{ number }] })
    while (one.head()?.number !== '3' && one.head()?.number !== '4') await one.next()
    const at = Number(one.head()?.number)
    const two = follow(client, { after: one.cursor() })
    await facts.mine(5, { picks: [{ number: 5 }] })
    while (two.head()?.number !== '5') await two.next()
    const expected = [2, 3, 4, 5].filter((number) => number > at)
    expect(two.has()).toEqual(expected.map((number) => `${number}:${number}`))
  })

  test('11: bad beginnings are refused with a code, and the connection lives on', async () => {
    const refused = async (variables: Record<string, unknown>, args = '') => {
      const subscription = client.subscribe({ query: feedQuery(args), variables })
      const answer = await Promise.race([subscription.next(), subscription.ended])
      if (Array.isArray(answer)) return answer[0]?.extensions?.code
      return codeOf(answer)
    }
    const place = { number: 1, hash: hashOf(1), logIndex: null, finalizedNumber: 1 }
    const contract = `0x${'11'.repeat(20)}`
    const cursor = (chainId: number, game: string) =>
      encodeHeadCursor({ ...place, chainId, contract: game })
    expect(await refused({ after: 'nonsense' })).toBe('BAD_USER_INPUT')
    expect(await refused({ after: cursor(1, contract) })).toBe('CURSOR_FOREIGN')
    expect(await refused({ after: cursor(CHAIN, `0x${'22'.repeat(20)}`) })).toBe('CURSOR_FOREIGN')
    for (const bad of [
      { logIndex: 2 ** 31 },
      { logIndex: Number.MAX_SAFE_INTEGER },
      { logIndex: -1 },
      { number: 2 ** 53 },
      { number: 1.5 },
      { chainId: 2 ** 31 },
      { finalizedNumber: 2 },
    ])
      expect([
        bad,
        await refused({
          after: encodeHeadCursor({ ...place, chainId: CHAIN, contract, ...bad }),
        }),
      ]).toEqual([bad, 'BAD_USER_INPUT'])
    // The same values, written in another way.
    const written = JSON.stringify([2, 'head', CHAIN, contract, 1, hashOf(1), null, 1]).replace(
      ',',
      ', ',
    )
    expect(await refused({ after: Buffer.from(written).toString('base64url') })).toBe(
      'BAD_USER_INPUT',
    )
    expect(await refused({ after: cursor(CHAIN, contract) }, ', fromStart: true')).toBe(
      'BAD_USER_INPUT',
    )
    const reader = follow(client)
    expect((await reader.next()).events).toEqual([])
  })
})

describe('a feed that can say nothing', () => {
  beforeEach(() => begin({ CURSOR_PATIENCE_MS: '300', LOOK_INTERVAL_MS: '50' }))
  test('11: waits a while for the block of its cursor, and then ends with a code', async () => {
    const client = socket()
    const after = encodeHeadCursor({
      ...{ chainId: CHAIN, contract: `0x${'11'.repeat(20)}`, logIndex: null },
      ...{ number: 1_000_000, hash: hashOf(1_000_000), finalizedNumber: 1 },
    })
    const subscription = client.subscribe({ query: feedQuery(), variables: { after } })
    expect(codeOf(await subscription.next())).toBe('CURSOR_AHEAD')
    expect(await subscription.ended).toBe('complete')
    // One that waits for what is final is not ahead of the chain.
    await facts.mine(2, { picks: [{ number: 2 }] })
    const final = follow(client, { after: await headCursor() }, ', finality: FINAL')
    await expect.poll(() => api.heads.current().get(CHAIN)?.number).toBe(2)
    await facts.mine(3, { picks: [{ number: 3 }] })
    await facts.finalize(3)
    expect((await final.next()).__typename).toBe('FeedAppend')
  })

  test('11: tries what fails on its own side a few times, and then ends with a code', async () => {
    const client = socket()
    await follow(client).next()
    await tables.sql`alter table entry rename to lost_entry`
    try {
      const subscription = client.subscribe({ query: feedQuery(', fromStart: true') })
      expect(codeOf(await subscription.next())).toBe('NOT_READY')
      expect(await subscription.ended).toBe('complete')
    } finally {
      await tables.sql`alter table lost_entry rename to entry`
    }
  })
})

describe('the feed', () => {
  beforeEach(() => begin())

  test('2, 3: after each message the reader has what the chain says, through reorganisations of every depth', async () => {
    const reader = follow(socket(), {}, ', fromStart: true')
    await reader.next()
    let [height, branch] = [1, 'a']
    for (let round = 1; round <= 12; round++) {
      const depth = Math.min(round % 5, height - 1)
      const onto = branch
      if (depth > 0) {
        await facts.revertTo(height - depth)
        branch = String.fromCharCode('a'.charCodeAt(0) + round)
      }
      const from = height - depth + 1
      height = from + depth + 1
      for (let number = from; number <= height; number++)
        await facts.mine(number, {
          branch,
          onto: number === from ? onto : branch,
          // Some blocks are empty, but not the last: nobody is told of an empty block at once.
          picks: Array.from({ length: number % 3 || Number(number === height) }, (_, at) => ({
            number: number * 10 + at,
          })),
        })
      while (reader.head()?.hash !== hashOf(height, branch)) await reader.next()
      const rows = await tables.sql`select block_number, number from entry order by 1, log_index`
      expect(reader.has().slice(1)).toEqual(
        rows.map((row) => `${String(row.block_number)}:${String(row.number)}`),
      )
    }
  })

  test('4: events come in the order of the chain, those of a block together', async () => {
    const picks = (many: number) => Array.from({ length: many }, (_, at) => ({ number: at + 1 }))
    await facts.mine(2, { picks: picks(300) })
    await facts.mine(3, { picks: picks(300) })
    await facts.mine(4, { picks: picks(600) })
    await facts.mine(5, { picks: picks(1) })
    const reader = follow(socket(), { after: await headCursor() })
    const whole = follow(socket(), {}, ', fromStart: true')
    const sizes: number[] = []
    while (whole.head()?.number !== '5') {
      const { events = [], head } = await whole.next()
      const places = events.map(({ tx }) => Number(tx.blockNumber) * 1000 + tx.logIndex)
      expect(places).toEqual(places.toSorted((a, b) => a - b))
      expect(events.at(-1)?.tx.blockNumber).toBe(head.number)
      sizes.push(events.length)
    }
    // A page ends with a block; a block larger than a page comes alone.
    expect(sizes).toEqual([301, 300, 600, 1])
    expect(reader.subscription.unread()).toBe(0)
  })

  test('5: a reorganisation of blocks in which nothing matched is not told to who has not heard of them', async () => {
    const reader = follow(socket(), { where: { player: { eq: BOB } } })
    await reader.next()
    await facts.mine(2, { picks: [{ number: 1 }] })
    await facts.mine(3, { picks: [{ number: 2 }] })
    await expect.poll(() => api.heads.current().get(CHAIN)?.number).toBe(3)
    await facts.revertTo(1)
    await facts.mine(2, { branch: 'b', onto: 'a', picks: [{ number: 9, player: BOB }] })
    expect(await reader.next()).toMatchObject({ __typename: 'FeedAppend' })
    expect(reader.has()).toEqual(['2:9'])
  })

  test('5: what was there before the first message is not among what is removed', async () => {
    await facts.mine(2, { picks: [{ number: 1 }] })
    await expect.poll(() => api.heads.current().get(CHAIN)?.number).toBe(2)
    const reader = follow(socket())
    await reader.next()
    await facts.mine(3, { picks: [{ number: 2 }] })
    const { events: [told] = [] } = await reader.next()
    await facts.revertTo(1)
    await facts.mine(2, { branch: 'b', onto: 'a', picks: [{ number: 3 }] })
    expect(await reader.next()).toMatchObject({ toBlock: '1', removed: [told?.id] })
    await reader.next()
    expect(reader.has()).toEqual(['2:3'])
  })

  test('6: FINAL tells what is final, and never takes anything back', async () => {
    const reader = follow(socket(), {}, ', finality: FINAL')
    expect((await reader.next()).head.number).toBe('1')
    await facts.mine(2, { picks: [{ number: 2 }] })
    await facts.mine(3, { picks: [{ number: 3 }] })
    await facts.revertTo(2)
    await facts.mine(3, { branch: 'b', onto: 'a', picks: [{ number: 30 }] })
    await facts.finalize(2)
    await facts.mine(4, { branch: 'b', picks: [{ number: 40 }] })
    expect(await reader.next()).toMatchObject({ head: { number: '2', finalizedNumber: '2' } })
    expect(reader.has()).toEqual(['2:2'])
    await facts.finalize(4)
    await facts.mine(5, { branch: 'b' })
    await reader.next()
    expect(reader.has()).toEqual(['2:2', '3:30', '4:40'])
  })

  test('8: on another server, after a restart of everything, also long after the block was final', async () => {
    const reader = follow(socket())
    await facts.mine(2, { picks: [{ number: 2 }] })
    while (reader.head()?.number !== '2') await reader.next()
    for (const number of [3, 4, 5]) await facts.mine(number, { picks: [{ number }] })
    await facts.finalize(4)
    const other = await createApi(tables, schema)
    const client = createSocket(other.socketUrl)
    const resumed = createReader(
      client.subscribe({ query: feedQuery(), variables: { after: reader.cursor() } }),
    )
    while (resumed.head()?.number !== '5') await resumed.next()
    expect(resumed.has()).toEqual(['3:3', '4:4', '5:5'])
    await client.close()
    await other.stop()
  })

  test('8: a cursor in the middle of a block goes on with its next log', async () => {
    await facts.mine(2, { picks: [{ number: 1 }, { number: 2 }, { number: 3 }] })
    const after = encodeHeadCursor({
      chainId: CHAIN,
      contract: `0x${'11'.repeat(20)}`,
      number: 2,
      hash: hashOf(2),
      logIndex: 0,
      finalizedNumber: 1,
    })
    const reader = follow(socket(), { after })
    await reader.next()
    expect(reader.has()).toEqual(['2:2', '2:3'])
  })

  test('9: a cursor of a block that is gone begins with an undo; a server that never saw it goes to what was final', async () => {
    await facts.mine(2, { picks: [{ number: 2 }] })
    await facts.mine(3, { picks: [{ number: 3 }] })
    await facts.mine(4, { picks: [{ number: 4 }] })
    await expect.poll(() => api.heads.current().get(CHAIN)?.number).toBe(4)
    const known = follow(socket(), {}, ', fromStart: true')
    while (known.head()?.number !== '4') await known.next()
    await known.subscription.close()
    await facts.revertTo(2)
    for (const number of [3, 4, 5])
      await facts.mine(number, { branch: 'b', onto: number === 3 ? 'a' : 'b', picks: [{ number }] })
    await expect.poll(() => api.heads.current().get(CHAIN)?.number).toBe(5)

    // This one saw the branch, if it was asked about it since.
    const there = follow(socket(), { after: known.cursor() })
    expect(await there.next()).toMatchObject({ __typename: 'FeedUndo', toBlock: '2' })
    const other = await createApi(tables, schema)
    const client = createSocket(other.socketUrl)
    const resumed = createReader(
      client.subscribe({ query: feedQuery(), variables: { after: known.cursor() } }),
    )
    expect(await resumed.next()).toMatchObject({
      __typename: 'FeedUndo',
      toBlock: '1',
      removed: [],
    })
    for (const reader of [there, resumed]) while (reader.head()?.number !== '5') await reader.next()
    expect(there.has()).toEqual(['3:3', '4:4', '5:5'])
    expect(resumed.has()).toEqual(['2:2', '3:3', '4:4', '5:5'])
    await client.close()
    await other.stop()
  })

  test('10: a cursor above the head waits; rows that are not there yet are never undone', async () => {
    const blocks = [2, 3, 4]
    for (const number of blocks) await facts.mine(number, { picks: [{ number }] })
    const reader = follow(socket(), {}, ', fromStart: true')
    while (reader.head()?.number !== '4') await reader.next()
    // A restarted indexer goes back and climbs again.
    await facts.revertTo(1)
    await expect.poll(() => api.heads.isRewinding(), { timeout: 3000 }).toBe(true)
    const late = await createApi(tables, schema, { LOOK_INTERVAL_MS: '50' })
    const client = createSocket(late.socketUrl)
    const resumed = createReader(
      client.subscribe({ query: feedQuery(), variables: { after: reader.cursor() } }),
    )
    for (const number of blocks) await facts.mine(number, { picks: [{ number }] })
    await facts.mine(5, { picks: [{ number: 5 }] })
    for (const one of [reader, resumed]) {
      const message = await one.next()
      expect(message).toMatchObject({ __typename: 'FeedAppend', head: { number: '5' } })
    }
    expect(resumed.has()).toEqual(['5:5'])
    await client.close()
    await late.stop()
  })

  test('12: a query and the feed from its head miss nothing and repeat nothing', async () => {
    await facts.mine(2, { picks: [{ number: 2 }] })
    const mining = (async () => {
      for (let number = 3; number <= 30; number++) await facts.mine(number, { picks: [{ number }] })
    })()
    for (let turn = 0; turn < 5; turn++) {
      const answer = (await query(
        '{ head { number cursor } activity(first: 1000) { edges { node { id } } } }',
      )) as unknown as {
        head: { number: string; cursor: string }
        activity: { edges: readonly { node: { id: string } }[] }
      }
      const reader = follow(socket(), { after: answer.head.cursor })
      while ((reader.head() ?? answer.head).number !== '30') await reader.next()
      const ids = [...answer.activity.edges.map(({ node }) => node.id), ...reader.events.keys()]
      expect(new Set(ids).size).toBe(ids.length)
      expect(ids).toHaveLength(30)
    }
    await mining
  })

  test('13: catching up holds no transaction while the client reads, and those who are live wait for nobody', async () => {
    for (let number = 2; number <= 40; number++)
      await facts.mine(number, {
        picks: Array.from({ length: 100 }, (_, at) => ({ number: at + 1 })),
      })
    await facts.finalize(40)
    const live = follow(socket())
    await live.next()
    const slow = await createRawSocket(api.socketUrl)
    await slow.init()
    slow.pause()
    slow.subscribe('slow', feedQuery(', fromStart: true'))
    await facts.mine(41, { picks: [{ number: 5 }] })
    await live.next()
    expect(live.has()).toEqual(['41:5'])
    await expect
      .poll(async () => {
        const [row] = await tables.sql`
          select count(*)::int as open from pg_stat_activity
          where application_name = 'pay402win-api' and state like 'idle in transaction%'`
        return Number(row?.open)
      })
      .toBe(0)
    slow.resume()
    const folder = createFolder()
    while (folder.head()?.number !== '41')
      folder.fold(messageOf((await slow.next()).payload as object))
    expect(folder.events.size).toBe(1 + 39 * 100 + 1)
    await slow.close()
  })
})

describe('a quiet feed', () => {
  test('14: gets an empty message in time, and after 64 blocks', async () => {
    await begin({ QUIET_FEED_MS: '300' })
    const where = { player: { eq: BOB } }
    const reader = follow(socket(), { where })
    await reader.next()
    const since = performance.now()
    const message = await reader.next()
    expect(message).toMatchObject({ __typename: 'FeedAppend', events: [] })
    expect(performance.now() - since).toBeGreaterThan(200)
    await api.stop()

    await begin({ QUIET_FEED_MS: '30000' })
    const other = follow(socket(), { where })
    await other.next()
    for (let number = 2; number <= 70; number++) await facts.mine(number)
    const next = await other.next()
    expect(next).toMatchObject({ __typename: 'FeedAppend', events: [] })
    expect(Number(next.head.number)).toBeGreaterThanOrEqual(65)
  })
})

describe('a reader who does not read', () => {
  const many = Array.from({ length: 300 }, (_, at) => ({ number: at + 1 }))
  /** Half a megabyte for each block. */
  const fat = `subscription { feed { ... on FeedAppend { events { tx {
    ${Array.from({ length: 25 }, (_, at) => `h${at}: blockHash`).join(' ')} } } } } }`

  test('15: is cut off with 4413 over WebSocket; others notice nothing', async () => {
    await begin({ SLOW_CONSUMER_MS: '500', KEEP_ALIVE_MS: '60000' })
    const stuck = await createRawSocket(api.socketUrl)
    await stuck.init()
    stuck.subscribe('stuck', fat)
    await stuck.next()
    stuck.pause()
    const live = follow(socket())
    await live.next()
    let number = 1
    await expect
      .poll(
        async () => {
          number += 1
          await facts.mine(number, { picks: many })
          while (live.head()?.number !== String(number)) await live.next()
          return api.server.live().clients
        },
        { timeout: 60_000, interval: 1 },
      )
      .toBe(1)
    expect(live.events.size).toBe(300 * (number - 1))
    stuck.resume()
    expect(await stuck.closed).toEqual({
      code: 4413,
      reason: 'slow consumer: resume with your last cursor',
    })
  })

  test('15: is told by an error event before an event stream ends', async () => {
    await begin({ SLOW_CONSUMER_MS: '500', KEEP_ALIVE_MS: '60000' })
    const response = await fetch(api.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query: fat }),
    })
    const live = follow(socket())
    await live.next()
    let number = 1
    await expect
      .poll(
        async () => {
          number += 1
          await facts.mine(number, { picks: many })
          while (live.head()?.number !== String(number)) await live.next()
          return api.server.live().clients
        },
        { timeout: 60_000, interval: 1 },
      )
      .toBe(1)
    const text = await response.text()
    expect(text).toMatch(/event: error\ndata: .*slow consumer: resume with your last cursor.*\n\n$/)
  })
})

describe('an event stream', () => {
  test('8: goes on behind the last event that its client names', async () => {
    await begin()
    await facts.mine(2, { picks: [{ number: 2 }] })
    const reader = follow(socket())
    while (reader.head()?.number !== '2') await reader.next()
    await facts.mine(3, { picks: [{ number: 3 }] })
    const url = new URL(api.url)
    url.searchParams.set(
      'query',
      'subscription { feed { ... on FeedAppend { events { number } } } }',
    )
    const abort = new AbortController()
    const response = await fetch(url, {
      headers: { accept: 'text/event-stream', 'last-event-id': reader.cursor() ?? '' },
      signal: abort.signal,
    })
    let text = ''
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString()
      if (text.includes('"events"')) break
    }
    expect(text).toMatch(
      /id: \S+\nevent: next\ndata: {"data":{"feed":{"events":\[{"number":3}\]}}}/,
    )
    abort.abort()
  })
})
