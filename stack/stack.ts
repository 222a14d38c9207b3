import { mkdir, readdir, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createAuditor } from '../audit/auditor.ts'
import { createLog } from '../log/log.ts'
import { wrongChains } from '../rpc/chains.ts'
import { settingsOf } from '../rpc/settings.ts'
import { connect } from '../src/api/db/connect.ts'
import { parseDeployments } from '../src/domain/Deployment.ts'
import { ConfigError } from '../src/domain/errors.ts'
import { createAnvil } from './anvil.ts'
import { createApi } from './api.ts'
import { createPools, defaultPools, deploy, localDeployments } from './deploy.ts'
import { ANALYST, createDesk, type Desk } from './desk.ts'
import { createKeeper } from './players/keeper.ts'
import { createPlayers } from './players/players.ts'
import { createPostgres, type PostgresOptions } from './postgres.ts'
import { freePort, isAlive } from './process.ts'
import type { External, Flags } from './settings.ts'
import { createIndexer } from './supervisor.ts'
import { createViewFollower } from './viewFollower.ts'
import { createWatchdog, type Watchdog } from './watchdog.ts'

/** Everything `npm start` runs, and where to look. */
export interface Stack {
  readonly graphql: string
  readonly ws: string
  readonly rpc: string
  readonly database: string
  /** On the embedded database only. */
  readonly analyst?: Desk
  readonly contract: string
  readonly tokens: Readonly<Record<string, string>>
  /** What DEPLOYMENTS says. */
  readonly deployments: readonly unknown[]
  readonly logs: string
  pids(): Readonly<Record<string, number | undefined>>
  /** Resolves with the name of a part that ended without being asked to. */
  readonly failed: Promise<string>
  stop(): Promise<void>
}

const API_ROLE = 'pay402win_api'

/** Blocks whose state the local chain keeps, and how far back it can be reorganised. Few, because a state grows with the game. */
const KEPT_STATES = 5

/** A folder of this run alone. Folders of runs that are over without having cleaned up are removed. */
const createRunFolder = async (data: string): Promise<string> => {
  await mkdir(data, { recursive: true })
  for (const name of await readdir(data)) {
    const pid = /^run-(\d+)$/.exec(name)?.[1]
    if (pid !== undefined && !isAlive(Number(pid)))
      await rm(join(data, name), { recursive: true, force: true })
  }
  const folder = join(data, `run-${process.pid}`)
  await mkdir(join(folder, 'logs'), { recursive: true })
  return folder
}

/** A database of this run alone on somebody's server, since a chain that starts anew must not meet an old one's rows. */
const createDatabaseOn = async (url: string, log: (message: string) => void) => {
  const name = `pay402win_${Date.now().toString(36)}`
  const admin = connect(url, { max: 1 })
  await admin`create database ${admin(name)}`
  const address = new URL(url)
  address.pathname = `/${name}`
  address.searchParams.delete('dbname')
  log(`database ${name} on the PostgreSQL of DATABASE_URL`)
  return {
    url: address.toString(),
    stop: async () => {
      await admin`drop database if exists ${admin(name)} with (force)`
      await admin.end({ timeout: 1 })
    },
  }
}

/** A game of this machine holds a tenth of it; with it Node collects its garbage earlier than a machine's memory would make it. */
const LOCAL_HEAP_MB = 512

const smallHeap = ({ NODE_OPTIONS = '' }: NodeJS.ProcessEnv) =>
  `--max-old-space-size=${LOCAL_HEAP_MB} ${NODE_OPTIONS}`.trim()

/**
 * Starts every part that `external` does not name, in order; a part that fails to start stops those before it.
 *
 * @param signal ends a start that is under way, and stops what runs by then.
 */
