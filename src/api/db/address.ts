import { accessSync, constants } from 'node:fs'
import { isIP } from 'node:net'
import { userInfo } from 'node:os'
import { ConfigError } from '../../domain/errors.ts'

/**
 * The address of a PostgreSQL, read once and in one way. Two drivers connect, this one and Ponder's, and each understands another part
 * of what libpq takes: what they would not understand alike is either given to both in their own words here, or refused.
 */
export interface Address {
  /** A name, an IP address, or the folder of a unix socket. */
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
  /** Empty for none. Neither `.pgpass` nor PGPASSWORD is asked. */
  readonly password: string
  readonly tls: TlsMode
  /** Files in PEM. */
  readonly rootCert?: string
  readonly cert?: string
  readonly key?: string
  /** As on the command line of the server: `-c name=value`. */
  readonly options?: string
}

/** In libpq's words. `prefer` is encrypted where the server can, unproven, and stands for `allow` too. */
export type TlsMode = (typeof TLS_MODES)[number]

const TLS_MODES = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full'] as const
const OTHER_MODES: ReadonlyMap<string, TlsMode> = new Map([
  ['allow', 'prefer'],
  ['no-verify', 'require'],
])

export const EXPECTED_ADDRESS = 'the address of a PostgreSQL, postgres://user@host:port/database'

/** Sessions have names, time limits and keepalives of their own. */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set([
  ...['application_name', 'fallback_application_name', 'connect_timeout', 'tcp_user_timeout'],
  ...['keepalives', 'keepalives_idle', 'keepalives_interval', 'keepalives_count'],
  ...['sslsni', 'sslcompression', 'uselibpqcompat'],
])

/** What both drivers do anyway, and cannot do otherwise. */
const ALWAYS: Readonly<Record<string, readonly string[]>> = {
  channel_binding: ['disable', 'prefer'],
  client_encoding: ['UTF8', 'utf8', 'auto'],
  gssencmode: ['disable', 'prefer'],
  load_balance_hosts: ['disable'],
  sslnegotiation: ['postgres'],
  target_session_attrs: ['any'],
}

const OURS = [
  ...['host', 'port', 'dbname', 'user', 'password', 'options'],
  ...['sslmode', 'sslrootcert', 'sslcert', 'sslkey'],
]

class Mistakes {
  readonly found: string[] = []
  /** @param what follows on "should be". */
  add(what: string): undefined {
    this.found.push(what)
  }
}

const decode = (text: string, what: string, mistakes: Mistakes): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    mistakes.add(`an address whose ${what} is percent-encoded: % is written %25`)
    return ''
  }
}

