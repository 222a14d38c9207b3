import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import postgres from 'postgres'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { fence } from '../../stack/database.ts'
import { createHolder, type Lease, takeLease } from '../../stack/lease.ts'
import { createPostgres, type Postgres } from '../../stack/postgres.ts'
import { isAlive, spawnChild, waitFor } from '../../stack/process.ts'
import { hung } from '../../stack/pulse.ts'
import { createSession } from '../../stack/session.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

let server: Postgres
let url: string
let sql: postgres.Sql
let stops: (() => Promise<unknown>)[] = []
beforeAll(async () => {
  server = await createPostgres({ directory: join(tmpdir(), `pay402win-lease-${process.pid}`) })
  url = await server.createDatabase('lease')
  sql = postgres(url, { max: 1, onnotice: () => undefined })
})
afterAll(async () => {
  await sql?.end()
  await server?.stop()
})
afterEach(async () => {
  for (const stop of stops.reverse()) await stop()
  stops = []
  await sql`drop schema if exists game cascade`
})

/** Asks for the lease, as an indexer of its own. */
const ask = (address = url, ttlMs = 10_000) => {
  const messages: string[] = []
  const stopping = new AbortController()
  const taken = takeLease({
    ...{ url: address, schema: 'game', holder: createHolder(), signal: stopping.signal },
    ...{ log: (message: string) => messages.push(message), isStrict: true, ttlMs },
  })
  const held: { lease?: Lease } = {}
  taken.then(
    (lease) => {
      held.lease = lease
    },
    () => undefined,
  )
  stops.push(async () => {
    stopping.abort()
    await held.lease?.release()
  })
  return { taken, messages, held }
}

