import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { createAuditor } from '../../audit/auditor.ts'
import { parseDeployments } from '../../src/domain/Deployment.ts'
import { createRandom, type Random } from '../../stack/players/random.ts'
import { waitFor } from '../../stack/process.ts'
import { createIndexer } from '../../stack/supervisor.ts'
import { createChain } from '../support/chain.ts'
import { digest, newestHash } from '../support/digest.ts'
import { createWorld, type World } from '../support/world.ts'
import { createAccidents } from './accidents/accidents.ts'
import type { Counts } from './counts.ts'
import { createFaults, type FaultCounts } from './faults.ts'
import { type Question, questions, readHistory } from './model/all.ts'
import { RECONCILIATIONS, type Reconciled, reconciled } from './model/head.ts'
import type { History } from './model/history.ts'
import { createScenario } from './scenario.ts'

export interface SimulationOptions {
  readonly seed: number
  readonly steps?: number
  /** How often the answers are compared. */
  readonly looks?: number
  /** Nodes, databases and processes meet every accident of accidents/, instead of a fault now and then. */
  readonly hasAccidents?: boolean
  readonly log?: (message: string) => void
}

export interface Simulated {
  readonly seed: number
  readonly counts: Counts
  readonly faults: FaultCounts
  readonly comparisons: number
  /** After an accident, at the most. */
  readonly slowestRecoveryMs: number | undefined
}

/** Kills, bad RPC and Ponder's own patience come together. */
const PATIENCE_MS = 240_000

const isSame = (actual: unknown, expected: unknown) =>
  isDeepStrictEqual(actual, JSON.parse(JSON.stringify(expected)))

/** The first places at which two answers differ. */
const differences = (actual: unknown, expected: unknown, path = ''): readonly string[] => {
  if (isDeepStrictEqual(actual, expected)) return []
  const isObject = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null
  if (!isObject(actual) || !isObject(expected))
    return [`${path}: ${JSON.stringify(actual)}, expected ${JSON.stringify(expected)}`]
  const keys = new Set([...Object.keys(actual), ...Object.keys(expected)])
  return [...keys].flatMap((key) => differences(actual[key], expected[key], `${path}.${key}`))
}

export class Mismatch extends Error {
  override readonly name = 'Mismatch'

  constructor(
    seed: number,
    block: number,
    { name, document, variables }: Question,
    found: readonly string[],
  ) {
    super(
      [
        `seed ${seed}, block ${block}: ${name}`,
        ...found.slice(0, 12).map((line) => `  ${line}`),
        document.trim(),
        JSON.stringify(variables),
      ].join('\n'),
    )
  }
}

/** A fault that came before may still make the indexer start again, and the head goes back: then it was no quiet moment. */
const isQuiet = async ({ chain, query }: World) => {
  const { head } = await query<{ head: { hash: string } }>('{ head { hash } }')
  return head.hash === (await chain.client.getBlock()).hash
}

/** Compares everything at a quiet moment, how often it may take to find one. */
const compare = async (world: World, deployed: Deployed, seed: number, random: Random) => {
  for (;;) {
    const starts = world.indexer.starts()
    try {
      return await compareOnce(world, deployed, seed, random)
    } catch (error) {
      const isDisturbed = !(await isQuiet(world)) || world.indexer.starts() > starts
      if (!(error instanceof Mismatch) || !isDisturbed) throw error
    }
  }
}

/** Asks everything, and compares each answer with the model's at the head that was answered from. */
const compareOnce = async (world: World, deployed: Deployed, seed: number, random: Random) => {
  const block = await world.settled(PATIENCE_MS)
  const history = await readHistory(world.chain.client, deployed)
  const { head } = await world.query<{ head: { finalizedNumber: string } }>(
    '{ head { finalizedNumber } }',
  )
  const next = () => random.below(2 ** 30) / 2 ** 30
  const asked = questions(history, { finalizedNumber: Number(head.finalizedNumber), random: next })
  const waiting = [...asked]
  const ask = async () => {
    for (let question = waiting.shift(); question !== undefined; question = waiting.shift()) {
      const { document, variables, expected } = question
      const actual = await world.query<unknown>(document, { ...variables })
      if (isSame(actual, expected)) continue
      const wanted: unknown = JSON.parse(JSON.stringify(expected))
      throw new Mismatch(seed, block, question, differences(actual, wanted))
    }
  }
  await Promise.all(Array.from({ length: 6 }, ask))
  return asked.length + (await compareAudit(world, history, seed))
}

interface Audited {
  readonly reconciliations: readonly Reconciled[]
  readonly integrityIssues: { readonly edges: readonly { readonly node: object }[] }
}

