import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { schema } from '../../../src/api/graphql/schema.ts'
import { address, createGame, NATIVE } from '../../support/game.ts'
import { createTables, type Tables } from '../../support/tables.ts'
import { createRawSocket, createSocket } from '../server/client.ts'
import { type Api, createApi } from '../server/world.ts'

interface Update {
  readonly head: { readonly number: string }
  readonly entries: readonly {
    readonly rank: number
    readonly player: { readonly address: string }
  }[]
  readonly moves: readonly {
    readonly player: { readonly address: string }
    readonly from: number | null
    readonly to: number | null
  }[]
}

const SHOWN = 3
const FIELDS = 'rank player { address }'
const LIVE = `subscription { leaderboard(token: "${NATIVE}", metric: WAGERED, first: ${SHOWN}) {
  head { number } entries { ${FIELDS} } moves { player { address } from to } } }`
const ASK = `{ head { number }
  leaderboard(token: "${NATIVE}", metric: WAGERED, first: ${SHOWN}) { edges { node { ${FIELDS} } } } }`

let tables: Tables
let api: Api
let game: ReturnType<typeof createGame>

beforeAll(async () => {
  tables = await createTables()
})
afterAll(() => tables.stop())

const ring = () => tables.sql`select pg_notify(${`${tables.schema}_live_query`}, '[]')`
const save = async () => {
  await game.save(tables)
  await ring()
}

beforeEach(async () => {
  await tables.clear()
  game = createGame()
  await game.block()
  await game.token(NATIVE, 'ETH', 18)
  await game.pool(1n, NATIVE, { entryFee: 10n })
  for (const player of [1, 2, 3, 4, 5])
    await game.enter(
      1n,
      address(player),
      Array.from({ length: player }, () => player),
    )
  await game.save(tables)
  await tables.finalize(31337, 1)
  api = await createApi(tables, schema, { MAX_COST: '1000000000', MAX_ALIASES: '100' })
  await expect.poll(() => api.heads.current().size).toBe(1)
})
afterEach(() => api.stop())

const updateOf = (value: unknown): Update => {
  const { data, errors } = value as { data?: { leaderboard: Update }; errors?: unknown }
  if (data == null) throw new Error(JSON.stringify(errors))
  return data.leaderboard
}

const ranksOf = ({ entries }: Pick<Update, 'entries'>) =>
  new Map(entries.map(({ rank, player }) => [player.address, rank]))

/** Every move between two messages, as the messages themselves show it. */
const movesBetween = (before: Update, after: Update) => {
  const [from, to] = [ranksOf(before), ranksOf(after)]
  return [...new Set([...to.keys(), ...from.keys()])]
    .map((player) => ({ player: { address: player }, from: from.get(player), to: to.get(player) }))
    .map(({ player, from: one, to: other }) => ({ player, from: one ?? null, to: other ?? null }))
    .filter(({ from: one, to: other }) => one !== other)
}
const byPlayer = (moves: Update['moves']) =>
  moves.toSorted((a, b) => (a.player.address < b.player.address ? -1 : 1))

const expectMoves = (before: Update, after: Update) => {
  const moves = after.moves.map(({ player, from, to }) => ({
    player: { address: player.address },
    from,
    to,
  }))
  expect(byPlayer(moves)).toEqual(byPlayer(movesBetween(before, after)))
}

const ask = async () => {
  const response = await fetch(api.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: ASK }),
  })
  const { data } = (await response.json()) as {
    data: {
      head: Update['head']
      leaderboard: { edges: readonly { node: Update['entries'][0] }[] }
    }
  }
  return { head: data.head, entries: data.leaderboard.edges.map(({ node }) => node) }
}

describe('leaderboard', () => {
  test('22: moves hold exactly the players whose rank, or being shown, changed since the last message', async () => {
    const client = createSocket(api.socketUrl)
    const live = client.subscribe({ query: LIVE })
    let before = updateOf(await live.next())
    expect(before.moves).toEqual([])
    expect([...ranksOf(before)]).toEqual([5, 4, 3].map((player, at) => [address(player), at + 1]))
    // One overtakes two, one comes in, nobody moves, two change places.
    const steps = [[3, 3], [1, 9], [5], [4, 4, 4, 4, 4, 4, 4, 4]]
    for (const numbers of steps) {
      await game.block()
      const [player = 0] = numbers
      await game.enter(1n, address(player), numbers)
      await save()
      const after = updateOf(await live.next())
      expectMoves(before, after)
      const asked = await ask()
      expect({ head: after.head, entries: after.entries }).toEqual(asked)
      before = after
    }
    await client.close()
  })

  test('22: who missed messages is told the moves since the one that arrived', async () => {
    const slow = await createRawSocket(api.socketUrl)
    await slow.init()
    // Half a megabyte each, so that what is sent soon does not fit into the network's buffers.
    const wide = Array.from(
      { length: 25 },
      (_, at) => `p${at}: entries(first: 100) { edges { node { tx { hash blockHash } } } }`,
    )
    slow.subscribe('board', LIVE.replace(FIELDS, `rank player { address ${wide.join(' ')} }`))
    const first = updateOf((await slow.next()).payload)
    slow.pause()
    const client = createSocket(api.socketUrl)
    const live = client.subscribe({ query: LIVE })
    await live.next()
    for (let block = 0; block < 30; block++) {
      const player = 1 + (block % 5)
      await game.block()
      await game.enter(
        1n,
        address(player),
        Array.from({ length: 5 + (block % 7) }, () => player),
      )
      await save()
      await live.next()
    }
    slow.resume()
    const { head } = await ask()
    let before = first
    let count = 1
    while (before.head.number !== head.number) {
      const after = updateOf((await slow.next()).payload)
      expectMoves(before, after)
      before = after
      count += 1
    }
    expect(count).toBeLessThan(Number(head.number))
    await slow.close()
    await client.close()
  })
})

describe('every subscription', () => {
  test('23: is executed once for a block, however many listen', async () => {
    const clients = Array.from({ length: 20 }, () => createSocket(api.socketUrl))
    const queries = [
      'subscription { livePool(poolId: "1") { round { prizePool { raw } } } }',
      'subscription { feed { ... on FeedAppend { cursor events { id } } } }',
    ]
    const all = clients.flatMap((client) => queries.map((query) => client.subscribe({ query })))
    for (const one of all) await one.next()
    for (let block = 0; block < 5; block++) {
      const before = api.executed()
      await game.block()
      await game.enter(1n, address(1), [7])
      await save()
      for (const one of all) await one.next()
      expect(api.executed() - before).toBe(queries.length)
    }
    for (const client of clients) await client.close()
  })

  test('25: ends alone when it fails; the others on its socket go on', async () => {
    const socket = await createRawSocket(api.socketUrl)
    await socket.init()
    socket.subscribe('good', 'subscription { livePool(poolId: "1") { head { number } } }')
    const first = await socket.next()
    socket.subscribe('bad', 'subscription { livePool(poolId: "99") { head { number } } }')
    const answers = [await socket.next(), await socket.next()]
    expect(answers.map(({ id }) => id)).toEqual(['bad', 'bad'])
    await game.block()
    await save()
    expect(await socket.next()).toMatchObject({ id: 'good', type: 'next' })
    expect(first).toMatchObject({ id: 'good', type: 'next' })
    await socket.close()
  })
})
