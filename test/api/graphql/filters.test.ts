import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as schema from '../../../ponder.schema.ts'
import * as Round from '../../../src/domain/Round.ts'
import { createGame, NATIVE } from '../../support/game.ts'
import { createOperations, type Operations } from '../../support/operation.ts'
import { createTables, type Tables } from '../../support/tables.ts'

/** Filters as PostgreSQL answers them, against the same filters evaluated in plain code. */

const NAMES = ['Classic', 'classic 100%', 'a_b', 'a\\b', '%', '', 'AB_ab%\\', 'ÄRGER', 'ärger Ωω']
const STATUSES = ['OPEN', 'DRAWING', 'DRAWN', 'SETTLED', 'ROLLED_OVER', 'CANCELLED'] as const

interface Row {
  readonly id: string
  readonly pool: { readonly name: string }
  readonly roundId: bigint
  readonly status: string
  readonly isFinalized: boolean
  readonly winningNumber: number | null
  readonly carryOut: bigint | null
  readonly opensAt: number
}

let tables: Tables
let operations: Operations
const rows: Row[] = []

beforeAll(async () => {
  tables = await createTables()
  operations = createOperations(tables)
  const game = createGame()
  await game.block()
  await game.token(NATIVE, 'ETH', 18)
  for (const [at, name] of NAMES.entries()) await game.pool(BigInt(at + 1), NATIVE, { name })
  await game.save(tables)
  await tables.finalize(31337, 1)
  const rounds = NAMES.flatMap((name, pool) =>
    Array.from({ length: 8 }, (_, at) => {
      const n = pool * 8 + at
      const round = {
        ...Round.opened({
          id: `31337-${pool + 1}-${at + 1}`,
          chainId: 31337,
          poolId: BigInt(pool + 1),
          roundId: BigInt(at + 1),
          opensAt: 1000 + (n % 5),
          closesAt: 2000,
          carryIn: 0n,
        }),
        status: STATUSES[n % 6] ?? 'OPEN',
        isFinalized: n % 3 === 0,
        winningNumber: n % 4 === 0 ? null : n % 4,
        carryOut: n % 5 === 0 ? null : 10n ** BigInt(n),
      }
      rows.push({ ...round, pool: { name } })
      return round
    }),
  )
  await tables.upsert(schema.round, ...rounds)
})

afterAll(async () => {
  await operations.stop()
  await tables.stop()
})

type Value = string | number | bigint | boolean | null
type Filter = Readonly<Record<string, unknown>>

const compare = (a: Value, b: Value) => (a === b ? 0 : Number(a) < Number(b) ? -1 : 1)
const text = (value: unknown) => String(value)
const OPERATORS: Readonly<Record<string, (value: Value, operand: unknown) => boolean>> = {
  eq: (value, operand) => value !== null && value === operand,
  ne: (value, operand) => value === null || value !== operand,
  in: (value, operand) => value !== null && (operand as Value[]).includes(value),
  notIn: (value, operand) => value === null || !(operand as Value[]).includes(value),
  isNull: (value, operand) => (value === null) === operand,
  gt: (value, operand) => value !== null && compare(value, operand as Value) > 0,
  gte: (value, operand) => value !== null && compare(value, operand as Value) >= 0,
  lt: (value, operand) => value !== null && compare(value, operand as Value) < 0,
  lte: (value, operand) => value !== null && compare(value, operand as Value) <= 0,
  contains: (value, operand) => text(value).includes(text(operand)),
  startsWith: (value, operand) => text(value).startsWith(text(operand)),
  endsWith: (value, operand) => text(value).endsWith(text(operand)),
  containsInsensitive: (value, operand) =>
    text(value).toLowerCase().includes(text(operand).toLowerCase()),
  startsWithInsensitive: (value, operand) =>
    text(value).toLowerCase().startsWith(text(operand).toLowerCase()),
  endsWithInsensitive: (value, operand) =>
    text(value).toLowerCase().endsWith(text(operand).toLowerCase()),
}

const holds = (filter: Filter, row: object): boolean => {
  const values = new Map<string, unknown>(Object.entries(row))
  return Object.entries(filter).every(([name, value]) => {
    const filters = value as Filter[]
    if (name === 'AND') return filters.every((each) => holds(each, row))
    if (name === 'OR') return filters.some((each) => holds(each, row))
    if (name === 'NOT') return !filters.some((each) => holds(each, row))
    if (name === 'pool') return holds(value as Filter, values.get('pool') as object)
    return Object.entries(value as Filter).every(
      ([operator, operand]) => OPERATORS[operator]?.(values.get(name) as Value, operand) === true,
    )
  })
}