/** What the auditor says of this block: no issue is open, and every token is reconciled as the model has it. */
const compareAudit = async (world: World, history: History, seed: number) => {
  const issues = /* GraphQL */ `query Issues {
    integrityIssues(first: 100) { edges { node { invariant scope expected actual blockNumber } } }
  }`
  const isAt = ({ blockNumber }: Reconciled) => Number(blockNumber) === history.head.number
  const { reconciliations } = await waitFor(
    'a reconciliation of the head, and no issue',
    async () => {
      const [{ reconciliations }, { integrityIssues }] = await Promise.all([
        world.query<Pick<Audited, 'reconciliations'>>(RECONCILIATIONS),
        world.query<Pick<Audited, 'integrityIssues'>>(issues),
      ])
      if (integrityIssues.edges.length > 0) throw new Error(JSON.stringify(integrityIssues.edges))
      return reconciliations.length > 0 && reconciliations.every(isAt)
        ? { reconciliations }
        : undefined
    },
    { timeoutMs: 90_000, everyMs: 200 },
  )
  for (const row of reconciliations) {
    const { token, blockNumber, contractLiabilities, indexedLiabilities, drift } = row
    const said = { token, blockNumber, contractLiabilities, indexedLiabilities, drift }
    const found = differences(said, reconciled(history, row))
    if (found.length === 0) continue
    const question = {
      name: 'reconciliations',
      document: RECONCILIATIONS,
      variables: {},
      expected: row,
    }
    throw new Mismatch(seed, history.head.number, question, found)
  }
  return reconciliations.length
}

type Deployed = Parameters<typeof readHistory>[1]

/** Live tables against those of an indexer that begins now. */
const compareFresh = async (world: World, seed: number) => {
  const live = await digest(world.database)
  const url = await world.postgres.createDatabase('fresh')
  const fresh = createIndexer({
    databaseUrl: url,
    schema: 'pay402win',
    rpcUrls: new Map(),
    env: { ...world.env, RPC_URL: world.chain.anvil.url },
    logFile: join(world.folder, 'fresh.log'),
    log: () => undefined,
  })
  try {
    const { hash } = await world.chain.client.getBlock()
    await waitFor(
      'the fresh sync at the chain’s newest block',
      async () => {
        const newest = await newestHash(url).catch(() => undefined)
        return newest === hash ? true : undefined
      },
      { timeoutMs: PATIENCE_MS, everyMs: 300 },
    )
    const again = await digest(url)
    const differing = Object.keys(live).filter((table) => live[table] !== again[table])
    if (differing.length > 0)
      throw new Error(`seed ${seed}: live and fresh tables differ: ${differing.join(', ')}`)
  } finally {
    await fresh.stop()
  }
}

/**
 * Plays a game that the seed decides while the whole path indexes it and faults happen to it, and compares every answer with
 * the model at quiet moments; at the end the tables with those of a fresh sync.
 *
 * @throws Mismatch with the seed, the block and the question.
 */
export const simulate = async ({
  seed,
  steps = 60,
  looks = 4,
  hasAccidents = false,
  log = () => undefined,
}: SimulationOptions): Promise<Simulated> => {
  const chain = await createChain({ genesisTimestamp: 1_799_999_999 })
  const scenario = await createScenario({ seed, chain }).catch(async (error: unknown) => {
    await chain.stop()
    throw error
  })
  const random = createRandom(seed + 402)
  const faults = hasAccidents ? createAccidents(random, seed) : createFaults(random, seed)
  const world = await createWorld({
    name: `simulator-${seed}`,
    chain,
    tokens: scenario.tokens,
    rpcProxy: faults.rpcProxy,
    databaseProxy: faults.databaseProxy,
    ...(faults.apiDatabaseProxy === undefined ? {} : { apiDatabaseProxy: faults.apiDatabaseProxy }),
    // It asks for everything at once.
    apiEnv: { MAX_COST: '10000000', MAX_DOCUMENT_TOKENS: '5000' },
  })
  const { local } = chain
  const deployed = {
    chainId: local.chainId,
    address: local.contract,
    startBlock: local.startBlock,
    coordinator: local.coordinator,
    tokens: scenario.tokens,
  }
  const auditor = createAuditor({
    databaseUrl: world.database,
    schema: 'pay402win',
    apiRole: 'pay402win_api',
    deployments: parseDeployments(world.env.DEPLOYMENTS),
    rpcUrls: new Map([[local.chainId, hasAccidents ? (world.env.RPC_URL ?? '') : chain.anvil.url]]),
    ...{ everyBlocks: 1, lookMs: 200, checkMs: 2_000, reconcileMs: 1_000 },
    log: () => undefined,
  })
  let comparisons = 0
  try {
    await world.settled(PATIENCE_MS)
    for (let step = 1; step <= steps; step++) {
      await scenario.step()
      await faults.perhaps(world)
      if (step % Math.ceil(steps / looks) !== 0 && step !== steps) continue
      await faults.calm(world)
      comparisons += await compare(world, deployed, seed, random)
      log(`seed ${seed}: step ${step} of ${steps}, ${comparisons} answers compared`)
    }
    await compareFresh(world, seed)
  } finally {
    await auditor.stop()
    await world.stop()
    await faults.stop()
  }
  return {
    ...{ seed, counts: scenario.counts, faults: faults.counts, comparisons },
    slowestRecoveryMs: faults.slowestRecoveryMs?.(),
  }
}
