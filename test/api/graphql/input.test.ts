import { getAddress } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createOperations, type Operations } from '../../support/operation.ts'
import { ANN, writeStory } from '../../support/story.ts'
import { createTables, type Tables } from '../../support/tables.ts'

let tables: Tables
let operations: Operations

beforeAll(async () => {
  tables = await createTables()
  operations = createOperations(tables)
  await writeStory(tables)
})

afterAll(async () => {
  await operations.stop()
  await tables.stop()
})

const codes = async (text: string, variables: Record<string, unknown> = {}) =>
  ((await operations.run(text, variables)).errors ?? []).map(({ extensions }) => extensions.code)

const ANYBODY = '0x52908400098527886E0F7030069857D2E4169EE7'
const MIXED = getAddress('0x8617e340b3d01fa5f11f306f4090fd50e238070d')
const WRONG = MIXED.replace('D', 'd').replace('f', 'F')
const HUGE = '9'.repeat(78)
const forged = (content: unknown) => Buffer.from(JSON.stringify(content)).toString('base64url')

describe('BAD_USER_INPUT', () => {
  test.each([
    ['first above the limit', '{ pools(first: 1001) { totalCount } }'],
    ['last above the limit', '{ pools(last: 1001) { totalCount } }'],
    ['first below zero', '{ pools(first: -1) { totalCount } }'],
    ['first and last', '{ pools(first: 1, last: 1) { totalCount } }'],
    [
      'last of a sparkline',
      '{ round(poolId: 1, roundId: 1) { prizePoolHistory(last: 1001) { at } } }',
    ],
    [
      'more than a thousand buckets',
      '{ pool(poolId: 1) { buckets(interval: HOUR, from: 1700000000, to: 1703600001) { start } } }',
    ],
    [
      'buckets to a time before from',
      `{ tokenBuckets(token: "${ANYBODY}", interval: DAY, from: 2, to: 1) { start } }`,
    ],
    [
      'more neighbours than a hundred',
      `{ neighbours(address: "${ANYBODY}", token: "${ANYBODY}", span: 101) { rank } }`,
    ],
    ['a draw of a round below zero', '{ drawVerification(poolId: 1, roundId: "-1") { verified } }'],
    ['first of live pools', 'subscription { livePools(first: 1001) { participants } }'],
    ['a pool id below zero', '{ pool(poolId: "-1") { id } }'],
    ['a pool id beyond uint256', `{ pool(poolId: "${2n ** 256n}") { id } }`],
    ['a number of 79 digits', `{ pool(poolId: "1${HUGE}") { id } }`],
    ['a number that is none', '{ pool(poolId: "0x1") { id } }'],
    ['a broken number', '{ pool(poolId: 1.5) { id } }'],
    ['a number as a list', '{ pool(poolId: [1]) { id } }'],
    ['a NUL byte in a number', '{ pool(poolId: "1\\u0000") { id } }'],
    ['a NUL byte in text', '{ pools(where: { name: { contains: "a\\u0000" } }) { totalCount } }'],
    ['a short address', '{ player(address: "0x1234") { id } }'],
    ['an address with a NUL byte', `{ player(address: "${ANN.slice(0, -1)}\\u0000") { id } }`],
    ['a wrong checksum', `{ player(address: "${WRONG}") { id } }`],
    ['a hash that is no hash', '{ transaction(hash: "0x12") { indexed } }'],
    ['odd hex', '{ transaction(hash: "0x123") { indexed } }'],
    [
      'a wait beyond half a minute',
      `{ transaction(hash: "0x${'0'.repeat(64)}", waitMs: 30001) { indexed } }`,
    ],
    ['a wait below zero', `{ transaction(hash: "0x${'0'.repeat(64)}", waitMs: -1) { indexed } }`],
    ['a time below zero', '{ rounds(where: { opensAt: { gt: -1 } }) { totalCount } }'],
    [
      'a time in milliseconds',
      '{ rounds(where: { opensAt: { gt: 1700000000000 } }) { totalCount } }',
    ],
    [
      'buckets beyond what is a time',
      `{ tokenBuckets(token: "${ANYBODY}", interval: WEEK, from: 1700000000, to: 9007199254740991) { start } }`,
    ],
    [
      'a cursor of a leaderboard with an object in it',
      `{ leaderboard(token: "${ANYBODY}", after: "${forged([1, `leaderboard 31337 ${ANYBODY.toLowerCase()}   REALIZED_NET_PROFIT 0`, '-value', { toString: 1 }, '1', '1', '1'])}") { totalCount } }`,
    ],
    [
      'a cursor that is written in another way',
      `{ pools(after: "${Buffer.from('[1, "pools","chainId,poolId","1","1"]').toString('base64url')}") { totalCount } }`,
    ],
    ['a time that is no number', '{ rounds(where: { opensAt: { gt: "2026" } }) { totalCount } }'],
    [
      'a block number beyond int8',
      '{ entries(where: { blockNumber: { gt: "9223372036854775808" } }) { totalCount } }',
    ],
    ['null for an operator', '{ pools(where: { name: { eq: null } }) { totalCount } }'],
    ['null for a field', '{ pools(where: { name: null }) { totalCount } }'],
    [
      'a relation of a relation',
      '{ entries(where: { round: { pool: { name: { eq: "a" } } } }) { totalCount } }',
    ],
    [
      'a very deep filter',
      `{ pools(where: ${'{ NOT: '.repeat(12)}{ feeBps: { eq: 1 } }${' }'.repeat(12)}) { totalCount } }`,
    ],
    [
      'a very long list',
      `{ pools(where: { feeBps: { in: [${Array.from({ length: 1001 }, (_, at) => at).join()}] } }) { totalCount } }`,
    ],
    [
      'a very long filter',
      `{ pools(where: { OR: [${'{ feeBps: { eq: 1 } },'.repeat(201)}] }) { totalCount } }`,
    ],
    [
      'an order twice',
      '{ pools(orderBy: [{ field: NAME }, { field: NAME, direction: DESC }]) { totalCount } }',
    ],
    ['a cursor that is none', '{ pools(after: "abc") { totalCount } }'],
    ['a cursor with foreign letters', '{ pools(after: "=%/") { totalCount } }'],
    ['a cursor that is a number', `{ pools(after: "${forged(1)}") { totalCount } }`],
    [
      'a cursor of another list',
      `{ pools(after: "${forged([1, 'rounds', 'chainId,poolId', '1', '1'])}") { totalCount } }`,
    ],
    [
      'a cursor with too few values',
      `{ pools(after: "${forged([1, 'pools', 'chainId,poolId', '1'])}") { totalCount } }`,
    ],
    [
      'a cursor with a word for a number',
      `{ pools(after: "${forged([1, 'pools', 'chainId,poolId', 'a', '1'])}") { totalCount } }`,
    ],
    [
      'a cursor with null',
      `{ pools(after: "${forged([1, 'pools', 'chainId,poolId', null, '1'])}") { totalCount } }`,
    ],
    [
      'a cursor beyond int4',
      `{ pools(after: "${forged([1, 'pools', 'chainId,poolId', '2147483648', '1'])}") { totalCount } }`,
    ],
    [
      'a cursor with a NUL byte',
      `{ players(before: "${forged([1, 'players', 'address,chainId', '\0', '1'])}") { totalCount } }`,
    ],
    [
      'a cursor of another version',
      `{ pools(after: "${forged([2, 'pools', 'chainId,poolId', '1', '1'])}") { totalCount } }`,
    ],
    ['an id that is none', '{ node(id: "Pool") { id } }'],
    ['an id of no type', '{ node(id: "Money:1") { id } }'],
    ['an id with an inherited name', '{ node(id: "toString:1-1") { id } }'],
    ['an id with more parts', '{ node(id: "Pool:1-1-1") { id } }'],
    ['an id with a NUL byte', '{ node(id: "Pool:1-1\\u0000") { id } }'],
    ['an id beyond int4', '{ node(id: "Activity:9999999999-1-1") { id } }'],
    ['a chain without a game', '{ head(chainId: 1) { number } }'],
    [
      'a round that does not exist',
      `{ participation(address: "${ANN}", poolId: 1, roundId: 99) { winChance } }`,
    ],
    ['a live pool that does not exist', 'subscription { livePool(poolId: 99) { participants } }'],
  ])('%s', async (_, text) => {
    expect(await codes(text)).toEqual(['BAD_USER_INPUT'])
  })

  test.each([
    [
      'BigInt',
      '{ pool(poolId: $value) { id } }',
      ['', '-', '1.0', 1e21, true, 1.5, '1\0', [1], {}],
    ],
    ['Address', '{ player(address: $value) { id } }', ['', '0x', 1, WRONG, `${ANN}0`, 'ann.eth']],
    [
      'Hex',
      '{ transaction(hash: $value) { indexed } }',
      ['', '0', 12, '0xzz', `0x${'0'.repeat(65)}`],
    ],
    ['Cursor', '{ pools(after: $value) { totalCount } }', ['', 1, 'a b', 'é', 'x'.repeat(2001)]],
  ])('%s in a variable', async (type, selection, values) => {
    for (const value of values) {
      const result = await codes(`query ($value: ${type}!) ${selection}`, { value })
      expect([value, result]).toEqual([value, ['BAD_USER_INPUT']])
    }
  })

  test('says what was expected and where', async () => {
    const { errors } = await operations.run(
      '{ entries(where: { OR: [{ blockNumber: { lt: "99999999999999999999" } }] }) { totalCount } }',
    )
    expect(errors?.map(({ message }) => message)).toEqual([
      'where.blockNumber.lt: expected a whole number between -9223372036854775808 and 9223372036854775807',
    ])
  })

  test('a cursor of one order is refused by another', async () => {
    const { pools } = await operations.ask(
      '{ pools(first: 1, orderBy: [{ field: NAME }]) { pageInfo { endCursor } } }',
    )
    const { endCursor } = (pools as { pageInfo: { endCursor: string } }).pageInfo
    const text = (order: string) =>
      `query ($after: Cursor!) { pools(after: $after, orderBy: [{ field: NAME${order} }]) { edges { node { poolId } } } }`
    expect(await operations.ask(text(''), { after: endCursor })).toEqual({
      pools: { edges: [{ node: { poolId: '2' } }] },
    })
    expect(await codes(text(', direction: DESC'), { after: endCursor })).toEqual(['BAD_USER_INPUT'])
  })
})

