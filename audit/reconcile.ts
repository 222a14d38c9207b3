/** `npm run reconcile`: the rows compared with the chain. */
import { argv, env, exit, stderr, stdout } from 'node:process'
import { parseArgs } from 'node:util'
import { redact, redactCrashes } from '../log/log.ts'
import { settingsOf } from '../rpc/settings.ts'
import { parseConfig } from '../src/api/config.ts'
import { createDatabase } from '../src/api/db/database.ts'
import { failureOf } from '../src/api/db/failure.ts'
import { ConfigError, InvariantError } from '../src/domain/errors.ts'
import { createClient } from './client.ts'
import { type Options, type Result, reconcileChain } from './reconcileChain.ts'
import { report } from './report.ts'

const HELP = `npm run reconcile -- [flags]     compares every row with the chain

  --from N     first block whose facts are compared (the deployment's first)
  --to N       the last (the block that the rows have come to; only then are totals compared too)
  --rpc URL    a node of the chain (RPC_URL, RPC_URL_<chainId>)
  --json       one JSON document
  --help       this

DATABASE_URL or API_DATABASE_URL, DATABASE_SCHEMA, DEPLOYMENTS say what to compare, RPC_LOGS_BLOCK_RANGE the widest range of
eth_getLogs that the node takes, and the other RPC_ variables how it is asked (docs/operation.md).

Reads the logs by eth_getLogs from the deployment's first block, runs the indexer's handlers over them in memory, and compares all
tables at one block. Ends with 0 when nothing differs, 1 when something does, 2 when it could not be compared.
`

const STATEMENT_TIMEOUT_MS = 60_000

const count = (name: string, text: string | undefined, mistakes: string[]) => {
  if (text !== undefined && !/^\d{1,15}$/.test(text))
    mistakes.push(`--${name} should be the number of a block`)
  return text === undefined ? {} : { [name]: Number(text) }
}

const readFlags = () => {
  try {
    return parseArgs({
      args: argv.slice(2),
      options: {
        from: { type: 'string' },
        to: { type: 'string' },
        rpc: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    }).values
  } catch (error) {
    throw new ConfigError([`${error instanceof Error ? error.message : String(error)}; see --help`])
  }
}

const read = () => {
  const flags = readFlags()
  if (flags.help === true) {
    stdout.write(HELP)
    return exit(0)
  }
  const mistakes: string[] = []
  const range: Options = {
    ...count('from', flags.from, mistakes),
    ...count('to', flags.to, mistakes),
  }
  if (flags.rpc !== undefined && !/^https?:\/\/\S+$/.test(flags.rpc))
    mistakes.push('--rpc should be the http(s) address of a JSON-RPC endpoint')
  if (mistakes.length > 0) throw new ConfigError(mistakes)
  return { config: parseConfig(env), range, rpc: flags.rpc, isJson: flags.json === true }
}

const run = async (): Promise<number> => {
  const { config, range, rpc, isJson } = read()
  const database = createDatabase({
    ...config.database,
    maxConnections: 1,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
  })
  const results: Result[] = []
  try {
    const asked = rpc === undefined ? undefined : await createClient(rpc).getChainId()
    for (const deployment of config.deployments) {
      const { chainId } = deployment
      if (asked !== undefined && asked !== chainId) continue
      const settings = config.rpcUrls.get(chainId)
      const address = rpc === undefined ? settings : { ...settingsOf(settings ?? ''), urls: [rpc] }
      if (address === undefined)
        throw new ConfigError([`RPC_URL should say where chain ${chainId} can be read`])
      const client = createClient(address, { chainId })
      const result = await reconcileChain(client, database, deployment, range)
      if (result === undefined) throw new Error(`no block of chain ${chainId} is indexed yet`)
      results.push(result)
    }
  } finally {
    await database.stop()
  }
  if (results.length === 0)
    throw new ConfigError(['--rpc should be a node of a chain that DEPLOYMENTS names'])
  stdout.write(isJson ? `${JSON.stringify(results)}\n` : results.map(report).join('\n'))
  return results.some(({ differences }) => differences.length > 0) ? 1 : 0
}

redactCrashes()
run().then(exit, (error: unknown) => {
  if (error instanceof InvariantError) {
    stderr.write(
      `The chain's own logs cannot follow each other by the rules of the game:\n${error}\n`,
    )
    exit(1)
  }
  stderr.write(redact(`${failureOf(error).sentence}\n`))
  exit(2)
})