export const createStack = async (
  flags: Flags,
  external: External,
  log: (message: string) => void,
  signal: AbortSignal,
): Promise<Stack> => {
  const stops: (() => Promise<void>)[] = []
  const stop = async () => {
    const errors: unknown[] = []
    for (const end of stops.splice(0).reverse())
      await end().catch((error: unknown) => errors.push(error))
    if (errors.length > 0) throw new AggregateError(errors, 'not everything stopped cleanly')
  }
  try {
    return await start({ flags, external, log, signal, stops, stop })
  } catch (error) {
    await stop().catch((cause: unknown) => log(String(cause)))
    throw error
  }
}

interface Starting {
  readonly flags: Flags
  readonly external: External
  readonly log: (message: string) => void
  /** Ends the start between two parts. */
  readonly signal: AbortSignal
  readonly stops: (() => Promise<void>)[]
  readonly stop: () => Promise<void>
}

const start = async ({ flags, external, log, signal, stops, stop }: Starting): Promise<Stack> => {
  const folder = await createRunFolder(resolve(flags.data))
  const watchdog = await createWatchdog(folder)
  stops.push(() => watchdog.stop())
  let fail: (part: string) => void = () => undefined
  const failed = new Promise<string>((resolveFailed) => {
    fail = resolveFailed
  })

  const wrong = await wrongChains(external.rpcUrls)
  if (wrong.length > 0) throw new ConfigError(wrong)
  const isLocalChain = external.deployments === undefined
  const database = await openDatabase(external, isLocalChain, {
    directory: join(folder, 'postgres'),
    log,
    watchdog,
  })
  stops.push(database.stop)
  signal.throwIfAborted()

  const chain = isLocalChain ? await openLocalChain(flags, log, watchdog) : undefined
  if (chain !== undefined) stops.push(chain.stop)
  signal.throwIfAborted()
  const deployments = chain?.deployments ?? JSON.parse(process.env.DEPLOYMENTS ?? '[]')
  const parsed = parseDeployments(JSON.stringify(deployments))
  const rpcUrls =
    chain === undefined ? external.rpcUrls : new Map([[chain.local.chainId, chain.url]])
  const env: Record<string, string> = {
    DEPLOYMENTS: JSON.stringify(deployments),
    DATABASE_SCHEMA: external.schema,
    API_DATABASE_URL: database.apiUrl,
    ...(chain === undefined
      ? {}
      : { RPC_URL: chain.url, RPC_WS_URL: chain.wsUrl, NODE_OPTIONS: smallHeap(process.env) }),
    ...(database.analystUrl === undefined ? {} : { ANALYST_DATABASE_URL: database.analystUrl }),
  }

  const say = (message: string, facts?: object) =>
    log(`${message}${facts === undefined ? '' : ` ${JSON.stringify(facts)}`}`)
  const indexer = createIndexer({
    databaseUrl: database.url,
    schema: external.schema,
    ...(database.apiRole === undefined ? {} : { apiRole: database.apiRole }),
    rpcUrls,
    env,
    logFile: join(folder, 'logs/indexer.log'),
    log: say,
  })
  stops.push(indexer.stop)
  indexer.failed.then((sentence) => fail(`the indexer (${sentence})`))
  const auditor = createAuditor({
    databaseUrl: database.url,
    schema: external.schema,
    ...(database.apiRole === undefined ? {} : { apiRole: database.apiRole }),
    deployments: parsed,
    rpcUrls,
    everyBlocks: external.everyBlocks,
    starts: indexer.starts,
    log: auditLog(join(folder, 'logs/auditor.log')),
  })
  stops.push(auditor.stop)
  const views = {
    ...{ schema: external.schema, analyticsSchema: external.analyticsSchema },
    deployments: parsed,
  }
  const follower = createViewFollower({
    ...{ databaseUrl: database.url, rpcUrls, ...views, log: say, warn: say },
  })
  stops.push(follower.stop)

  const port = await freePort(flags.port)
  if (port !== flags.port) log(`port ${flags.port} is taken, using ${port}`)
  const api = await createApi({
    port,
    env,
    logFile: join(folder, 'logs/api.log'),
    signal,
    watchdog,
  })
  stops.push(api.stop)
  api.exited.then(() => fail('the API'))
  log(`API on ${api.url}`)

  const { analystUrl, apiRole } = database
  const analyst =
    analystUrl === undefined || apiRole === undefined
      ? undefined
      : await createDesk({
          ...{ databaseUrl: database.url, apiRole, analystUrl, ...views },
          accessSchema: external.accessSchema,
        })

  if (chain !== undefined && flags.players > 0) {
    const playing = {
      rpcUrl: chain.url,
      deployment: chain.local,
      poolIds: chain.poolIds,
      seed: flags.seed,
      log,
    }
    const keeper = await createKeeper(playing)
    stops.push(keeper.stop)
    const players = await createPlayers({
      ...playing,
      count: flags.players,
      // Whatever they do stays in the chain's memory as long as it runs.
      movesPerBlock: 1,
      stubborn: keeper.stubborn,
    })
    stops.push(players.stop)
    log(`${flags.players} players, seed ${flags.seed}`)
  }

  return {
    graphql: api.url,
    ws: api.wsUrl,
    rpc: [...rpcUrls.values()].flatMap((each) => settingsOf(each).urls)[0] ?? '',
    database: database.url,
    ...(analyst === undefined ? {} : { analyst }),
    contract: deployments[0]?.address ?? '',
    tokens: chain?.local.tokens ?? {},
    deployments,
    logs: join(folder, 'logs'),
    pids: () => ({
      stack: process.pid,
      postgres: database.pids()[0],
      anvil: chain?.pid,
      indexer: indexer.pid(),
      api: api.pid,
    }),
    failed,
    stop,
  }
}

