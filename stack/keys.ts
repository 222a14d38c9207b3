/** `npm run keys`: makes, lists and revokes the keys of the API. */
import { argv, env, exit, stdout } from 'node:process'
import { parseArgs } from 'node:util'
import { columns } from '../audit/columns.ts'
import { connect } from '../src/api/db/connect.ts'
import { ACCESS_SCHEMA, isSchemaName, KEY_ROLES } from '../src/api/db/names.ts'
import { ConfigError } from '../src/domain/errors.ts'
import { createApiKey, listApiKeys, revokeApiKey, type StoredKey } from './apiKeys.ts'
import { finish, tellFailure } from './command.ts'
import { readEnvironment } from './settings.ts'

const HELP = `npm run keys -- create --role ROLE --name NAME [--cost-per-minute N]
                list
                revoke ID

  --role ROLE            ${KEY_ROLES.join(', ')}
  --name NAME            whose it is, for the list
  --cost-per-minute N    what its operations may cost in a minute, instead of the role's
  --json                 the same as JSON, on standard output
  --help                 this

DATABASE_URL        the owner of the schema of keys, or who may create it
ACCESS_SCHEMA       that schema (${ACCESS_SCHEMA})
API_DATABASE_ROLE   the API's role, which \`create\` lets read the keys

A key is shown once, when it is made; only a hash of it is stored. A revoked one is refused within ten seconds.
`

const MOST_COST = 1_000_000_000_000
const MOST_NAME = 200
const LIMIT_MS = 30_000

type Command =
  | ({ readonly name: 'create' } & { readonly key: Parameters<typeof createApiKey>[2] })
  | { readonly name: 'list' }
  | { readonly name: 'revoke'; readonly id: string }

const parse = () => {
  try {
    return parseArgs({
      args: argv.slice(2),
      allowPositionals: true,
      options: {
        role: { type: 'string' },
        name: { type: 'string' },
        'cost-per-minute': { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    })
  } catch (error) {
    throw new ConfigError([`${error instanceof Error ? error.message : String(error)}; see --help`])
  }
}

type Values = ReturnType<typeof parse>['values']

const readCreate = (values: Values, mistakes: string[]): Command => {
  const role = KEY_ROLES.find((known) => known === values.role)
  if (role === undefined) mistakes.push(`--role should be one of ${KEY_ROLES.join(', ')}`)
  const name = values.name?.trim() ?? ''
  if (name === '' || name.length > MOST_NAME || /\p{Cc}/u.test(name))
    mistakes.push(`--name should say whose key it is, in one line of at most ${MOST_NAME} letters`)
  const cost = values['cost-per-minute']
  if (cost !== undefined && !(/^[1-9]\d{0,12}$/.test(cost) && Number(cost) <= MOST_COST))
    mistakes.push(`--cost-per-minute should be a whole number from 1 to ${MOST_COST}`)
  const costPerMinute = cost === undefined ? null : Number(cost)
  return { name: 'create', key: { name, role: role ?? 'player', costPerMinute } }
}

const readCommand = (words: readonly string[], values: Values, mistakes: string[]): Command => {
  const [name, id, ...rest] = words
  if (name === 'create' && id === undefined) return readCreate(values, mistakes)
  const flags = ['role', 'name', 'cost-per-minute'] as const
  for (const flag of flags)
    if (values[flag] !== undefined) mistakes.push(`--${flag} should come with create`)
  if (name === 'list' && id === undefined) return { name }
  if (name === 'revoke' && id !== undefined && rest.length === 0) return { name, id }
  mistakes.push('the command should be create, list, or revoke and the id of a key; see --help')
  return { name: 'list' }
}

const read = () => {
  try {
    const { values, positionals } = parse()
    if (values.help === true) {
      stdout.write(HELP)
      return exit(0)
    }
    const mistakes: string[] = []
    const command = readCommand(positionals, values, mistakes)
    const { DATABASE_URL, API_DATABASE_ROLE } = env
    const { databaseUrl, apiRole } = readEnvironment({ DATABASE_URL, API_DATABASE_ROLE })
    if (databaseUrl === undefined) mistakes.push('DATABASE_URL should say where the keys are kept')
    const schema = env.ACCESS_SCHEMA || ACCESS_SCHEMA
    if (!isSchemaName(schema))
      mistakes.push('ACCESS_SCHEMA should be lower-case letters, digits and _, at most 45')
    if (mistakes.length > 0 || databaseUrl === undefined) throw new ConfigError(mistakes)
    return { command, databaseUrl, apiRole, schema, isJson: values.json === true }
  } catch (error) {
    return exit(tellFailure(error, 2))
  }
}

const { command, databaseUrl, apiRole, schema, isJson } = read()
const sql = connect(databaseUrl, { max: 1, connect_timeout: 5, onnotice: () => undefined })

const timeOf = (time: Date | null) => time?.toISOString().slice(0, 19).replace('T', ' ') ?? ''

const table = (keys: readonly StoredKey[]) =>
  columns([
    ['id', 'role', 'cost per minute', 'created', 'revoked', 'name'],
    ...keys.map(({ id, role, costPerMinute, createdAt, revokedAt, name }) => [
      ...[id, role, String(costPerMinute ?? "the role's")],
      ...[timeOf(createdAt), timeOf(revokedAt), name],
    ]),
  ])

const toSay = (key: string, { id, role }: StoredKey) => `${key}

This is shown once: keep it where secrets are kept. Role ${role}; npm run keys -- revoke ${id} puts it out of force.
${apiRole === undefined ? `The API's role must be able to read ${schema}.api_key; with API_DATABASE_ROLE it is let.\n` : ''}`

const run = async (): Promise<{ readonly text: string; readonly json: unknown }> => {
  if (command.name === 'create') {
    const access = apiRole === undefined ? {} : { apiRole }
    const { key, stored } = await createApiKey(sql, schema, { ...command.key, ...access })
    return { text: toSay(key, stored), json: { key, ...stored } }
  }
  if (command.name === 'list') {
    const keys = await listApiKeys(sql, schema)
    return { text: keys.length === 0 ? 'There are no keys.' : table(keys), json: keys }
  }
  const revoked = await revokeApiKey(sql, schema, command.id)
  if (revoked === undefined) throw new ConfigError([`there is no key ${command.id}`])
  const text = `Key ${revoked.id} is out of force since ${timeOf(revoked.revokedAt)}.`
  return { text, json: revoked }
}

finish(
  run().then(({ text, json }) => `${isJson ? JSON.stringify(json) : text}\n`),
  sql,
  LIMIT_MS,
)
