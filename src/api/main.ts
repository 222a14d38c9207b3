import { readFileSync } from 'node:fs'
import { createLog, redactCrashes } from '../../log/log.ts'
import { ConfigError } from '../domain/errors.ts'
import { type Config, isOfNpm, loadConfig } from './config.ts'
import { listApiKeys } from './db/apiKeys.ts'
import { expectDirect } from './db/connect.ts'
import { createDatabase } from './db/database.ts'
import { messageOf } from './db/failure.ts'
import { createNewestHeads } from './db/newestHeads.ts'
import { preflight } from './db/preflight.ts'
import { createReadings } from './db/readings.ts'
import { createStatistics } from './db/statistics.ts'
import { createJudge } from './draws/judge.ts'
import { createContext, type Probe } from './graphql/context.ts'
import { EXAMPLES } from './graphql/examples.ts'
import { schema } from './graphql/schema.ts'
import { createAccess } from './http/access.ts'
import { createProbe, createProbes } from './http/ready.ts'
import { createChainHeads } from './live/chainHead.ts'
import { createLive } from './live/live.ts'
import { createNodeSilence, createProgress, createReplacedWatch } from './live/nodes.ts'
import { whenOrphaned } from './orphan.ts'
import { createPace } from './pace.ts'
import { createBoards } from './ranking/boards.ts'
import { warm } from './ranking/warm.ts'
import { createServer, type ServerOptions } from './server.ts'

const readVersion = (): string => {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  const { version }: { version: string } = JSON.parse(text)
  return version
}

/** Ends the process with what should be changed. */
const refuse = (...mistakes: readonly string[]): never => {
  process.stderr.write(`${new ConfigError(mistakes).message}\n`)
  return process.exit(1)
}

const readConfig = (): Config => {
  try {
    return loadConfig()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return refuse(...error.mistakes)
  }
}

const checkDatabases = async ({ database, sql }: Config) => {
  try {
    await expectDirect('API_DATABASE_URL', database.url)
    if (database.readUrl !== undefined) await expectDirect('DATABASE_READ_URL', database.readUrl)
    if (sql !== undefined) await expectDirect('ANALYST_DATABASE_URL', sql.url)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exit(1)
  }
}

const config = readConfig()
redactCrashes()
await checkDatabases(config)
const log = createLog('api', { level: config.logLevel })
const { url: primaryUrl, readUrl: replicaUrl, schema: schemaName } = config.database
for (const [name, url] of [
  ['API_DATABASE_URL', primaryUrl],
  ['DATABASE_READ_URL', replicaUrl],
] as const) {
  if (url === undefined) continue
  const { mistake, warning } = await preflight({ name, url, schema: schemaName })
  if (warning !== undefined) log.warn(warning)
  if (mistake !== undefined) refuse(mistake)
}
const database = createDatabase(config.database)
const { readUrl, replicaPatienceMs } = config.database
const replica =
  readUrl === undefined ? undefined : createDatabase({ ...config.database, url: readUrl })
const newestHeads = createNewestHeads(database)
const readings = createReadings({
  primary: database,
  newestHeads,
  replica,
  patienceMs: replicaPatienceMs,
  log,
})
const heads = createLive({
  database,
  ...config.database,
  lookIntervalMs: config.lookIntervalMs,
  rewindPatienceMs: config.rewindPatienceMs,
  log,
})
const pace = createPace()
const boards = createBoards({
  pace,
  database: replica ?? database,
  mostBytes: config.leaderboardBytes,
  onError: (error) => log.error({ err: error }, 'a leaderboard could not be read'),
})
const judge = createJudge()
/** The boards that most ask for are read as soon as there are rows to be served, not by the first who asks. */
let areBoardsRead = false
const stopWaiting = heads.onChange(() => {
  if (heads.health().serving !== 'SERVED') return
  stopWaiting()
  warm(boards, database)
    .catch((error: unknown) => log.warn({ err: error }, 'leaderboards could not be read ahead'))
    // A board that could not be read is read by the first who asks.
    .finally(() => {
      areBoardsRead = true
    })
})
const version = readVersion()
const chainHeads = createChainHeads(config.rpcUrls, log)
const probe: Probe = {
  ...createProbe(heads, config.maxHeadAgeSeconds),
  chainHead: chainHeads.newest,
  backfillProgressBps: createProgress({ ...config, heads, db: database.db, chainHeads }),
}
const options: ServerOptions = {
  schema,
  heads,
  openSnapshot: readings.openSnapshot,
  newestHeads,
  statistics: createStatistics(database.db),
  pace,
  openContext: ({ isPinned, ...scope }) =>
    createContext({
      database,
      openSnapshot: readings.openSnapshot,
      openLoose: isPinned ? undefined : readings.openLoose,
      deployments: config.deployments,
      version,
      probe,
      boards,
      judge,
      pace,
      mostBytes: config.answerBytes,
      ...scope,
    }),
  config,
  access: createAccess({
    listKeys: (ids) => listApiKeys(database.db, config.accessSchema, ids),
    budgets: config.budgets,
  }),
  probes: createProbes({
    ...{ heads, deployments: config.deployments },
    nodeSilence: createNodeSilence(chainHeads, config.rpcUrls),
    areBoardsRead: () => areBoardsRead,
    isReplaced: createReplacedWatch(database.db),
  }),
  examples: EXAMPLES,
  caches: () => ({
    leaderboards: boards.size(),
    draws: judge.size(),
    statements: database.plansSize(),
  }),
  log,
}
const server = await createServer(options).catch((error: unknown) =>
  refuse(
    `HOST, PORT: nothing can listen at ${config.host} port ${config.port}: ${messageOf(error)}`,
  ),
)
log.info({ url: server.url, port: server.port }, 'listening')

const stop = async (signal: string) => {
  log.info({ signal }, 'stopping')
  await server.stop()
  await heads.stop()
  await judge.stop()
  await database.stop()
  await replica?.stop()
  log.info('stopped')
}
let isStopping = false
const onSignal = (signal: string) => {
  if (isStopping) return
  isStopping = true
  stop(signal).then(
    () => process.exit(0),
    (error: unknown) => {
      log.fatal({ err: error }, 'not stopped cleanly')
      process.exit(1)
    },
  )
}
process.on('SIGTERM', onSignal)
process.on('SIGINT', onSignal)
whenOrphaned(isOfNpm(), () => onSignal('npm ended'))
