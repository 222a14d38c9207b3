import { dirname, join } from 'node:path'
import { execPath } from 'node:process'
import { fileURLToPath } from 'node:url'
import { passOn } from '../log/output.ts'
import type { RpcAddress } from '../rpc/settings.ts'
import { offersTls, ponderAddress } from '../src/api/db/connect.ts'
import { failureOf } from '../src/api/db/failure.ts'
import { ConfigError } from '../src/domain/errors.ts'
import { blockNumber } from './chain.ts'
import { fence, markCaughtUp, prepareDatabase, progressOf, syncSchemaOf } from './database.ts'
import { MISTAKEN } from './exitCodes.ts'
import { createHolder, type Lease, takeLease } from './lease.ts'
import { type Child, freePort, pause, spawnChild } from './process.ts'
import { hung } from './pulse.ts'

/** The indexer under its supervisor: one Ponder process at a time, started again whatever ends it. */
export interface Indexer {
  /** Process id of the running Ponder; undefined between two of them. */
  pid(): number | undefined
  /** How often Ponder was started. */
  starts(): number
  /** Resolves with a sentence when starting again cannot help, because something is configured wrongly: it has ended then. */
  readonly failed: Promise<string>
  stop(): Promise<void>
}

export interface IndexerOptions {
  readonly databaseUrl: string
  readonly schema: string
  /** A role that may read the schema. */
  readonly apiRole?: string
  /** RPC addresses by chain, to notice a chain that moves on while the indexer does not. */
  readonly rpcUrls: ReadonlyMap<number, RpcAddress>
  /** What ponder.config.ts reads: DEPLOYMENTS, RPC_URL, … */
  readonly env: Readonly<Record<string, string>>
  /** Where Ponder's own log goes. Absent: to this process's output. */
  readonly logFile?: string
  readonly log: (message: string, facts?: Readonly<Record<string, unknown>>) => void
  /** How long the chain may move on without the indexer before that is a fault, in ms. Default 60 s. */
  readonly stallMs?: number
  /** How long Ponder's process may not answer before it counts as hung, in ms. Default 10 s. */
  readonly silentMs?: number
}

const root = fileURLToPath(new URL('..', import.meta.url))
const FIRST_DELAY_MS = 100
const LAST_DELAY_MS = 30_000
const LOOK_MS = 1_000
/** A process that has not moved a head yet is not judged for so long: it has to read what is there first. */
const START_MS = 60_000
/** Statements that may have to wait for those of others: making the schema, granting. */
const PREPARE_MS = 60_000

const ponderBinary = () =>
  join(dirname(fileURLToPath(import.meta.resolve('ponder'))), 'bin/ponder.js')

/** Ponder's driver would complete the address from these, and another one in the file of passwords. */
const withoutPg = (env: NodeJS.ProcessEnv) => ({
  ...Object.fromEntries(Object.entries(env).filter(([name]) => !/^PG[A-Z]/.test(name))),
  PGPASSFILE: '/dev/null',
})

