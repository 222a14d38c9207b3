import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import * as Leaderboard from '../../../src/domain/Leaderboard.ts'
import { createRandom } from '../../../stack/players/random.ts'
import { address, createGame, NATIVE } from '../../support/game.ts'
import { createOperations, type Operations } from '../../support/operation.ts'
import { createTables, type Tables } from '../../support/tables.ts'

let tables: Tables
let operations: Operations

beforeAll(async () => {
  tables = await createTables()
})
afterAll(async () => {
  await tables.stop()
})
beforeEach(async () => {
  await tables.clear()
  operations = createOperations(tables)
  return () => operations.stop()
})

const METRICS = ['REALIZED_NET_PROFIT', 'WAGERED', 'WINS', 'BIGGEST_WIN', 'ROI'] as const
const WINDOWS = ['ALL_TIME', 'WEEK', 'DAY'] as const

interface Row {
  readonly rank: number
  readonly value: string
  readonly player: { readonly address: string }
  readonly wagered: { readonly raw: string }
}
interface Page {
  readonly edges: readonly { readonly cursor: string; readonly node: Row }[]
  readonly pageInfo: { readonly hasNextPage: boolean }
  readonly totalCount: number
}

const ROW = 'rank value player { address } wagered { raw }'
const PAGE = `edges { cursor node { ${ROW} } } pageInfo { hasNextPage } totalCount`

const readAll = async (args: string, first = 7): Promise<readonly Row[]> => {
  const rows: Row[] = []
  for (let after = ''; ; ) {
    const { leaderboard } = (await operations.ask(
      `{ leaderboard(token: "${NATIVE}", ${args}, first: ${first}${after === '' ? '' : `, after: "${after}"`}) { ${PAGE} } }`,
    )) as { leaderboard: Page }
    rows.push(...leaderboard.edges.map(({ node }) => node))
    after = leaderboard.edges.at(-1)?.cursor ?? ''
    if (!leaderboard.pageInfo.hasNextPage) {
      expect(leaderboard.totalCount).toBe(rows.length)
      return rows
    }
  }
}

/** PostgreSQL's own word on the order, from the same values. */
const ranks = async (rows: readonly Row[]) => {
  const found = await tables.sql.unsafe(
    `select address, rank() over (order by value desc)::int as rank
     from unnest($1::text[], $2::numeric[]) given (address, value)`,
    [
      `{${rows.map(({ player }) => player.address).join()}}`,
      `{${rows.map(({ value }) => value).join()}}`,
    ],
  )
  return new Map(found.map((row) => [row.address, row.rank]))
}

const play = async (seed: number) => {
  const random = createRandom(seed)
  const game = createGame(31337, 1_700_000_000)
  const players = Array.from({ length: 30 }, (_, at) => address(at + 1))
  await game.block()
  await game.token(NATIVE, 'ETH', 18)
  await game.pool(1n, NATIVE, { minEntries: 3 })
  await game.pool(2n, NATIVE, { entryFee: 10n ** 20n })
  const step = async () => {
    await game.block(random.chance(0.1) ? 40_000 : random.below(30))
    const enter = async (poolId: bigint, count: number) => {
      for (let entry = 0; entry < count; entry++) {
        const player = players[Math.floor((random.below(30) * random.below(30)) / 29)] ?? address(1)
        await game.enter(poolId, player, [1 + random.below(5), 1 + random.below(5)])
      }
    }
    for (const poolId of [1n, 2n]) {
      if (random.chance(0.6)) await enter(poolId, 1 + random.below(4))
      if (!random.chance(0.3)) continue
      const round = [...game.rounds.values()].findLast((each) => each.poolId === poolId)
      if (round === undefined) continue
      if (round.entryCount < 3) {
        if (poolId === 1n || round.entryCount === 0)
          await game.cancel(poolId, round.entryCount === 0 ? 'NO_ENTRIES' : 'BELOW_MINIMUM')
        continue
      }
      await game.close(poolId)
      await game.draw(poolId, 1 + random.below(8), random.below(4))
    }
    for (const { poolId, roundId, status, isFinalized } of game.rounds.values()) {
      if (isFinalized || !random.chance(0.4)) continue
      if (status === 'DRAWN') await game.settle(poolId, roundId, 1 + random.below(3))
      if (status === 'CANCELLED') await game.refund(poolId, roundId, 1 + random.below(3))
    }
    await game.save(tables)
    await tables.finalize(31337, Math.max(0, game.head().number - 5))
  }
  return { game, step }
}

