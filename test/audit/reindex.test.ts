import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Auditor, createAuditor } from '../../audit/auditor.ts'
import { createClient } from '../../audit/client.ts'
import { reconcileChain } from '../../audit/reconcileChain.ts'
import { createDatabase } from '../../src/api/db/database.ts'
import { parseDeployments } from '../../src/domain/Deployment.ts'
import { waitFor } from '../../stack/process.ts'
import { createIndexer } from '../../stack/supervisor.ts'
import { createWorld, type World } from '../support/world.ts'
import { createVandal, envOf, playRounds, run } from './support.ts'

let world: World
let auditor: Auditor | undefined
let sql: ReturnType<typeof createVandal>['sql']
let rpcUrls: ReadonlyMap<number, string>

beforeAll(async () => {
  world = await createWorld({ name: 'reindex' })
  sql = createVandal(world.database).sql
  rpcUrls = new Map([[world.chain.local.chainId, world.chain.anvil.url]])
})
afterAll(async () => {
  await auditor?.stop()
  await sql?.end({ timeout: 5 })
  await world?.stop()
})

/** What a comparison of a schema with the chain finds. */
const differencesOf = async (schema: string) => {
  const [deployment] = parseDeployments(world.env.DEPLOYMENTS)
  if (deployment === undefined) throw new Error('no deployment')
  const database = createDatabase({
    ...{ url: world.database, schema, maxConnections: 1 },
    ...{ lockTimeoutMs: 1_000, statementTimeoutMs: 10_000 },
  })
  try {
    const client = createClient(world.chain.anvil.url)
    return await reconcileChain(client, database, deployment, { attempts: 1 })
  } finally {
    await database.stop()
  }
}

const ISSUES = /* GraphQL */ `
  {
    status { openIssues head { finalizedNumber } }
    integrityIssues { edges { node { invariant scope blockNumber expected actual advice } } }
  }
`
interface Answer {
  status: { openIssues: number; head: { finalizedNumber: string } }
  integrityIssues: {
    edges: {
      node: {
        invariant: string
        scope: string
        blockNumber: string
        expected: string
        actual: string
        advice: string
      }
    }[]
  }
}

const mine = async (blocks: number) => {
  for (let block = 0; block < blocks; block++) await world.chain.mine()
}

describe('a reorganisation below the block that was final', () => {
  it('is named within a minute, and npm run reindex builds a schema without it', async () => {
    const { chain } = world
    const { native } = await playRounds(world)
    const fork = (await chain.mine()) + 1
    await chain.enter({ poolId: native, player: 7, numbers: [11, 12] })
    await mine(55)
    const head = await world.settled()
    const final = Number((await world.query<Answer>(ISSUES)).status.head.finalizedNumber)
    expect(final).toBeGreaterThan(fork)

    auditor = createAuditor({
      ...{ databaseUrl: world.database, schema: 'pay402win', apiRole: 'pay402win_api', rpcUrls },
      deployments: parseDeployments(world.env.DEPLOYMENTS),
      log: () => undefined,
    })
    await waitFor('the first audit', async () => {
      const { reconciliations } = await world.query<{ reconciliations: unknown[] }>(
        '{ reconciliations { blockNumber } }',
      )
      return reconciliations.length > 0 || undefined
    })

    await chain.rollback(head - fork + 1)
    await chain.enter({ poolId: native, player: 8, numbers: [13] })
    await mine(head - fork + 5)
    const issue = await waitFor(
      'the issue',
      async () => {
        const { status, integrityIssues } = await world.query<Answer>(ISSUES)
        const found = integrityIssues.edges.find(
          ({ node }) => node.invariant === 'DEEP_REORGANISATION',
        )
        return status.openIssues > 0 ? found?.node : undefined
      },
      { timeoutMs: 60_000, everyMs: 250 },
    )
    expect(issue).toMatchObject({ scope: `block ${fork}`, blockNumber: String(fork) })
    const { hash } = await chain.client.getBlock({ blockNumber: BigInt(fork) })
    expect(issue.expected).toBe(hash)
    expect(issue.actual).not.toBe(hash)
    expect(issue.advice).toContain('npm run reindex')
    expect((await differencesOf('pay402win'))?.differences).not.toEqual([])

    const [before] = await sql`select count(*) from ponder_sync.logs`
    const env = envOf(world, { API_DATABASE_ROLE: 'pay402win_api' })
    const used = await run('stack/reindex.ts', ['--schema', 'pay402win'], env)
    expect(used).toMatchObject({ code: 2 })
    expect(used.err).toContain('pay402win is in use')
    const { code, out } = await run('stack/reindex.ts', [], env)
    expect(code).toBe(0)
    expect(out).toContain('DATABASE_SCHEMA=pay402win_2')
    expect(out).toContain('"msg":"indexing"')
    const clean = await differencesOf('pay402win_2')
    expect(clean?.differences).toEqual([])
    expect(clean?.counts.entry).toBeGreaterThan(10)
    const [after] = await sql`select count(*) from ponder_sync.logs`
    expect(Number(after?.count)).toBeGreaterThanOrEqual(Number(before?.count))

    const indexer = createIndexer({
      ...{ databaseUrl: world.database, schema: 'pay402win_2', rpcUrls, env: world.env },
      apiRole: 'pay402win_api',
      logFile: join(world.folder, 'clean.log'),
      log: () => undefined,
    })
    try {
      await chain.close(native)
      const newest = await chain.mine(61)
      await waitFor(
        'the clean schema at the newest block',
        async () => {
          const again = await differencesOf('pay402win_2')
          return again?.head.number === newest && again.differences.length === 0 ? true : undefined
        },
        { timeoutMs: 60_000, everyMs: 500 },
      )
    } finally {
      await indexer.stop()
    }
  })
})
