import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { promisify } from 'node:util'
import type pg from 'pg'
import postgres from 'postgres'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { views } from '../../../src/api/db/analytics/index.ts'
import { waitFor } from '../../../stack/process.ts'
import { writeStory } from '../../support/story.ts'
import { createTables, type Tables } from '../../support/tables.ts'

/** What psql, Grafana and Metabase ask of the catalogue to offer tables and columns, asked with the string that the command prints. */

const { Client, Pool }: typeof pg = createRequire(import.meta.resolve('ponder'))('pg')

let tables: Tables
let url: string
let client: pg.Client

const names = views.map(({ name }) => name).sort()
const columnsOf = (name: string) =>
  views.find((view) => view.name === name)?.columns.map((column) => column.name)

const rowsOf = async (text: string, values: readonly unknown[] = []) =>
  (await client.query(text, [...values])).rows

/** Whether somebody with a wrong password is kept out. */
const isClosed = async () => {
  const stranger = new Client({ connectionString: url.replace(/:[^:@]+@/, ':wrong@') })
  return stranger.connect().then(
    () => stranger.end().then(() => undefined),
    () => true,
  )
}

beforeAll(async () => {
  tables = await createTables()
  await writeStory(tables)
  const env = { PATH: process.env.PATH, DATABASE_URL: tables.url }
  const { stdout } = await promisify(execFile)(
    execPath,
    ['stack/analystRole.ts', '--json', '--connections', '3'],
    { env },
  )
  url = JSON.parse(stdout).url
  const hba = join(tables.server.directory, 'data/pg_hba.conf')
  const rules = await readFile(hba, 'utf8')
  await writeFile(hba, `host all analyst 127.0.0.1/32 scram-sha-256\n${rules}`)
  const admin = postgres(tables.url, { max: 1 })
  await admin`select pg_reload_conf()`
  // A neighbour in the same database, which is none of an analyst's business.
  await admin.unsafe('create schema shop; create table shop.customer (id int primary key)')
  await admin.end({ timeout: 5 })
  await waitFor('the rule', isClosed)
}, 60_000)
afterAll(() => tables?.stop())

beforeEach(async () => {
  client = new Client({ connectionString: url })
  await client.connect()
})
afterEach(() => client.end())

describe('a connection', () => {
  it('takes the settings that drivers send as they connect', async () => {
    const driver = new Client({
      ...{ connectionString: `${url}?application_name=Metabase`, statement_timeout: 20_000 },
      options: '-c extra_float_digits=3 -c DateStyle=ISO -c TimeZone=Europe/Berlin',
    })
    await driver.connect()
    try {
      await driver.query(
        "set session characteristics as transaction read only; set time zone 'UTC'",
      )
      const { rows } = await driver.query(
        `select current_user::text as name, current_setting('TimeZone') as zone, current_setting('search_path') as path,
           current_setting('application_name') as program, current_setting('statement_timeout') as timeout`,
      )
      expect(rows).toEqual([
        { name: 'analyst', zone: 'UTC', path: 'analytics', program: 'Metabase', timeout: '20s' },
      ])
    } finally {
      await driver.end()
    }
  })

  it('is one of as many as the command said, which a pool of that size shares', async () => {
    await client.end()
    const pool = new Pool({ connectionString: url, max: 3 })
    const counts = await Promise.all(
      Array.from({ length: 12 }, () => pool.query('select count(*)::int as count from heads')),
    )
    expect(counts.map(({ rows }) => rows)).toEqual(Array(12).fill([{ count: 1 }]))
    const held = await Promise.all([pool.connect(), pool.connect(), pool.connect()])
    const fourth = new Client({ connectionString: url })
    await expect(fourth.connect()).rejects.toMatchObject({ code: '53300' })
    for (const each of held) each.release()
    await pool.end()
    client = new Client({ connectionString: url })
    await client.connect()
  })

  it('reads a view page by page with a cursor, in one transaction', async () => {
    await client.query('begin read only; declare page cursor for select entry_id from entries')
    const sizes: number[] = []
    for (;;) {
      const { rows } = await client.query('fetch 5 from page')
      if (rows.length === 0) break
      sizes.push(rows.length)
    }
    await client.query('rollback')
    const [{ count }] = await rowsOf('select count(*)::int as count from entries')
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(count)
    expect(sizes.length).toBe(Math.ceil(count / 5))
  })
})

