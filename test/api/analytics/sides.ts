import postgres from 'postgres'
import { pointViews } from '../../../stack/analystViews.ts'
import { createOperations, DEPLOYMENTS } from '../../support/operation.ts'
import { writeStory } from '../../support/story.ts'
import { createTables } from '../../support/tables.ts'
import { writePayments } from './payments.ts'

export type Row = Readonly<Record<string, unknown>>

interface Money {
  readonly raw: string
  readonly decimal: string
}
export const MONEY = '{ raw decimal }'

// biome-ignore lint/suspicious/noExplicitAny: answers of operations that stand beside their use
export type Node = any

/** GraphQL's money as the two columns of a view. */
export const money = (name: string, value: Money | null) => ({
  [`${name}_raw`]: value?.raw ?? null,
  [name]: value?.decimal ?? null,
})

/** Rows as they should be: the columns that are named, in every row. */
export const columnsOf = (rows: readonly Row[], wanted: readonly Row[]) =>
  rows.map((row, at) =>
    Object.fromEntries(Object.keys(wanted[at] ?? {}).map((name) => [name, row[name]])),
  )

export const TX = 'tx { blockNumber logIndex blockHash hash timestamp } finality'

/** Where GraphQL says that a fact stands, as columns of a view. */
export const placeOf = ({ tx, finality }: Node) => ({
  block_number: tx.blockNumber,
  log_index: tx.logIndex,
  block_hash: tx.blockHash,
  transaction_hash: tx.hash,
  block_at: String(tx.timestamp),
  block_time: new Date(tx.timestamp * 1000),
  finality,
})

/** The story with payments, its views, and both ways to ask about it. */
export const createSides = async () => {
  const tables = await createTables()
  await writeStory(tables)
  await writePayments(tables)
  // As the indexer stores it: no contract names the native coin.
  await tables.sql.unsafe("update token set symbol = '', name = '' where is_native")
  const operations = createOperations(tables)
  const sql = postgres(tables.url, { max: 1, onnotice: () => undefined })
  await pointViews(sql, {
    ...{ schema: tables.schema, analyticsSchema: 'analytics', deployments: DEPLOYMENTS },
  })
  return {
    tables,
    ask: async (text: string) => (await operations.ask(text)) as Readonly<Record<string, Node>>,
    /** Nodes of a connection. */
    nodesOf: async (field: string, selection: string): Promise<readonly Node[]> => {
      const data = await operations.ask(`{ found: ${field} { edges { node { ${selection} } } } }`)
      return (data.found as { edges: { node: Node }[] }).edges.map(({ node }) => node)
    },
    /** Rows of a query, wide numbers as text. */
    rowsOf: async (query: string): Promise<readonly Row[]> =>
      (await sql.unsafe(query)).map((row) => ({ ...row })),
    stop: async () => {
      await sql.end({ timeout: 5 })
      await operations.stop()
      await tables.stop()
    },
  }
}

export type Sides = Awaited<ReturnType<typeof createSides>>
