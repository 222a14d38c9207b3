import postgres from 'postgres'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createAnalyst } from '../../../stack/analyst.ts'
import { writeStory } from '../../support/story.ts'
import { createTables, type Tables } from '../../support/tables.ts'

/** Everything that somebody with the analyst's connection string may try. Each in a session of its own. */

let tables: Tables
let admin: postgres.Sql
let analyst: postgres.Sql

const options = {
  ...{ analyticsSchema: 'analytics', role: 'analyst', deployments: [], statementTimeoutMs: 300 },
}

beforeAll(async () => {
  tables = await createTables()
  await writeStory(tables)
  admin = postgres(tables.url, { max: 1, onnotice: () => undefined })
  await admin.unsafe('create extension dblink; create extension lo; create schema ponder_sync')
  await admin.unsafe('create table ponder_sync.logs (id int)')
  await createAnalyst(admin, { ...options, schema: tables.schema })
})
afterAll(async () => {
  await admin?.end({ timeout: 5 })
  await tables?.stop()
})

const connect = () =>
  postgres(tables.server.url('pay402win', 'analyst'), { max: 1, onnotice: () => undefined })

beforeEach(() => {
  analyst = connect()
  return () => analyst.end({ timeout: 1 })
})

const READ_ONLY = '25006'
const NOT_ALLOWED = '42501'
const TIMED_OUT = '57014'

const codeOf = (error: unknown) => (error instanceof postgres.PostgresError ? error.code : error)

/** The code with which a text is refused; what came back when it was not. */
const refusalOf = (text: string, session = analyst) =>
  session
    .unsafe(text)
    .simple()
    .then((rows) => ({ rows: [...rows] }), codeOf)

/** What a session does first that means to write: its default is only a default. */
const writable = async () => {
  await analyst.unsafe('reset default_transaction_read_only')
  await analyst.unsafe('set default_transaction_read_only = off')
  await analyst.unsafe('set session characteristics as transaction read write')
}

describe('writing', () => {
  const statements = [
    'insert into analytics.tokens values (1)',
    "update analytics.tokens set name = 'x'",
    'delete from analytics.tokens',
    `insert into pay402win.block (id) values ('x')`,
    `update pay402win.block set id = 'x'`,
    'delete from pay402win.block',
    'truncate pay402win.block',
    'create table analytics.mine (id int)',
    'create table public.mine (id int)',
    'create table mine (id int)',
    'create temp table mine (id int)',
    'create temp view mine as select 1',
    'create schema mine',
    'create function analytics.mine() returns int language sql as $$ select 1 $$',
    'create function public.mine() returns int language sql as $$ select 1 $$',
    'create function pg_temp.mine() returns int language sql as $$ select 1 $$',
    'create or replace view analytics.tokens as select 1',
    'alter view analytics.tokens rename to mine',
    'drop view analytics.tokens',
    "comment on view analytics.tokens is 'mine'",
    'create role mine',
    'create database mine',
    'create extension pg_trgm',
    'create sequence analytics.mine',
    'create event trigger mine on ddl_command_start execute function mine()',
    'select * into analytics.mine from analytics.tokens',
    'select * into temp mine from analytics.tokens',
    'begin; lock table analytics.tokens in access exclusive mode',
    'begin; lock table analytics.tokens in share mode',
    'select * from analytics.tokens for update',
    'vacuum pay402win.block',
    'analyze pay402win.block',
    'select lo_create(0)',
    "select lo_from_bytea(0, 'x')",
    "select pg_logical_emit_message(false, 'x', 'y')",
    'alter system set work_mem = 1',
    'checkpoint',
  ]
  it.each(statements)('refuses %s', async (statement) => {
    await writable()
    expect(await refusalOf(statement)).toBe(NOT_ALLOWED)
    const [found] = await admin`select count(*)::int as mine from pg_class where relname = 'mine'`
    expect(found?.mine).toBe(0)
  })

  it('passes on no right that it has', async () => {
    await writable()
    const rights = () =>
      admin`select relname, relacl::text from pg_class where relacl is not null order by oid`
    const before = await rights()
    await analyst.unsafe('grant select on analytics.tokens to public')
    expect(await rights()).toEqual(before)
  })

  it('refuses a write behind other statements, and all of them with it', async () => {
    await writable()
    expect(await refusalOf('select 1; select 2; delete from pay402win.block')).toBe(NOT_ALLOWED)
    expect(await refusalOf('commit; begin; delete from pay402win.block; commit')).toBe(NOT_ALLOWED)
    const [row] = await admin`select count(*)::int as blocks from pay402win.block`
    expect(row?.blocks).toBeGreaterThan(0)
  })

  it('refuses a write in a with clause, in a prepared statement, and in explain analyze', async () => {
    await writable()
    expect(
      await refusalOf('with gone as (delete from pay402win.block returning 1) select * from gone'),
    ).toBe(NOT_ALLOWED)
    expect(await refusalOf('prepare gone as delete from pay402win.block')).toBe(NOT_ALLOWED)
    expect(await refusalOf('explain analyze delete from pay402win.block')).toBe(NOT_ALLOWED)
    expect(
      await refusalOf("select query_to_xml('delete from pay402win.block', true, true, '')"),
    ).toBe(NOT_ALLOWED)
  })

  it('is read only by itself, before any right is asked for', async () => {
    expect(await refusalOf('create temp table mine (id int)')).toBe(READ_ONLY)
    expect(
      await refusalOf('begin; set transaction read only; select 1; set transaction read write'),
    ).toBe('25001')
  })
})

