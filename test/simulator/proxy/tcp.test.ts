import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import postgres from 'postgres'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createPostgres, type Postgres } from '../../../stack/postgres.ts'
import { createTcpProxy, type TcpProxy } from './tcp.ts'

const folder = join(
  fileURLToPath(new URL('../../..', import.meta.url)),
  `.data/test/proxy-${process.pid}`,
)
let server: Postgres
let proxy: TcpProxy
/** Through the proxy, and beside it. */
let client: postgres.Sql
let witness: postgres.Sql
beforeAll(async () => {
  await mkdir(folder, { recursive: true })
  server = await createPostgres({ directory: join(folder, 'postgres') })
  witness = postgres(server.url('postgres'), { max: 1, onnotice: () => undefined })
})
beforeEach(async () => {
  await witness`drop table if exists fact`
  await witness`create table fact (id integer primary key, text text)`
  proxy = await createTcpProxy({ port: server.port })
  const options = { host: '127.0.0.1', port: proxy.port, database: 'postgres', user: 'postgres' }
  // It asks for encryption first, which the server refuses with a single byte.
  client = postgres({ ...options, ssl: 'prefer', max: 4, onnotice: () => undefined })
})
afterEach(async () => {
  await client.end({ timeout: 1 })
  await proxy.stop()
})
afterAll(async () => {
  await witness?.end({ timeout: 1 })
  await server?.stop()
})

const facts = async (sql: postgres.Sql) =>
  (await sql<{ id: number }[]>`select id from fact order by id`).map(({ id }) => id)
const write = (id: number, text = 'x') =>
  client.begin((sql) => sql`insert into fact values (${id}, ${text})`)

test('what passes is what was sent, also much of it', async () => {
  await write(1, 'COMMIT'.repeat(500_000))
  const [row] = await client<{ text: string }[]>`select text from fact`
  expect(row?.text).toBe('COMMIT'.repeat(500_000))
})

test('a commit whose answer is lost is done, and its client does not know', async () => {
  await write(1)
  const lost = proxy.loseNextCommitReply()
  await expect(write(2)).rejects.toThrow(/CONNECTION_CLOSED|ECONNRESET/)
  await lost
  expect(await facts(witness)).toEqual([1, 2])
  await expect(write(2)).rejects.toThrow(/duplicate key/)
  await write(3)
  expect(await facts(client)).toEqual([1, 2, 3])
})

test.each([
  ['a simple query', (sql: postgres.ReservedSql) => sql.unsafe('COMMIT')],
  ['a prepared statement', (sql: postgres.ReservedSql) => sql`commit`],
])('so is one that comes as %s', async (_kind, commit) => {
  const sql = await client.reserve()
  await sql`begin`
  await sql`insert into fact values (1)`
  await commit(sql)
  await sql`begin`
  await sql`insert into fact values (2)`
  const lost = proxy.loseNextCommitReply()
  await expect(commit(sql)).rejects.toThrow(/CONNECTION_CLOSED|ECONNRESET/)
  await lost
  expect(await facts(witness)).toEqual([1, 2])
})

test('neither a rollback nor a row that says COMMIT is taken for one', async () => {
  const lost = proxy.loseNextCommitReply()
  const sql = await client.reserve()
  await sql`begin`
  await expect(sql`insert into fact values (${null})`).rejects.toThrow(/null/)
  await sql`commit`
  expect(await sql`select 'COMMIT' as said`).toEqual([{ said: 'COMMIT' }])
  sql.release()
  expect(await facts(witness)).toEqual([])
  await expect(write(1)).rejects.toThrow(/CONNECTION_CLOSED|ECONNRESET/)
  await lost
})

test('only one answer is lost of two commits at a time', async () => {
  await Promise.all([client`select pg_sleep(0)`, client`select pg_sleep(0)`])
  const lost = proxy.loseNextCommitReply()
  const ends = await Promise.allSettled([write(1), write(2)])
  await lost
  expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  expect(await facts(witness)).toEqual([1, 2])
})

test('a cut ends what is under way, and the next connection works', async () => {
  await client`select 1`
  const waiting = client`select pg_sleep(60)`.then(
    () => 'done',
    () => 'cut',
  )
  await expect
    .poll(
      async () => witness`select 1 from pg_stat_activity where query like 'select pg_sleep(60)%'`,
    )
    .toHaveLength(1)
  proxy.cut()
  expect(await waiting).toBe('cut')
  await write(1)
  expect(await facts(witness)).toEqual([1])
})

test('nothing passes while it stalls, and nothing is lost', async () => {
  await client`select 1`
  let isFlowing = false
  const stalled = proxy.stall(300).then(() => {
    isFlowing = true
  })
  await write(1)
  expect(isFlowing).toBe(true)
  await stalled
  expect(await facts(client)).toEqual([1])
})
