import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTables, type Tables } from '../../support/tables.ts'

let tables: Tables
let admin: postgres.Sql

beforeAll(async () => {
  tables = await createTables()
  admin = postgres(tables.url, { max: 1, onnotice: () => undefined })
})
afterAll(async () => {
  await admin?.end({ timeout: 5 })
  await tables?.stop()
})

const run = async (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
  const child = promisify(execFile)(process.execPath, ['stack/analystRole.ts', ...args], {
    env: { PATH: process.env.PATH, DATABASE_URL: tables.url, ...env },
  })
  return child.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  )
}

describe('the command', () => {
  it('prints a connection string as JSON, and the password once', async () => {
    const first = await run(['--json'])
    const second = await run(['--json'])
    const { port } = tables.server
    const told = JSON.parse(first.stdout)
    expect(told).toEqual({
      url: expect.stringMatching(
        new RegExp(`^postgresql://analyst:[\\w-]{32}@127.0.0.1:${port}/pay402win$`),
      ),
      ...{ role: 'analyst', schema: 'analytics', shows: 'pay402win', passwordKept: false },
      open: ['can connect to other databases: postgres, template1'],
    })
    expect(JSON.parse(second.stdout)).toEqual({
      ...told,
      url: `postgresql://analyst@127.0.0.1:${port}/pay402win`,
      passwordKept: true,
    })
    expect([first.code, second.code]).toEqual([0, 0])
  })

  it.each([
    ['another role’s name', ['--role', 'postgres'], {}, 'postgres is somebody else’s role'],
    ['a name that is none', ['--role', 'An; drop'], {}, '--role should be lower-case letters'],
    ['a short password', ['--password', 'short'], {}, '--password should be 12 to 128'],
    ['a time limit that is none', ['--timeout', '0'], {}, '--timeout should be a whole number'],
    ['a flag that is none', ['--roll'], {}, "Unknown option '--roll'"],
    ['no database', [], { DATABASE_URL: '' }, 'DATABASE_URL should be the address'],
    ['no tables yet', [], { DATABASE_SCHEMA: 'nothing' }, 'nothing has no tables'],
    ['views among others’ tables', [], { ANALYTICS_SCHEMA: 'others' }, 'somebody else’s tables'],
    [
      'views where the indexer writes',
      [],
      { ANALYTICS_SCHEMA: 'pay402win' },
      'should not be DATABASE_SCHEMA',
    ],
    ['views in public', [], { ANALYTICS_SCHEMA: 'public' }, 'a schema of the views’ own'],
    [
      'a schema that is none',
      [],
      { ANALYTICS_SCHEMA: 'No' },
      'ANALYTICS_SCHEMA should be lower-case',
    ],
  ])('ends with 2 and says what is wrong: %s', async (_, args, env, message) => {
    await admin.unsafe(
      'create schema if not exists others; create table if not exists others.note (id int)',
    )
    const before = await admin`select count(*) from pg_authid`
    const { code, stdout, stderr } = await run(args, env)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(message)
    expect(await admin`select count(*) from pg_authid`).toEqual(before)
  })

  it('ends with 1 when the database is not there', async () => {
    const { code } = await run([], { DATABASE_URL: 'postgres://nobody@127.0.0.1:9/none' })
    expect(code).toBe(1)
  })
})
