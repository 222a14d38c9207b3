/** `npm run indexer`: the indexer under its supervisor, on the database and the chains of the environment. */
import { env, exit, stderr } from 'node:process'
import { pino } from 'pino'
import { ConfigError } from '../src/domain/errors.ts'
import { readEnvironment } from './settings.ts'
import { createIndexer } from './supervisor.ts'

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
    if (databaseUrl === undefined || missing.length > 0) throw new ConfigError(missing)
    return { ...external, databaseUrl }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    stderr.write(`${error.message}\n`)
    return exit(1)
  }
}

const log = pino({ name: 'supervisor' })
const { databaseUrl, schema, apiRole, rpcUrls } = read()
const indexer = createIndexer({
  databaseUrl,
  schema,
  ...(apiRole === undefined ? {} : { apiRole }),
  rpcUrls,
  env: {},
  log: (message, facts) => log.info(facts ?? {}, message),
})

const stop = async (signal: string) => {
  log.info({ signal }, 'stopping')
  await indexer.stop()
  exit(0)
}
process.once('SIGTERM', stop)
process.once('SIGINT', stop)