describe('psql', () => {
  it('lists the views on its path, with what they are', async () => {
    const listed = await rowsOf(`
      select c.relname as name, case c.relkind when 'v' then 'view' else 'table' end as type,
        pg_catalog.obj_description(c.oid, 'pg_class') as comment
      from pg_catalog.pg_class c left join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p', 'v', 'm', 'S', 'f') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
        and pg_catalog.pg_table_is_visible(c.oid) order by 1`)
    expect(listed).toEqual(
      [...views]
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .map(({ name, comment }) => ({ name, type: 'view', comment })),
    )
  })

  it.each(names)('describes %s', async (name) => {
    const [view] = await rowsOf(
      `select c.oid, pg_catalog.pg_get_viewdef(c.oid, true) as definition from pg_catalog.pg_class c
       where c.relname operator(pg_catalog.~) $1 collate pg_catalog.default and pg_catalog.pg_table_is_visible(c.oid)`,
      [`^(${name})$`],
    )
    expect(view.definition).toMatch(/^ (SELECT|WITH)/)
    const columns = await rowsOf(
      `select a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod) as type from pg_catalog.pg_attribute a
       where a.attrelid = $1 and a.attnum > 0 and not a.attisdropped order by a.attnum`,
      [view.oid],
    )
    expect(columns.map(({ attname }) => attname)).toEqual(columnsOf(name))
  })
})

describe('Grafana', () => {
  /** Tables without a schema are looked for on the search path, which it takes apart itself. */
  const ON_PATH = `quote_ident(table_schema) in (
    select case when trim(part) = '"$user"' then user else trim(part) end
    from unnest(string_to_array(current_setting('search_path'), ',')) as part)`

  it('lists the tables on the path without a schema, and no others', async () => {
    expect(
      await rowsOf(`
        select case when ${ON_PATH} then quote_ident(table_name)
          else quote_ident(table_schema) || '.' || quote_ident(table_name) end as "table"
        from information_schema.tables where quote_ident(table_schema) not in ('information_schema', 'pg_catalog')
        order by case when ${ON_PATH} then 0 else 1 end, 1`),
    ).toEqual(names.map((table) => ({ table })))
  })

  it('lists them by schema', async () => {
    const schemas = await rowsOf(`
      select schema_name as name from information_schema.schemata
      where schema_name not in ('information_schema', 'pg_catalog', 'pg_toast') order by 1`)
    expect(schemas.map(({ name }) => name)).toEqual(['analytics', 'public'])
    const listed = schemas.map(({ name }) =>
      rowsOf(
        'select quote_ident(table_name) as "table" from information_schema.tables where quote_ident(table_schema) = $1 order by 1',
        [name],
      ),
    )
    expect(await Promise.all(listed)).toEqual([names.map((table) => ({ table })), []])
  })

  it.each(names)('lists columns and types of %s', async (name) => {
    const columns = await rowsOf(
      `select quote_ident(column_name) as "column", data_type as type from information_schema.columns
       where case when array_length(parse_ident($1), 1) = 2
         then quote_ident(table_schema) = (parse_ident($1))[1] and quote_ident(table_name) = (parse_ident($1))[2]
         else quote_ident(table_name) = $1 and ${ON_PATH} end
       order by ordinal_position`,
      [name],
    )
    const found = columns.map(({ column }) => column.replaceAll('"', ''))
    expect(found).toEqual(columnsOf(name))
    const times = columns.filter(({ column }) => column.endsWith('_time'))
    expect(new Set(times.map(({ type }) => type)).size).toBe(times.length === 0 ? 0 : 1)
    expect(times.every(({ type }) => type === 'timestamp with time zone')).toBe(true)
    const raws = columns.filter(({ column }) => column.endsWith('_raw'))
    expect(raws.every(({ type }) => type === 'numeric')).toBe(true)
  })

  it('draws a series over the time of blocks', async () => {
    const [series] = await rowsOf(`
      select floor(extract(epoch from block_time) / 3600) * 3600 as time, token_symbol as metric, sum(amount) as value
      from entries where block_time between '2000-01-01T00:00:00Z' and '2100-01-01T00:00:00Z'
      group by 1, 2 order by 1, 2`)
    expect(Object.keys(series)).toEqual(['time', 'metric', 'value'])
  })
})

