import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect as openSocket } from 'node:net'
import { checkServerIdentity } from 'node:tls'
import postgres from 'postgres'
import { ConfigError } from '../../domain/errors.ts'
import { type Address, parseAddress } from './address.ts'
import { SilentError } from './errors.ts'

/** How Node encrypts for an address: it checks the authority, and for `verify-full` the name too. */
const tlsOptions = ({ tls, rootCert, cert, key, host }: Address) => ({
  rejectUnauthorized: tls.startsWith('verify'),
  checkServerIdentity: (_: string, peer: Parameters<typeof checkServerIdentity>[1]) =>
    tls === 'verify-full' ? checkServerIdentity(host, peer) : undefined,
  ...(rootCert === undefined ? {} : { ca: readFileSync(rootCert, 'utf8') }),
  ...(cert === undefined ? {} : { cert: readFileSync(cert, 'utf8') }),
  ...(key === undefined ? {} : { key: readFileSync(key, 'utf8') }),
})

export type DriverOptions = postgres.Options<Record<string, postgres.PostgresType>>

/** After so long without a sign of life the system asks the other side, each second, ten times. */
const KEEPALIVE_SECONDS = 5

/** A driver of this process for an address. Nothing of it comes from the environment. */
export const connect = (url: string, options: DriverOptions = {}): postgres.Sql => {
  const address = parseAddress(url)
  const { host, port, database, user, password, tls } = address
  // As lists: a text is split at its colons, and an IPv6 address has some. The driver's types do not know them.
  const place: object = { host: [host], port: [port] }
  return postgres({
    ...{ connect_timeout: 5, keep_alive: KEEPALIVE_SECONDS, onnotice: () => undefined },
    ...options,
    ...place,
    ...{ database, user, pass: () => password },
    ...(host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : {}),
    ssl: tls === 'disable' ? false : tls === 'prefer' ? 'prefer' : tlsOptions(address),
    connection: {
      ...(address.options === undefined ? {} : { options: address.options }),
      ...options.connection,
    },
  })
}

/**
 * The same address for Ponder's driver (`pg`), which reads it by libpq's rules when it is told to.
 *
 * @param hasTls whether the server encrypts, when `prefer` leaves it open: that driver cannot fall back.
 */
export const ponderAddress = (url: string, hasTls: boolean): string => {
  const { host, port, database, user, password, tls, ...files } = parseAddress(url)
  const mode = tls !== 'prefer' ? tls : hasTls ? 'require' : 'disable'
  const place = host.includes(':') ? `[${host}]` : encodeURIComponent(host)
  const login = [user, ...(password === '' ? [] : [password])].map(encodeURIComponent).join(':')
  const query = new URLSearchParams({
    ...{ sslmode: mode, uselibpqcompat: 'true' },
    ...(files.rootCert === undefined || mode === 'disable' ? {} : { sslrootcert: files.rootCert }),
    ...(files.cert === undefined || mode === 'disable' ? {} : { sslcert: files.cert }),
    ...(files.key === undefined || mode === 'disable' ? {} : { sslkey: files.key }),
    ...(files.options === undefined ? {} : { options: files.options }),
  })
  // A space is %20 to it, never a plus.
  const text = query.toString().replaceAll('+', '%20')
  return `postgresql://${login}@${place}:${port}/${encodeURIComponent(database)}?${text}`
}

/** Whether the server behind a `prefer` encrypts; false where that is not asked, or nobody is there to say. */
export const offersTls = async (url: string): Promise<boolean> => {
  const { host, port, tls } = parseAddress(url)
  if (tls !== 'prefer') return false
  const socket = openSocket({ host, port, timeout: CHECK_MS })
  socket.once('timeout', () => socket.destroy())
  try {
    await once(socket, 'connect')
    // SSLRequest: its length, and a number that is no version.
    socket.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]))
    const [answer] = await once(socket, 'data')
    return (answer as Buffer).toString('latin1', 0, 1) === 'S'
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

