import { zeroAddress } from 'viem'
import { describe, expect, it, onTestFinished } from 'vitest'
import { accountAt } from '../../stack/deploy.ts'
import { createKeeper } from '../../stack/players/keeper.ts'
import { createChain } from '../support/chain.ts'
import { caughtUp, createKeptGame, logsOf, play } from '../support/played.ts'

const KEEPER = 4

describe('the keeper', () => {
  it('refunds rounds below their minimum, and rounds whose word does not come', async () => {
    const { chain, poolIds, turn, warnings } = await createKeptGame(12, [
      { roundDuration: 5, minEntries: 3, token: zeroAddress },
      { roundDuration: 5, drawTimeout: 1 },
    ])
    const [small = 0n, silent = 0n] = poolIds
    await chain.enter({ poolId: small, player: 5, numbers: [1, 2] })
    await chain.enter({ poolId: silent, player: 6, numbers: [1, 2, 3] })
    await turn()
    for (let block = 0; block < 10; block++) await turn()
    const logs = logsOf(chain)
    const cancels = (await logs.cancels()).map(({ args }) => args)
    const reasons = (pool: bigint) =>
      cancels
        .filter(({ poolId, entryCount }) => poolId === pool && entryCount > 0n)
        .map(({ reason }) => reason)
    expect([reasons(small), reasons(silent)]).toEqual([[1], [2]])
    const refunds = (await logs.refunds()).map(({ args }) => args.recipient)
    expect(refunds.toSorted()).toEqual(
      [5, 5, 6, 6, 6].map((index) => accountAt(index).address).toSorted(),
    )
    expect(warnings).toEqual([])
  })

  it('sends nothing twice while it waits for a block with room', async () => {
    const { chain, poolIds, turn, warnings } = await createKeptGame(15, [{ roundDuration: 5 }])
    await chain.enter({ poolId: poolIds[0] ?? 0n, player: 5, numbers: [1] })
    await turn()
    await turn(5)
    const count = (blockTag: 'latest' | 'pending') =>
      chain.client.getTransactionCount({ address: accountAt(KEEPER).address, blockTag })
    const sent = await count('pending')
    expect(await count('latest')).toBe(sent - 1)
    await chain.client.setBlockGasLimit({ gasLimit: 100_000n })
    await play({ turn }, 5)
    expect([await count('latest'), await count('pending')]).toEqual([sent - 1, sent])
    await chain.client.setBlockGasLimit({ gasLimit: 60_000_000n })
    await turn()
    expect(await count('latest')).toBe(sent)
    await play({ turn }, 8)
    expect((await logsOf(chain).draws()).length).toBe(1)
    expect(warnings).toEqual([])
  })

  it('sends again what the chain has lost', async () => {
    const { chain, poolIds, turn, warnings } = await createKeptGame(16, [{ roundDuration: 5 }])
    await chain.enter({ poolId: poolIds[0] ?? 0n, player: 5, numbers: [1] })
    await turn()
    await turn(5)
    await chain.client.request<{ Method: string; Parameters: []; ReturnType: null }>({
      method: 'anvil_dropAllTransactions',
      params: [],
    })
    await turn()
    expect(await logsOf(chain).requests()).toEqual([])
    await turn()
    expect((await logsOf(chain).requests()).length).toBe(1)
    expect(warnings).toEqual([])
  })

  it('ends what was left to pay before it came', async () => {
    const chain = await createChain()
    onTestFinished(() => chain.stop())
    const poolId = await chain.createPool({ roundDuration: 5, minEntries: 50 })
    await chain.enter({ poolId, player: 5, numbers: [1, 2] })
    await chain.mine()
    await chain.mine(5)
    await chain.close(poolId)
    await chain.mine()
    const warnings: string[] = []
    const keeper = await createKeeper({
      ...{
        rpcUrl: chain.anvil.url,
        deployment: chain.local,
        poolIds: [poolId],
        seed: 1,
        lookMs: 10,
      },
      log: (message) => warnings.push(message),
    })
    onTestFinished(keeper.stop)
    for (let block = 0; block < 2; block++)
      await caughtUp(keeper, await chain.mine().then((number) => BigInt(number)))
    expect((await logsOf(chain).refunds()).length).toBe(2)
    expect(warnings).toEqual([])
  })
})
