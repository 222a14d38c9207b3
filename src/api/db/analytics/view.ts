import { type SQL, sql } from 'drizzle-orm'
import { type AnyPgColumn, PgDialect } from 'drizzle-orm/pg-core'
import { token } from '../../../../ponder.schema.ts'
import { finalizedOf } from '../head.ts'

/** What a native coin is called: configuration, since no contract says it. */
export interface NativeCoin {
  readonly chainId: number
  /** Both as literals, quoted by the server. */
  readonly symbol: string
  readonly name: string
}

/** One column of a view: its name, what it means, and the expression that gives it. */
export interface Column {
  readonly name: string
  readonly comment: string
  readonly sql: SQL | ((coins: readonly NativeCoin[]) => SQL)
}

/** A view for analysts. Names and types of columns are a contract with its users: add at the end, never rename. */
export interface View {
  readonly name: string
  readonly comment: string
  readonly columns: readonly Column[]
  /** What stands behind `from`. Tables without their schema: the search path of whoever creates the view gives it. */
  readonly from: SQL
}

type Expression = SQL | AnyPgColumn

/** A value as it is stored. */
export const plain = (name: string, value: Expression, comment: string): Column => ({
  name,
  comment,
  sql: sql`${value}`,
})

/** An enum's name. As text, because the type belongs to a schema that the next build replaces. */
export const label = (name: string, value: Expression, comment: string): Column =>
  plain(name, sql`${value}::text`, comment)

/**
 * An amount in base units and in whole tokens. A product with a power of ten is exact, and a quotient would not be; the token's
 * row has to be among what the view reads.
 */
export const money = (name: string, raw: Expression, comment: string): readonly Column[] => [
  plain(`${name}_raw`, raw, `${comment} In base units of the token.`),
  plain(
    name,
    sql`trim_scale(${raw} * ('1e-' || ${token.decimals})::numeric)`,
    `${comment} In whole tokens, exact.`,
  ),
]

/** A block time as Unix seconds and as a timestamp. */
export const time = (name: string, seconds: Expression, comment: string): readonly Column[] => [
  plain(`${name}_at`, sql`${seconds}::bigint`, `${comment} Unix seconds.`),
  plain(`${name}_time`, sql`to_timestamp(${seconds}::bigint)`, `${comment} As timestamptz.`),
]

/** Whether what is stored of a block can still be reorganised away. */
export const finality = (chainId: Expression, blockNumber: Expression): Column =>
  plain(
    'finality',
    sql`case when ${blockNumber} <= ${finalizedOf(sql`${chainId}`)} then 'FINAL' else 'LATEST' end`,
    'FINAL: can never be reorganised away. LATEST: still can.',
  )

const PLACE = {
  blockNumber: 'block_number',
  logIndex: 'log_index',
  blockHash: 'block_hash',
  transactionHash: 'transaction_hash',
} as const

/** Where a fact stands on the chain, and whether it is final. */
export const place = (
  table: Readonly<Record<keyof typeof PLACE | 'chainId' | 'timestamp', Expression>>,
): readonly Column[] => [
  plain(PLACE.blockNumber, table.blockNumber, 'Block of its log.'),
  plain(PLACE.logIndex, table.logIndex, 'Place of its log in the block.'),
  plain(PLACE.blockHash, table.blockHash, 'Hash of that block.'),
  plain(PLACE.transactionHash, table.transactionHash, 'Its transaction.'),
  ...time('block', table.timestamp, 'Time of its block.'),
  finality(table.chainId, table.blockNumber),
]

/** What a token is called; the token's row has to be among what the view reads. */
export const tokenWord = (name: string, word: 'symbol' | 'name', comment: string): Column => ({
  name,
  comment,
  sql: (coins) => {
    const cases = coins.map(
      (coin) =>
        sql`when ${token.isNative} and ${token.chainId} = ${sql.raw(String(coin.chainId))} then ${sql.raw(coin[word])}`,
    )
    return cases.length === 0
      ? sql`${token[word]}`
      : sql`case ${sql.join(cases, sql` `)} else ${token[word]} end`
  },
})

/** Which token the view's money is in. */
export const tokenColumns = (address: Expression): readonly Column[] => [
  plain('token', address, 'Address of the token; the zero address is the native coin.'),
  tokenWord(
    'token_symbol',
    'symbol',
    "What the token calls itself; the deployment's word for the native coin. Anybody may call a token so.",
  ),
]

/** `floor(numerator / denominator)` in exact numerics; null over zero. */
export const floorDiv = (numerator: SQL, denominator: SQL): SQL => sql`(
  div(${numerator}, nullif(${denominator}, 0)) - case when mod(${numerator}, nullif(${denominator}, 0)) <> 0
    and (${numerator} < 0) <> (${denominator} < 0) then 1 else 0 end)`

const dialect = new PgDialect()

/** A statement's text. @throws Error when it has parameters, for which a view has no place */
const textOf = (statement: SQL): string => {
  const { sql: text, params } = dialect.sqlToQuery(statement)
  if (params.length > 0) throw new Error(`A view with parameters: ${text}`)
  return text
}

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`

/** What creates or changes a view, and says in the database what it is. @param schema in lower case */
export const statementsOf = (
  schema: string,
  { name, comment, columns, from }: View,
  coins: readonly NativeCoin[],
): readonly string[] => {
  const view = `"${schema}"."${name}"`
  const names = columns.map((column) => `"${column.name}"`).join(', ')
  const values = sql.join(
    columns.map(({ sql: value }) => (typeof value === 'function' ? value(coins) : value)),
    sql`, `,
  )
  return [
    `create or replace view ${view} (${names}) as ${textOf(sql`select ${values} from ${from}`)}`,
    `comment on view ${view} is ${quoted(comment)}`,
    ...columns.map(
      (column) => `comment on column ${view}."${column.name}" is ${quoted(column.comment)}`,
    ),
  ]
}
