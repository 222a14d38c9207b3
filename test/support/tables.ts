import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getTableColumns, getTableName, isTable } from 'drizzle-orm'
import { getTableConfig, isPgEnum, type PgTable } from 'drizzle-orm/pg-core'
import postgres from 'postgres'
import * as schema from '../../ponder.schema.ts'
import { createPostgres, type Postgres } from '../../stack/postgres.ts'

/** A real PostgreSQL with the tables of ponder.schema.ts, filled by hand. */
export interface Tables {
  readonly server: Postgres
  readonly url: string
  readonly schema: string
  readonly sql: postgres.Sql
  readonly insert: <T extends PgTable>(
    table: T,
    ...rows: readonly T['$inferInsert'][]
  ) => Promise<void>
  /** Several inserts that are seen together. */
  readonly transaction: (work: (insert: Tables['insert']) => Promise<void>) => Promise<void>
  /** Rows that replace those of the same id. */
  readonly upsert: <T extends PgTable>(
    table: T,
    ...rows: readonly T['$inferInsert'][]
  ) => Promise<void>
  readonly clear: () => Promise<void>
  /** Says how far a chain is final, as the indexer would. */
  readonly finalize: (chainId: number, blockNumber: number) => Promise<void>
  readonly stop: () => Promise<void>
}

const SCHEMA = 'pay402win'

const tables = Object.values(schema).filter((value): value is PgTable & typeof value =>
  isTable(value),
)

/** The statements that make the tables, from the same descriptions that everything else reads. */
const ddl = (): readonly string[] => [
  ...Object.values<unknown>(schema)
    .filter(isPgEnum)
    .map(
      ({ enumName, enumValues }) =>
        `create type "${enumName}" as enum (${enumValues.map((value) => `'${value}'`).join()})`,
    ),
  ...tables.map((table) => {
    const columns = getTableConfig(table).columns.map(
      (column) =>
        `"${column.name}" ${column.getSQLType()}${column.primary ? ' primary key' : column.notNull ? ' not null' : ''}`,
    )
    return `create table "${getTableName(table)}" (${columns.join()})`
  }),
  ...tables.flatMap((table) =>
    getTableConfig(table).indexes.map(({ config }) => {
      const columns = config.columns.map((column) => `"${'name' in column ? column.name : ''}"`)
      return `create index "${config.name}" on "${getTableName(table)}" (${columns.join()})`
    }),
  ),
  `create table _ponder_checkpoint (chain_name text primary key, chain_id bigint not null,
    safe_checkpoint varchar(75) not null, latest_checkpoint varchar(75) not null, finalized_checkpoint varchar(75) not null)`,
  `create table _ponder_meta (key text primary key, value jsonb not null)`,
  `insert into _ponder_meta values ('app', '{"build_id": "build-1"}')`,
]

/** What Ponder writes for a block: 10 digits of time, 16 of chain, 16 of block, then the place in it. */
const checkpoint = (chainId: number, blockNumber: number) =>
  `${'0'.repeat(10)}${String(chainId).padStart(16, '0')}${String(blockNumber).padStart(16, '0')}${'0'.repeat(33)}`

const ROWS_AT_ONCE = 5_000

const insertInto = async <T extends PgTable>(
  sql: Pick<postgres.ISql, 'unsafe'>,
  table: T,
  rows: readonly T['$inferInsert'][],
  conflict = '',
) => {
  const columns = Object.entries(getTableColumns(table))
  const name = `"${getTableName(table)}"`
  const names = columns.map(([, column]) => `"${column.name}"`).join()
  const values = rows.map((row) => {
    const given = new Map(Object.entries(row))
    const pairs = columns.map(([key, column]) => {
      const value = given.get(key) ?? null
      const driver: unknown = value === null ? null : column.mapToDriverValue(value)
      return [column.name, driver === null ? null : String(driver)]
    })
    return Object.fromEntries(pairs)
  })
  for (let from = 0; from < values.length; from += ROWS_AT_ONCE)
    await sql.unsafe(
      `insert into ${name} (${names}) select ${names} from json_populate_recordset(null::${name}, $1::text::json) ${conflict}`,
      [JSON.stringify(values.slice(from, from + ROWS_AT_ONCE))],
    )
}

/** Starts PostgreSQL in a temporary folder; `stop` removes it. */
export const createTables = async (): Promise<Tables> => {
  const server = await createPostgres({
    directory: join(tmpdir(), `pay402win-api-${randomUUID()}`),
  })
  const url = await server.createDatabase('pay402win')
  // Everything is sent as text: the server knows the types.
  const asText = { to: 16, from: [], serialize: String, parse: String }
  const sql = postgres(url, {
    max: 2,
    onnotice: () => undefined,
    connection: { search_path: SCHEMA },
    types: { boolean: asText },
  })
  await sql.unsafe(`create schema ${SCHEMA}`)
  for (const statement of ddl()) await sql.unsafe(statement)
  return {
    server,
    url,
    schema: SCHEMA,
    sql,
    insert: (table, ...rows) => insertInto(sql, table, rows),
    transaction: async (work) => {
      await sql.begin((open) => work((table, ...rows) => insertInto(open, table, rows)))
    },
    upsert: async (table, ...rows) => {
      const changes = getTableConfig(table).columns.map(
        ({ name }) => `"${name}" = excluded."${name}"`,
      )
      await insertInto(sql, table, rows, `on conflict (id) do update set ${changes.join()}`)
    },
    clear: async () => {
      const names = tables.map((table) => `"${getTableName(table)}"`)
      await sql.unsafe(`truncate _ponder_checkpoint, ${names.join()}`)
    },
    finalize: async (chainId, blockNumber) => {
      const at = checkpoint(chainId, blockNumber)
      await sql.unsafe(
        `insert into _ponder_checkpoint values ($1, $2, $3, $3, $3)
         on conflict (chain_name) do update set finalized_checkpoint = $3`,
        [`chain-${chainId}`, String(chainId), at],
      )
    },
    stop: async () => {
      await sql.end({ timeout: 5 })
      await server.stop()
    },
  }
}
