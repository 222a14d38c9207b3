/** `npm run reindex`: a clean schema beside the one in use, indexed from the chain alone. */
import { argv, env, exit, stdout } from 'node:process'
import { parseArgs } from 'node:util'
import { createLog, redactCrashes } from '../log/log.ts'
import { wrongChains } from '../rpc/chains.ts'
import { connect } from '../src/api/db/connect.ts'
import { isSchemaName } from '../src/api/db/names.ts'
import { whenOrphaned } from '../src/api/orphan.ts'
import { ConfigError } from '../src/domain/errors.ts'
import { blockNumber } from './chain.ts'
import { finish, tellFailure } from './command.ts'
import { createSyncSchema, progressOf } from './database.ts'
import { waitFor } from './process.ts'
import { createSession } from './session.ts'
import { readEnvironment } from './settings.ts'
import { createIndexer } from './supervisor.ts'

const HELP = `npm run reindex -- [flags]     builds a clean schema beside the one in use

  --schema NAME      the new schema; by itself the next free of <DATABASE_SCHEMA>_2, _3, …
  --help             this

DATABASE_URL, DATABASE_SCHEMA, DEPLOYMENTS, RPC_URL, API_DATABASE_ROLE   as for npm run indexer (docs/operation.md)

The running indexer goes on undisturbed. The new schema has a cache of the chain of its own, so nothing that the old one has
read comes back. Ends with 0 once it has caught up, and says what to set to switch over.
`

const LOOK_MS = 1_000

const read = () => {
  try {
    const { values } = parseArgs({
      args: argv.slice(2),
      options: { schema: { type: 'string' }, help: { type: 'boolean' } },
    })
    if (values.help === true) {
      stdout.write(HELP)
      return exit(0)
    }
    const external = readEnvironment(env)
    const { databaseUrl, deployments } = external
    if (databaseUrl === undefined || deployments === undefined)
      throw new ConfigError(['DATABASE_URL and DEPLOYMENTS should say where and what to index'])
    if (values.schema !== undefined && !isSchemaName(values.schema))
      throw new ConfigError(['--schema should be lower-case letters, digits and _, at most 45'])
    return { ...external, databaseUrl, wished: values.schema }
  } catch (error) {
    return exit(tellFailure(error, 2))
  }
}

const options = read()
const { databaseUrl, schema, apiRole, rpcUrls, wished } = options
const sql = connect(databaseUrl, { max: 1 })
/** For looking: one that does not answer is replaced. */
const session = createSession(databaseUrl, 'pay402win-reindex')
redactCrashes()
const log = createLog('reindex')

/** Nobody's schema, nor that of somebody's cache or audit. */
const isFree = async (name: string) => {
  const names = [name, `${name}_sync`, `${name}_audit`]
  return (await sql`select from pg_namespace where nspname in ${sql(names)}`).length === 0
}

const choose = async (): Promise<string> => {
  if (wished !== undefined) {
    if (await isFree(wished)) return wished
    throw new ConfigError([`--schema should be a new name: ${wished} is in use`])
  }
  const base = schema.replace(/_\d+$/, '').slice(0, 40)
  for (let number = 2; ; number++) if (await isFree(`${base}_${number}`)) return `${base}_${number}`
}

const heads = async () =>
  new Map(
    await Promise.all(
      [...rpcUrls].map(
        async ([chainId, url]) => [chainId, await blockNumber(url, chainId)] as const,
      ),
    ),
  )

/** Resolves once each chain's newest block is in the new schema. */
const caughtUp = (name: string) => {
  let told = ''
  return waitFor(
    'the new schema at the chain’s newest block',
    async () => {
      const [latest, { isReady, heads: indexed }] = await Promise.all([
        heads(),
        session.run((each) => progressOf(each, name)),
      ])
      const chains = [...latest].map(([chainId, newest]) => ({
        ...{ chainId, newest },
        block: indexed.get(chainId) ?? 0,
      }))
      const progress = JSON.stringify(chains)
      if (progress !== told) log.info({ schema: name, isReady, chains }, 'indexing')
      told = progress
      return (isReady && chains.every(({ block, newest }) => block >= newest)) || undefined
    },
    { timeoutMs: Number.POSITIVE_INFINITY, everyMs: LOOK_MS, signal: stopping.signal },
  )
}

const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => stopping.abort(new Error('stopped before it had caught up')))

whenOrphaned(env.npm_lifecycle_event === 'reindex', () => stopping.abort(new Error('npm ended')))

const run = async () => {
  const wrong = await wrongChains(rpcUrls)
  if (wrong.length > 0) throw new ConfigError(wrong)
  const name = await choose()
  await createSyncSchema(sql, name)
  const indexer = createIndexer({
    ...{ databaseUrl, schema: name, rpcUrls, env: {} },
    ...(apiRole === undefined ? {} : { apiRole }),
    log: (message, facts) => log.info(facts ?? {}, message),
  })
  try {
    const failed = await Promise.race([caughtUp(name), indexer.failed])
    if (typeof failed === 'string') throw new Error(failed)
  } finally {
    await session.stop()
    await indexer.stop()
  }
  return name
}

const toSwitch = (name: string) => `
Schema ${name} has caught up. To switch over:

  1. set DATABASE_SCHEMA=${name} and start  npm run indexer  : once it has caught up, analysts' views show its tables
  2. with the same DATABASE_SCHEMA, start  npm run reconcile  : it ends with 0
  3. restart each  npm run api  with it
  4. stop the old indexer, then drop what it leaves:
       drop schema ${schema} cascade; drop schema if exists ${schema}_audit cascade;
       drop schema if exists ${schema}_sync cascade;
     and Ponder's cache, once no indexer in this database uses it:  drop schema ponder_sync cascade;
`

finish(run().then(toSwitch), sql)
