import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { waitFor } from '../../stack/process.ts'
import { createIndexer } from '../../stack/supervisor.ts'
import { digest } from '../support/digest.ts'
import { createWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await createWorld({ name: 'resync' })
})
afterAll(() => world?.stop())

describe('a fresh sync', () => {
  it('gives the same rows as the live one that saw reorganisations', async () => {
    const { chain } = world
    const poolId = await chain.createPool({ minEntries: 2 })
    const dollar = await chain.createPool({ token: chain.local.tokens.dollar, entryFee: 402_000n })
    const playRound = async (number: number) => {
      await chain.enter({ poolId, player: 2, numbers: [number, 5, 5] })
      await chain.enter({ poolId, player: 3, payer: 2, numbers: [number] })
      await chain.enterWithAuthorization({ poolId: dollar, player: 4, payer: 5, numbers: [number] })
      await chain.mine()
      await chain.close(poolId)
      await chain.close(dollar)
      await chain.mine(61)
      await chain.draw(poolId, 5)
      await chain.draw(dollar, number)
      await world.mine()
    }
    await playRound(1)
    await chain.rollback(2)
    await playRound(2)
    await chain.close(poolId)
    await world.mine(61)
    await playRound(3)
    for (let block = 0; block < 40; block++) await chain.mine()
    await playRound(4)
    const live = await digest(world.database)
    expect(live.entry).toMatch(/^(1[0-9]|2[0-9]) /)

    const url = await world.postgres.createDatabase('fresh')
    const fresh = createIndexer({
      databaseUrl: url,
      schema: 'pay402win',
      rpcUrls: new Map(),
      env: world.env,
      logFile: join(world.folder, 'fresh.log'),
      log: () => undefined,
    })
    try {
      const again = await waitFor(
        'the fresh sync at the chain’s newest block',
        async () => {
          const tables = await digest(url)
          return tables.block === live.block ? tables : undefined
        },
        { timeoutMs: 60_000, everyMs: 200 },
      )
      expect(again).toEqual(live)
    } finally {
      await fresh.stop()
    }
  })
})
