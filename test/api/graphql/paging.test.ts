import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { address, createGame, NATIVE } from '../../support/game.ts'
import { createOperations, type Operations } from '../../support/operation.ts'
import { createTables, type Tables } from '../../support/tables.ts'

/** Pages neither skip nor repeat a row, whichever way one walks and whatever arrives meanwhile. */

const CHAINS = [31337, 8453]
const PLAYERS = [address(1), address(2), address(3)]

let tables: Tables
let operations: Operations
let games: readonly ReturnType<typeof createGame>[]

beforeAll(async () => {
  tables = await createTables()
  operations = createOperations(tables)
})

afterAll(async () => {
  await operations.stop()
  await tables.stop()
})

const enter = async (count: number, seed: number) => {
  for (const [chain, game] of games.entries()) {
    await game.block()
    for (let at = 0; at < count; at += 1) {
      const player = PLAYERS[(seed + at + chain) % 3] ?? address(1)
      await game.enter(BigInt((at % 2) + 1), player, [1 + ((seed + at * 7) % 4)])
    }
  }
}

const save = async () => {
  for (const game of games) await game.save(tables)
}

beforeEach(async () => {
  await tables.clear()
  games = CHAINS.map((chainId) => createGame(chainId))
  for (const game of games) {
    await game.block()
    await game.token(NATIVE, 'ETH', 18)
    await game.pool(1n, NATIVE)
    await game.pool(2n, NATIVE, { entryFee: 7n })
  }
  await enter(12, 1)
  await enter(12, 2)
  await save()
  for (const chainId of CHAINS) await tables.finalize(chainId, 1)
})

interface Connection {
  readonly edges: readonly {
    readonly cursor: string
    readonly node: Readonly<Record<string, unknown>>
  }[]
  readonly pageInfo: Readonly<{
    hasNextPage: boolean
    hasPreviousPage: boolean
    startCursor: string | null
    endCursor: string | null
  }>
}

const PAGE = `edges { cursor node { id entryId number player { address } amount { raw } tx { chainId blockNumber logIndex } } }
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor }`
const ENTRIES = `query ($first: Int, $after: Cursor, $last: Int, $before: Cursor, $orderBy: [EntryOrder!], $where: EntryFilter) {
  entries(first: $first, after: $after, last: $last, before: $before, orderBy: $orderBy, where: $where) { ${PAGE} } }`

const page = async (args: Readonly<Record<string, unknown>>): Promise<Connection> =>
  (await operations.ask(ENTRIES, args)).entries as Connection

const idsOf = ({ edges }: Connection) => edges.map(({ node }) => String(node.id))

/** Walks to the end; `arrive` runs between the pages. */
const walk = async (
  isForward: boolean,
  size: number,
  args: Readonly<Record<string, unknown>>,
  arrive: () => Promise<void> = async () => undefined,
): Promise<readonly string[]> => {
  const ids: string[] = []
  let cursor: string | null = null
  for (let isMore = true; isMore; ) {
    const found: Connection = await page(
      isForward ? { ...args, first: size, after: cursor } : { ...args, last: size, before: cursor },
    )
    if (isForward) ids.push(...idsOf(found))
    else ids.unshift(...idsOf(found))
    isMore = isForward ? found.pageInfo.hasNextPage : found.pageInfo.hasPreviousPage
    cursor = isForward ? found.pageInfo.endCursor : found.pageInfo.startCursor
    await arrive()
  }
  return ids
}

const orders = fc.uniqueArray(
  fc.record({
    field: fc.constantFrom('NUMBER', 'PLAYER', 'AMOUNT', 'CHAIN_ID', 'PAYMENT_METHOD', 'ENTRY_ID'),
    direction: fc.constantFrom('ASC', 'DESC'),
  }),
  { maxLength: 3, selector: ({ field }) => field },
)

const sortValue = (node: Readonly<Record<string, unknown>>, field: string): string | bigint => {
  const { chainId } = node.tx as { chainId: number }
  if (field === 'CHAIN_ID') return BigInt(chainId)
  if (field === 'PLAYER') return (node.player as { address: string }).address
  if (field === 'AMOUNT') return BigInt((node.amount as { raw: string }).raw)
  if (field === 'PAYMENT_METHOD') return 0n
  return BigInt(String(field === 'NUMBER' ? node.number : node.entryId))
}

test('every order, every page size, both ways: the rows of one large page', async () => {
  await fc.assert(
    fc.asyncProperty(orders, fc.integer({ min: 1, max: 20 }), async (orderBy, size) => {
      const whole = await page({ orderBy, first: 1000 })
      const ids = idsOf(whole)
      expect(new Set(ids).size).toBe(48)
      expect(await walk(true, size, { orderBy })).toEqual(ids)
      expect(await walk(false, size, { orderBy })).toEqual(ids)

      const nodes = whole.edges.map(({ node }) => node)
      nodes.slice(1).forEach((node, at) => {
        const before = nodes[at] ?? {}
        const decisive = orderBy.find(
          ({ field }) => sortValue(before, field) !== sortValue(node, field),
        )
        if (decisive === undefined) return
        const isUp = sortValue(before, decisive.field) < sortValue(node, decisive.field)
        expect(isUp).toBe(decisive.direction === 'ASC')
      })
    }),
    { numRuns: 25 },
  )
})