const split = (text: string, mistakes: Mistakes) => {
  const found =
    /^postgres(?:ql)?:\/\/(?:(?<login>[^/?#]*)@)?(?<place>[^/?#@]*)(?:\/(?<path>[^?#]*))?(?:\?(?<query>[^#]*))?$/.exec(
      text,
    )
  if (found?.groups === undefined || /\s/.test(text)) {
    mistakes.add(`${EXPECTED_ADDRESS}, with marks in the password percent-encoded`)
    return undefined
  }
  const { login = '', place = '', path = '', query = '' } = found.groups
  return { login, place, path, query }
}

const readQuery = (query: string, mistakes: Mistakes): ReadonlyMap<string, string> => {
  const values = new Map<string, string>()
  for (const pair of query.split('&').filter((part) => part !== '')) {
    const at = pair.indexOf('=')
    const name = decode(pair.slice(0, at < 0 ? undefined : at), 'query', mistakes)
    const value = at < 0 ? '' : decode(pair.slice(at + 1), name, mistakes)
    const always = ALWAYS[name]
    if (values.has(name)) mistakes.add(`an address that says ${name} once`)
    values.set(name, value)
    if (WITHOUT_EFFECT.has(name) || OURS.includes(name)) continue
    if (always === undefined)
      mistakes.add(
        `an address without ${name}, which is not known; settings are given as options=-c%20name%3Dvalue`,
      )
    else if (!always.includes(value))
      mistakes.add(`an address whose ${name} is ${always.join(' or ')}: nothing else is supported`)
  }
  return values
}

const readHost = (place: string, given: string | undefined, mistakes: Mistakes) => {
  const found = /^(?:\[(?<six>[0-9a-fA-F:.]+)\]|(?<name>[^:[\],]*))(?::(?<port>\d*))?$/.exec(place)
  const isSeveral = place.includes(',') || given?.includes(',') === true
  if (isSeveral)
    mistakes.add(
      'an address of one host: for several, name the one that a proxy or a name in the DNS keeps on the primary',
    )
  else if (found === null) mistakes.add(EXPECTED_ADDRESS)
  const { six, name = '', port } = found?.groups ?? {}
  const host = given || six || decode(name, 'host', mistakes) || 'localhost'
  return { host, port }
}

const readPort = (text: string | undefined, mistakes: Mistakes): number => {
  if (text === undefined || text === '') return 5432
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port < 1 || port > 65_535)
    mistakes.add('an address whose port is a number from 1 to 65535')
  return port
}

const readFile = (name: string, path: string | undefined, mistakes: Mistakes) => {
  if (path === undefined) return {}
  try {
    accessSync(path, constants.R_OK)
  } catch {
    mistakes.add(`an address whose ${name} is a file that can be read`)
  }
  return path
}

const readTls = (values: ReadonlyMap<string, string>, host: string, mistakes: Mistakes) => {
  const isSocket = host.startsWith('/')
  const text = values.get('sslmode')
  const known = TLS_MODES.find((mode) => mode === text) ?? OTHER_MODES.get(text ?? '')
  const files = ['sslrootcert', 'sslcert', 'sslkey'].filter((name) => values.has(name))
  if (text === undefined && files.length > 0)
    mistakes.add(`an address with sslmode beside ${files[0]}, since it is not encrypted without`)
  if (text !== undefined && known === undefined)
    mistakes.add(
      `an address whose sslmode is one of ${[...TLS_MODES, ...OTHER_MODES.keys()].join(', ')}`,
    )
  if (values.has('sslcert') !== values.has('sslkey'))
    mistakes.add('an address with sslcert and sslkey, or with neither')
  const isSystem = values.get('sslrootcert') === 'system'
  if (isSystem && known !== 'verify-full')
    mistakes.add('an address whose sslmode is verify-full where sslrootcert is system')
  if (known === 'verify-ca' && !values.has('sslrootcert'))
    mistakes.add(
      'an address with sslrootcert: verify-ca proves little with the authorities of everybody',
    )
  if (known === 'verify-full' && isIP(host) !== 0)
    mistakes.add(
      'an address with the name of the host where sslmode is verify-full, not its number',
    )
  const file = (name: string) => {
    const path = values.get(name)
    return path === undefined || (name === 'sslrootcert' && isSystem) ? undefined : path
  }
  // As libpq has it: a root certificate makes `require` check the authority.
  const mode =
    known === 'require' && text !== 'no-verify' && file('sslrootcert') !== undefined
      ? 'verify-ca'
      : (known ?? 'disable')
  const of = (key: 'rootCert' | 'cert' | 'key', name: string) => {
    const path = readFile(name, file(name), mistakes)
    return typeof path === 'string' ? { [key]: path } : {}
  }
  const tls: TlsMode = isSocket ? 'disable' : mode
  return { tls, ...of('rootCert', 'sslrootcert'), ...of('cert', 'sslcert'), ...of('key', 'sslkey') }
}

const read = (
  text: string,
): { readonly address: Address; readonly mistakes: readonly string[] } => {
  const mistakes = new Mistakes()
  const parts = split(text, mistakes)
  const { login, place, path, query } = parts ?? { login: '', place: '', path: 'none', query: '' }
  const colon = login.indexOf(':')
  const values = readQuery(query, mistakes)
  const { host, port } = readHost(place, values.get('host'), mistakes)
  const database = values.get('dbname') || decode(path, 'database', mistakes)
  const user = decode(colon < 0 ? login : login.slice(0, colon), 'user', mistakes)
  const password = colon < 0 ? '' : decode(login.slice(colon + 1), 'password', mistakes)
  const options = values.get('options')
  if (database === '') mistakes.add(`an address that names a database: ${EXPECTED_ADDRESS}`)
  // Ponder's driver takes these for what they are in an address, however they are written.
  else if (/[;/?:@&=+$,#%]/.test(database))
    mistakes.add('an address whose database has letters, digits and _ in its name')
  const address: Address = {
    ...{ host, port: readPort(values.get('port') ?? port, mistakes), database },
    user: values.get('user') || user || userInfo().username,
    password: values.get('password') || password,
    ...readTls(values, host, mistakes),
    ...(options === undefined ? {} : { options }),
  }
  return { address, mistakes: mistakes.found }
}

/** What is wrong with an address, each to be read after "should be"; nothing when all of it can be kept. */
export const addressMistakes = (text: string): readonly string[] => [
  ...new Set(read(text).mistakes),
]

/** @throws ConfigError that says what is wrong; never the address, which may hold a password. */
export const parseAddress = (text: string): Address => {
  const { address, mistakes } = read(text)
  if (mistakes.length > 0)
    throw new ConfigError(mistakes.map((mistake) => `the database should be ${mistake}`))
  return address
}
