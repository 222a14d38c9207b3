import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import postgres from 'postgres'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { views } from '../../../src/api/db/analytics/index.ts'
import { createAnalyst } from '../../../stack/analyst.ts'
import { waitFor } from '../../../stack/process.ts'
import { DEPLOYMENTS } from '../../support/operation.ts'
import { writeStory } from '../../support/story.ts'
import { createTables, type Tables } from '../../support/tables.ts'

let tables: Tables
let admin: postgres.Sql

beforeAll(async () => {
  tables = await createTables()
  await writeStory(tables)
})
afterAll(() => tables?.stop())
beforeEach(() => {
  admin = postgres(tables.url, { max: 1, onnotice: () => undefined })
})
afterEach(() => admin.end({ timeout: 5 }))

const connect = (password?: string) =>
  postgres(tables.server.url('pay402win', 'analyst'), {
    max: 1,
    onnotice: () => undefined,
    ...(password === undefined ? {} : { password }),
  })
const withSession = async <T>(
  work: (sql: postgres.Sql) => Promise<T>,
  password?: string,
): Promise<T> => {
  const session = connect(password)
  try {
    return await work(session)
  } finally {
    await session.end({ timeout: 1 })
  }
}

const options = () => ({
  schema: tables.schema,
  analyticsSchema: 'analytics',
  deployments: DEPLOYMENTS,
  role: 'analyst',
})

/** Everything the cluster says about the role and its views, but for the password's salt. */
const stateOf = async () => ({
  role: await admin`select rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication,
    rolbypassrls, rolconnlimit, rolpassword is not null as "hasPassword" from pg_authid where rolname = 'analyst'`,
  settings:
    await admin`select setconfig from pg_db_role_setting where setrole = 'analyst'::regrole`,
  views: await admin`select relname, relacl::text, pg_get_viewdef(oid) as definition from pg_class
    where relnamespace = 'analytics'::regnamespace order by 1`,
})

describe('the role', () => {
  it('reads every view, and starts with its limits', async () => {
    const { password, open } = await createAnalyst(admin, options())
    expect(password).toMatch(/^[\w-]{32}$/)
    expect(open).toEqual(['can connect to other databases: postgres, template1'])
    await withSession(async (session) => {
      for (const { name, columns } of views) {
        const rows = await session.unsafe(`select * from ${name}`)
        expect(rows.columns.map((column) => column.name)).toEqual(columns.map((each) => each.name))
      }
      const [settings] = await session`
        select current_setting('search_path') as path, current_setting('default_transaction_read_only') as "readOnly",
          current_setting('statement_timeout') as statement, current_setting('transaction_timeout') as transaction,
          current_setting('lock_timeout') as lock, current_setting('idle_in_transaction_session_timeout') as idle,
          current_setting('work_mem') as memory`
      expect({ ...settings }).toEqual({
        ...{ path: 'analytics', readOnly: 'on', statement: '30s', transaction: '1min' },
        ...{ lock: '2s', idle: '10s', memory: '16MB' },
      })
    })
  })

  it('stays as it is when the command runs again', async () => {
    await createAnalyst(admin, options())
    const before = await stateOf()
    const [secret] = await admin`select rolpassword from pg_authid where rolname = 'analyst'`
    expect(await createAnalyst(admin, options())).toMatchObject({ password: null })
    expect(await stateOf()).toEqual(before)
    expect(await admin`select rolpassword from pg_authid where rolname = 'analyst'`).toEqual([
      secret,
    ])
    expect(before.role).toMatchObject([
      {
        ...{ rolsuper: false, rolinherit: false, rolcreaterole: false, rolcreatedb: false },
        ...{ rolcanlogin: true, rolreplication: false, rolbypassrls: false, rolconnlimit: 5 },
        hasPassword: true,
      },
    ])
  })

  it('loses what somebody gave it', async () => {
    await createAnalyst(admin, options())
    await admin.unsafe(
      'grant pg_read_all_data to analyst; alter role analyst set statement_timeout = 0',
    )
    await admin.unsafe('grant insert, delete on all tables in schema analytics to analyst')
    const before = await createAnalyst(admin, options())
    expect(before.open).toEqual(['can connect to other databases: postgres, template1'])
    await withSession(async (session) => {
      await expect(session.unsafe(`select * from ${tables.schema}.block`)).rejects.toThrow(
        'permission denied for schema pay402win',
      )
      expect(await session`show statement_timeout`).toMatchObject([{ statement_timeout: '30s' }])
    })
  })

  it('says what a direct grant still opens', async () => {
    await createAnalyst(admin, options())
    await admin.unsafe('create schema secret; create table secret.note (id int)')
    await admin.unsafe(
      'grant usage, create on schema secret to analyst; grant select on secret.note to analyst',
    )
    const { open } = await createAnalyst(admin, options())
    await admin.unsafe('drop schema secret cascade')
    expect(open).toEqual([
      'can connect to other databases: postgres, template1',
      'can create in schemas secret',
      'can use tables secret.note',
    ])
  })

  it('enters with the password that was printed, and with no other', async () => {
    const file = join(tables.server.directory, 'data/pg_hba.conf')
    const before = await readFile(file, 'utf8')
    const reload = async () => {
      await admin`select pg_reload_conf()`
    }
    const answers = (password: string) =>
      withSession(
        (session) =>
          session`select 1`.then(
            () => 'in',
            (error) => error.code,
          ),
        password,
      )
    try {
      await writeFile(file, `host all analyst 127.0.0.1/32 scram-sha-256\n${before}`)
      await reload()
      const first = await createAnalyst(admin, { ...options(), rotate: true })
      await waitFor(
        'the rule',
        async () => (await answers('wrong password')) === '28P01' || undefined,
      )
      expect(await answers(first.password ?? '')).toBe('in')
      const second = await createAnalyst(admin, { ...options(), password: 'correct-horse-battery' })
      expect(second.password).toBe('correct-horse-battery')
      expect(await answers('correct-horse-battery')).toBe('in')
      expect(await answers(first.password ?? '')).toBe('28P01')
    } finally {
      await writeFile(file, before)
      await reload()
    }
  })
})

