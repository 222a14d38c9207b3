import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import * as schema from '../../../ponder.schema.ts'
import { openSnapshot } from '../../../src/api/db/snapshot.ts'
import type { HeadWait } from '../../../src/api/graphql/context.ts'
import { createGame, hash, NATIVE } from '../../support/game.ts'
import { createOperations, type Operations } from '../../support/operation.ts'
import { ANN } from '../../support/story.ts'
import { createTables, type Tables } from '../../support/tables.ts'

let tables: Tables
let operations: Operations
let game: ReturnType<typeof createGame>

beforeAll(async () => {
  tables = await createTables()
  operations = createOperations(tables)
})

afterAll(async () => {
  await operations.stop()
  await tables.stop()
})

beforeEach(async () => {
  await tables.clear()
  game = createGame()
  await game.block()
  await game.token(NATIVE, 'ETH', 18)
  await game.pool(1n, NATIVE)
  await game.save(tables)
  await tables.finalize(31337, 0)
})

const enter = async () => {
  await game.block()
  await game.enter(1n, ANN, [7])
  await game.save(tables)
}

test('without a block nothing is ready', async () => {
  await tables.clear()
  const { errors } = await operations.run('{ head { number } }')
  expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['NOT_READY'])
  const list = await operations.run('{ pools { totalCount } }')
  expect(list.errors?.map(({ extensions }) => extensions.code)).toEqual(['NOT_READY'])
})

test('without tables nothing is ready', async () => {
  const empty = createOperations({ ...tables, schema: 'not_yet' })
  const { errors } = await empty.run('{ head { number } }')
  await empty.stop()
  expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['NOT_READY'])
})

test('what is written meanwhile is not seen', async () => {
  const { snapshot, close } = await openSnapshot(operations.database)
  expect(snapshot.heads.get(31337)).toMatchObject({
    number: 1,
    finalizedNumber: 0,
    buildId: 'build-1',
  })
  await enter()
  expect(await snapshot.db.rows(sql`select count(*) from ${schema.entry}`)).toMatchObject([
    { count: '0' },
  ])
  await close()
  await close()
  expect(await operations.ask('{ head { number } entries { totalCount } }')).toEqual({
    head: { number: '2' },
    entries: { totalCount: 1 },
  })
})

test('the connections cannot write', async () => {
  await expect(
    operations.database.db.rows(sql`insert into _ponder_meta values ('x', '{}')`),
  ).rejects.toThrow(/read-only transaction/)
})

test('an operation that reads nothing opens nothing', async () => {
  operations.statements.clear()
  await operations.ask('{ __typename }')
  expect(operations.statements.list()).toEqual([])
})

test('tables that are locked when it opens are tried once more', async () => {
  const locked = Promise.withResolvers<void>()
  const release = Promise.withResolvers<void>()
  const reorganisation = tables.sql.begin(async (sql) => {
    await sql.unsafe('lock table block in access exclusive mode')
    locked.resolve()
    await release.promise
  })
  await locked.promise
  operations.statements.clear()
  const answer = operations.ask('{ head { number } }')
  // The first try gives up after the lock timeout; the second one waits when the lock goes.
  await expect.poll(() => operations.statements.list().length, { timeout: 5000 }).toBe(2)
  release.resolve()
  await reorganisation
  expect(await answer).toEqual({ head: { number: '1' } })
})

const terminate = (pid: unknown) =>
  tables.sql.unsafe('select pg_terminate_backend($1)', [String(pid)])

test('a statement after a lost connection fails instead of running elsewhere', async () => {
  const { snapshot, close } = await openSnapshot(operations.database)
  const [backend] = await snapshot.db.rows(sql`select pg_backend_pid() as pid`)
  await terminate(backend?.pid)
  await expect(snapshot.db.rows(sql`select 1`)).rejects.toThrow()
  await expect(snapshot.db.rows(sql`select 1`)).rejects.toThrow()
  await close()
})

test('sessions that are lost, idle or at work, are replaced', async () => {
  for (let round = 0; round < 25; round += 1) {
    const snapshots = await Promise.all(
      Array.from({ length: 4 }, () => openSnapshot(operations.database)),
    )
    const pids = await Promise.all(
      snapshots.map(({ snapshot }) => snapshot.db.rows(sql`select pg_backend_pid() as pid`)),
    )
    const working = Promise.allSettled(
      snapshots.slice(0, 2).map(({ snapshot }) => snapshot.db.rows(sql`select pg_sleep(5)`)),
    )
    for (const [row] of pids) await terminate(row?.pid)
    expect((await working).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    // One end is written before the loss is known, the other after.
    await Promise.all(snapshots.map(({ close }) => close()))
    expect(await operations.ask('{ head { number } }')).toEqual({ head: { number: '1' } })
  }
})

test('more operations than connections take turns', async () => {
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => operations.ask('{ head { number } pools { totalCount } }')),
  )
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
})

/** Heads that a test announces by hand. */
const createHeads = () => {
  let wake: (() => void)[] = []
  const waits: HeadWait[] = []
  return {
    waits,
    announce: () => {
      for (const each of wake.splice(0)) each()
    },
    waitForHead: (wait: HeadWait) =>
      new Promise<void>((resolve) => {
        waits.push(wait)
        const timer = setTimeout(resolve, wait.timeoutMs)
        wake = [
          ...wake,
          () => {
            clearTimeout(timer)
            resolve()
          },
        ]
      }),
  }
}

const TRANSACTION = `query ($hash: Hex!, $waitMs: Int!) {
  head { number } transaction(hash: $hash, waitMs: $waitMs) { indexed finality entries { number } } entries { totalCount }
}`

test('waits for a transaction without a snapshot, and answers everything from after it', async () => {
  const heads = createHeads()
  const answer = operations.ask(
    TRANSACTION,
    { hash: hash(0x7000_0003), waitMs: 20_000 },
    { waitForHead: heads.waitForHead },
  )
  await expect.poll(() => heads.waits.length).toBe(1)
  const open = `select count(*)::int from pg_stat_activity where application_name = 'pay402win-api' and xact_start is not null`
  expect(await tables.sql.unsafe(open)).toEqual([{ count: 0 }])

  await enter()
  heads.announce()
  await expect.poll(() => heads.waits.map(({ afterNumber }) => afterNumber)).toEqual([1, 2])
  await enter()
  heads.announce()
  expect(await answer).toEqual({
    head: { number: '3' },
    transaction: { indexed: true, finality: 'LATEST', entries: [{ number: 7 }] },
    entries: { totalCount: 2 },
  })
})

test('says so when the time is up', async () => {
  const heads = createHeads()
  const text =
    'query ($hash: Hex!, $waitMs: Int!) { transaction(hash: $hash, waitMs: $waitMs) { indexed finality entries { number } payouts { id } } }'
  const variables = { hash: hash(0x7fff_ffff), waitMs: 50 }
  expect(await operations.ask(text, variables, { waitForHead: heads.waitForHead })).toEqual({
    transaction: { indexed: false, finality: null, entries: [], payouts: [] },
  })
  expect(heads.waits).toHaveLength(1)
})
