import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, chown, copyFile, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addressMistakes, parseAddress } from '../../../src/api/db/address.ts'
import {
  connect,
  expectDirect,
  inTransaction,
  offersTls,
  ponderAddress,
  within,
} from '../../../src/api/db/connect.ts'
import { createPostgres, type Postgres } from '../../../stack/postgres.ts'
import { freePort, spawnChild, waitFor } from '../../../stack/process.ts'
import { createTcpProxy, type TcpProxy } from '../../simulator/proxy/tcp.ts'

/** Every way to write an address, by both drivers: ours, and the one of Ponder. */

const require = createRequire(import.meta.resolve('ponder'))
const driver: typeof pg = require('pg')
const TLS = join(import.meta.dirname, '../../support/tls')
const PASSWORD = 'p@ss:w/rd#1?%&=+ é'

let folder: string
let server: Postgres
let tls: string

beforeAll(async () => {
  folder = join(tmpdir(), `pay402win-address-${randomUUID()}`)
  // PostgreSQL's own user has to reach the sockets, and its key must be its own.
  await mkdir(join(folder, 'sockets'), { recursive: true })
  await chmod(folder, 0o755)
  await chmod(join(folder, 'sockets'), 0o777)
  server = await createPostgres({
    directory: join(folder, 'postgres'),
    hasPasswords: true,
    settings: {
      unix_socket_directories: join(folder, 'sockets'),
      listen_addresses: '127.0.0.1,::1',
    },
  })
  tls = join(server.directory, 'data')
  const { uid, gid } = await stat(tls)
  for (const name of ['server.crt', 'server.key', 'ca.crt']) {
    await copyFile(join(TLS, name), join(tls, name))
    await chown(join(tls, name), uid, gid)
    await chmod(join(tls, name), 0o600)
  }
  const hba = await readFile(join(tls, 'pg_hba.conf'), 'utf8')
  await writeFile(
    join(tls, 'pg_hba.conf'),
    `hostssl all mutual all cert\nhostssl all crypt all scram-sha-256\nhost all crypt all reject\n${hba}`,
  )
  await server.createDatabase('game')
  await as(async (sql) => {
    await sql.unsafe(`create role ix login password '${PASSWORD}'`)
    await sql.unsafe('create role mutual login')
    await sql.unsafe(`create role crypt login password 'crypt'`)
    for (const [name, value] of [
      ['ssl', 'on'],
      ['ssl_ca_file', 'ca.crt'],
    ])
      await sql.unsafe(`alter system set ${name} = '${value}'`)
    await sql.unsafe('select pg_reload_conf()')
  })
  await waitFor('encryption', async () =>
    (await offersTls(address({ query: 'sslmode=prefer' }))) ? true : undefined,
  )
})
afterAll(async () => {
  await server?.stop()
  await rm(folder, { recursive: true, force: true })
})

/** Work of the owner. */
const as = async <T>(work: (sql: ReturnType<typeof connect>) => Promise<T>): Promise<T> => {
  const sql = connect(server.url('game'), { max: 1 })
  try {
    return await work(sql)
  } finally {
    await sql.end({ timeout: 1 })
  }
}

const address = ({
  login = `ix:${encodeURIComponent(PASSWORD)}`,
  host = 'localhost',
  query = '',
  port = server.port,
} = {}) => `postgres://${login}@${host}:${port}/game?${query}`

const LOOK = `select current_user as role, current_setting('work_mem') as memory,
  coalesce((select ssl from pg_stat_ssl where pid = pg_backend_pid()), false) as tls`

const byOurs = async (url: string) => {
  const sql = connect(url, { max: 1, connection: { application_name: 'ours' } })
  try {
    const [row] = await sql.unsafe(LOOK)
    return { ...row }
  } finally {
    await sql.end({ timeout: 0 })
  }
}

