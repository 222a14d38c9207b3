import { createPublicClient, http } from 'viem'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Chain, createChain } from '../../support/chain.ts'
import { createRpcProxy, type RpcProxy } from './rpc.ts'

let chain: Chain
let proxy: RpcProxy
let head: bigint
/** Blocks since the pool: the newest has an entry. */
beforeAll(async () => {
  chain = await createChain()
  const poolId = await chain.createPool()
  for (let block = 0; block < 4; block++) await chain.mine()
  await chain.enter({ poolId, numbers: [7], player: 2 })
  head = BigInt(await chain.mine())
})
afterAll(() => chain?.stop())
beforeEach(async () => {
  proxy = await createRpcProxy({ url: chain.anvil.url, seed: 402 })
})
afterEach(() => proxy.stop())

const client = (batch = false) =>
  createPublicClient({ transport: http(proxy.url, { batch, retryCount: 0 }), cacheTime: 0 })

test('what is asked is what the node answers, also in batches', async () => {
  const [number, block, chainId] = await Promise.all([
    client(true).getBlockNumber(),
    client(true).getBlock(),
    client(true).getChainId(),
  ])
  expect([number, block.hash, chainId]).toEqual([head, (await chain.client.getBlock()).hash, 31337])
  const many = client(true)
  const blocks = await Promise.all(
    [3n, 1n, 2n].map((blockNumber) => many.getBlock({ blockNumber })),
  )
  expect(blocks.map((each) => each.number)).toEqual([3n, 1n, 2n])
  // Two, of three questions each.
  expect(proxy.counts.posts).toBe(2)
})

test('an error of the node stays its error', async () => {
  const reverted = client().call({ to: chain.local.contract, data: '0x12345678' })
  await expect(reverted).rejects.toThrow(/revert/)
})

test('slow is slow', async () => {
  proxy.set({ kind: 'SLOW', milliseconds: 250 })
  const began = performance.now()
  expect(await client().getBlockNumber()).toBe(head)
  expect(performance.now() - began).toBeGreaterThan(240)
})

/** How a request ended: well, or by which failure. */
const fateOf = async () => {
  try {
    return (await client().getBlockNumber()) === head ? 'fine' : 'wrong'
  } catch (error) {
    const causes: string[] = []
    for (let at = error; at instanceof Error; at = at.cause) causes.push(at.message)
    return WAYS.find((way) => causes.some((cause) => cause.includes(way))) ?? causes.join(' < ')
  }
}
const WAYS = ['Status: 500', 'Internal error', 'terminated', 'fetch failed']

test('a flaky node fails its share, in every way, the same for the same seed', async () => {
  const run = async () => {
    proxy.set({ kind: 'FLAKY', share: 0.5 })
    const fates: string[] = []
    for (let request = 0; request < 60; request++) fates.push(await fateOf())
    return fates
  }
  const fates = await run()
  const failed = fates.filter((fate) => fate !== 'fine')
  expect(new Set(failed)).toEqual(new Set(WAYS))
  expect(proxy.counts.failed).toBe(failed.length)
  expect(Math.abs(failed.length - 30)).toBeLessThan(15)
  proxy.set({ kind: 'NORMAL' })
  expect(await fateOf()).toBe('fine')
  await proxy.stop()
  proxy = await createRpcProxy({ url: chain.anvil.url, seed: 402 })
  expect(await run()).toEqual(fates)
})

describe('a lagging node', () => {
  test('has an old newest block, and knows the rest', async () => {
    proxy.set({ kind: 'LAGGING', blocks: 3 })
    expect(await client().getBlockNumber()).toBe(head - 3n)
    const newest = await client().getBlock()
    const { hash } = await chain.client.getBlock({ blockNumber: head - 3n })
    expect([newest.number, newest.hash]).toEqual([head - 3n, hash])
    expect((await client().getBlock({ blockNumber: head })).number).toBe(head)
    const mixed = client(true)
    const answers = await Promise.all([
      mixed.getBlock({ blockNumber: head }),
      mixed.getBlockNumber(),
      mixed.getBlock(),
    ])
    expect([answers[0].number, answers[1], answers[2].number]).toEqual([head, head - 3n, head - 3n])
  })

  test('never has a block before the first', async () => {
    proxy.set({ kind: 'LAGGING', blocks: 1_000 })
    expect(await client().getBlockNumber()).toBe(0n)
    expect((await client().getBlock()).number).toBe(0n)
  })

  test('may be one of several, so that the newest block goes back and forth', async () => {
    proxy.set({ kind: 'LAGGING', blocks: 2, share: 0.5 })
    const seen = new Set<bigint>()
    for (let request = 0; request < 30; request++) seen.add(await client().getBlockNumber())
    expect(seen).toEqual(new Set([head, head - 2n]))
  })
})

test('a lying node has no logs of blocks that it lacks, without a word', async () => {
  const { hash } = await chain.client.getBlock()
  const logs = await client().getLogs({ blockHash: hash })
  expect(logs.length).toBeGreaterThan(0)
  const all = await client().getLogs({ fromBlock: 0n })
  proxy.set({ kind: 'LYING', blocks: 1 })
  expect(await client().getLogs({ blockHash: hash })).toEqual([])
  expect(await client().getLogs({ fromBlock: 0n })).toEqual(
    all.filter(({ blockNumber }) => blockNumber < head),
  )
  expect((await client().getBlock()).hash).toBe(hash)
  proxy.set({ kind: 'LYING', blocks: 0 })
  expect(await client().getLogs({ blockHash: hash })).toEqual(logs)
})
