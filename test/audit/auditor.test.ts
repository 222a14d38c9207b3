import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Auditor, createAuditor } from '../../audit/auditor.ts'
import { parseDeployments } from '../../src/domain/Deployment.ts'
import { waitFor } from '../../stack/process.ts'
import { CHAIN, createScriptedNode } from '../rpc/scripted.ts'
import { createWorld, type World } from '../support/world.ts'
import { createVandal, playRounds } from './support.ts'

let world: World
let vandal: ReturnType<typeof createVandal>
let auditor: Auditor | undefined
let native: bigint

const watch = (more: Partial<Parameters<typeof createAuditor>[0]> = {}) =>
  createAuditor({
    databaseUrl: world.database,
    schema: 'pay402win',
    apiRole: 'pay402win_api',
    deployments: parseDeployments(world.env.DEPLOYMENTS),
    rpcUrls: new Map([[world.chain.local.chainId, world.chain.anvil.url]]),
    log: (message, facts) => said.push(`${message} ${JSON.stringify(facts ?? {})}`),
    ...{ lookMs: 100, checkMs: 500, reconcileMs: 1_000, stallMs: 3_000 },
    ...more,
  })
const said: string[] = []

interface Answer {
  status: { openIssues: number }
  integrityIssues: {
    totalCount: number
    edges: {
      node: {
        id: string
        invariant: string
        scope: string
        expected: string
        actual: string
        blockNumber: string
        resolvedAt: number | null
        advice: string
      }
    }[]
  }
}
const ISSUES = /* GraphQL */ `
  query Issues($open: Boolean) {
    status { openIssues }
    integrityIssues(open: $open, first: 50) {
      totalCount
      edges { node { id invariant scope expected actual blockNumber firstSeenAt resolvedAt advice } }
    }
  }
`
const AUDIT = '{ status { audit { check lastSuccessAt lastError } } }'
interface Audit {
  status: { audit: { check: string; lastSuccessAt: number | null; lastError: string | null }[] }
}
const issues = async (open: boolean | null = true) => {
  const answer = await world.query<Answer>(ISSUES, { open })
  return answer.integrityIssues.edges.map(({ node }) => node)
}
const openIssues = async () => (await world.query<Answer>(ISSUES)).status.openIssues

/** Until an issue of the invariant is open; the status counts it. */
const red = (invariant: string) =>
  waitFor(
    `an open issue ${invariant}`,
    async () => {
      const found = (await issues()).find((issue) => issue.invariant === invariant)
      return found !== undefined && (await openIssues()) > 0 ? found : undefined
    },
    { timeoutMs: 60_000, everyMs: 200 },
  )
const green = () =>
  waitFor('no open issue', async () => ((await openIssues()) === 0 ? true : undefined), {
    timeoutMs: 60_000,
    everyMs: 200,
  })

const RECONCILIATIONS = /* GraphQL */ `
  {
    head { number }
    reconciliations {
      token { symbol }
      blockNumber
      at
      contractBalance { raw }
      contractLiabilities { raw }
      indexedLiabilities { raw }
      drift { raw }
    }
  }
`
interface Raw {
  raw: string
}
interface Reconciliations {
  head: { number: string }
  reconciliations: {
    blockNumber: string
    contractBalance: Raw
    contractLiabilities: Raw
    indexedLiabilities: Raw
    drift: Raw
  }[]
}

beforeAll(async () => {
  world = await createWorld({ name: 'auditor' })
  vandal = createVandal(world.database)
  ;({ native } = await playRounds(world))
})
afterAll(async () => {
  await auditor?.stop()
  await vandal?.stop()
  await world?.stop()
})

describe('before an auditor has run', () => {
  it('there are no issues and no reconciliations', async () => {
    expect(await issues()).toEqual([])
    expect(await openIssues()).toBe(0)
    const { reconciliations } = await world.query<Reconciliations>(RECONCILIATIONS)
    expect(reconciliations).toEqual([])
  })

  it('what events broke is an issue that can be asked for again', async () => {
    const broken = `insert into integrity_issue select '31337-' || block_number || '-' || log_index || '-CARRY', chain_id, block_number,
      log_index, block_hash, transaction_hash, timestamp, 'CARRY', 'round 31337-1-1', 'carryIn 1', 'carryIn 2' from entry order by entry_id limit 1`
    await vandal.with('integrity_issue', broken, async () => {
      const [issue] = await issues()
      expect(issue).toMatchObject({ invariant: 'CARRY', expected: 'carryIn 1', resolvedAt: null })
      expect(issue?.advice).toContain('npm run reconcile')
      const again = await world.query(
        'query ($id: ID!) { node(id: $id) { id ... on IntegrityIssue { scope } } }',
        { id: issue?.id },
      )
      expect(again).toEqual({ node: { id: issue?.id, scope: 'round 31337-1-1' } })
      expect(await issues(false)).toEqual([])
    })
  })
})

