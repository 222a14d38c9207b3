import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPostgres, type Postgres } from '../../stack/postgres.ts'
import { spawnChild } from '../../stack/process.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const ADDRESS = `0x${'11'.repeat(20)}`

let server: Postgres
let url: string
beforeAll(async () => {
  server = await createPostgres({ directory: join(tmpdir(), `pay402win-mistakes-${process.pid}`) })
  url = await server.createDatabase('mistakes')
  const sql = postgres(url, { max: 1 })
  await sql`create role visitor login`
  await sql.end()
})
afterAll(() => server?.stop())

/** Runs a program of the project to its end. */
const run = async (
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
) => {
  const child = await spawnChild(execPath, [join(root, file), ...args], {
    env: {
      PATH: process.env.PATH,
      DEPLOYMENTS: JSON.stringify([
        {
          ...{ chainId: 31337, name: 'local', address: ADDRESS, coordinator: ADDRESS },
          ...{ startBlock: 1, tokens: [] },
        },
      ]),
      RPC_URL: 'http://127.0.0.1:1',
      ...env,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const { stderr } = child.process
  if (stderr === null) throw new Error('a process without its output')
  const [complaint, { code }] = await Promise.all([text(stderr), child.exited])
  return { complaint, code }
}

const as = (role: string) => server.url('mistakes', role)
const nowhere = () => url.replace(/[^/]+$/, 'nowhere')

describe('npm run indexer ends once, with a sentence,', () => {
  const cases: readonly (readonly [string, () => Record<string, string>, string])[] = [
    [
      'when its database is not there',
      () => ({ DATABASE_URL: nowhere() }),
      'the database does not exist (database "nowhere" does not exist)',
    ],
    [
      'when its role may make no schema',
      () => ({ DATABASE_URL: as('visitor') }),
      'the role lacks a privilege (permission denied for database mistakes)',
    ],
    [
      'when the role of the API is not there',
      () => ({ DATABASE_URL: url, API_DATABASE_ROLE: 'nope' }),
      'a role or an object is not there (role "nope" does not exist)',
    ],
  ]
  it.each(cases)('%s', async (_, env, sentence) => {
    const { complaint, code } = await run('stack/indexer.ts', [], env())
    expect(complaint).toContain(sentence)
    expect(complaint.trim().split('\n')).toEqual(['Configuration:', expect.any(String)])
    expect(code).toBe(1)
  })
})

describe('a command ends with a sentence', () => {
  const commands: readonly (readonly [string, readonly string[]])[] = [
    ['stack/reindex.ts', []],
    ['stack/keys.ts', ['list']],
    ['stack/analystRole.ts', []],
    ['audit/reconcile.ts', []],
    ['export/main.ts', ['entries', '--format', 'csv', '--out', '/dev/null']],
  ]
  it.each(commands)('%s without its database', async (file, args) => {
    const { complaint, code } = await run(file, args, { DATABASE_URL: nowhere() })
    expect(complaint.trim()).toBe(
      'PostgreSQL: the database does not exist (database "nowhere" does not exist)',
    )
    expect(code).toBeGreaterThan(0)
  })

  it('when nobody listens', async () => {
    const { complaint, code } = await run('stack/keys.ts', ['list'], {
      DATABASE_URL: 'postgres://nobody@localhost:1/nowhere',
    })
    expect(complaint).toMatch(/^PostgreSQL: nobody listens at its address \(.+\)\n$/)
    expect(code).toBe(1)
  })

  it('when a schema of an indexer that is to be built can be read by nobody', async () => {
    const { complaint, code } = await run('stack/reindex.ts', [], {
      ...{ DATABASE_URL: url, API_DATABASE_ROLE: 'nope' },
    })
    expect(complaint).toContain('role "nope" does not exist')
    expect(code).toBe(1)
  })
})
