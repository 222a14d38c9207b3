import { setTimeout } from 'node:timers/promises'
import { redact } from '../log/log.ts'
import { createNode } from '../rpc/node.ts'
import type { RpcAddress } from '../rpc/settings.ts'
import { createDatabase, type Database } from '../src/api/db/database.ts'
import type { Deployment } from '../src/domain/Deployment.ts'
import { createFinalityCheck } from './checkFinality.ts'
import { createFollowingCheck } from './checkFollowing.ts'
import { createLiabilitiesCheck } from './checkLiabilities.ts'
import { createLogsCheck } from './checkLogs.ts'
import { createNodesCheck } from './checkNodes.ts'
import { createRowsCheck } from './checkRows.ts'
import { createClient } from './client.ts'
import { type Ledger, openLedger } from './ledger.ts'
import { createOutcome } from './outcome.ts'

/** Compares the rows with the chain for as long as the indexer runs, and writes down what does not hold. */
export interface Auditor {
  stop(): Promise<void>
}

export interface AuditorOptions {
  readonly databaseUrl: string
  /** The indexer's schema. What is found is written into `<schema>_audit`. */
  readonly schema: string
  /** A role that may read what is written. */
  readonly apiRole?: string
  readonly deployments: readonly Deployment[]
  /** By chain id; a chain without one is not audited. */
  readonly rpcUrls: ReadonlyMap<number, RpcAddress>
  readonly log: (message: string, facts?: Readonly<Record<string, unknown>>) => void
  /** How often the indexer was started, to notice that it keeps crashing. */
  readonly starts?: () => number
  /** Blocks after which liabilities are compared even if no round ended. Default 50. */
  readonly everyBlocks?: number
  /** Blocks of one `eth_getLogs`. Default 2000. */
  readonly logsRange?: number
  /** Milliseconds: between looks (1 s), between comparisons of blocks and logs (10 s), of liabilities (30 s). */
  readonly lookMs?: number
  readonly checkMs?: number
  readonly reconcileMs?: number
  /** How long the indexer may stand while the chain goes on. Default 60 s. */
  readonly stallMs?: number
  /** After this long without a check that could be done it is an issue itself. Default ten minutes. */
  readonly unauditedMs?: number
  /** How long a chain may be without a new block. By itself 30 block times, a minute at least; never on a local chain. */
  readonly silentMs?: number
}

/** Whatever failed, and however often, is looked at again within a minute of its being well. */
const LAST_DELAY_MS = 10_000
const STOP_MS = 3_000

interface Check {
  readonly chainId: number
  readonly name: string
  /** Whether there was something to compare. */
  readonly run: () => Promise<boolean>
}

/** A local chain mines when it is asked to. */
const isLocal = (chainId: number) => chainId === 31337

const checksOf = (
  options: AuditorOptions,
  database: Database,
  ledger: Ledger,
): readonly Check[] => {
  const { everyBlocks = 50, logsRange = 2_000, checkMs = 10_000, stallMs = 60_000, log } = options
  return options.deployments.flatMap((deployment) => {
    const { chainId } = deployment
    const address = options.rpcUrls.get(chainId)
    if (address === undefined) return []
    const audited = {
      client: createClient(address, { chainId, log }),
      database,
      ledger,
      deployment,
    }
    const silentMs = options.silentMs ?? (isLocal(chainId) ? Number.POSITIVE_INFINITY : undefined)
    const { endpoints } = createNode(address, { chainId })
    const checks = {
      following: createFollowingCheck(audited, { stallMs, starts: options.starts ?? (() => 0) }),
      liabilities: createLiabilitiesCheck(audited, {
        everyBlocks,
        everyMs: options.reconcileMs ?? 30_000,
      }),
      finality: createFinalityCheck(audited, checkMs),
      logs: createLogsCheck(audited, { everyMs: checkMs, range: logsRange }),
      rows: createRowsCheck(audited),
      nodes: createNodesCheck({
        ...{ chainId, endpoints, ledger, everyMs: Math.min(checkMs, 5_000) },
        ...(silentMs === undefined ? {} : { silentMs }),
      }),
    }
    return Object.entries(checks).map(([name, run]) => ({ chainId, name, run }))
  })
}

/**
 * A check runs again and again, later after an error: a node or a database that does not answer holds up nothing else. Ends when
 * the ledger is lost or `signal` aborts.
 */
const repeat = async (
  check: Check,
  ledger: Ledger,
  { log, lookMs = 1_000, unauditedMs = 600_000 }: AuditorOptions,
  pause: (ms: number) => Promise<void>,
  signal: AbortSignal,
) => {
  const outcome = createOutcome(check, ledger, unauditedMs)
  let failures = 0
  while (!signal.aborted && !ledger.isLost()) {
    try {
      if (await check.run()) await outcome.succeeded()
      failures = 0
    } catch (error) {
      const reason = redact(error instanceof Error ? error.message : String(error))
      if (!signal.aborted && failures === 0)
        log('a check could not be done', {
          check: check.name,
          chainId: check.chainId,
          error: reason,
        })
      failures += 1
      await outcome.failed(reason).catch(() => undefined)
    }
    await pause(Math.min(LAST_DELAY_MS, lookMs * 2 ** failures))
  }
}

/** Starts at once; waits while another auditor works on the schema, and while the database is away. */
export const createAuditor = (options: AuditorOptions): Auditor => {
  const { databaseUrl, schema, log, lookMs = 1_000 } = options
  const stopping = new AbortController()
  const { signal } = stopping
  const pause = (ms: number) => setTimeout(ms, undefined, { signal }).catch(() => undefined)
  const database = createDatabase({
    ...{ url: databaseUrl, schema, maxConnections: 2 },
    ...{ lockTimeoutMs: 500, statementTimeoutMs: 10_000 },
  })

  const run = async () => {
    let said = ''
    const say = (message: string) => {
      if (message !== said) log(message)
      said = message
    }
    while (!signal.aborted) {
      try {
        const ledger = await openLedger(options)
        if (ledger === undefined) say(`another auditor watches schema ${schema}; waiting`)
        else
          try {
            say(`watching schema ${schema}`)
            const checks = checksOf(options, database, ledger)
            await Promise.all(checks.map((check) => repeat(check, ledger, options, pause, signal)))
          } finally {
            await ledger.stop()
          }
      } catch (error) {
        if (!signal.aborted)
          say(`nothing can be audited: ${error instanceof Error ? error.message : String(error)}`)
      }
      await pause(lookMs * 2)
    }
  }
  const done = run()
  return {
    stop: async () => {
      stopping.abort()
      // A node that does not answer is not waited for.
      const patience = new AbortController()
      await Promise.race([done, setTimeout(STOP_MS, undefined, { signal: patience.signal })])
      patience.abort()
      await database.stop()
    },
  }
}