test.each([1, 2, 3])(
  'game %i: every list is in order, ranks are those of SQL, block after block',
  async (seed) => {
    const { step, game } = await play(seed)
    for (let block = 0; block < 25; block++) {
      await step()
      const fresh = createOperations(tables)
      for (const metric of METRICS)
        for (const window of WINDOWS)
          for (const pool of ['', ', poolId: "1"']) {
            const args = `metric: ${metric}, window: ${window}${pool}`
            const rows = await readAll(args)
            const places = rows.map(({ value, wagered, player }) => ({
              value: BigInt(value),
              wagered: BigInt(wagered.raw),
              address: player.address,
            }))
            for (const [at, place] of places.entries()) {
              const next = places[at + 1]
              if (next === undefined) break
              expect(
                place.value > next.value ||
                  (place.value === next.value && place.wagered >= next.wagered),
              ).toBe(true)
            }
            const bySql = await ranks(rows)
            expect(rows.map(({ rank }) => rank)).toEqual(
              rows.map(({ player }) => bySql.get(player.address)),
            )
            // A replica that has seen nothing so far says the same.
            if (block % 8 === 0) {
              const { leaderboard } = (await fresh.ask(
                `{ leaderboard(token: "${NATIVE}", ${args}, first: 1000) { ${PAGE} } }`,
              )) as { leaderboard: Page }
              expect(leaderboard.edges.map(({ node }) => node)).toEqual(rows)
            }
          }
      await fresh.stop()
    }
    expect(game.issues()).toEqual([])
  },
)

test('rank and neighbours are cut from the list', async () => {
  const { step } = await play(4)
  for (let block = 0; block < 20; block++) await step()
  for (const metric of METRICS) {
    const rows = await readAll(`metric: ${metric}`)
    for (const [at, row] of rows.entries()) {
      const { player, neighbours } = await operations.ask(
        `{ player(address: "${row.player.address}") { rank(token: "${NATIVE}", metric: ${metric}) { ${ROW} } }
           neighbours(address: "${row.player.address}", token: "${NATIVE}", metric: ${metric}, span: 2) { ${ROW} } }`,
      )
      expect(player).toEqual({ rank: row })
      expect(neighbours).toEqual(rows.slice(Math.max(0, at - 2), at + 3))
    }
  }
})

test('a past window stays as it was, and minEntries leaves players out', async () => {
  const game = createGame(31337, 1_699_920_000)
  await game.block()
  await game.token(NATIVE, 'ETH', 18)
  await game.pool(1n, NATIVE)
  await game.enter(1n, address(1), [1, 2, 3])
  await game.enter(1n, address(2), [1])
  await game.block(86_400)
  await game.enter(1n, address(2), [9])
  await game.save(tables)
  await tables.finalize(31337, 1)
  const day = (args: string) => readAll(`metric: WAGERED, window: DAY${args}`)
  const values = (rows: readonly Row[]) => rows.map(({ player, value }) => [player.address, value])
  expect(values(await day(''))).toEqual([[address(2), '1000']])
  expect(values(await day(', at: 1699920005'))).toEqual([
    [address(1), '3000'],
    [address(2), '1000'],
  ])
  expect(values(await readAll('metric: WAGERED, minEntries: 3'))).toEqual([[address(1), '3000']])
  expect(Leaderboard.windowOf('WEEK', 1_699_920_005)).toEqual({
    from: 1_699_833_600,
    to: 1_700_438_400,
  })
})

test.each([
  ['at: 5', 'at: expected only with a window'],
  ['minEntries: -1', 'minEntries: expected'],
  ['after: "nonsense"', 'not a cursor'],
  ['first: 1001', 'first: expected'],
  ['poolId: "-1"', 'poolId: expected'],
])('refuses %s', async (args, message) => {
  const { step } = await play(5)
  await step()
  const { errors } = await operations.run(
    `{ leaderboard(token: "${NATIVE}", ${args}) { totalCount } }`,
  )
  expect(errors?.map(({ extensions, message: said }) => [extensions.code, said])).toEqual([
    ['BAD_USER_INPUT', expect.stringContaining(message)],
  ])
})
