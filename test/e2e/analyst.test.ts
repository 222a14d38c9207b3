import { kill } from 'node:process'
import postgres from 'postgres'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createAnalyst } from '../../stack/analyst.ts'
import { waitFor } from '../../stack/process.ts'
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

  const before = indexer.starts()
  const pid = indexer.pid()
  if (pid !== undefined) kill(pid, 'SIGKILL')
  await waitFor('another start', async () => indexer.starts() > before || undefined)
  await chain.enter({ poolId, player: 2, numbers: [9] })
  await world.mine()
  await expectSame(poolId, 3)

  await chain.rollback(1)
  await chain.enter({ poolId, player: 3, numbers: [10, 11] })
  await world.mine()
  await expectSame(poolId, 4)
})