test.each([
  ['forwards', true],
  ['backwards', false],
])('%s while rows arrive: each old row once, no row twice', async (_, isForward) => {
  for (const field of ['NUMBER', 'PLAYER', 'BLOCK_NUMBER']) {
    const orderBy = [{ field, direction: 'DESC' }]
    const before = idsOf(await page({ orderBy, first: 1000 }))
    let seed = 2
    const ids = await walk(isForward, 9, { orderBy }, async () => {
      seed += 1
      if (seed < 8) {
        await enter(2, seed)
        await save()
      }
    })
    expect(new Set(ids).size).toBe(ids.length)
    const old = new Set(before)
    expect(ids.filter((id) => old.has(id))).toEqual(before)
  }
})

test('nulls have their place in the order, both ways', async () => {
  const rounds = async (args: string) =>
    (
      (await operations.ask(
        `{ rounds(orderBy: [{ field: CARRY_OUT, direction: DESC }, { field: ROUND_ID }], ${args}) { edges { cursor node { id } } pageInfo { hasNextPage endCursor startCursor hasPreviousPage } } }`,
      )) as { rounds: Connection }
    ).rounds
  for (const game of games) {
    for (const poolId of [1n, 2n]) {
      await game.block(100)
      await game.close(poolId)
      await game.draw(poolId, 402)
    }
  }
  await save()
  const whole = idsOf(await rounds('first: 1000'))
  expect(whole).toHaveLength(8)
  const forward: string[] = []
  for (let after = ''; ; ) {
    const found = await rounds(`first: 1${after}`)
    forward.push(...idsOf(found))
    if (!found.pageInfo.hasNextPage) break
    after = `, after: "${found.pageInfo.endCursor}"`
  }
  expect(forward).toEqual(whole)
  const backward: string[] = []
  for (let before = ''; ; ) {
    const found = await rounds(`last: 3${before}`)
    backward.unshift(...idsOf(found))
    if (!found.pageInfo.hasPreviousPage) break
    before = `, before: "${found.pageInfo.startCursor}"`
  }
  expect(backward).toEqual(whole)
})

test('between two cursors', async () => {
  const { edges } = await page({ first: 10 })
  const found = await page({ after: edges[1]?.cursor, before: edges[8]?.cursor, first: 3 })
  expect(idsOf(found)).toEqual(edges.slice(2, 5).map(({ node }) => node.id))
  expect(found.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true })
  const last = await page({ after: edges[1]?.cursor, before: edges[8]?.cursor, last: 3 })
  expect(idsOf(last)).toEqual(edges.slice(5, 8).map(({ node }) => node.id))
})

test('25 rows unless asked otherwise; before alone walks backwards', async () => {
  const all = await page({ first: 1000 })
  expect(idsOf(await page({}))).toEqual(idsOf(all).slice(0, 25))
  expect(idsOf(await page({ before: all.edges[40]?.cursor }))).toEqual(idsOf(all).slice(15, 40))
})

test('activity below a player pages the same way', async () => {
  const read = async (after: string | null) =>
    (
      (await operations.ask(
        'query ($address: Address!, $after: Cursor) { player(address: $address) { history(first: 3, after: $after) { edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }',
        { address: address(1), after },
      )) as { player: { history: Connection } }
    ).player.history
  const ids: string[] = []
  for (let after: string | null = null; ; ) {
    const found: Connection = await read(after)
    ids.push(...idsOf(found))
    after = found.pageInfo.endCursor
    if (!found.pageInfo.hasNextPage) break
  }
  const expected = games[0]?.entries().filter(({ player }) => player === address(1)) ?? []
  expect(ids).toEqual(
    expected.map((entry) => `Activity:31337-${entry.blockNumber}-${entry.logIndex}`).reverse(),
  )
})

test('pools by names that are long and alike page the same way', async () => {
  const [game] = games
  const named = [3, 4, 5, 6].map((poolId) => `${'Ä'.repeat(3_000)}${poolId}`)
  for (const [at, name] of named.entries()) await game?.pool(BigInt(3 + at), NATIVE, { name })
  await save()
  const ids: string[] = []
  for (let after: string | null = null; ; ) {
    const { pools } = (await operations.ask(
      'query ($after: Cursor) { pools(first: 1, after: $after, orderBy: [{ field: NAME, direction: DESC }]) { edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }',
      { after },
    )) as { pools: Connection }
    ids.push(...idsOf(pools))
    after = pools.pageInfo.endCursor
    if (!pools.pageInfo.hasNextPage) break
  }
  expect(ids).toHaveLength(8)
  expect(new Set(ids).size).toBe(8)
  expect(ids.slice(0, 4)).toEqual(['6', '5', '4', '3'].map((poolId) => `Pool:31337-${poolId}`))
})