const spawnPonder = async (
  { databaseUrl, schema, env, logFile }: IndexerOptions,
  term: number,
  syncSchema: string | undefined,
): Promise<Child> => {
  const port = String(await freePort())
  const { DATABASE_VIEWS_SCHEMA: _, ...inherited } = process.env
  const child = await spawnChild(
    execPath,
    [
      ...['--import', join(root, 'stack/preload.ts'), ponderBinary(), 'start'],
      ...['--schema', schema, '--hostname', '127.0.0.1', '--port', port],
      ...['--log-format', 'json'],
    ],
    {
      cwd: root,
      env: {
        ...withoutPg(inherited),
        ...env,
        // Ponder prefers this to its flag, and the API's may be in the environment.
        PORT: port,
        DATABASE_URL: ponderAddress(databaseUrl, await offersTls(databaseUrl)),
        INDEXER_SCHEMA: schema,
        INDEXER_TERM: String(term),
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
  lease: Lease,
  { schema, rpcUrls, stallMs = 60_000 }: IndexerOptions,
  signal: AbortSignal,
  onProgress: () => void,
): Promise<string | undefined> => {
  const progressNow = () => lease.run((sql) => progressOf(sql, schema)).catch(() => undefined)
  const atStart = await progressNow()
  const seen = new Map<number, { head: number; at: number }>()
  const startedAt = performance.now()
  let isMarked = false
  let hasMoved = false
  for (;;) {
    await pause(LOOK_MS, signal)
    if (signal.aborted) return undefined
    // A database or an RPC that does not answer is not the indexer's stall; the lease watches the database.
    const progress = await progressNow()
    if (progress === undefined || !progress.isReady) continue
    if (!isMarked)
      isMarked = await markCaughtUp(lease, schema).then(
        () => true,
        () => false,
      )
    for (const [chainId, url] of rpcUrls) {
      const head = progress.heads.get(chainId) ?? 0
      const before = seen.get(chainId)
      if (before === undefined || before.head !== head) {
        seen.set(chainId, { head, at: performance.now() })
        hasMoved ||= head !== (atStart?.heads.get(chainId) ?? 0)
        if (before !== undefined) onProgress()
        continue
      }
      const now = performance.now()
      if (now - before.at < stallMs || (!hasMoved && now - startedAt < START_MS)) continue
      const latest = await blockNumber(url, chainId).catch(() => head)
      if (latest > head)
        return `chain ${chainId} is at block ${latest}, the indexer still at ${head}`
      seen.set(chainId, { head, at: performance.now() })
    }
  }
}

/**
 * Starts the indexer and keeps it running until `stop`: it is started again on any exit code but that of a mistake, when its lease
 * is lost (also with the session: a restarted PostgreSQL may lack what a living indexer believes committed), when it hangs and when it
 * stalls; each time after a longer pause, until a head has moved again.
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
  const holder = createHolder()
  const { promise: failed, resolve: fail } = Promise.withResolvers<string>()

  const runOnce = async () => {
    const lease = await takeLease({
      ...{ url: databaseUrl, schema, holder, log, signal: stopping.signal },
      isStrict: starts === 0,
    })
    const watching = new AbortController()
    try {
      await fence(lease, schema)
      const { apiRole } = options
      const preparing = { schema, ...(apiRole === undefined ? {} : { apiRole }) }
      await lease.run((sql) => prepareDatabase(sql, preparing), PREPARE_MS)
      const syncSchema = await lease.run((sql) => syncSchemaOf(sql, schema))
      const running = await spawnPonder(options, lease.term, syncSchema)
      child = running
      starts += 1
      log('indexer started', { pid: running.pid, starts, term: lease.term })
      // What resolves with undefined has nothing to say any more.
      const never = new Promise<never>(() => undefined)
      const said = async (reason: Promise<string | undefined>) => (await reason) ?? never
      const reason = await Promise.race([
        running.exited.then(({ code, signal }) => `it exited with ${signal ?? code}`),
        lease.lost,
        said(hung(running, options.silentMs ?? 10_000, watching.signal)),
        said(
          stalled(lease, options, watching.signal, () => {
            failures = 0
          }),
        ),
        stopped,
      ])
      watching.abort()
      // Without the lease another indexer may already be at work: no time for a graceful end.
      const isGraceful = reason === 'stop' || running.process.exitCode !== null
      await running.stop(isGraceful ? 10_000 : 0)
      if (reason !== 'stop') log(`indexer ended: ${reason}`, { failures })
      if (running.process.exitCode === MISTAKEN)
        throw new ConfigError(['the indexer has said on its output what should be changed'])
    } finally {
      child = undefined
      watching.abort()
      await lease.release()
    }
  }

  const run = async () => {
    while (!stopping.signal.aborted) {
      try {
        await runOnce()
      } catch (error) {
        if (stopping.signal.aborted) return
        const { isMistake, sentence } = failureOf(error)
        if (error instanceof ConfigError) return fail(error.message)
        if (isMistake && starts === 0)
          return fail(new ConfigError([`DATABASE_URL or API_DATABASE_ROLE: ${sentence}`]).message)
        log('indexer could not be started', { error: sentence })
      }
      const delay =
        Math.min(LAST_DELAY_MS, FIRST_DELAY_MS * 2 ** failures) * (0.5 + Math.random() / 2)
      failures += 1
      await pause(delay, stopping.signal)
    }
  }
  const done = run()

  return {
    pid: () => child?.pid,
    starts: () => starts,
    failed,
    stop: async () => {
      stopping.abort()
      await done
    },
  }
}