const CHECK_MS = 5_000

/** PgBouncer's answer to a setting of the session that it does not pass on. */
const isPoolerRefusal = (error: unknown) =>
  error instanceof postgres.PostgresError && /startup parameter/.test(error.message)

/**
 * Refuses an address behind which a pooler stands: it would lend the sessions to others, with their locks, settings and LISTEN. PostgreSQL
 * tells a session its process at the start, and again when asked; a pooler has made the first number up. A server that is not there
 * is not judged: whoever connects waits for it, or says so.
 *
 * @param name of the variable.
 * @throws ConfigError
 */
export const expectDirect = async (name: string, url: string): Promise<void> => {
  const sql = connect(url, {
    ...{ max: 1, fetch_types: false },
    connection: { application_name: 'pay402win-check', statement_timeout: CHECK_MS },
  })
  const refuse = () => {
    throw new ConfigError([
      `${name} should be the address of PostgreSQL itself: a pooler such as PgBouncer stands in between, and lends sessions to others`,
    ])
  }
  try {
    const asked = sql<{ pid: number }[]>`select pg_backend_pid() as pid`
    const rows = await within(CHECK_MS, asked, sql)
    if (rows[0]?.pid !== rows.state.pid) refuse()
  } catch (error) {
    if (error instanceof ConfigError) throw error
    if (isPoolerRefusal(error)) refuse()
  } finally {
    await sql.end({ timeout: 0 })
  }
}

/**
 * Waits, but not for ever.
 *
 * @throws SilentError after so long; nobody hears then what becomes of the work
 */
export const inTime = async <T>(ms: number, work: Promise<T>): Promise<T> => {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    work.catch(() => undefined)
    late.reject(new SilentError(ms))
  }, ms)
  try {
    return await Promise.race([work, late.promise])
  } finally {
    clearTimeout(timer)
  }
}

/**
 * Waits for a session, but not for ever: after so long it is cut, with whatever it was doing, and a lost packet, a hung server and a
 * lock all look alike.
 *
 * @throws SilentError
 */
export const within = async <T>(
  ms: number,
  work: Promise<T>,
  sql: Pick<postgres.Sql, 'end'>,
): Promise<T> => {
  try {
    return await inTime(ms, work)
  } catch (error) {
    if (error instanceof SilentError) void sql.end({ timeout: 0 })
    throw error
  }
}

/** What the statements of a transaction are written with. */
export type Transaction = postgres.ISql

/**
 * A transaction of a driver with one connection. The driver's own `begin` writes to a socket that is gone when the connection is lost, which
 * ends the process; and without it the driver would go on in another session, outside the transaction. Here each statement
 * is refused once the connection is lost.
 *
 * @throws what `work` throws, after the transaction is taken back; Error when the connection was lost, and with the answer to
 * COMMIT perhaps only the news.
 */
export const inTransaction = async <T>(
  sql: postgres.Sql,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> => {
  if (sql.options.max !== 1) throw new Error('A transaction needs a driver with one connection')
  let isLost = false
  const options: { onclose?: ((id: number) => void) | undefined } = sql.options
  const { onclose } = options
  options.onclose = (id) => {
    isLost = true
    onclose?.(id)
  }
  const check = () => {
    if (isLost) throw new Error('The connection to the database was lost in a transaction')
  }
  const tx = new Proxy<postgres.Sql>(sql, {
    apply: (target, self, given) => {
      check()
      return Reflect.apply(target, self, given)
    },
    get: (target, name) => {
      if (name === 'unsafe') check()
      return Reflect.get(target, name)
    },
  })
  try {
    await sql.unsafe('begin')
    const result = await work(tx).catch(async (error: unknown) => {
      if (!isLost) await sql.unsafe('rollback').catch(() => undefined)
      throw error
    })
    check()
    await sql.unsafe('commit')
    return result
  } finally {
    options.onclose = onclose
  }
}