/** What the auditor says of itself goes to a file; what it finds is in the API. */
const auditLog = (file: string) => {
  const log = createLog('auditor', { file })
  return (message: string, facts?: object) => log.info(facts ?? {}, message)
}

const openDatabase = async (
  external: External,
  isLocalChain: boolean,
  options: PostgresOptions & { readonly log: (message: string) => void },
) => {
  const { log } = options
  const { databaseUrl } = external
  if (databaseUrl === undefined) {
    const server = await createPostgres({ ...options, hasPasswords: true })
    const url = await server.createDatabase('pay402win')
    await server.createRole(API_ROLE)
    log(`PostgreSQL on port ${server.port}`)
    return {
      url,
      apiUrl: server.url('pay402win', API_ROLE),
      apiRole: API_ROLE,
      analystUrl: server.url('pay402win', ANALYST),
      pids: () => [server.pid()],
      stop: server.stop,
    }
  }
  const own = isLocalChain ? await createDatabaseOn(databaseUrl, log) : undefined
  return {
    url: own?.url ?? databaseUrl,
    apiUrl: own?.url ?? external.apiDatabaseUrl ?? databaseUrl,
    apiRole: external.apiRole,
    analystUrl: undefined,
    pids: (): number[] => [],
    stop: own?.stop ?? (async () => undefined),
  }
}

const openLocalChain = async (flags: Flags, log: (message: string) => void, watchdog: Watchdog) => {
  // Deployed while each transaction makes its block; the clock starts ticking afterwards.
  const anvil = await createAnvil({ states: KEPT_STATES, watchdog })
  log(`local chain on port ${anvil.port}`)
  try {
    const local = await deploy({ rpcUrl: anvil.url, coordinator: 'REAL' })
    const poolIds = await createPools(
      { rpcUrl: anvil.url },
      local.contract,
      defaultPools(local, flags.round),
    )
    await anvil.mineEvery(flags.blockTime)
    log(`the game at ${local.contract}`)
    return { ...anvil, local, poolIds, deployments: localDeployments(local) }
  } catch (error) {
    await anvil.stop()
    throw error
  }
}
