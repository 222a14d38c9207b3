import { existsSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { createTestClient, http, publicActions } from 'viem'
import { afterEach, expect, test } from 'vitest'
import { type Anvil, createAnvil } from '../../stack/anvil.ts'
import { accountAt, deploy } from '../../stack/deploy.ts'
import { isAlive, waitFor } from '../../stack/process.ts'

const running: Anvil[] = []
const start = async (options?: Parameters<typeof createAnvil>[0]) => {
  const anvil = await createAnvil(options)
  running.push(anvil)
  return anvil
}
afterEach(async () => {
  for (const anvil of running.splice(0)) await anvil.stop()
})
const clientOf = ({ url }: Anvil) =>
  createTestClient({ mode: 'anvil', transport: http(url), cacheTime: 0 }).extend(publicActions)

test('two at once on ports of their own choice, and nothing left of them', async () => {
  const foundry = `${homedir()}/.foundry`
  const before = existsSync(foundry) ? readdirSync(foundry) : undefined
  const [one, two] = await Promise.all([start(), start({ chainId: 84532 })])
  expect(one.port).not.toBe(two.port)
  expect(await clientOf(one).getChainId()).toBe(31337)
  expect(await clientOf(two).getChainId()).toBe(84532)
  await Promise.all([one.stop(), two.stop(), one.stop()])
  expect([isAlive(one.pid), isAlive(two.pid)]).toEqual([false, false])
  expect(existsSync(foundry) ? readdirSync(foundry) : undefined).toEqual(before)
})

test('a port that is taken is an error that says so', async () => {
  const { port } = await start()
  await expect(createAnvil({ port })).rejects.toThrow('Address already in use')
})

test('mines by the clock, until it is stopped', async () => {
  const stopped = clientOf(await start({ blockTime: 1 }))
  await stopped.setIntervalMining({ interval: 0 })
  const last = await stopped.getBlockNumber()
  const client = clientOf(await start({ blockTime: 1 }))
  await waitFor('a second block', async () =>
    (await client.getBlockNumber()) > 1n ? true : undefined,
  )
  expect(await stopped.getBlockNumber()).toBe(last)
})

test('keeps no more states than it was asked to, also when it mines by the clock', async () => {
  const anvil = await start({ states: 4 })
  await anvil.mineEvery(1)
  const client = clientOf(anvil)
  await client.mine({ blocks: 8 })
  const newest = await client.getBlockNumber()
  const balance = (blockNumber: bigint) =>
    client.getBalance({ address: accountAt(0).address, blockNumber })
  expect(await balance(newest - 2n)).toBeGreaterThan(0n)
  await expect(balance(newest - 7n)).rejects.toThrow(/BlockOutOfRange/)
})

test('deploys on a chain that mines at each transaction, and says where', async () => {
  const anvil = await start({ chainId: 84532, slotsInAnEpoch: 1 })
  const client = clientOf(anvil)
  const local = await deploy({ rpcUrl: anvil.url })
  expect(local.chainId).toBe(84532)
  for (const address of [local.contract, local.coordinator, ...Object.values(local.tokens)]) {
    expect(address).toBe(address.toLowerCase())
    expect(await client.getCode({ address })).toMatch(/^0x[0-9a-f]{100}/)
  }
  const before = { address: local.contract, blockNumber: BigInt(local.startBlock - 1) }
  expect(await client.getCode(before)).toBeUndefined()
  // With one slot to an epoch, final is what lies two blocks back.
  const [latest, finalized] = await Promise.all([
    client.getBlock(),
    client.getBlock({ blockTag: 'finalized' }),
  ])
  expect(latest.number - finalized.number).toBe(2n)
})
