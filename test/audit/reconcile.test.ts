import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createClient } from '../../audit/client.ts'
import { type Options, type Result, reconcileChain } from '../../audit/reconcileChain.ts'
import { createDatabase, type Database } from '../../src/api/db/database.ts'
import { parseDeployments } from '../../src/domain/Deployment.ts'
import { createWorld, type World } from '../support/world.ts'
import { createVandal, envOf, playRounds, run } from './support.ts'

let world: World
let vandal: ReturnType<typeof createVandal>
let database: Database
let native: bigint
let play: (number: number) => Promise<number>
beforeAll(async () => {
  world = await createWorld({ name: 'reconcile' })
  vandal = createVandal(world.database)
  database = createDatabase({
    ...{ url: world.database, schema: 'pay402win', maxConnections: 1 },
    ...{ lockTimeoutMs: 1_000, statementTimeoutMs: 10_000 },
  })
  ;({ native, play } = await playRounds(world))
})
afterAll(async () => {
  await vandal?.stop()
  await database?.stop()
  await world?.stop()
})

const reconcile = (...args: string[]) => run('audit/reconcile.ts', args, envOf(world))

const differences = async (options: Options = {}) => {
  const [deployment] = parseDeployments(world.env.DEPLOYMENTS)
  if (deployment === undefined) throw new Error('no deployment')
  const client = createClient(world.chain.anvil.url)
  const result = await reconcileChain(client, database, deployment, options)
  return result?.differences.map(({ table, id, column }) => `${table} ${id} ${column}`)
}

const nothingDiffers = async () => {
  const { code, out } = await reconcile()
  expect(out).toContain('Nothing differs')
  expect(code).toBe(0)
}

/** Each kind of damage, what it is called, and that it is gone again. */
const everyDamageIsFound = async () => {
  const [entry] = await vandal.sql`select * from entry order by entry_id limit 1`
  const id = String(entry?.id)
  await vandal.with('entry', `delete from entry where id = '${id}'`, async () => {
    expect(await differences()).toEqual([`entry ${id} (row)`])
    const { code, out } = await reconcile()
    expect(code).toBe(1)
    expect(out).toMatch(/table +id +column +expected +actual\nentry +31337-1 +\(row\) .* none/)
    const json = await reconcile('--json')
    const [result] = JSON.parse(json.out) as readonly Result[]
    expect(json.code).toBe(1)
    expect(result).toMatchObject({ differences: [{ id, actual: 'none' }] })
  })
  await vandal.with(
    'payout',
    `insert into payout select (jsonb_populate_record(p, '{"id": "31337-1-999"}')).* from payout p limit 1`,
    async () => expect(await differences()).toEqual(['payout 31337-1-999 (row)']),
  )
  await vandal.with(
    'entry',
    `update entry set amount = amount + 1, block_hash = '0x${'12'.repeat(32)}' where id = '${id}'`,
    async () =>
      expect(await differences()).toEqual([`entry ${id} block_hash`, `entry ${id} amount`]),
  )
  await vandal.with(
    'pool_stats',
    `update pool_stats set wagered = wagered - 1 where pool_id = ${native}`,
    async () => expect(await differences()).toEqual([`pool_stats 31337-${native} wagered`]),
  )
  const [block] = await vandal.sql`
    select * from block where not exists (select from entry where block_number = number) order by number limit 1`
  await vandal.with(
    'block',
    `update block set hash = '0x${'34'.repeat(32)}' where id = '${block?.id}'`,
    async () => expect(await differences()).toEqual([`block ${block?.id} hash`]),
  )
  await vandal.with('block', `delete from block where id = '${block?.id}'`, async () =>
    expect(await differences()).toEqual([`block ${block?.id} (row)`]),
  )
}

describe('npm run reconcile', () => {
  it('finds nothing in rows that are as they should be', nothingDiffers)

  it('finds a row that was removed, doubled or changed', everyDamageIsFound)

  it('finds nothing, and the same damage, after reorganisations', async () => {
    const { chain } = world
    for (let block = 0; block < 12; block++) await chain.mine()
    await world.settled()
    await chain.rollback(3)
    await play(7)
    await chain.rollback(12)
    await play(9)
    await nothingDiffers()
    await everyDamageIsFound()
  })

  it('compares the facts of a range, and what follows from all of them only at the head', async () => {
    const [row] = await vandal.sql`select max(block_number) as last from entry`
    const last = Number(row?.last)
    const change = `update entry set number = 400 where block_number = ${last}`
    await vandal.with('entry', change, async () => {
      expect(await differences({ to: last - 1 })).toEqual([])
      expect(await differences({ from: last })).not.toEqual([])
      expect(await differences({ from: last, to: last })).not.toEqual([])
    })
    const totals = 'update player_token set won = won + 1'
    await vandal.with('player_token', totals, async () => {
      expect(await differences({ to: last - 1 })).toEqual([])
      expect(await differences()).not.toEqual([])
    })
  })

  it('ends with 2 when it cannot compare', async () => {
    const wrong = await reconcile('--from', 'yesterday', '--rpc', 'nowhere')
    expect(wrong.code).toBe(2)
    expect(wrong.err).toContain('--from should be the number of a block')
    expect(wrong.err).toContain('--rpc should be')
    expect((await reconcile('--what')).code).toBe(2)
    expect((await reconcile('--rpc', 'http://127.0.0.1:1')).code).toBe(2)
    const empty = await run('audit/reconcile.ts', [], envOf(world, { DATABASE_SCHEMA: 'empty' }))
    expect(empty).toMatchObject({ code: 2, err: 'no block of chain 31337 is indexed yet\n' })
    const other = await run('audit/reconcile.ts', [], envOf(world, { DEPLOYMENTS: '[]' }))
    expect(other.code).toBe(2)
  })
})