describe('taken', () => {
  test.each([
    ['an upper-case address', `{ player(address: "0x${ANYBODY.slice(2)}") { id } }`],
    ['a right checksum', `{ player(address: "${MIXED}") { id } }`],
    ['a lower-case address', `{ player(address: "${MIXED.toLowerCase()}") { id } }`],
    [
      'a large number in a filter',
      `{ pools(where: { entryFee: { lt: "${HUGE}" } }) { totalCount } }`,
    ],
    [
      'a number below zero in a filter',
      '{ pools(where: { entryFee: { gt: "-1" } }) { totalCount } }',
    ],
    ['a page of nothing', '{ pools(first: 0) { edges { cursor } pageInfo { hasNextPage } } }'],
    ['a page of a thousand', '{ pools(first: 1000) { totalCount } }'],
    [
      'null for everything',
      '{ pools(where: null, orderBy: null, first: null, after: null) { totalCount } }',
    ],
    ['hex in any case', `{ transaction(hash: "0x${'aB'.repeat(32)}") { indexed } }`],
    [
      'text that looks like SQL',
      `{ pools(where: { name: { eq: "'; drop table pool; --" } }) { totalCount } }`,
    ],
  ])('%s', async (_, text) => {
    expect(await codes(text)).toEqual([])
  })
})

test('errors of one field leave the others', async () => {
  const { data, errors } = await operations.run('{ head { number } node(id: "x") { id } }')
  expect(errors).toHaveLength(1)
  expect(data).toMatchObject({ head: { number: '9' }, node: null })
})
