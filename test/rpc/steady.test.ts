import { afterEach, beforeEach, expect, test } from 'vitest'
import { wrongChains } from '../../rpc/chains.ts'
import { createIndexerChains } from '../../rpc/indexer.ts'
import { createSteadyHead } from '../../rpc/steady.ts'
import { waitFor } from '../../stack/process.ts'
import { blockOf, CHAIN, createScriptedNode, hashOf, type ScriptedNode } from './scripted.ts'

const LATEST = { method: 'eth_getBlockByNumber', params: ['latest', true] }

/** What a node says that has these newest blocks, one after the other. */
const follow = async (blocks: readonly (readonly [number, fork?: number])[]) => {
  const left = [...blocks]
  const ask = createSteadyHead(async () => blockOf(...(left.shift() ?? [0])))
  const heads: string[] = []
  for (const _ of blocks) heads.push(((await ask(LATEST)) as { hash: string }).hash)
  return heads
}

test('a newest block that goes back to its own ancestor is not believed', async () => {
  const heads = await follow([[7], [8], [9], [7], [8], [9], [10]])
  expect(heads).toEqual([7, 8, 9, 9, 9, 9, 10].map((number) => hashOf(number)))
})

test('a reorganisation is', async () => {
  expect(await follow([[7], [8], [9], [8, 1], [9, 1], [7], [9, 2]])).toEqual([
    ...[hashOf(7), hashOf(8), hashOf(9), hashOf(8, 1), hashOf(9, 1), hashOf(9, 1), hashOf(9, 2)],
  ])
})

test('a node that is older than all that is known is not believed either', async () => {
  expect(await follow([[700], [3], [701]])).toEqual([hashOf(700), hashOf(700), hashOf(701)])
})

let well: ScriptedNode
let other: ScriptedNode
beforeEach(async () => {
  well = await createScriptedNode()
  other = await createScriptedNode()
})
afterEach(async () => {
  await well.stop()
  await other.stop()
})

test('a chain that is silent at the start is left out, and called when it is back', async () => {
  other.set({ post: (_, response) => response.writeHead(503).end() && true })
  const returned: number[] = []
  const chains = createIndexerChains({
    log: () => undefined,
    onReturn: (chainId) => returned.push(chainId),
    startMs: 500,
  })
  const request = (chainId: number, url: string) =>
    chains.transport(chainId, url)({ retryCount: 0 }).request({ method: 'eth_chainId' })
  expect(await Promise.all([request(CHAIN, well.url), request(7, other.url)])).toEqual([
    '0x192',
    '0x7',
  ])
  expect([chains.isAbsent(CHAIN), chains.isAbsent(7)]).toEqual([false, true])
  other.set({ answer: ({ method }) => (method === 'eth_chainId' ? { result: '0x7' } : undefined) })
  await waitFor('the chain back', async () => (returned.length > 0 ? true : undefined))
  expect(returned).toEqual([7])
})

test('a node of another chain is named by its host; one that is silent is not judged', async () => {
  const addresses = new Map([
    [CHAIN, well.url],
    [7, `${other.url}/a-secret-key`],
    [8, 'http://127.0.0.1:1'],
  ])
  expect(await wrongChains(addresses)).toEqual([
    `RPC_URL should be the address of a node of chain 7: The node at ${new URL(other.url).host} is one of chain 402, not of 7`,
  ])
})