describe('Metabase', () => {
  it('finds that exactly the views may be read, and nothing written', async () => {
    const may = (privilege: string) =>
      `pg_catalog.has_any_column_privilege(current_user, quote_ident(schema) || '.' || quote_ident(name), '${privilege}')`
    const privileges = await rowsOf(`
      with relation as (
        select schemaname as schema, tablename as name from pg_catalog.pg_tables
        union select schemaname, viewname from pg_catalog.pg_views
        union select schemaname, matviewname from pg_catalog.pg_matviews
      )
      select schema, name, ${may('select')} as select, ${may('update')} as update, ${may('insert')} as insert,
        pg_catalog.has_table_privilege(current_user, quote_ident(schema) || '.' || quote_ident(name), 'delete') as delete
      from relation where schema !~ '^pg_' and schema <> 'information_schema'
        and pg_catalog.has_schema_privilege(current_user, schema, 'usage') order by 1, 2`)
    expect(privileges).toEqual(
      names.map((name) => ({
        ...{ schema: 'analytics', name, select: true, update: false, insert: false, delete: false },
      })),
    )
  })

  it('reads what the views are, and how many rows they may have', async () => {
    const described = await rowsOf(
      `select c.relname as name, d.description, stat.n_live_tup as rows
       from pg_catalog.pg_class c join pg_catalog.pg_namespace n on c.relnamespace = n.oid
       left join pg_catalog.pg_description d on c.oid = d.objoid and d.objsubid = 0 and d.classoid = 'pg_class'::regclass
       left join pg_stat_user_tables stat on n.nspname = stat.schemaname and c.relname = stat.relname
       where n.nspname = any($1) and c.relkind in ('r', 'p', 'v', 'f', 'm') order by 1`,
      [['analytics', 'public']],
    )
    expect(described).toEqual(
      [...views]
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .map(({ name, comment }) => ({ name, description: comment, rows: null })),
    )
  })

  it('reads every column with its comment and type, all of them built in', async () => {
    const columns = await rowsOf(`
      select c.table_name as view, c.column_name as name, c.udt_schema as type_schema, pk.column_name is not null as is_key,
        col_description(format('%I.%I', c.table_schema::text, c.table_name::text)::regclass::oid, c.ordinal_position) as comment
      from information_schema.columns c left join (
        select tc.table_schema, tc.table_name, kc.column_name from information_schema.table_constraints tc
        join information_schema.key_column_usage kc using (constraint_name, table_schema, table_name)
        where tc.constraint_type = 'PRIMARY KEY'
      ) pk using (table_schema, table_name, column_name)
      where c.table_schema !~ '^information_schema|catalog_history|pg_' order by c.table_name, c.ordinal_position`)
    expect(columns).toEqual(
      [...views]
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .flatMap((view) =>
          view.columns.map(({ name, comment }) => ({
            ...{ view: view.name, name, type_schema: 'pg_catalog', is_key: false, comment },
          })),
        ),
    )
  })

  it.each(names)('takes a sample of %s', async (name) => {
    const { fields } = await client.query(`select * from "analytics"."${name}" limit 10000`)
    expect(fields.map((field) => field.name)).toEqual(columnsOf(name))
  })
})
