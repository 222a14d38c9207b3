/** `npm start`: the whole game on this machine, from contract to GraphQL. */
import { argv, env, exit, stderr, stdout } from 'node:process'
import { redact, redactCrashes } from '../log/log.ts'
import { failureOf } from '../src/api/db/failure.ts'
import { whenOrphaned } from '../src/api/orphan.ts'
import { ConfigError } from '../src/domain/errors.ts'
import { HELP, parseFlags, readEnvironment } from './settings.ts'
import type { Stack } from './stack.ts'

const read = () => {
  try {
    return { flags: parseFlags(argv.slice(2)), external: readEnvironment(env) }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    stderr.write(`${error.message}\n`)
    return exit(2)
  }
}

const forAnalysts = ({ graphql, analyst }: Stack) =>
  analyst === undefined
    ? ''
    : `
SQL           psql ${analyst.database}   (docs/analysts.md)
              curl -s ${new URL('/sql', graphql)} -H 'authorization: Bearer ${analyst.key}' -H 'content-type: application/json' \\
                -d '{"query":"select pool_id, entry_count, wagered, token_symbol from pools"}'`

const whereToLook = (stack: Stack) => `
GraphiQL      ${stack.graphql}   (examples are in its tabs)
A query       curl -s ${stack.graphql} -H 'content-type: application/json' \\
                -d '{"query":"{ head { number } pools { edges { node { name stats { entryCount wagered { decimal } } } } } }"}'
Live          curl -sN ${stack.graphql} -H 'content-type: application/json' -H 'accept: text/event-stream' \\
                -d '{"query":"subscription { livePool(poolId: \\"1\\") { head { number } participants round { prizePool { decimal } entryCount } } }"}'
Chain         ${stack.rpc}
A draw again  npm run verify-draw -- 1 1 --rpc ${stack.rpc} --contract ${stack.contract}
Database      psql ${stack.database}${forAnalysts(stack)}
Logs          ${stack.logs}

Ctrl-C ends everything.
`

const jsonLine = ({ logs: _, failed, stop, pids, ...where }: Stack) =>
  `${JSON.stringify({ ...where, pids: pids() })}\n`

redactCrashes()
const { flags, external } = read()
if (flags.help) {
  stdout.write(HELP)
  exit(0)
}
const progress = flags.json ? stderr : stdout
const log = (message: string) => {
  if (!flags.quiet) progress.write(`${message}\n`)
}

const stopping = new AbortController()
const stopRequested = new Promise<void>((resolve) => {
  stopping.signal.addEventListener('abort', () => resolve(), { once: true })
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => stopping.abort(new Error('stopped before everything was up')))
whenOrphaned(env.npm_lifecycle_event === 'start', () => stopping.abort(new Error('npm ended')))

const run = async (): Promise<number> => {
  // Loaded here: a mistaken flag or `--help` is answered in a tenth of a second, without a database's or a chain's code.
  const { createStack } = await import('./stack.ts')
  const stack = await createStack(flags, external, log, stopping.signal)
  if (flags.json) stdout.write(jsonLine(stack))
  else log(whereToLook(stack))
  const failed = await Promise.race([stack.failed, stopRequested])
  if (typeof failed === 'string')
    stderr.write(`${failed} ended unexpectedly; its log is in ${stack.logs}\n`)
  log('stopping')
  await stack.stop()
  return typeof failed === 'string' ? 1 : 0
}

run().then(exit, (error: unknown) => {
  if (!stopping.signal.aborted) stderr.write(redact(`${failureOf(error).sentence}\n`))
  exit(stopping.signal.aborted ? 0 : 1)
})
