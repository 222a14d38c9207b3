/** `npm run indexer`: the indexer under its supervisor and, beside it, the auditor, by the environment. */
import { env, exit, stderr } from 'node:process'
import { createAuditor } from '../audit/auditor.ts'
import { createLog, redactCrashes } from '../log/log.ts'
import { wrongChains } from '../rpc/chains.ts'
import { expectDirect } from '../src/api/db/connect.ts'
import { whenOrphaned } from '../src/api/orphan.ts'
import { ConfigError } from '../src/domain/errors.ts'
import { readEnvironment } from './settings.ts'
import { createIndexer } from './supervisor.ts'
import { createViewFollower } from './viewFollower.ts'

const read = () => {
  try {
    const external = readEnvironment(env)
    const { databaseUrl, deployments } = external
    const missing = [
      ...(databaseUrl === undefined
        ? ['DATABASE_URL should be the address of a PostgreSQL, postgres://user@host:port/database']
        : []),
      ...(deployments === undefined
        ? ['DEPLOYMENTS should be a JSON array that says which contracts to index']
        : []),
    ]
    if (databaseUrl === undefined || deployments === undefined) throw new ConfigError(missing)
    return { ...external, databaseUrl, deployments }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    stderr.write(`${error.message}\n`)
    return exit(1)
  }
}

redactCrashes()
const log = createLog('supervisor')
const { databaseUrl, schema, apiRole, rpcUrls, ...external } = read()
const wrong = await wrongChains(rpcUrls)
if (wrong.length > 0) {
  stderr.write(`${new ConfigError(wrong).message}\n`)
  exit(1)
}
await expectDirect('DATABASE_URL', databaseUrl).catch((error: unknown) => {
  if (!(error instanceof ConfigError)) throw error
  stderr.write(`${error.message}\n`)
  exit(1)
})
const where = {
  ...{ databaseUrl, schema, rpcUrls },
  ...(apiRole === undefined ? {} : { apiRole }),
}
const indexer = createIndexer({
  ...where,
  env: {},
  log: (message, facts) => log.info(facts ?? {}, message),
})
const { deployments, everyBlocks, silentMs, unauditedMs } = external
const auditLog = createLog('auditor')
const auditor = createAuditor({
  ...{ ...where, deployments, everyBlocks, starts: indexer.starts },
  ...(silentMs === undefined ? {} : { silentMs }),
  ...(unauditedMs === undefined ? {} : { unauditedMs }),
  log: (message, facts) => auditLog.info(facts ?? {}, message),
})
const viewLog = createLog('views')
const follower = createViewFollower({
  ...{ databaseUrl, schema, rpcUrls, deployments, analyticsSchema: external.analyticsSchema },
  log: (message, facts) => viewLog.info(facts, message),
  warn: (message, facts) => viewLog.warn(facts, message),
})

const stop = async (reason: string, code = 0) => {
  log.info({ reason }, 'stopping')
  await Promise.all([follower.stop(), auditor.stop(), indexer.stop()])
  exit(code)
}
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop(signal))
indexer.failed.then(async (sentence) => {
  stderr.write(`${sentence}\n`)
  await stop('a mistake', 1)
})
whenOrphaned(env.npm_lifecycle_event === 'indexer', () => stop('npm ended'))
