import { join } from 'node:path'
import { kill } from 'node:process'
import postgres from 'postgres'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createAnalyst } from '../../stack/analyst.ts'
import { waitFor } from '../../stack/process.ts'
import { createIndexer } from '../../stack/supervisor.ts'
import { createViewFollower } from '../../stack/viewFollower.ts'
import { createQueue } from '../support/queue.ts'
import { createWorld, type World } from '../support/world.ts'

/** An indexer that is no superuser, as in production: what an analyst's role takes from everybody, it has to keep. */

let world: World
let superuser: postgres.Sql
let owner: postgres.Sql

const connect = (url: string) => postgres(url, { max: 1, onnotice: () => undefined })

const lendDatabase = async (url: string) => {
  const sql = connect(url)
  await sql.unsafe('create role owner login createrole; alter database world owner to owner')
  await sql.end()
  return url.replace('postgres@', 'owner@')
}

beforeAll(async () => {
  world = await createWorld({ name: 'analyst', databaseProxy: lendDatabase })
  await world.chain.mine()
  await world.settled(150_000)
  superuser = connect(world.database)
  owner = connect(world.postgres.url('world', 'owner'))
})
afterAll(async () => {
  await superuser?.end({ timeout: 5 })
  await owner?.end({ timeout: 5 })
  await world?.stop()
})

const VIEWS = { schema: 'pay402win', deployments: [] }
const OF_OWNER = { ...VIEWS, analyticsSchema: 'analytics_of_owner', role: 'reader' }
const OF_SUPERUSER = { ...VIEWS, analyticsSchema: 'analytics', role: 'analyst' }
const ELSEWHERE = 'can connect to other databases: postgres, template1'

/** Entries as the analyst sees them, and as the API does. */
const entries = async (role: string, poolId: bigint) => {
  const analyst = connect(world.postgres.url('world', role))
  try {
    const seen = await analyst`
      select entry_id, player, number, amount_raw, status from entries where pool_id = ${String(poolId)} order by entry_id`
    const { entries: page } = await world.query<{
      entries: { edges: { node: Record<string, string> & { player: { address: string } } }[] }
    }>(
      `{ entries(where: { poolId: { eq: "${poolId}" } }) { edges { node {
          entry_id: entryId player { address } number amount { raw } status } } } }`,
    )
    const told = page.edges.map(({ node: { player, amount, ...node } }) => ({
      ...node,
      player: player.address,
      amount_raw: (amount as unknown as { raw: string }).raw,
    }))
    return { seen: seen.map((row) => ({ ...row })), told }
  } finally {
    await analyst.end({ timeout: 1 })
  }
}

const expectSame = async (poolId: bigint, count: number) => {
  for (const { role } of [OF_OWNER, OF_SUPERUSER]) {
    const { seen, told } = await entries(role, poolId)
    expect(seen).toHaveLength(count)
    expect(seen).toEqual(told)
  }
}

/** Until the API answers from the newest block; it answers all the time. */
const settledAndAnswered = async () => {
  let isSettled = false
  const settled = world.settled().finally(() => {
    isSettled = true
  })
  while (!isSettled) await world.query('{ head { number } entries(last: 1) { totalCount } }')
  return settled
}

/** Reads every view, then keeps the transaction open without a limit of time. */
const idleOn = async (session: postgres.Sql) => {
  const limits = ['statement_timeout', 'transaction_timeout', 'lock_timeout']
  const idle = ['idle_in_transaction_session_timeout', 'idle_session_timeout']
  const known = await session<{ name: string }[]>`
    select name from pg_settings where name in ${session([...limits, ...idle])}`
  for (const { name } of known) await session.unsafe(`set ${name} = 0`)
  const views = await session<{ name: string }[]>`
    select quote_ident(viewname) as name from pg_views where schemaname = 'analytics'`
  await session.unsafe('begin isolation level repeatable read').simple()
  for (const { name } of views) await session.unsafe(`select * from ${name} limit 1`)
}

/** Triggers that act in every transaction, as Ponder makes them itself. */
const eagerTriggers = () => superuser`
  select from pg_trigger where tgname in ('reorg', 'live_query') and tgqual is null`

const makeTriggersEager = async () => {
  const tables = await superuser<{ name: string }[]>`
    select relname as name from pg_class join pg_trigger on tgrelid = pg_class.oid
    where tgname = 'live_query' and relnamespace = 'pay402win'::regnamespace`
  for (const { name } of tables)
    await superuser.unsafe(`
      create or replace trigger live_query after insert or update or delete on pay402win.${name}
      for each row execute procedure pay402win.live_query()`)
  return tables.length
}

