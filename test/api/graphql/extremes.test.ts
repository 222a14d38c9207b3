import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type GraphQLField,
  type GraphQLOutputType,
  getNamedType,
  isInterfaceType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
  isUnionType,
} from 'graphql'
import postgres from 'postgres'
import { type Hex, parseEventLogs } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pay402WinAbi } from '../../../abis/Pay402Win.ts'
import { paymentTokenAbi } from '../../../abis/PaymentToken.ts'
import { vrfCoordinatorAbi } from '../../../abis/VrfCoordinator.ts'
import { createMemory } from '../../../audit/memory.ts'
import { handle } from '../../../audit/replay.ts'
import { exportTable, FORMATS } from '../../../export/exportTable.ts'
import { type ExportName, exportTables } from '../../../src/api/db/exportTables.ts'
import { openSnapshot } from '../../../src/api/db/snapshot.ts'
import { schema } from '../../../src/api/graphql/schema.ts'
import { pointViews } from '../../../stack/analystViews.ts'
import { CHOICES, ENTRIES, eventNames, story } from '../../support/extremes.ts'
import { createOperations, DEPLOYMENTS, type Operations } from '../../support/operation.ts'
import { createTables, type Tables } from '../../support/tables.ts'

const CHAIN = 31337
const GAME: Hex = `0x${'402'.padStart(40, '0')}`
const MOST = 2n ** 256n - 1n
const abi = [...pay402WinAbi, ...paymentTokenAbi, ...vrfCoordinatorAbi] as const

const hash = (number: number): Hex => `0x${number.toString(16).padStart(64, '0')}`

/** One event a block, by the indexer's own handlers. */
const index = async (tables: Tables) => {
  const { store, takeChanges } = createMemory(CHAIN)
  let number = 0
  for (const raw of CHOICES.flatMap((choice) => story(choice, GAME))) {
    number += 1
    const block = { number: BigInt(number), hash: hash(number), parentHash: hash(number - 1) }
    const place = { blockNumber: block.number, blockHash: block.hash, logIndex: 0 }
    const [log] = parseEventLogs({
      abi,
      logs: [
        {
          ...place,
          address: GAME,
          data: raw.data,
          topics: raw.topics as [Hex],
          ...{ transactionHash: hash(number), transactionIndex: 0, removed: false },
        },
      ],
    })
    if (log === undefined) throw new Error(`${raw.event} was not decoded`)
    await handle(store, log, { ...block, timestamp: 1_800_000_000n + BigInt(number) })
  }
  for (const [table, rows] of takeChanges()) await tables.upsert(table, ...(rows as never[]))
  await tables.finalize(CHAIN, 1)
  return number
}

let tables: Tables
let operations: Operations
/** The newest block. */
let last: number
beforeAll(async () => {
  tables = await createTables()
  last = await index(tables)
  operations = createOperations(tables)
})
afterAll(async () => {
  await operations?.stop()
  await tables?.stop()
})

test('every event is one of the story', () => {
  const told = CHOICES.flatMap((choice) => story(choice, GAME)).map(({ event }) => event)
  expect(new Set(told)).toEqual(new Set(eventNames()))
})

type AnyField = GraphQLField<unknown, unknown>

/** All fields that need no arguments, so many levels deep. */
const selectionOf = (type: GraphQLOutputType, depth: number): string => {
  const named = getNamedType(type)
  if (isLeafType(named)) return ''
  const possible =
    isUnionType(named) || isInterfaceType(named) ? schema.getPossibleTypes(named) : [named]
  const parts = possible.map((object) => {
    if (!isObjectType(object)) return ''
    const fields = Object.values(object.getFields()).flatMap((field: AnyField) => {
      if (field.args.some(isRequiredArgument)) return []
      if (isLeafType(getNamedType(field.type))) return [field.name]
      const inner = depth > 0 ? selectionOf(field.type, depth - 1) : ''
      // Fields of one name may have other types in other members.
      return inner === '' ? [] : [`${object.name}_${field.name}: ${field.name} ${inner}`]
    })
    const leafs = fields.map((field) =>
      field.includes(':') ? field : `${object.name}_${field}: ${field}`,
    )
    return leafs.length === 0 ? '' : `... on ${object.name} { ${leafs.join(' ')} }`
  })
  const all = parts.filter((part) => part !== '').join(' ')
  return all === '' ? '' : `{ ${all} }`
}

const ADDRESSES = CHOICES.map(({ whole }): Hex => `0x${whole(160).toString(16).padStart(40, '0')}`)
const ofIds = (args: (id: bigint, address: Hex) => string) =>
  CHOICES.map(({ whole }, at) => args(whole(256), ADDRESSES[at] ?? '0x'))