const operators = (values: fc.Arbitrary<Value>, single: readonly string[]): fc.Arbitrary<Filter> =>
  fc
    .record(
      {
        ...Object.fromEntries(single.map((operator) => [operator, values])),
        in: fc.array(values, { maxLength: 3 }),
        notIn: fc.array(values, { maxLength: 3 }),
        isNull: fc.boolean(),
      },
      { requiredKeys: [] },
    )
    .map((record) => Object.fromEntries(Object.entries(record).slice(0, 2)))

const EQUAL = ['eq', 'ne']
const ORDERED = [...EQUAL, 'gt', 'gte', 'lt', 'lte']
const TEXT = ['contains', 'startsWith', 'endsWith'].flatMap((name) => [name, `${name}Insensitive`])
const names = fc.constantFrom(...NAMES, 'c', 'C', 'A', '_', '\\', 'b%', 'äR', 'ω')

const poolFilter = fc.record({ name: operators(names, [...EQUAL, ...TEXT]) }, { requiredKeys: [] })

const fields = {
  roundId: operators(fc.bigInt(0n, 9n), ORDERED),
  status: operators(fc.constantFrom(...STATUSES), EQUAL),
  isFinalized: operators(fc.boolean(), EQUAL),
  winningNumber: operators(fc.integer({ min: 0, max: 4 }), ORDERED),
  carryOut: operators(
    fc.nat({ max: 50 }).map((n) => 10n ** BigInt(n)),
    ORDERED,
  ),
  opensAt: operators(fc.integer({ min: 999, max: 1006 }), ORDERED),
  pool: poolFilter,
}

/** A few of them at a time: all together would hardly ever hold. */
const some = <T>(record: fc.Arbitrary<Readonly<Record<string, T>>>) =>
  fc
    .tuple(record, fc.nat({ max: 6 }))
    .map(([found, from]) => Object.fromEntries(Object.entries(found).slice(from, from + 2)))

const filterOfDepth: fc.Memo<Filter> = fc.memo((depth) => {
  const leaf: fc.Arbitrary<Filter> = some(fc.record(fields, { requiredKeys: [] }))
  if (depth <= 1) return leaf
  const inner = fc.array(filterOfDepth(), { maxLength: 2 })
  const groups = fc.record({ AND: inner, OR: inner, NOT: inner }, { requiredKeys: [] })
  return fc.tuple(leaf, groups).map(([own, group]) => ({ ...own, ...group }))
})
const filter = filterOfDepth(3)

const plain = (value: unknown) =>
  JSON.parse(JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? `${inner}` : inner)))

test('a filter means the same in PostgreSQL and in plain code', async () => {
  await fc.assert(
    fc.asyncProperty(filter, async (where) => {
      const { rounds } = await operations.ask(
        'query ($where: RoundFilter) { rounds(where: $where, first: 1000) { totalCount edges { node { id } } } }',
        { where: plain(where) },
      )
      const expected = rows.filter((row) => holds(where, row))
      expect(rounds).toEqual({
        totalCount: expected.length,
        edges: expected.map(({ id }) => ({ node: { id: `Round:${id}` } })),
      })
    }),
    { numRuns: 500 },
  )
})

test('a filter below a parent is the same filter', async () => {
  await fc.assert(
    fc.asyncProperty(filter, async (where) => {
      const { pools } = await operations.ask(
        'query ($where: RoundFilter) { pools { edges { node { rounds(where: $where, first: 1000) { totalCount edges { node { id } } } } } } }',
        { where: plain(where) },
      )
      expect(pools).toEqual({
        edges: NAMES.map((name) => {
          const expected = rows.filter((row) => row.pool.name === name && holds(where, row))
          return {
            node: {
              rounds: {
                totalCount: expected.length,
                edges: expected.map(({ id }) => ({ node: { id: `Round:${id}` } })),
              },
            },
          }
        }),
      })
    }),
    { numRuns: 100 },
  )
})

test('several fields of one OR item are all required', async () => {
  const { rounds } = await operations.ask(
    '{ rounds(where: { OR: [{ roundId: { eq: 1 }, status: { eq: OPEN } }, { roundId: { eq: 2 }, status: { eq: DRAWING } }] }) { edges { node { roundId status } } } }',
  )
  const found = (rounds as { edges: { node: unknown }[] }).edges.map(({ node }) => node)
  expect(new Set(found.map((node) => JSON.stringify(node)))).toEqual(
    new Set(['{"roundId":"1","status":"OPEN"}', '{"roundId":"2","status":"DRAWING"}']),
  )
})
