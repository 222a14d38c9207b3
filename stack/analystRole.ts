/** `npm run analyst-role`: views for analysts over the present tables, and a role that may read them and nothing else. */
import { argv, env, exit, stdout } from 'node:process'
import { parseArgs } from 'node:util'
import { connect } from '../src/api/db/connect.ts'
import { parseDeployments } from '../src/domain/Deployment.ts'
import { ConfigError } from '../src/domain/errors.ts'
import type { Analyst } from './analyst.ts'
import { finish, tellFailure } from './command.ts'
import { readEnvironment } from './settings.ts'

const HELP = `npm run analyst-role -- [flags]     SQL for analysts: views, and a role that may only read them

  --role NAME        the role (analyst)
  --password TEXT    its password; a new role gets a generated one by itself
  --rotate           generates a new password for a role that is there
  --timeout S        seconds a statement may take by itself (30)
  --connections N    most connections at once (5)
  --keep-public      leaves alone what every role of this database may do, because others share it
  --json             one line of JSON on standard output
  --help             this

DATABASE_URL       as the owner of the indexer's tables, with the right to make roles
DATABASE_SCHEMA    the indexer's schema (pay402win)
ANALYTICS_SCHEMA   that of the views (analytics)
DEPLOYMENTS        as the API has it: what native coins are called; without it they have no symbol

Once there are views, npm run indexer points them at another DATABASE_SCHEMA by itself, as soon as that has caught up; the role stays as it
is. Run this again when another version says so, when DEPLOYMENTS calls a coin otherwise, or to go back to an older schema.
`

const read = () => {
  const { values } = parseArgs({
    args: argv.slice(2),
    options: {
      role: { type: 'string', default: 'analyst' },
      password: { type: 'string' },
      rotate: { type: 'boolean', default: false },
      timeout: { type: 'string', default: '30' },
      connections: { type: 'string', default: '5' },
      'keep-public': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean' },
    },
  })
  if (values.help === true) {
    stdout.write(HELP)
    return exit(0)
  }
  const { DATABASE_URL, DATABASE_SCHEMA, ANALYTICS_SCHEMA, DEPLOYMENTS = '' } = env
  const { databaseUrl, schema, analyticsSchema } = readEnvironment({
    ...{ DATABASE_URL, DATABASE_SCHEMA, ANALYTICS_SCHEMA },
  })
  const deployments = DEPLOYMENTS.trim() === '' ? [] : parseDeployments(DEPLOYMENTS)
  const mistakes = [
    ...(databaseUrl === undefined
      ? ['DATABASE_URL should be the address of a PostgreSQL, postgres://user@host:port/database']
      : []),
    ...(/^[1-9]\d{0,3}$/.test(values.timeout)
      ? []
      : [`--timeout should be a whole number from 1 to 9999, not ${values.timeout}`]),
    ...(/^[1-9]\d{0,2}$/.test(values.connections)
      ? []
      : [`--connections should be a whole number from 1 to 999, not ${values.connections}`]),
    ...(values.rotate && values.password !== undefined
      ? ['--rotate should stand alone: --password says which one it becomes']
      : []),
  ]
  if (databaseUrl === undefined || mistakes.length > 0) throw new ConfigError(mistakes)
  const { role, password, rotate, 'keep-public': keepPublic, json } = values
  return {
    databaseUrl,
    json,
    analyst: {
      ...{ schema, analyticsSchema, deployments, role, rotate, keepPublic },
      ...(password === undefined ? {} : { password }),
      statementTimeoutMs: Number(values.timeout) * 1000,
      connections: Number(values.connections),
    },
  }
}

const options = (() => {
  try {
    return read()
  } catch (error) {
    return exit(tellFailure(error, 2))
  }
})()

const urlOf = (password: string | null) => {
  const url = new URL(options.databaseUrl)
  url.username = options.analyst.role
  url.password = password ?? ''
  // Of whoever runs this.
  for (const name of ['user', 'password', 'sslcert', 'sslkey']) url.searchParams.delete(name)
  return url.href
}

const printed = ({ password, open }: Analyst) => {
  const { role, schema, analyticsSchema, deployments } = options.analyst
  const url = urlOf(password)
  const kept = password === null
  if (options.json)
    return `${JSON.stringify({ url, role, schema: analyticsSchema, shows: schema, passwordKept: kept, open })}\n`
  return `Role ${role} may read schema ${analyticsSchema}, which shows ${schema}.

  ${url}

${kept ? 'Its password is the one it had.' : 'The password is printed once: keep it.'}
${deployments.length === 0 ? 'Native coins have no symbol, because DEPLOYMENTS is not set.\n' : ''}${open.length === 0 ? '' : `\nIt also\n${open.map((each) => `  ${each}\n`).join('')}(docs/analysts.md says what can be done)\n`}`
}

// Loaded here: a mistaken flag or `--help` is answered at once, without the tables' descriptions.
const { createAnalyst } = await import('./analyst.ts')
const sql = connect(options.databaseUrl, {
  max: 1,
  connect_timeout: 5,
  onnotice: () => undefined,
  connection: { application_name: 'pay402win-analyst-role' },
})
/** Longer than it waits for those who read the views. */
const LIMIT_MS = 180_000
finish(createAnalyst(sql, options.analyst).then(printed), sql, LIMIT_MS)
