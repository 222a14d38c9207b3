import { zeroAddress } from 'viem'
import { afterEach, describe, expect, test } from 'vitest'
import { pay402WinAbi } from '../../abis/Pay402Win.ts'
import { createAudit } from '../contracts/support/audit.ts'
import { decodeLogs, type Log } from '../contracts/support/logs.ts'
import { type Chain, createChain } from '../support/chain.ts'
import { CASES } from './cases/names.ts'
import { createScenario, type Scenario } from './scenario.ts'

const chains: Chain[] = []
afterEach(async () => {
  for (const chain of chains.splice(0)) await chain.stop()
})

const playing = async (seed: number, steps: number, options: { reorgShare?: number } = {}) => {
  const chain = await createChain({ genesisTimestamp: 1_799_999_999 })
  chains.push(chain)
  const scenario = await createScenario({ seed, chain, ...options })
  for (let step = 0; step < steps; step++) await scenario.step()
  return scenario
}
const hashes = ({ history }: Scenario) => history.blocks.map(({ hash }) => hash)

test('the same seed gives the same blocks, another one others', async () => {
  const [one, same, other] = await Promise.all([playing(7, 40), playing(7, 40), playing(8, 40)])
  expect(hashes(same)).toEqual(hashes(one))
  expect(same.counts).toEqual(one.counts)
  expect(hashes(other).at(-1)).not.toBe(hashes(one).at(-1))
  const tip = await one.chain.client.getBlock()
  expect(tip.hash).toBe(hashes(one).at(-1))
})

test('a step says what it did to the chain', async () => {
  const scenario = await playing(3, 0, { reorgShare: 0.3 })
  let { blocks } = scenario.history
  blocks = [...blocks]
  const kinds = new Set<string>()
  for (let at = 0; at < 60; at++) {
    const step = await scenario.step()
    kinds.add(step.remining ?? step.kind)
    expect(step.forgotten).toEqual(blocks.slice(blocks.length - step.depth).map(({ hash }) => hash))
    expect(step.blocks.length).toBeGreaterThanOrEqual(Math.max(1, step.depth))
    for (const { hash } of step.blocks) expect(step.forgotten).not.toContain(hash)
    blocks = [...blocks.slice(0, blocks.length - step.depth), ...step.blocks]
    expect(scenario.history.blocks).toEqual(blocks)
  }
  expect(kinds).toEqual(new Set(['BLOCK', 'MOVED', 'THINNED', 'OTHER']))
})

/** Without what the audit does not know: the coordinator's own affairs, and authorisations for a mere transfer. */
const ofGame = (logs: readonly Log[]) => {
  const isEntering = logs.some(({ name }) => name === 'EntryPlaced')
  return logs.filter(
    ({ name }) =>
      !name.includes('.SubscriptionConsumer') &&
      (isEntering || !name.endsWith('.AuthorizationUsed')),
  )
}

test('what is played keeps every invariant of the game', async () => {
  const { chain, history, tokens, ground } = await playing(11, 120)
  const { client, local } = chain
  const audit = createAudit(chain.address(local.contract))
  const sources = new Map([
    [local.contract, ''],
    [local.coordinator, 'coordinator'],
    ...tokens.map((token, index) => [token, `token${index}`] as const),
  ])
  for (const { transactions, timestamp } of history.blocks)
    for (const hash of transactions) {
      const { logs } = await client.getTransactionReceipt({ hash })
      const facts = ofGame(decodeLogs(logs, sources))
      audit.transaction({ logs: facts, timestamp: BigInt(timestamp) })
    }
  for (const token of [...ground.tokens, zeroAddress])
    expect(audit.liabilities(token)).toBe(
      await client.readContract({
        ...{ address: local.contract, abi: pay402WinAbi },
        ...{ functionName: 'liabilities', args: [token] },
      }),
    )
})

describe('a handful of seeds', () => {
  test('plays every case', async () => {
    const counts: Scenario['counts'][] = []
    for (const seeds of [
      [2, 3],
      [4, 5],
    ])
      for (const { counts: each } of await Promise.all(seeds.map((seed) => playing(seed, 150))))
        counts.push(each)
    const played = CASES.map((name) => {
      const byScenario = counts.map(({ cases }) => cases[name])
      return [name, byScenario.reduce((sum, each) => sum + each, 0), byScenario] as const
    })
    const table = played.map(
      ([name, sum, each]) => `${name.padEnd(34)}${sum}  (${each.join(', ')})`,
    )
    process.stdout.write(`${table.join('\n')}\n`)
    expect(played.filter(([, sum]) => sum === 0)).toEqual([])
    for (const { cases } of counts) {
      const met = Object.values(cases).filter((times) => times > 0)
      expect(met.length).toBeGreaterThan(CASES.length * 0.85)
    }
  })
})