/** PostgreSQL behind a network that can fall silent: nothing is closed, nothing comes through. */
const createSilence = async () => {
  const pairs = new Set<{ readonly sockets: readonly Socket[]; isSilent: boolean }>()
  let isPartitioned = false
  const proxy = createServer((near) => {
    if (isPartitioned) return
    const far = connect(Number(new URL(url).port), '127.0.0.1')
    const pair = { sockets: [near, far], isSilent: false }
    pairs.add(pair)
    near.on('data', (data) => pair.isSilent || far.write(data))
    far.on('data', (data) => pair.isSilent || near.write(data))
    for (const socket of pair.sockets) {
      socket.on('error', () => undefined)
      socket.on('close', () => {
        if (!pair.isSilent) for (const each of pair.sockets) each.destroy()
      })
    }
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const address = proxy.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const through = new URL(url)
  through.port = String(address.port)
  const silence = () => {
    for (const pair of pairs) pair.isSilent = true
  }
  stops.push(async () => {
    for (const { sockets } of pairs) for (const socket of sockets) socket.destroy()
    proxy.close()
  })
  return {
    url: through.href,
    /** Open connections fall silent; new ones work. */
    silence,
    /** New ones fall silent too. */
    partition: () => {
      isPartitioned = true
      silence()
    },
  }
}

const leader = async () => {
  const [row] = await sql<{ term: string; expiresAt: Date; pid: number }[]>`
    select term, expires_at as "expiresAt", pid from game._leader`
  return row
}

describe('the lease', () => {
  it('is waited for with one session, and passed on at once', async () => {
    const first = ask()
    const lease = await first.taken
    const second = ask()
    const looks = new Set<string>()
    const pids = new Set<number>()
    await waitFor('three looks of the one who waits', async () => {
      const rows = await sql<{ pid: number; at: string }[]>`
        select pid, query_start::text as at from pg_stat_activity
        where application_name = 'pay402win-supervisor' and pid <> (select pid from game._leader)`
      for (const { pid, at } of rows) {
        pids.add(pid)
        looks.add(at)
      }
      return looks.size >= 3 || undefined
    })
    expect(pids.size).toBe(1)
    expect(second.messages).toEqual(['standing by: another indexer holds schema game'])
    expect(second.held.lease).toBeUndefined()
    await lease.release()
    expect(await second.taken).toMatchObject({ term: 2, isTakeover: false })
  })

  it('goes on when its session falls silent: another one renews it', async () => {
    const network = await createSilence()
    const lease = await ask(network.url).taken
    const before = await leader()
    network.silence()
    await waitFor('another session to renew it', async () => {
      const now = await leader()
      return now !== undefined && now.pid !== before?.pid ? true : undefined
    })
    expect(await leader()).toMatchObject({ term: '1' })
    expect(await lease.run((each) => each`select 1 as one`)).toEqual([{ one: 1 }])
  })

  it('is lost by one who is cut off, and taken over', async () => {
    const network = await createSilence()
    const lease = await ask(network.url, 4_000).taken
    const second = ask()
    await waitFor('the second to wait', async () => second.messages[0])
    network.partition()
    expect(await lease.lost).toContain('could not be renewed')
    expect(await second.taken).toMatchObject({ term: 2, isTakeover: true })
  })

  it('is taken over at once when its holder is gone', async () => {
    await ask().taken
    const held = await leader()
    await sql`update game._leader set pid = 1, expires_at = now() + interval '1 hour'`
    expect(held?.term).toBe('1')
    expect(await ask().taken).toMatchObject({ term: 2, isTakeover: true })
  })

  it('is not taken while version 0.4 holds its lock', async () => {
    const [row] = await sql<{ taken: boolean }[]>`
      select pg_try_advisory_lock(hashtextextended('pay402win-indexer:game', 0)) as taken`
    expect(row?.taken).toBe(true)
    const first = ask()
    await waitFor('it to wait', async () => first.messages[0])
    expect(first.held.lease).toBeUndefined()
    await sql`select pg_advisory_unlock_all()`
    expect((await first.taken).term).toBe(1)
  })

  it('of a later term ends the sessions of the earlier one, and lets it open none', async () => {
    const lease = await ask().taken
    /** A writer as Ponder is one: its own pool, in a process with the same preload. */
    const writer = await spawnChild(
      execPath,
      [
        ...['--import', join(root, 'stack/preload.ts'), '--input-type=module', '-e'],
        `const { createPool } = await import(new URL('utils/pg.js', import.meta.resolve('ponder')))
         const pool = createPool({ connectionString: process.env.DATABASE_URL, application_name: 'game_user' }, console)
         await pool.query('create table game.fact (id int)')
         console.log('written')
         for (let id = 0; ; id++) await pool.query('insert into game.fact values ($1)', [id]).catch(() => undefined)`,
      ],
      {
        cwd: root,
        env: {
          ...process.env,
          ...{ DATABASE_URL: url, INDEXER_SCHEMA: 'game', INDEXER_TERM: String(lease.term) },
        },
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      },
    )
    stops.push(() => writer.stop(0))
    const { stdout, stderr } = writer.process
    if (stdout === null || stderr === null) throw new Error('a process without its output')
    const complaint = text(stderr)
    await once(stdout, 'data')
    await lease.release()
    const next = await ask().taken
    await fence(next, 'game')
    const [before] = await sql`select count(*) from game.fact`
    expect(await writer.exited).toEqual({ code: 1, signal: null })
    expect(await complaint).toContain('Another indexer has taken over: term 1 is over')
    const [after] = await sql`select count(*) from game.fact`
    expect(after).toEqual(before)
  })
})

describe('a session', () => {
  it('that does not answer is given up in time, and replaced', async () => {
    const network = await createSilence()
    const session = createSession(network.url, 'test')
    stops.push(session.stop)
    await session.run((each) => each`select 1`)
    network.silence()
    await expect(session.run((each) => each`select 1`, 200)).rejects.toThrow('within 0.2 s')
    expect(await session.run((each) => each`select 2 as two`)).toEqual([{ two: 2 }])
  })
})

describe('a process', () => {
  const start = async () => {
    const child = await spawnChild(
      execPath,
      ['-e', `process.on('message', (message) => process.send(message))`],
      { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] },
    )
    stops.push(() => child.stop(0))
    return child
  }
  const signal = new AbortController().signal

  it('that is frozen is noticed, and does not survive being replaced', async () => {
    const child = await start()
    child.process.once('message', () => child.process.kill('SIGSTOP'))
    expect(await hung(child, 1_000, signal)).toBe('its process did not answer for 1 s')
    await child.stop(0)
    expect(isAlive(child.pid)).toBe(false)
  })

  it('that has ended is not judged', async () => {
    const child = await start()
    child.process.once('message', () => child.process.kill('SIGKILL'))
    expect(await hung(child, 1_000, signal)).toBeUndefined()
  })

  it('of the indexer ends with its supervisor, whatever it still has to say', async () => {
    const talks = `
      const { createLogger } = await import(new URL('internal/logger.js', import.meta.resolve('ponder')))
      const log = createLogger({ level: 'info', mode: 'json' })
      setInterval(() => { for (let at = 0; at < 5; at++) log.warn({ msg: 'alive'.repeat(600) }) }, 1)`
    const supervisor = await spawnChild(
      execPath,
      [
        '-e',
        `const child = require('node:child_process').spawn(process.execPath, process.argv.slice(1),
           { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
         child.stdout.once('data', () => console.log(child.pid)).resume()`,
        '--',
        ...['--import', join(root, 'stack/preload.ts'), '--input-type=module', '-e', talks],
      ],
      {
        cwd: root,
        env: { ...process.env, DATABASE_URL: '', INDEXER_TERM: '1' },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    const { stdout } = supervisor.process
    if (stdout === null) throw new Error('a process without its output')
    const [said] = await once(stdout, 'data')
    const pid = Number(said)
    stops.push(async () => {
      if (isAlive(pid)) process.kill(pid, 'SIGKILL')
    })
    await supervisor.stop(0)
    await waitFor('its end', async () => (isAlive(pid) ? undefined : true), { timeoutMs: 10_000 })
  })
})
