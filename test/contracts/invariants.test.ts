import fc from 'fast-check'
import { type Hex, toHex } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAudit } from './support/audit.ts'
import { AuditError } from './support/auditState.ts'
import type { Log, Tx } from './support/logs.ts'
import { createPlayground, type Playground, queued, type Step, step } from './support/steps.ts'

let ground: Playground
beforeAll(async () => {
  ground = await createPlayground()
})
afterAll(() => ground.game.stop())

/** Plays the steps; after each one the ledger must be what the logs say. Returns the transactions that went through. */
const playAll = async (steps: readonly Step[]) => {
  const { game, beginning } = ground
  const audit = createAudit(game.contract)
  const done: Tx[] = []
  const look = async (tx: Tx) => {
    audit.transaction(tx)
    done.push(tx)
    const check = async (token: Hex) => {
      const owed = audit.liabilities(token)
      const [liabilities, balance] = await Promise.all([
        game.read.liabilities([token]),
        game.balanceOf(token, game.contract),
      ])
      expect(liabilities).toBe(owed)
      expect(owed).toBeLessThanOrEqual(balance)
    }
    await Promise.all(audit.tokens().map(check))
  }
  for (const tx of beginning) audit.transaction(tx)
  for (const [index, each] of steps.entries()) {
    const hash = await queued(ground, each, toHex(index + 1, { size: 32 }), done)
    await game.mine()
    const { status } = await game.client.getTransactionReceipt({ hash })
    if (status === 'success') await look(await game.txOf(hash))
  }
  return { done: [...beginning, ...done], audit }
}

test('whatever is played, every invariant holds and the game can pay', async () => {
  const seed = Math.trunc(Math.random() * 2 ** 31)
  process.stdout.write(`invariants: seed ${seed}\n`)
  const seen = new Map<string, number>()
  const property = fc.asyncProperty(
    fc.array(step, { minLength: 120, maxLength: 120 }),
    async (steps) => {
      await ground.game.restore()
      const { done, audit } = await playAll(steps)
      const count = (name: string, by: number) => seen.set(name, (seen.get(name) ?? 0) + by)
      for (const { logs } of done) for (const { name } of logs) count(name, 1)
      for (const [status, rounds] of Object.entries(audit.ends())) count(status, rounds.length)
    },
  )
  await fc.assert(property, { seed, numRuns: 4, endOnFailure: true })
  process.stdout.write(`invariants: ${JSON.stringify(Object.fromEntries(seen))}\n`)
  for (const name of ['RoundDrawn', 'PrizePaid', 'RoundCancelled', 'X402PaymentSettled'])
    expect(seen.get(name)).toBeGreaterThan(0)
})

/** Fields that no other log repeats, and the numbers of entries that do not win. */
const FREE = [
  'EntryPlaced.number',
  ...['PoolCreated.creator', 'PoolCreated.feeBps', 'PoolCreated.tokenDecimals'],
  ...['PoolCreated.minEntries', 'PoolCreated.maxEntries', 'PoolCreated.drawTimeout'],
  ...['PoolCreated.name', 'RoundClosed.closedBy', 'RandomnessRequested.coordinator'],
  ...['RandomnessRequested.keyHash', 'RandomnessRequested.confirmations', 'CreditClaimed.to'],
  'X402PaymentSettled.facilitator',
]

const altered = (value: unknown): unknown => {
  if (typeof value === 'bigint') return value + 1n
  if (typeof value === 'number') return value + 1
  if (typeof value === 'boolean') return !value
  return `${String(value).slice(0, -1)}${String(value).endsWith('0') ? '1' : '0'}`
}

test('the audit notices a log that is dropped, doubled or altered', async () => {
  await ground.game.restore()
  const steps = fc.sample(fc.array(step, { minLength: 300, maxLength: 300 }), {
    ...{ seed: 7, numRuns: 1 },
  })
  const { done, audit } = await playAll(steps.flat())
  const owed = audit.tokens().map((token) => [token, audit.liabilities(token)] as const)
  const isNoticed = (txs: readonly Pick<Tx, 'logs' | 'timestamp'>[]) => {
    const again = createAudit(ground.game.contract)
    try {
      for (const tx of txs) again.transaction(tx)
      return owed.some(([token, amount]) => again.liabilities(token) !== amount)
    } catch (error) {
      if (error instanceof AuditError) return true
      throw error
    }
  }
  expect(isNoticed(done)).toBe(false)

  const unnoticed = new Set<string>()
  const tried = new Map<string, number>()
  const attempt = (kind: string, txIndex: number, logs: readonly Log[]) => {
    tried.set(kind, (tried.get(kind) ?? 0) + 1)
    if ((tried.get(kind) ?? 0) > 4) return
    if (!isNoticed(done.map((tx, index) => (index === txIndex ? { ...tx, logs } : tx))))
      unnoticed.add(kind)
  }
  for (const [txIndex, { logs }] of done.entries())
    for (const [index, log] of logs.entries()) {
      if (log.name.includes('.')) continue
      const [before, after] = [logs.slice(0, index), logs.slice(index + 1)]
      attempt(`${log.name} dropped`, txIndex, [...before, ...after])
      attempt(`${log.name} doubled`, txIndex, [...before, log, log, ...after])
      for (const [field, value] of Object.entries(log.args)) {
        const args = { ...log.args, [field]: altered(value) }
        attempt(`${log.name}.${field}`, txIndex, [...before, { ...log, args }, ...after])
      }
    }
  process.stdout.write(`audit: ${tried.size} kinds of faults, ${unnoticed.size} unnoticed\n`)
  expect([...unnoticed].filter((kind) => !FREE.includes(kind))).toEqual([])
  expect([...tried.keys()].filter((kind) => kind.endsWith('dropped'))).toHaveLength(16)
})