describe('being somebody else', () => {
  it.each([
    'set role postgres',
    'set session authorization postgres',
    'set local role postgres',
    'alter role analyst superuser',
    'alter role analyst connection limit 100',
    "alter role postgres password 'x'",
    'grant postgres to analyst',
    'alter role postgres set statement_timeout = 1',
    'reassign owned by postgres to analyst',
  ])('refuses %s', async (statement) => {
    await writable()
    expect(await refusalOf(statement)).toBe(NOT_ALLOWED)
  })
})

describe('reading what is not for analysts', () => {
  it.each([
    'select * from pay402win.block',
    'select * from pay402win.entry',
    'select * from pay402win._ponder_meta',
    'select * from pay402win._ponder_checkpoint',
    'select * from ponder_sync.logs',
    'select * from pg_authid',
    'select * from pg_shadow',
    'select * from pg_user_mapping',
    'select * from pg_largeobject',
    'select * from pg_hba_file_rules',
    'select * from pg_file_settings',
    'select * from pg_statistic',
    "select pg_read_file('postgresql.conf')",
    "select pg_read_binary_file('postgresql.conf')",
    "select pg_ls_dir('.')",
    'select pg_ls_logdir()',
    'select pg_ls_waldir()',
    "select pg_stat_file('postgresql.conf')",
    "select lo_import('/etc/passwd')",
    "select lo_export(1, '/tmp/x')",
    "copy (select 1) to '/tmp/x'",
    "copy analytics.tokens from '/etc/passwd'",
    "copy (select 1) to program 'true'",
    "copy analytics.tokens from program 'true'",
    "select * from public.dblink('dbname=pay402win user=postgres', 'select 1') as t (a int)",
    "select public.dblink_connect('dbname=pay402win user=postgres')",
    "select public.dblink_connect_u('dbname=pay402win user=postgres')",
    "load '/tmp/x.so'",
    'select pg_reload_conf()',
    'select pg_switch_wal()',
    'select pg_stat_reset()',
    'do $$ begin perform 1; end $$',
    'select pg_advisory_lock(1)',
    "select pg_try_advisory_lock(hashtextextended('pay402win-indexer:pay402win', 0))",
    'select pg_terminate_backend(1)',
  ])('refuses %s', async (statement) => {
    await writable()
    expect(await refusalOf(statement)).toBe(NOT_ALLOWED)
  })

  it('sees no other session’s statements, and no statistics of tables it may not read', async () => {
    expect(
      await analyst`select query from pg_stat_activity where usename <> current_user and query <> '<insufficient privilege>'
        and query <> ''`,
    ).toEqual([])
    expect(await analyst`select from pg_stats where schemaname = 'pay402win'`).toEqual([])
  })
})

describe('taking more than its share', () => {
  it.each([
    'with recursive bomb as (select 1 as n union all select n + 1 from bomb) select count(*) from bomb',
    'select count(*) from generate_series(1, 1000000000)',
    'select count(*) from analytics.entries a, analytics.entries b, analytics.entries c, analytics.entries d, analytics.entries e, analytics.entries f',
    'select count(*) from (select n from generate_series(1, 1000000000) n order by random()) shuffled',
  ])('ends %s by its time limit', async (statement) => {
    expect(await refusalOf(statement)).toBe(TIMED_OUT)
  })

  it('ends a wait by the time limit too, were the function given back', async () => {
    expect(await refusalOf('select pg_sleep(60)')).toBe(NOT_ALLOWED)
    await admin`grant execute on function pg_sleep(double precision) to analyst`
    expect(await refusalOf('select pg_sleep(60)')).toBe(TIMED_OUT)
    await admin`revoke execute on function pg_sleep(double precision) from analyst`
  })

  it('may raise its own time limit, which PostgreSQL cannot forbid: docs/analysts.md says so', async () => {
    for (const raise of [
      'set statement_timeout = 0',
      "select set_config('statement_timeout', '0', false)",
    ]) {
      await analyst.unsafe('reset statement_timeout')
      await analyst.unsafe(raise)
      expect(await analyst`show statement_timeout`).toMatchObject([{ statement_timeout: '0' }])
    }
  })

  it('may not raise what only a superuser sets', async () => {
    expect(await analyst`show temp_file_limit`).toMatchObject([{ temp_file_limit: '1GB' }])
    expect(await refusalOf("set temp_file_limit = '-1'")).toBe(NOT_ALLOWED)
  })

  it('ends a transaction that does nothing', async () => {
    const lost = new Promise((resolve) => {
      const idle = postgres(tables.server.url('pay402win', 'analyst'), {
        max: 1,
        connection: { idle_in_transaction_session_timeout: 50 },
        onclose: () => resolve('lost'),
      })
      void idle
        .unsafe('begin')
        .simple()
        .catch(() => undefined)
    })
    expect(await lost).toBe('lost')
  })

  it('refuses a sixth connection', async () => {
    await analyst`select 1`
    const others = Array.from({ length: 4 }, connect)
    try {
      await Promise.all(others.map((each) => each`select 1`))
      const sixth = connect()
      expect(await refusalOf('select 1', sixth)).toBe('53300')
      await sixth.end({ timeout: 1 })
    } finally {
      await Promise.all(others.map((each) => each.end({ timeout: 1 })))
    }
  })
})
