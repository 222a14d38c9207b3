import { dirname, join } from 'node:path'
import { execPath } from 'node:process'
import { fileURLToPath } from 'node:url'
import { passOn } from '../log/output.ts'
import type { RpcAddress } from '../rpc/settings.ts'
import { offersTls, ponderAddress } from '../src/api/db/connect.ts'
import { blockNumber } from './chain.ts'
import {
  type IndexingLock,
  prepareDatabase,
  progressOf,
  syncSchemaOf,
  takeIndexingLock,
} from './database.ts'
import { type Child, freePort, spawnChild } from './process.ts'

/** The indexer under its supervisor: one Ponder process at a time, started again whatever ends it. */
export interface Indexer {
  /** Process id of the running Ponder; undefined between two of them. */
  pid(): number | undefined
  /** How often Ponder was started. */
  starts(): number
  stop(): Promise<void>
}

export interface IndexerOptions {
  readonly databaseUrl: string
  readonly schema: string
  /** A role that may read the schema. `isDatabaseOurs`: create it when it is not there. */
  readonly apiRole?: string
  readonly isDatabaseOurs?: boolean
  /** RPC addresses by chain, to notice a chain that moves on while the indexer does not. */
  readonly rpcUrls: ReadonlyMap<number, RpcAddress>
  /** What ponder.config.ts reads: DEPLOYMENTS, RPC_URL, … */
  readonly env: Readonly<Record<string, string>>
  /** Where Ponder's own log goes. Absent: to this process's output. */
  readonly logFile?: string
  readonly log: (message: string, facts?: Readonly<Record<string, unknown>>) => void
  /** How long the chain may move on without the indexer before that is a fault, in ms. Default 60 s. */
  readonly stallMs?: number
  /** A process that was started so lately is not judged: it has to read what is there first, in ms. Default 60 s. */
  readonly startMs?: number
}

const root = fileURLToPath(new URL('..', import.meta.url))
const FIRST_DELAY_MS = 100
const LAST_DELAY_MS = 30_000
const LOOK_MS = 1_000

const ponderBinary = () =>
  join(dirname(fileURLToPath(import.meta.resolve('ponder'))), 'bin/ponder.js')

/** Ponder's driver would complete the address from these, and another one in the file of passwords. */
const withoutPg = (env: NodeJS.ProcessEnv) => ({
  ...Object.fromEntries(Object.entries(env).filter(([name]) => !/^PG[A-Z]/.test(name))),
  PGPASSFILE: '/dev/null',
})

const spawnPonder = async (
  { databaseUrl, schema, env, logFile }: IndexerOptions,
  syncSchema: string | undefined,
): Promise<Child> => {
  const port = await freePort()
  const child = await spawnChild(
    execPath,
    [
      ...['--import', join(root, 'stack/preload.ts'), ponderBinary(), 'start'],
      ...['--schema', schema, '--hostname', '127.0.0.1', '--port', String(port)],
      ...['--log-format', 'json'],
    ],
    {
      cwd: root,
      env: {
        ...withoutPg(process.env),
        ...env,
        DATABASE_URL: ponderAddress(databaseUrl, await offersTls(databaseUrl)),
        ...(syncSchema === undefined ? {} : { SYNC_SCHEMA: syncSchema }),
      },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    },
  )
  passOn(child.process, logFile)
  return child
}

/**
 * Watches one run. Resolves with the reason once the chain has moved on for too long without the indexer, as it does when a
 * WebSocket falls silent without closing. `onProgress` is told whenever a head moved.
 */
const stalled = async (
  { sql }: IndexingLock,
  { schema, rpcUrls, stallMs = 60_000, startMs = 60_000 }: IndexerOptions,
  signal: AbortSignal,
  onProgress: () => void,
): Promise<string | undefined> => {
  const seen = new Map<number, { head: number; at: number }>()
  const startedAt = performance.now()
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    if (signal.aborted) return undefined
    // A database or an RPC that does not answer is not the indexer's stall; the lock's session watches the database.
    const progress = await progressOf(sql, schema).catch(() => undefined)
    if (progress === undefined || !progress.isReady) continue
    for (const [chainId, url] of rpcUrls) {
      const head = progress.heads.get(chainId) ?? 0
      const before = seen.get(chainId)
      if (before === undefined || before.head !== head) {
        seen.set(chainId, { head, at: performance.now() })
        if (before !== undefined) onProgress()
        continue
      }
      const now = performance.now()
      if (now - before.at < stallMs || now - startedAt < startMs) continue
      const latest = await blockNumber(url, chainId).catch(() => head)
      if (latest > head)
        return `chain ${chainId} is at block ${latest}, the indexer still at ${head}`
      seen.set(chainId, { head, at: performance.now() })
    }
  }
}

/**
 * Starts the indexer and keeps it running until `stop`: it is started again on any exit code, when its session with
 * PostgreSQL breaks (a restarted PostgreSQL may lack what a living indexer believes committed), and when it stalls; each
 * time after a longer pause, until a head has moved again.
 */
export const createIndexer = (options: IndexerOptions): Indexer => {
  const { databaseUrl, schema, log } = options
  const stopping = new AbortController()
  const stopped = new Promise<string>((resolve) => {
    stopping.signal.addEventListener('abort', () => resolve('stop'), { once: true })
  })
  let child: Child | undefined
  let starts = 0
  let failures = 0

  const runOnce = async () => {
    const lock = await takeIndexingLock(databaseUrl, schema, log, stopping.signal)
    const watching = new AbortController()
    try {
      await prepareDatabase(lock.sql, {
        schema,
        ...(options.apiRole === undefined ? {} : { apiRole: options.apiRole }),
        isOurs: options.isDatabaseOurs ?? false,
      })
      const running = await spawnPonder(options, await syncSchemaOf(lock.sql, schema))
      child = running
      starts += 1
      log('indexer started', { pid: running.pid, starts })
      const reason = await Promise.race([
        running.exited.then(({ code, signal }) => `it exited with ${signal ?? code}`),
        lock.lost.then(() => 'the session with PostgreSQL broke'),
        stalled(lock, options, watching.signal, () => {
          failures = 0
        }),
        stopped,
      ])
      // Without the lock another indexer may already be at work: no time for a graceful end.
      const isFenced = reason === 'stop' || running.process.exitCode !== null
      await running.stop(isFenced ? 10_000 : 0)
      if (reason !== 'stop') log('indexer ended', { reason, failures })
    } finally {
      child = undefined
      watching.abort()
      await lock.release()
    }
  }

  const run = async () => {
    while (!stopping.signal.aborted) {
      try {
        await runOnce()
      } catch (error) {
        if (stopping.signal.aborted) return
        log('indexer could not be started', { error: String(error) })
      }
      const delay =
        Math.min(LAST_DELAY_MS, FIRST_DELAY_MS * 2 ** failures) * (0.5 + Math.random() / 2)
      failures += 1
      await Promise.race([new Promise((resolve) => setTimeout(resolve, delay)), stopped])
    }
  }
  const done = run()

  return {
    pid: () => child?.pid,
    starts: () => starts,
    stop: async () => {
      stopping.abort()
      await done
    },
  }
}
