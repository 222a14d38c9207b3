import { parseArgs } from 'node:util'
import { type RpcSettings, readRpcSettings } from '../rpc/settings.ts'
import { addressMistakes } from '../src/api/db/address.ts'
import { ACCESS_SCHEMA, isSchemaName } from '../src/api/db/names.ts'
import { type Deployment, parseDeployments } from '../src/domain/Deployment.ts'
import { ConfigError } from '../src/domain/errors.ts'

export const HELP = `npm start -- [flags]     the whole game on this machine

  --port N         GraphQL's port; the next free one when it is taken (4000)
  --seed N         what the players do; the same seed, the same choices (402)
  --players N      how many play (12)
  --no-players     nobody plays
  --block-time S   seconds between blocks of the local chain (1)
  --round S        seconds a round lasts (60)
  --data DIR       where data and logs go while it runs (.data)
  --json           one line of JSON when it is ready, on standard output
  --quiet          no progress
  --help           this

DATABASE_URL       use this PostgreSQL instead of an embedded one
RPC_URL and DEPLOYMENTS   index this chain instead of a local one (docs/operation.md)
`

export interface Flags {
  readonly port: number
  readonly seed: number
  readonly players: number
  readonly blockTime: number
  readonly round: number
  readonly data: string
  readonly json: boolean
  readonly quiet: boolean
  readonly help: boolean
}

/** @throws ConfigError that names every flag that is wrong, with what it should be. */
export const parseFlags = (args: readonly string[]): Flags => {
  const mistakes: string[] = []
  let values: Readonly<Record<string, string | boolean | undefined>> = {}
  try {
    values = parseArgs({
      args: [...args],
      options: {
        port: { type: 'string' },
        seed: { type: 'string' },
        players: { type: 'string' },
        'no-players': { type: 'boolean' },
        'block-time': { type: 'string' },
        round: { type: 'string' },
        data: { type: 'string' },
        json: { type: 'boolean' },
        quiet: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    }).values
  } catch (error) {
    throw new ConfigError([`${error instanceof Error ? error.message : String(error)}; see --help`])
  }
  const whole = (name: string, fallback: number, min: number, max: number) => {
    const text = values[name] ?? String(fallback)
    const value = typeof text === 'string' && /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    if (!(value >= min && value <= max))
      mistakes.push(`--${name} should be a whole number from ${min} to ${max}, not ${String(text)}`)
    return value
  }
  const flags = {
    port: whole('port', 4000, 1, 65_535),
    seed: whole('seed', 402, 0, 4_294_967_295),
    players: values['no-players'] === true ? 0 : whole('players', 12, 1, 1_000),
    blockTime: whole('block-time', 1, 1, 3_600),
    round: whole('round', 60, 5, 86_400),
    data: typeof values.data === 'string' ? values.data : '.data',
    json: values.json === true,
    quiet: values.quiet === true,
    help: values.help === true,
  }
  if (flags.data === '') mistakes.push('--data should name a folder')
  if (mistakes.length > 0) throw new ConfigError(mistakes)
  return flags
}

type Environment = Readonly<Record<string, string | undefined>>

/** What of the environment is set; each part that is set takes the place of an embedded one. */
export interface External {
  readonly databaseUrl?: string
  readonly apiDatabaseUrl?: string
  readonly apiRole?: string
  readonly schema: string
  /** Where the views for analysts are. */
  readonly analyticsSchema: string
  /** Where API keys are kept. */
  readonly accessSchema: string
  readonly deployments?: readonly Deployment[]
  /** By chain id; as many as there are deployments. Of each its addresses, and how they are asked. */
  readonly rpcUrls: ReadonlyMap<number, RpcSettings>
  /** Blocks after which liabilities are compared with the contract's even if no round ended. */
  readonly everyBlocks: number
  /** How long a chain may be without a new block, and a check not be done, before that is an issue, in ms. */
  readonly silentMs?: number
  readonly unauditedMs?: number
}

const set = (text: string | undefined) => (text === undefined || text === '' ? undefined : text)

/** @throws ConfigError that names every variable that is wrong, with what it should be. */
export const readEnvironment = (env: Environment): External => {
  const mistakes: string[] = []
  const expectAddress = (name: string) => {
    const text = set(env[name])
    for (const mistake of text === undefined ? [] : addressMistakes(text))
      mistakes.push(`${name} should be ${mistake}`)
    return text
  }
  const databaseUrl = expectAddress('DATABASE_URL')
  const apiDatabaseUrl = expectAddress('API_DATABASE_URL')
  const apiRole = set(env.API_DATABASE_ROLE)
  const expectSchema = (name: string, fallback: string) => {
    const text = set(env[name]) ?? fallback
    if (!isSchemaName(text))
      mistakes.push(
        `${name} should be lower-case letters, digits and _, at most 45 of them, a letter first`,
      )
    return text
  }
  const schema = expectSchema('DATABASE_SCHEMA', 'pay402win')
  const analyticsSchema = expectSchema('ANALYTICS_SCHEMA', 'analytics')
  const accessSchema = expectSchema('ACCESS_SCHEMA', ACCESS_SCHEMA)

  let deployments: readonly Deployment[] | undefined
  try {
    if (set(env.DEPLOYMENTS) !== undefined) deployments = parseDeployments(env.DEPLOYMENTS)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    mistakes.push(...error.mistakes)
  }
  const everyBlocks = set(env.RECONCILE_EVERY_BLOCKS) ?? '50'
  if (!/^[1-9]\d{0,8}$/.test(everyBlocks))
    mistakes.push('RECONCILE_EVERY_BLOCKS should be a number of blocks, a whole number above 0')
  const seconds = (name: string) => {
    const text = set(env[name])
    if (text === undefined) return undefined
    if (!/^[1-9]\d{0,8}$/.test(text))
      mistakes.push(`${name} should be seconds, a whole number above 0`)
    return Number(text) * 1000
  }
  const silentMs = seconds('CHAIN_SILENT_SECONDS')
  const unauditedMs = seconds('UNAUDITED_SECONDS')
  const rpcUrls = new Map<number, RpcSettings>()
  for (const { chainId } of deployments ?? []) {
    const isOnly = deployments?.length === 1
    const own = `RPC_URL_${chainId}`
    const name = isOnly && set(env[own]) === undefined ? 'RPC_URL' : own
    const isGiven = (env[name] ?? '').replaceAll(/[,\s]/g, '') !== ''
    if (!isGiven)
      mistakes.push(`${name} should be the address of a JSON-RPC endpoint of chain ${chainId}`)
    const settings = readRpcSettings(env, chainId, isOnly, mistakes)
    if (settings !== undefined) rpcUrls.set(chainId, settings)
  }
  if (set(env.RPC_URL) !== undefined && set(env.DEPLOYMENTS) === undefined)
    mistakes.push('DEPLOYMENTS should say which contract to index at RPC_URL')
  if (mistakes.length > 0) throw new ConfigError(mistakes)
  return {
    schema,
    analyticsSchema,
    accessSchema,
    rpcUrls,
    everyBlocks: Number(everyBlocks),
    ...(silentMs === undefined ? {} : { silentMs }),
    ...(unauditedMs === undefined ? {} : { unauditedMs }),
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
    ...(apiDatabaseUrl === undefined ? {} : { apiDatabaseUrl }),
    ...(apiRole === undefined ? {} : { apiRole }),
    ...(deployments === undefined ? {} : { deployments }),
  }
}
