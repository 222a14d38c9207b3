import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeGrouped } from '../../support/grouped.ts'
import { createOperations, type Operations } from '../../support/operation.ts'
import { createTables, type Tables } from '../../support/tables.ts'

/** What aggregates refuse, and what they cost. */

let tables: Tables
let operations: Operations

beforeAll(async () => {
  tables = await createTables()
  operations = createOperations(tables)
  await writeGrouped(tables)
})

afterAll(async () => {
  await operations.stop()
  await tables.stop()
})

describe('BAD_USER_INPUT', () => {
  test.each([
    ['amounts of several tokens', '{ entryAggregates { amount { avg } } }'],
    ['fees of several tokens', '{ entryAggregates(groupBy: [PLAYER]) { feeAmount { avg } } }'],
    [
      'sums of several tokens compared',
      '{ entryAggregates(having: { NOT: { feeSum: { gt: 1 } } }) { count } }',
    ],
    [
      'several tokens that having hides',
      '{ entryAggregates(groupBy: [DAY], having: { count: { gt: 1000 } }) { amount { avg } } }',
    ],
    [
      'an order by amounts of several tokens',
      '{ payoutAggregates(groupBy: [KIND], orderBy: { field: AMOUNT_MAX }) { count } }',
    ],
    [
      'one address on two chains',
      '{ payoutAggregates(where: { poolId: { eq: 1 } }) { amount { avg } } }',
    ],
    [
      'amounts in a fragment',
      '{ entryAggregates { ...all } } fragment all on EntryAggregate { ... on EntryAggregate { amount { avg } } }',
    ],
    ['first above the limit', '{ entryAggregates(first: 1001) { count } }'],
    ['first below zero', '{ payoutAggregates(first: -1) { count } }'],
    ['a dimension twice', '{ entryAggregates(groupBy: [DAY, DAY]) { count } }'],
    [
      'an order by a dimension that is not grouped by',
      '{ entryAggregates(groupBy: [DAY], orderBy: { field: POOL }) { count } }',
    ],
    [
      'an order twice',
      '{ entryAggregates(orderBy: [{ field: COUNT }, { field: COUNT, direction: DESC }]) { count } }',
    ],
    [
      'six orders',
      '{ entryAggregates(groupBy: [POOL], orderBy: [{ field: COUNT }, { field: PLAYERS }, { field: FEE_AVG }, { field: FEE_SUM }, { field: FEE_MIN }, { field: FEE_MAX }]) { count } }',
    ],
    ['null for an operator', '{ entryAggregates(having: { count: { gt: null } }) { count } }'],
    ['null for a filter', '{ payoutAggregates(where: { kind: null }) { count } }'],
    [
      'two relations deep',
      '{ entryAggregates(where: { round: { pool: { name: { eq: "a" } } } }) { count } }',
    ],
  ])('%s', async (_, text) => {
    const { data, errors } = await operations.run(text)
    expect(data ?? null).toBeNull()
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['BAD_USER_INPUT'])
  })

  test('says what would do', async () => {
    const { errors } = await operations.run('{ entryAggregates { amount { avg } } }')
    expect(errors?.map(({ message }) => message)).toEqual([
      'groupBy: amounts of several tokens are never added up; group by TOKEN, POOL or ROUND, or leave one token with where',
    ])
  })
})

test('amounts that are skipped are not asked for', async () => {
  const text =
    'query ($money: Boolean!) { entryAggregates { count amount @include(if: $money) { avg } feeAmount @skip(if: true) { avg } } }'
  expect(await operations.ask(text, { money: false })).toEqual({
    entryAggregates: [{ count: 400 }],
  })
})

test('no groups are asked for', async () => {
  expect(await operations.ask('{ entryAggregates(first: 0, groupBy: [DAY]) { count } }')).toEqual({
    entryAggregates: [],
  })
})

test.each([
  ['groups', '{ entryAggregates(groupBy: [DAY, PLAYER]) { day count players } }', 1],
  [
    'groups with their amounts',
    '{ entryAggregates(groupBy: [POOL], having: { feeSum: { gte: 0 } }) { amount { sum { raw } } feeAmount { max { raw } } } }',
    1,
  ],
  [
    'groups of payouts',
    '{ payoutAggregates(groupBy: [STATE, TOKEN], orderBy: { field: AMOUNT_AVG }) { state amount { min { raw } } } }',
    1,
  ],
  [
    'what they point to, once each',
    '{ entryAggregates(groupBy: [ROUND, POOL, TOKEN, PLAYER]) { round { roundId } pool { name } token { symbol } player { address } amount { avg sum { decimal } } } }',
    5,
  ],
])('statements of %s', async (_, text, expected) => {
  operations.statements.clear()
  await operations.ask(text)
  expect(operations.statements.list().length).toBe(expected)
})
