import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { run } from '../../audit/support.ts'
import { createTables, type Tables } from '../../support/tables.ts'
import { testSchema } from './schema.ts'
import { createApi, createChain, read } from './world.ts'

let tables: Tables
let sql: postgres.Sql
let env: Readonly<Record<string, string>>

beforeAll(async () => {
  tables = await createTables()
  await createChain(tables).begin()
  sql = postgres(tables.url, { max: 1, onnotice: () => undefined })
  await sql`create role reader login`
  env = { DATABASE_URL: tables.url, ACCESS_SCHEMA: 'access' }
})
afterAll(async () => {
  await sql.end({ timeout: 5 })
  await tables.stop()
})

const keys = (...args: readonly string[]) => run('stack/keys.ts', args, env)
const json = async (...args: readonly string[]) => {
  const { code, out, err } = await keys(...args, '--json')
  expect([code, err]).toEqual([0, ''])
  return JSON.parse(out)
}

test('without keys there are none, and none to revoke', async () => {
  expect(await keys('list')).toEqual({ code: 0, out: 'There are no keys.\n', err: '' })
  expect(await json('list')).toEqual([])
  expect(await keys('revoke', 'abcdefgh')).toEqual({
    ...{ code: 2, out: '', err: 'Configuration:\n  there is no key abcdefgh\n' },
  })
  expect(await sql`select from pg_namespace where nspname = 'access'`).toHaveLength(0)
})

test('a key is made, listed, used and revoked', async () => {
  const words = ['create', '--role', 'analyst', '--name', ' The statistics page ']
  const made = await run('stack/keys.ts', words, { ...env, API_DATABASE_ROLE: 'reader' })
  expect([made.code, made.err]).toEqual([0, ''])
  const [key = '', , ...rest] = made.out.split('\n')
  const [, id = '', secret = ''] = /^p402_([0-9A-Za-z]{8})_([0-9A-Za-z]{43})$/.exec(key) ?? []
  expect(rest).toEqual([
    `This is shown once: keep it where secrets are kept. Role analyst; npm run keys -- revoke ${id} puts it out of force.`,
    ...['', ''],
  ])
  const stored = {
    id,
    name: 'The statistics page',
    role: 'analyst',
    costPerMinute: null,
    createdAt: expect.any(String),
    revokedAt: null,
  }
  expect(await json('list')).toEqual([stored])

  const second = await json(
    ...['create', '--role', 'player', '--name', 'b', '--cost-per-minute', '5'],
  )
  expect(second).toEqual({
    key: expect.stringMatching(`^p402_${second.id}_[0-9A-Za-z]{43}$`),
    id: expect.stringMatching(/^[0-9A-Za-z]{8}$/),
    name: 'b',
    role: 'player',
    costPerMinute: 5,
    createdAt: expect.any(String),
    revokedAt: null,
  })
  const { key: _, ...secondStored } = second
  expect(await json('list')).toEqual([stored, secondStored])
  const { out } = await keys('list')
  expect(out.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
    ['id', 'role', 'cost per minute', 'created', 'revoked', 'name'],
    [id, 'analyst', "the role's", expect.stringMatching(/^\d{4}-/), 'The statistics page'],
    [second.id, 'player', '5', expect.stringMatching(/^\d{4}-/), 'b'],
    [''],
  ])
  expect(out).not.toContain(secret)

  const api = await createApi(tables, testSchema, {
    ...{ API_DATABASE_URL: tables.server.url('pay402win', 'reader'), ACCESS_SCHEMA: 'access' },
    ...{ MAX_COST: '1' },
  })
  const ask = async () =>
    read(
      await fetch(`${api.url}?query={a:hello,b:hello}`, {
        headers: { authorization: `Bearer ${key}` },
      }),
    )
  expect((await ask()).body).toEqual({ data: { a: 'world', b: 'world' } })
  await api.stop()

  const revoked = await json('revoke', id)
  expect(revoked).toEqual({ ...stored, revokedAt: expect.any(String) })
  expect(await json('revoke', id)).toEqual(revoked)
  expect(await keys('revoke', id)).toMatchObject({
    code: 0,
    out: expect.stringMatching(`^Key ${id} is out of force since ....-..-.. ..:..:..\\.\n$`),
  })
  expect(await json('list')).toEqual([revoked, secondStored])
})

describe('a mistake', () => {
  const ROLE = '--role should be one of player, analyst, operator'
  const COMMAND = 'the command should be create, list, or revoke and the id of a key; see --help'
  const COST = '--cost-per-minute should be a whole number from 1 to 1000000000000'
  const NAME = '--name should say whose key it is, in one line of at most 200 letters'
  const good = ['create', '--role', 'player', '--name', 'x']
  test.each<[string, readonly string[], readonly string[]]>([
    ['no command', [], [COMMAND]],
    ['another command', ['delete', 'x'], [COMMAND]],
    ['revoke of nothing', ['revoke'], [COMMAND]],
    ['revoke of two', ['revoke', 'a', 'b'], [COMMAND]],
    [
      'a role that a list does not take',
      ['list', '--role', 'player'],
      ['--role should come with create'],
    ],
    ['no role, no name', ['create'], [ROLE, NAME]],
    ['the role that needs no key', ['create', '--role', 'anonymous', '--name', 'x'], [ROLE]],
    ['two lines', ['create', '--role', 'player', '--name', 'a\nb'], [NAME]],
    ['no cost', [...good, '--cost-per-minute', '0'], [COST]],
    ['half a cost', [...good, '--cost-per-minute', '0.5'], [COST]],
    ['too much', [...good, '--cost-per-minute', '1000000000001'], [COST]],
  ])('%s', async (_, args, mistakes) => {
    const before = await json('list')
    expect(await keys(...args)).toEqual({
      code: 2,
      out: '',
      err: `Configuration:\n${mistakes.map((mistake) => `  ${mistake}\n`).join('')}`,
    })
    expect(await json('list')).toEqual(before)
  })

  test('in the environment', async () => {
    const bad = { DATABASE_URL: '', ACCESS_SCHEMA: 'Access"' }
    expect(await run('stack/keys.ts', ['list'], bad)).toEqual({
      code: 2,
      out: '',
      err: `Configuration:
  DATABASE_URL should say where the keys are kept
  ACCESS_SCHEMA should be lower-case letters, digits and _, at most 45\n`,
    })
  })

  test('a role that is not there makes no key', async () => {
    const nobody = { ...env, ACCESS_SCHEMA: 'other', API_DATABASE_ROLE: 'nobody' }
    expect(
      await run('stack/keys.ts', ['create', '--role', 'player', '--name', 'x'], nobody),
    ).toEqual({
      code: 1,
      out: '',
      err: 'PostgreSQL: a role or an object is not there (role "nobody" does not exist)\n',
    })
    expect(await sql`select from pg_namespace where nspname = 'other'`).toHaveLength(0)
  })
})