const byPonders = async (url: string) => {
  const client = new driver.Client({
    connectionString: ponderAddress(url, await offersTls(url)),
    application_name: 'ponders',
  })
  try {
    await client.connect()
    const { rows } = await client.query(LOOK)
    return rows[0]
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** What both drivers see; 'refused' when both are refused. */
const byBoth = async (url: string) => {
  const [ours, ponders] = await Promise.all(
    [byOurs, byPonders].map((by) => by(url).catch(() => 'refused')),
  )
  expect(ours).toEqual(ponders)
  return ours
}

const HAS_IPV6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some((each) => each.address === '::1'),
)
const PLAIN = { role: 'ix', memory: '4MB', tls: false }
const ENCRYPTED = { ...PLAIN, tls: true }

describe('both drivers understand alike', () => {
  const file = (name: string) => encodeURIComponent(join(TLS, name))
  const CASES: readonly (readonly [string, () => string, object | string])[] = [
    ['a password with marks', () => address(), PLAIN],
    ...(HAS_IPV6 ? [['an IPv6 address', () => address({ host: '[::1]' }), PLAIN] as const] : []),
    [
      'user and password in the query',
      () =>
        `postgresql://localhost:${server.port}/game?user=ix&password=${encodeURIComponent(PASSWORD)}`,
      PLAIN,
    ],
    [
      'a unix socket in the query',
      () =>
        `postgresql:///game?host=${encodeURIComponent(join(folder, 'sockets'))}&port=${server.port}&user=ix&password=${encodeURIComponent(PASSWORD)}`,
      PLAIN,
    ],
    [
      'a unix socket as host',
      () => address({ host: encodeURIComponent(join(folder, 'sockets')) }),
      PLAIN,
    ],
    [
      'settings',
      () => address({ query: 'options=-c%20work_mem%3D9MB' }),
      { ...PLAIN, memory: '9MB' },
    ],
    [
      'names and times that are ours',
      () =>
        address({
          query:
            'application_name=mine&connect_timeout=3&keepalives=1&channel_binding=prefer&target_session_attrs=any',
        }),
      PLAIN,
    ],
    ['sslmode=disable', () => address({ query: 'sslmode=disable' }), PLAIN],
    ['sslmode=allow', () => address({ query: 'sslmode=allow' }), ENCRYPTED],
    ['sslmode=prefer', () => address({ query: 'sslmode=prefer' }), ENCRYPTED],
    [
      'sslmode=prefer on a unix socket',
      () => address({ host: encodeURIComponent(join(folder, 'sockets')), query: 'sslmode=prefer' }),
      PLAIN,
    ],
    ['sslmode=require', () => address({ query: 'sslmode=require' }), ENCRYPTED],
    ['sslmode=no-verify', () => address({ query: 'sslmode=no-verify' }), ENCRYPTED],
    [
      'sslmode=require with an authority',
      () => address({ query: `sslmode=require&sslrootcert=${file('ca.crt')}` }),
      ENCRYPTED,
    ],
    [
      'sslmode=require with another authority',
      () => address({ query: `sslmode=require&sslrootcert=${file('other.crt')}` }),
      'refused',
    ],
    [
      'sslmode=verify-ca',
      () =>
        address({ host: '127.0.0.1', query: `sslmode=verify-ca&sslrootcert=${file('ca.crt')}` }),
      ENCRYPTED,
    ],
    [
      'sslmode=verify-ca with another authority',
      () => address({ query: `sslmode=verify-ca&sslrootcert=${file('other.crt')}` }),
      'refused',
    ],
    [
      'sslmode=verify-full',
      () => address({ query: `sslmode=verify-full&sslrootcert=${file('ca.crt')}` }),
      ENCRYPTED,
    ],
    [
      'sslmode=verify-full with everybody’s authorities',
      () => address({ query: 'sslmode=verify-full&sslrootcert=system' }),
      'refused',
    ],
    [
      'a certificate of one’s own',
      () =>
        address({
          login: 'mutual',
          query: `sslmode=verify-full&sslrootcert=${file('ca.crt')}&sslcert=${file('client.crt')}&sslkey=${file('client.key')}`,
        }),
      { ...ENCRYPTED, role: 'mutual' },
    ],
    [
      'no certificate where one is wanted',
      () => address({ login: 'mutual', query: 'sslmode=require' }),
      'refused',
    ],
    [
      'no encryption where it is wanted',
      () => address({ login: 'crypt:crypt', query: 'sslmode=disable' }),
      'refused',
    ],
    ['a wrong password', () => address({ login: 'ix:wrong' }), 'refused'],
  ]
  it.each(CASES)('%s', async (_, url, expected) => {
    expect(await byBoth(url())).toEqual(expected)
  })

  it('whatever the environment says', async () => {
    const before = { ...process.env }
    Object.assign(process.env, {
      PGPASSWORD: PASSWORD,
      PGOPTIONS: '-c work_mem=1MB',
      PGSSLMODE: 'disable',
    })
    try {
      expect(await byOurs(address({ query: 'sslmode=require' }))).toEqual(ENCRYPTED)
      await expect(byOurs(address({ login: 'ix' }))).rejects.toThrow(/password/)
    } finally {
      for (const name of ['PGPASSWORD', 'PGOPTIONS', 'PGSSLMODE']) delete process.env[name]
      Object.assign(process.env, before)
    }
  })
})

describe('what they would not is refused by name', () => {
  it.each([
    ['mysql://h/d', 'the address of a PostgreSQL, postgres://user@host:port/database'],
    ['postgres://u:a#b@h/d', 'percent-encoded'],
    ['postgres://u:a%zz@h/d', 'password is percent-encoded'],
    ['postgres://u@h', 'names a database'],
    ['postgres://u@h/', 'names a database'],
    ['postgres://u@h/a%2Fb', 'letters, digits and _'],
    ['postgres://u@a:1,b:2/d', 'one host'],
    ['postgres://u@/d?host=a,b', 'one host'],
    ['postgres://u@h:99999/d', 'port is a number'],
    ['postgres://u@h/d?target_session_attrs=read-write', 'target_session_attrs is any'],
    ['postgres://u@h/d?channel_binding=require', 'channel_binding is disable or prefer'],
    ['postgres://u@h/d?gssencmode=require', 'gssencmode is'],
    ['postgres://u@h/d?sslmode=sometimes', 'sslmode is one of disable'],
    ['postgres://u@h/d?ssl=true', 'without ssl'],
    ['postgres://u@h/d?statement_timeout=5', 'without statement_timeout'],
    ['postgres://u@h/d?service=x', 'without service'],
    ['postgres://u@h/d?sslrootcert=/nowhere/ca.crt', 'with sslmode beside sslrootcert'],
    ['postgres://u@h/d?sslmode=verify-full&sslrootcert=/nowhere/ca.crt', 'a file that can be read'],
    ['postgres://u@h/d?sslmode=verify-ca', 'with sslrootcert'],
    ['postgres://u@h/d?sslmode=require&sslcert=/nowhere/c', 'sslcert and sslkey'],
    ['postgres://u@10.0.0.1/d?sslmode=verify-full', 'name of the host'],
    ['postgres://u@h/d?port=1&port=2', 'port once'],
  ])('%s', (url, mistake) => {
    expect(addressMistakes(url).join('\n')).toContain(mistake)
    expect(() => parseAddress(url)).toThrow(mistake)
  })

  it('without the password in what is said', () => {
    for (const text of addressMistakes('postgres://u:sec#ret@h/d?x=sec'))
      expect(text).not.toContain('sec')
  })
})

describe('a session', () => {
  let proxy: TcpProxy
  beforeAll(async () => {
    proxy = await createTcpProxy(server)
  })
  afterAll(() => proxy?.stop())
  const through = () => connect(address({ port: proxy.port }), { max: 1 })

  it('that is lost in a transaction ends it with an error, not the process, and nothing goes on outside', async () => {
    await as((sql) => sql.unsafe('create table fact (id int); grant all on fact to ix'))
    const sql = through()
    await expect(
      inTransaction(sql, async (tx) => {
        await tx`insert into fact values (1)`
        proxy.cut()
        await tx`insert into fact values (2)`.catch(() => undefined)
        await tx`insert into fact values (3)`
      }),
    ).rejects.toThrow(/lost|CLOSED|closed/i)
    expect(await sql`select id from fact`).toEqual([])
    await inTransaction(sql, (tx) => tx`insert into fact values (4)`)
    await expect(
      inTransaction(sql, async (tx) => {
        await tx`insert into fact values (5)`
        throw new Error('mine')
      }),
    ).rejects.toThrow('mine')
    expect(await sql`select id from fact`).toEqual([{ id: 4 }])
    await sql.end({ timeout: 0 })
  })

  it('that falls silent is given up after its time', async () => {
    const sql = through()
    await sql`select 1`
    await expect(within(50, sql`select pg_sleep(600)`, sql)).rejects.toThrow('within 0.05 s')
    await expect(sql`select 1`).rejects.toThrow()
  })

  it('is not judged where nobody answers, and welcome where PostgreSQL does', async () => {
    await expectDirect('DATABASE_URL', address({ port: await freePort() }))
    await expectDirect('DATABASE_URL', address())
  })
})

const PGBOUNCER = '/usr/sbin/pgbouncer'
if (existsSync(PGBOUNCER))
  describe('PgBouncer', () => {
    it.each(['session', 'transaction'])('is refused by name, in mode %s', async (mode) => {
      const port = await freePort()
      const { uid, gid } = await stat(tls)
      const [ini, users] = ['bouncer.ini', 'users.txt'].map((name) => join(folder, name)) as [
        string,
        string,
      ]
      await writeFile(users, `"ix" "${PASSWORD}"\n`)
      const settings = [
        `[databases]\ngame = host=127.0.0.1 port=${server.port} dbname=game`,
        `[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = ${port}\nauth_type = plain\nauth_file = ${users}`,
        `pool_mode = ${mode}\nunix_socket_dir =\nignore_startup_parameters = statement_timeout,search_path`,
      ]
      await writeFile(ini, settings.join('\n'))
      for (const file of [ini, users]) await chown(file, uid, gid)
      const child = await spawnChild(PGBOUNCER, [ini], {
        uid,
        gid,
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      try {
        await waitFor('PgBouncer', async () => {
          const sql = connect(address({ port }), { max: 1 })
          return sql`select 1`.finally(() => sql.end({ timeout: 0 }))
        })
        await expect(expectDirect('API_DATABASE_URL', address({ port }))).rejects.toThrow(
          'API_DATABASE_URL should be the address of PostgreSQL itself: a pooler such as PgBouncer',
        )
      } finally {
        child.process.kill('SIGKILL')
        await child.exited
      }
    })
  })