describe('the auditor', () => {
  it('finds the contract and the rows in agreement, at the block that ended a round', async () => {
    auditor = watch()
    const { head, reconciliations } = await waitFor('reconciliations', async () => {
      const answer = await world.query<Reconciliations>(RECONCILIATIONS)
      return answer.reconciliations.length === 2 ? answer : undefined
    })
    for (const { blockNumber, drift, ...sums } of reconciliations) {
      expect(blockNumber).toBe(head.number)
      expect(drift.raw).toBe('0')
      expect(sums.contractLiabilities).toEqual(sums.indexedLiabilities)
      expect(BigInt(sums.contractBalance.raw)).toBeGreaterThanOrEqual(
        BigInt(sums.contractLiabilities.raw),
      )
    }
    expect(reconciliations.some(({ contractLiabilities }) => contractLiabilities.raw !== '0')).toBe(
      true,
    )
    expect(await openIssues()).toBe(0)
  })

  it('names a drift, and that it is over', async () => {
    const change = `update pool_stats set owed = owed + 7 where pool_id = ${native}`
    let id = ''
    await vandal.with('pool_stats', change, async () => {
      const issue = await red('SOLVENCY')
      expect(issue.scope).toMatch(/^token 0x0{40}$/)
      id = issue.id
      const { reconciliations } = await world.query<Reconciliations>(RECONCILIATIONS)
      expect(reconciliations[0]?.drift.raw).toBe('7')
    })
    await green()
    const resolved = await issues(false)
    expect(resolved.map((issue) => issue.id)).toEqual([id])
    expect(resolved[0]?.resolvedAt).toBeGreaterThan(1_800_000_000)
    await vandal.with('pool_stats', change, async () => {
      expect((await red('SOLVENCY')).id).toBe(id)
    })
    await green()
  })

  it('names a round that should be final and is not', async () => {
    const change = `update round set is_finalized = false where pool_id = ${native} and round_id = 1`
    await vandal.with('round', change, async () => {
      await world.mine()
      const issue = await red('COMPLETENESS')
      expect(issue).toMatchObject({ scope: `round 31337-${native}-1`, expected: 'final' })
    })
    await world.mine()
    await green()
  })

  it('names a payment that does not agree with its entries', async () => {
    const change = 'update x402_payment_settled set amount = amount + 1'
    await vandal.with('x402_payment_settled', change, async () => {
      await world.mine()
      expect((await red('X402_PAYMENT')).actual).toContain('MISMATCH')
    })
    await world.mine()
    await green()
  })

  it('names blocks of final rows that are missing, too many or of another block', async () => {
    for (let block = 0; block < 60; block++) await world.chain.mine()
    await world.settled()
    const [first, second, third] = await vandal.sql`
      select min(id) as id, block_number from entry group by block_number order by block_number limit 3`
    const hash = `0x${'ab'.repeat(32)}`
    const damage = `
      delete from entry where id = '${first?.id}';
      insert into entry select (jsonb_populate_record(e, '{"id": "31337-999", "log_index": 99}')).* from entry e where id = '${second?.id}';
      update entry set block_hash = '${hash}' where id = '${third?.id}'`
    const logs = (text = '') =>
      text
        .replaceAll(/ of 0x\w+/g, '')
        .match(/\d+/g)
        ?.map(Number)
    await auditor?.stop()
    await vandal.with('entry', damage, async () => {
      await vandal.sql`delete from pay402win_audit.progress`
      auditor = watch()
      await red('LOGS')
      const [wrong, extra, missing, ...others] = await issues()
      expect(others).toEqual([])
      expect(missing?.blockNumber).toBe(String(first?.block_number))
      expect(logs(missing?.actual)?.length).toBe((logs(missing?.expected)?.length ?? 0) - 1)
      expect(extra?.blockNumber).toBe(String(second?.block_number))
      expect(logs(extra?.actual)).toContain(99)
      expect(wrong?.blockNumber).toBe(String(third?.block_number))
      expect(wrong?.actual).toContain(hash)
      expect(wrong?.expected).not.toContain(hash)
    })
    await green()
  })

  it('names a stall, and that it is over', async () => {
    const pid = world.indexer.pid() ?? 0
    process.kill(pid, 'SIGSTOP')
    try {
      await world.chain.mine()
      const issue = await red('STALLED')
      expect(issue.advice).toContain('log')
    } finally {
      process.kill(pid, 'SIGCONT')
    }
    await world.mine()
    await green()
  })

  it('leaves the schema to one auditor at a time', async () => {
    const second = watch()
    await waitFor('the second one to say that it waits', async () =>
      said.some((line) => line.startsWith('another auditor watches')) ? true : undefined,
    )
    await second.stop()
    expect(said.filter((line) => line.startsWith('a check could not'))).toEqual([])
  })

  it('says of each check when it was done', async () => {
    const { status } = await waitFor('all checks', async () => {
      const answer = await world.query<Audit>(AUDIT)
      return answer.status.audit.every(({ lastSuccessAt }) => lastSuccessAt !== null) &&
        answer.status.audit.length === 6
        ? answer
        : undefined
    })
    expect(status.audit.map(({ check, lastError }) => [check, lastError])).toEqual(
      ['finality', 'following', 'liabilities', 'logs', 'nodes', 'rows'].map((name) => [name, null]),
    )
  })

  it('names a node of another chain, a chain without new blocks, and a check that cannot be done', async () => {
    await auditor?.stop()
    const { chainId } = world.chain.local
    const stranger = await createScriptedNode()
    try {
      const both = `${world.chain.anvil.url},${stranger.url}`
      auditor = watch({ rpcUrls: new Map([[chainId, both]]), silentMs: 1_000 })
      expect((await red('RPC_DISAGREES')).actual).toContain(`is one of chain ${CHAIN}`)
      expect((await red('CHAIN_SILENT')).actual).toContain('none for')
      await auditor.stop()
      auditor = watch({ rpcUrls: new Map([[chainId, stranger.url]]), unauditedMs: 1_000 })
      const issue = await red('UNAUDITED')
      expect(issue.actual).toContain(`is one of chain ${CHAIN}, not of ${chainId}`)
      const { status } = await world.query<Audit>(AUDIT)
      expect(status.audit.find(({ check }) => check === 'nodes')?.lastError).toContain(
        'one of chain',
      )
    } finally {
      await stranger.stop()
    }
    await auditor.stop()
    auditor = watch()
    await world.mine()
    await green()
  })
})