describe('a redeploy', () => {
  const NEXT = 'pay402win_2'
  const copy = async () => {
    await admin.unsafe(`create schema ${NEXT}`)
    const found = await admin<{ name: string }[]>`
      select tablename as name from pg_tables where schemaname = ${tables.schema}`
    for (const { name } of found)
      await admin.unsafe(
        `create table ${NEXT}.${name} (like ${tables.schema}.${name} including all);
         insert into ${NEXT}.${name} select * from ${tables.schema}.${name}`,
      )
  }

  it('is seen by a session’s next query, its prepared one too, and outlives the old schema', async () => {
    await createAnalyst(admin, options())
    await copy()
    await admin.unsafe(`update ${NEXT}.token set name = 'of the next build'`)
    await withSession(async (session) => {
      const names = async () =>
        (await session`select name from tokens where not is_native`).map(({ name }) => name)
      expect(await names()).not.toContain('of the next build')
      const again = await createAnalyst(admin, { ...options(), schema: NEXT })
      expect(again.password).toBeNull()
      expect(await names()).toEqual(['of the next build'])
      await createAnalyst(admin, options())
      expect(await names()).not.toContain('of the next build')
    })
    await admin.unsafe(`drop schema ${NEXT} cascade`)
    await withSession(async (session) => {
      for (const { name } of views) await session.unsafe(`select * from ${name} limit 1`)
    })
  })

  it('makes views again that went with the old schema, and those whose columns changed', async () => {
    await createAnalyst(admin, options())
    await admin.unsafe('drop view analytics.heads; drop view analytics.tokens')
    await admin.unsafe("create view analytics.tokens as select 1 as chain_id, 'x' as other")
    await createAnalyst(admin, options())
    await withSession(async (session) => {
      expect(await session`select count(*)::int as count from heads`).toMatchObject([{ count: 1 }])
      expect(await session`select count(*)::int as count from tokens`).toMatchObject([{ count: 2 }])
    })
  })
})
