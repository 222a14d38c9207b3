import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { entry } from '../../../ponder.schema.ts'
import { partDecoder } from '../../../src/api/db/reader.ts'
import { entryReads, roundReads } from '../../../src/api/graphql/reads.ts'
import { createOperations, type Operations } from '../../support/operation.ts'
import { writeStory } from '../../support/story.ts'
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
beforeEach(() => operations.statements.clear())

const MONEY = '{ raw decimal token { symbol } }'
const EDGES = '{ totalCount edges { cursor node { id } } }'
/** What to ask for below the fields that have something below. */
const BELOW: Readonly<Record<string, string>> = {
  pool: '{ poolId name }',
  round: '{ roundId status phase }',
  player: '{ address entryCount }',
  tx: '{ chainId hash blockNumber blockHash logIndex timestamp explorerUrl }',
  entries: EDGES,
  payouts: EDGES,
}
const MONIES = ['amount', 'feeAmount', 'carryIn', 'gross', 'feeAccrued', 'prizePool', 'carryOut']
const MORE_MONIES = ['feeCollected', 'prizesPaid', 'prizesDelivered', 'refunded', 'prizePerEntry']
const isMoney = (name: string) => [...MONIES, ...MORE_MONIES].includes(name)
const asked = (name: string) => `${name} ${BELOW[name] ?? (isMoney(name) ? MONEY : '')}`

interface Page {
  readonly edges: readonly { readonly cursor: string; readonly node: Record<string, unknown> }[]
}
const page = async (list: string, selection: string, args = '(first: 100)'): Promise<Page> => {
  const data = await operations.ask(`{ ${list}${args} { edges { cursor node { ${selection} } } } }`)
  return data[list] as Page
}

/** Whether the first statement read a part of the rows. */
const isPart = () =>
  operations.statements.list()[0]?.match(/select \* from "(entry|round)"/) === null

const LISTS = [
  // What no table of reads knows makes rows whole.
  ['entries', entryReads, 'status'],
  ['rounds', roundReads, 'phase'],
] as const

test.each(
  LISTS.flatMap(([list, reads, whole]) =>
    Object.keys(reads).map((field) => [list, field, whole] as const),
  ),
)('%s.%s is the same from a part of the row as from all of it', async (list, field, whole) => {
  const part = await page(list, asked(field))
  expect(isPart()).toBe(true)
  operations.statements.clear()
  const all = await page(list, `${asked(field)} ${whole}`)
  expect(isPart()).toBe(false)
  expect(part.edges.length).toBeGreaterThan(3)
  expect(part.edges.map(({ node, cursor }) => [node[field], cursor])).toEqual(
    all.edges.map(({ node, cursor }) => [node[field], cursor]),
  )
})

test.each(LISTS)('all known fields of %s at once', async (list, reads, whole) => {
  const all = Object.keys(reads).map(asked).join(' ')
  const part = await page(list, all)
  const complete = await page(list, `${all} ${whole}`)
  expect(complete.edges.map(({ node: { [whole]: _, ...node } }) => node)).toEqual(
    part.edges.map(({ node }) => node),
  )
})

test('only what is asked for is read, whatever fragments and names it has', async () => {
  const data = await operations.ask(
    `
    query ($isWanted: Boolean!) { some: entries(first: 2) { ...Some edges { node { payer @include(if: $isWanted) } } } }
    fragment Some on EntryConnection { edges { row: node { __typename ...on Entry { lucky: number } } } }`,
    {
      isWanted: false,
    },
  )
  expect(data).toEqual({
    some: {
      edges: [1, 2].map(() => ({
        row: { __typename: 'Entry', lucky: expect.any(Number) },
        node: {},
      })),
    },
  })
  const [text] = operations.statements.list()
  expect(text).toContain(
    '(select "entry"."chain_id", "entry"."block_number", "entry"."log_index", "entry"."payer", "entry"."number" from',
  )
})

test('a part has the columns of its order, and pages go on from it both ways', async () => {
  const order = 'orderBy: [{ field: AMOUNT, direction: DESC }, { field: PLAYER }]'
  const whole = await page('entries', 'entryId status', `(${order})`)
  const ids = ({ edges }: Page) => edges.map(({ node }) => node.entryId)
  const found: unknown[] = []
  for (let after = ''; found.length < whole.edges.length; ) {
    const next = await page('entries', 'entryId', `(${order}, first: 3${after})`)
    found.push(...ids(next))
    after = `, after: "${next.edges.at(-1)?.cursor}"`
  }
  expect(found).toEqual(ids(whole))
  const before = `before: "${whole.edges[4]?.cursor}"`
  expect(ids(await page('entries', 'entryId', `(${order}, last: 3, ${before})`))).toEqual(
    ids(whole).slice(1, 4),
  )
})

test('to read a column that was not read is an error', () => {
  const { row } = partDecoder(entry, new Set(['number', 'entryId']))
  const part = row({ number: 7, entry_id: '12' })
  expect([part.number, part.entryId]).toEqual([7, 12n])
  expect(() => part.payer).toThrow('The column payer was not read')
})
