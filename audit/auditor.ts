import { setTimeout } from 'node:timers/promises'
import type { RpcAddress } from '../rpc/settings.ts'
import { createDatabase, type Database } from '../src/api/db/database.ts'
import type { Deployment } from '../src/domain/Deployment.ts'
import { createFinalityCheck } from './checkFinality.ts'
import { createFollowingCheck } from './checkFollowing.ts'
import { createLiabilitiesCheck } from './checkLiabilities.ts'
import { createLogsCheck } from './checkLogs.ts'
import { createRowsCheck } from './checkRows.ts'
import { createClient } from './client.ts'
import { type Ledger, openLedger } from './ledger.ts'

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
}

const LAST_DELAY_MS = 30_000
const STOP_MS = 3_000

type Check = () => Promise<void>

const checksOf = (
  options: AuditorOptions,
  database: Database,
  ledger: Ledger,
): readonly Check[] => {
  const { everyBlocks = 50, logsRange = 2_000, checkMs = 10_000, stallMs = 60_000, log } = options
  return options.deployments.flatMap((deployment) => {
    const url = options.rpcUrls.get(deployment.chainId)
    if (url === undefined) return []
    const audited = {
      client: createClient(url, { chainId: deployment.chainId, log }),
      database,
      ledger,
      deployment,
    }
    return [
      createFollowingCheck(audited, { stallMs, starts: options.starts ?? (() => 0) }),
      createLiabilitiesCheck(audited, { everyBlocks, everyMs: options.reconcileMs ?? 30_000 }),
      createFinalityCheck(audited, checkMs),
      createLogsCheck(audited, { everyMs: checkMs, range: logsRange }),
      createRowsCheck(audited),
    ]
  })
}

/**
 * A check runs again and again, later after an error: a node or a database that does not answer holds up nothing else. Ends when
 * the ledger is lost or `signal` aborts.
 */
const repeat = async (
  check: Check,
  ledger: Ledger,
  { log, lookMs = 1_000 }: AuditorOptions,
  pause: (ms: number) => Promise<void>,
  signal: AbortSignal,
) => {
  let failures = 0
  while (!signal.aborted && !ledger.isLost()) {
    try {
      await check()
      failures = 0
    } catch (error) {
      if (!signal.aborted && failures === 0)
        log('a check could not be done', { error: error instanceof Error ? error.message : error })
      failures += 1
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
