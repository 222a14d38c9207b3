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

  it('takes the native coin’s words from DEPLOYMENTS, whatever they are, and says when there are none', async () => {
    const address = `0x${'ab'.repeat(20)}`
    const deployment = {
      ...{
        chainId: 31337,
        name: 'local',
        address,
        startBlock: 0,
        coordinator: address,
        tokens: [],
      },
      ...{ nativeSymbol: `E'T"H\\x); drop schema $1 --`, nativeName: "Moe's $$ether$$" },
    }
    const id = address.replaceAll('ab', '00')
    await admin.unsafe(
      `insert into pay402win.token (id, chain_id, address, symbol, name, decimals, is_native, text_source)
       values ('31337:n', 31337, '${id}', '', '', 18, true, 'CONFIGURATION'), ('1:n', 1, '${id}', '', '', 18, true, 'CONFIGURATION'),
         ('31337:d', 31337, '${address}', 'USDL', 'Dollar', 6, false, 'BLOCK')`,
    )
    const tokens = async () => [
      ...(await admin`select chain_id, symbol, name from analytics.tokens order by 1, 2`),
    ]
    const { code, stdout } = await run([], { DEPLOYMENTS: JSON.stringify([deployment]) })
    expect(code).toBe(0)
    expect(stdout).not.toContain('DEPLOYMENTS')
    const elsewhere = { chain_id: 1, symbol: '', name: '' }
    const dollar = { chain_id: 31337, symbol: 'USDL', name: 'Dollar' }
    const { nativeSymbol, nativeName } = deployment
    expect(await tokens()).toEqual([
      elsewhere,
      { chain_id: 31337, symbol: nativeSymbol, name: nativeName },
      dollar,
    ])
    const without = await run([])
    expect(without.stdout).toContain('because DEPLOYMENTS is not set')
    expect(await tokens()).toEqual([elsewhere, { chain_id: 31337, symbol: '', name: '' }, dollar])
  })

  it.each([
    ['a deployment that is none', [], { DEPLOYMENTS: '[{}]' }, 'DEPLOYMENTS[0].chainId'],
    ['another role’s name', ['--role', 'postgres'], {}, 'postgres is somebody else’s role'],
    ['a name that is none', ['--role', 'An; drop'], {}, '--role should be lower-case letters'],
    ['a short password', ['--password', 'short'], {}, '--password should be 12 to 128'],
    ['a time limit that is none', ['--timeout', '0'], {}, '--timeout should be a whole number'],
    ['connections that are none', ['--connections', '-1'], {}, "'--connections' argument"],
    ['too many', ['--connections', '1000'], {}, '--connections should be a whole number'],
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