/** Arguments of the questions that need some, one for each choice. */
const ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  entryAggregates: ['groupBy: [TOKEN]'],
  payoutAggregates: ['groupBy: [TOKEN]'],
  node: [],
  tokenBuckets: ofIds(
    (_, token) => `token: "${token}", interval: HOUR, from: 1800000000, to: 1800003600`,
  ),
  pool: ofIds((id) => `poolId: "${id}"`),
  drawVerification: ofIds((id) => `poolId: "${id}", roundId: "${id}"`),
  round: ofIds((id) => `poolId: "${id}", roundId: "${id}"`),
  entry: [`entryId: "${MOST - 1n}"`, 'entryId: "0"'],
  leaderboard: ofIds((_, token) => `token: "${token}"`),
  neighbours: ofIds((_, token) => `token: "${token}", address: "${token}"`),
  player: ofIds((_, address) => `address: "${address}"`),
  participation: ofIds((id, address) => `address: "${address}", poolId: "${id}", roundId: "${id}"`),
  transaction: [`hash: "${hash(1)}"`],
}

const questions = Object.values(schema.getQueryType()?.getFields() ?? {}).flatMap((field) =>
  (ARGUMENTS[field.name] ?? ['']).map((args) => ({ field, args })),
)

test.each(questions)('every field of $field.name($args) has an answer', async ({ field, args }) => {
  const depth = /Connection/.test(String(field.type)) ? 4 : 2
  const given = args === '' ? '' : `(${args})`
  const { errors } = await operations.run(
    `{ ${field.name}${given} ${selectionOf(field.type, depth)} }`,
  )
  expect(errors?.map(({ message, path }) => [message, path])).toBeUndefined()
})

test('nothing is rounded', async () => {
  const data = await operations.ask(`{ pool(poolId: "${MOST}") {
    entryFee { raw } roundDuration minEntries maxEntries drawTimeout
    stats { wagered { raw } prizesWon { raw } } } }`)
  const many = (times: number) => ({ raw: (MOST * BigInt(times)).toString() })
  const uint32 = 2 ** 32 - 1
  expect(data.pool).toEqual({
    entryFee: many(1),
    ...{ roundDuration: uint32, minEntries: uint32, maxEntries: uint32, drawTimeout: uint32 },
    stats: { wagered: many(3 * ENTRIES), prizesWon: many(ENTRIES) },
  })
})

test.each(['pools', 'rounds', 'entries', 'payouts', 'players'])(
  'every order of %s pages through all of it',
  async (list) => {
    const argument = schema
      .getQueryType()
      ?.getFields()
      [list]?.args.find(({ name }) => name === 'orderBy')
    const order = argument && getNamedType(argument.type)
    const field = order && 'getFields' in order ? order.getFields().field : undefined
    const values = field && getNamedType(field.type)
    if (values === undefined || !('getValues' in values)) throw new Error(`${list} has no order`)
    const { [list]: all } = (await operations.ask(`{ ${list} { totalCount } }`)) as Record<
      string,
      { totalCount: number }
    >
    const pageSize = 7
    for (const { name } of values.getValues()) {
      let [seen, after] = [0, 'null']
      for (;;) {
        const data = (await operations.ask(
          `{ ${list}(first: ${pageSize}, after: ${after}, orderBy: { field: ${name}, direction: DESC }) {
            edges { cursor } pageInfo { hasNextPage endCursor } } }`,
        )) as Record<
          string,
          { edges: unknown[]; pageInfo: { hasNextPage: boolean; endCursor: string } }
        >
        const page = data[list]
        seen += page?.edges.length ?? 0
        after = JSON.stringify(page?.pageInfo.endCursor ?? null)
        if (page?.pageInfo.hasNextPage !== true) break
      }
      expect([name, seen]).toEqual([name, all?.totalCount])
    }
  },
)

test('a filter takes what a field holds', async () => {
  const data = await operations.ask(
    '{ pools(where: { maxEntries: { gt: 2147483648, eq: 4294967295 } }) { totalCount } }',
  )
  expect(data).toEqual({ pools: { totalCount: 1 } })
})

test('every view of the analysts has every row', async () => {
  const sql = postgres(tables.url, { max: 1, onnotice: () => undefined })
  try {
    await pointViews(sql, {
      ...{ schema: tables.schema, analyticsSchema: 'analytics', deployments: DEPLOYMENTS },
    })
    const views = await sql<{ name: string }[]>`
      select table_name as name from information_schema.views where table_schema = 'analytics'`
    expect(views.length).toBeGreaterThan(10)
    for (const { name } of views) await sql`select * from analytics.${sql(name)}`
  } finally {
    await sql.end({ timeout: 5 })
  }
})

test.each(FORMATS)('every table is exported as %s', async (format) => {
  const folder = await mkdtemp(join(tmpdir(), 'pay402win-extremes-'))
  try {
    for (const dataset of Object.keys(exportTables) as ExportName[]) {
      const { rows, bytes } = await exportTable(
        () => openSnapshot(operations.database),
        { dataset, format, at: last, file: join(folder, dataset), isRestart: false },
        () => undefined,
      )
      expect([dataset, rows > 0, bytes > 0]).toEqual([dataset, true, true])
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