it('shows what is indexed, and stops neither restarts nor reorganisations', async () => {
  const { chain, indexer } = world
  const poolId = await chain.createPool()
  await chain.enter({ poolId, player: 1, numbers: [7, 8] })
  await world.mine()

  expect((await createAnalyst(owner, OF_OWNER)).open).toEqual([
    ELSEWHERE,
    expect.stringContaining('can call '),
    'can run blocks in plpgsql',
  ])
  expect((await createAnalyst(superuser, OF_SUPERUSER)).open).toEqual([ELSEWHERE])
  await expectSame(poolId, 2)

  expect(await eagerTriggers()).toEqual([])
  expect(await makeTriggersEager()).toBeGreaterThan(10)
  const before = indexer.starts()
  const pid = indexer.pid()
  if (pid !== undefined) kill(pid, 'SIGKILL')
  await waitFor('another start', async () => indexer.starts() > before || undefined)
  expect(await eagerTriggers()).toEqual([])
  const idle = connect(world.postgres.url('world', 'analyst'))
  try {
    await idleOn(idle)
    await chain.enter({ poolId, player: 2, numbers: [9] })
    await chain.mine()
    await world.settled(150_000)
    expect(await idle`select 1 as one`).toEqual([{ one: 1 }])
  } finally {
    await idle.end({ timeout: 0 })
  }
  await expectSame(poolId, 3)

  await chain.rollback(1)
  await chain.enter({ poolId, player: 3, numbers: [10, 11] })
  await world.mine()
  await expectSame(poolId, 4)
})

it('neither an open transaction nor a long statement of an analyst stands in the way of anybody', async () => {
  const { chain, postgres: server } = world
  const poolId = await chain.createPool()
  await chain.enter({ poolId, player: 1, numbers: [7, 8, 9] })
  for (let block = 0; block < 3; block++) await chain.mine()
  await world.settled()
  const [idle, busy] = [
    connect(server.url('world', 'analyst')),
    connect(server.url('world', 'analyst')),
  ]
  const count = async () => {
    const [row] = await idle`select count(*)::int from entries where pool_id = ${String(poolId)}`
    return row?.count
  }
  try {
    await idleOn(idle)
    expect(await count()).toBe(3)
    await busy`set statement_timeout = 0`
    const long = busy`
      select count(*) from entries, generate_series(1, 100000) a, generate_series(1, 100000) b, rounds`
    const ended = long.then(
      () => 'done',
      ({ code }: { code: string }) => code,
    )

    await chain.rollback(3)
    await chain.enter({ poolId, player: 2, numbers: [10] })
    await chain.mine()
    await settledAndAnswered()

    expect(await count()).toBe(3)
    await idle.unsafe('commit')
    expect(await count()).toBe(1)
    await superuser`
      select pg_cancel_backend(pid) from pg_stat_activity where usename = 'analyst' and query like '%generate_series%'`
    expect(await ended).toBe('57014')
  } finally {
    await idle.end({ timeout: 0 })
    await busy.end({ timeout: 0 })
  }
})

it('shows the tables of another indexer once that has caught up, and what cannot be changed is said', async () => {
  const { chain, env, folder, indexer, postgres: server } = world
  const next = 'pay402win_2'
  const databaseUrl = server.url('world', 'owner')
  const rpcUrls = new Map([[chain.local.chainId, chain.anvil.url]])
  const follow = (analyticsSchema: string) => {
    const said = createQueue<{ level: string; facts: object }>()
    const follower = createViewFollower({
      ...{ databaseUrl, schema: next, analyticsSchema, rpcUrls, deployments: [] },
      log: (_, facts) => said.push({ level: 'info', facts }),
      warn: (_, facts) => said.push({ level: 'warn', facts }),
    })
    return { said, ...follower }
  }
  const poolId = await chain.createPool()
  await chain.enter({ poolId, player: 1, numbers: [7] })
  await world.mine()
  const again = createIndexer({
    ...{ databaseUrl, schema: next, rpcUrls, env, logFile: join(folder, 'again.log') },
    log: () => undefined,
  })
  const [own, foreign] = [follow(OF_OWNER.analyticsSchema), follow(OF_SUPERUSER.analyticsSchema)]
  try {
    const where = { schema: next, analyticsSchema: OF_OWNER.analyticsSchema }
    expect(await own.said.next(150_000)).toEqual({ level: 'info', facts: where })
    expect(await foreign.said.next(150_000)).toEqual({
      level: 'warn',
      facts: {
        ...{ schema: next, analyticsSchema: OF_SUPERUSER.analyticsSchema },
        error: expect.stringContaining('must be owner of'),
        advice: expect.stringContaining('npm run analyst-role'),
      },
    })
    await expectSame(poolId, 1)

    await indexer.stop()
    await chain.enter({ poolId, player: 2, numbers: [8] })
    await chain.mine()
    const seen = await waitFor('the new entry', async () => {
      const { seen } = await entries(OF_OWNER.role, poolId)
      return seen.length === 2 ? seen : undefined
    })
    expect(seen.map(({ number }) => number)).toEqual([7, 8])
    expect((await entries(OF_SUPERUSER.role, poolId)).seen).toHaveLength(1)
  } finally {
    await Promise.all([own.stop(), foreign.stop(), again.stop()])
  }
})
