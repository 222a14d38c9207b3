import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import type postgres from 'postgres'
import { failureOf, tooOld } from '../src/api/db/failure.ts'
import { isSchemaName } from '../src/api/db/names.ts'
import { ConfigError } from '../src/domain/errors.ts'
import { pause } from './process.ts'
import { createSession, type Session } from './session.ts'

/** The right to index into one schema, for as long as it is renewed. Each time that it is taken begins a new *term*. */
export interface Lease {
  readonly term: number
  /** Somebody else held it and did not give it back. */
  readonly isTakeover: boolean
  readonly run: Session['run']
  /** Resolves with the reason once the right is gone. */
  readonly lost: Promise<string>
  release(): Promise<void>
}

export interface LeaseOptions {
  readonly url: string
  readonly schema: string
  /** Who takes it, for the log of those who wait. The same holder may take it again at once. */
  readonly holder: string
  readonly log: (message: string, facts?: Readonly<Record<string, unknown>>) => void
  /** Ends the waiting. */
  readonly signal: AbortSignal
  /** Throws a ConfigError at what waiting cannot mend, instead of waiting for somebody to mend it. */
  readonly isStrict: boolean
  /** After so long without renewal another indexer may take over, in ms. Default 10 s. */
  readonly ttlMs?: number
}

const TTL_MS = 10_000
/** How often a lease is renewed while it lasts. */
const RENEWALS = 5
/** After so much of it without renewal the holder stops by itself, before anybody takes over. */
const GIVE_UP = 0.8
/** The first time the table has to be made. */
const TAKE_MS = 5_000
/** Between two looks while another indexer holds the lease. */
const LOOK_MS = 1_000
/** Between two attempts while PostgreSQL is away: the first pause, doubled up to the last. */
const RETRY_MS = 250
const LAST_RETRY_MS = 5_000

const APPLICATION = 'pay402win-supervisor'

/** A name for this process, unlike any other's. */
export const createHolder = (): string =>
  `${hostname()} pid ${process.pid} ${randomBytes(3).toString('hex')}`

/** PostgreSQL's word for a schema that is there already: somebody else made it at the same moment. */
const isRace = (error: unknown) =>
  error instanceof Error &&
  'code' in error &&
  ['23505', '42P06', '42P07'].includes(String(error.code))

/** Where the schema is there already the right to make one is not needed. */
export const createSchema = async (sql: postgres.Sql, schema: string): Promise<void> => {
  const [found] = await sql`select from pg_namespace where nspname = ${schema}`
  if (found === undefined) await sql`create schema if not exists ${sql(schema)}`
}

const createTable = async (sql: postgres.Sql, schema: string) => {
  const [found] = await sql`select to_regclass(${`${schema}._leader`}) as name`
  if (found?.name != null) return
  const [version] = await sql<
    { number: string }[]
  >`select current_setting('server_version_num') as number`
  const refused = tooOld(Number(version?.number))
  if (refused !== undefined) throw new ConfigError([`DATABASE_URL: ${refused}`])
  try {
    await createSchema(sql, schema)
    await sql`
      create table if not exists ${sql(schema)}._leader (
        is_only boolean primary key default true check (is_only),
        term bigint not null, holder text not null, pid integer not null, expires_at timestamptz not null,
        is_takeover boolean not null default false, caught_up_at timestamptz)`
  } catch (error) {
    if (!isRace(error)) throw error
  }
}

/** 0.4 and older hold this instead of a lease, for as long as their session lasts. */
const isHeldByOlder = async (sql: postgres.Sql, schema: string) => {
  const [attempt] = await sql<{ free: boolean }[]>`
    select pg_try_advisory_xact_lock(hashtextextended(${`pay402win-indexer:${schema}`}, 0)) as free`
  return attempt?.free !== true
}

interface Taken {
  readonly term: number
  readonly isTakeover: boolean
  /** When PostgreSQL was started. */
  readonly serverStart: string
}

/** Takes the lease when it has run out, when its holder's session is gone, or when it was ours; else says whose it is. */
const take = async (
  sql: postgres.Sql,
  { schema, holder, ttlMs = TTL_MS }: LeaseOptions,
): Promise<Taken | string> => {
  await createTable(sql, schema)
  if (await isHeldByOlder(sql, schema)) return 'an older version'
  // One statement: what is known of the holder may be over by the next, and a lock between two outlives a process that is frozen.
  const [taken] = await sql<{ term: string; isTakeover: boolean; serverStart: string }[]>`
    insert into ${sql(schema)}._leader as held (term, holder, pid, expires_at)
    values (1, ${holder}, pg_backend_pid(), clock_timestamp() + ${`${ttlMs} ms`}::interval)
    on conflict (is_only) do update
    set term = held.term + 1, holder = excluded.holder, pid = excluded.pid, expires_at = excluded.expires_at,
      is_takeover = held.expires_at <> '-infinity' and held.holder <> excluded.holder
    where held.expires_at < clock_timestamp() or held.holder = excluded.holder
      or not exists (select from pg_stat_activity activity where activity.pid = held.pid)
    returning term, is_takeover as "isTakeover", pg_postmaster_start_time()::text as "serverStart"`
  if (taken !== undefined) return { ...taken, term: Number(taken.term) }
  const [held] = await sql<{ holder: string }[]>`select holder from ${sql(schema)}._leader`
  return held?.holder ?? 'another'
}

/** Renews until it is told to stop, or until the right is gone: `lose` is then called with the reason. */
const keep = async (
  session: Session,
  { schema, holder, ttlMs = TTL_MS }: LeaseOptions,
  { term, serverStart }: Taken,
  signal: AbortSignal,
  lose: (reason: string) => void,
) => {
  let watched: Promise<void> | undefined
  const watch = () => {
    if (session.closed() === watched) return
    watched = session.closed()
    watched.then(() => lose('the session with PostgreSQL broke'))
  }
  watch()
  const giveUpMs = ttlMs * GIVE_UP
  const giveUp = () => lose(`the lease could not be renewed for ${giveUpMs / 1_000} s`)
  let timer = setTimeout(giveUp, giveUpMs)
  signal.addEventListener('abort', () => clearTimeout(timer), { once: true })
  while (!signal.aborted) {
    await pause(ttlMs / RENEWALS, signal)
    if (signal.aborted) return
    const askedAt = performance.now()
    const row = await session
      .run(async (sql) => {
        const [renewed] = await sql<{ serverStart: string }[]>`
          update ${sql(schema)}._leader
          set pid = pg_backend_pid(), expires_at = clock_timestamp() + ${`${ttlMs} ms`}::interval
          where term = ${term} and holder = ${holder}
          returning pg_postmaster_start_time()::text as "serverStart"`
        return renewed ?? 'TAKEN'
      })
      .catch(() => undefined)
    if (row === undefined) continue
    if (row === 'TAKEN') return lose('another indexer has taken over')
    if (row.serverStart !== serverStart) return lose('PostgreSQL was restarted')
    watch()
    clearTimeout(timer)
    if (!signal.aborted) timer = setTimeout(giveUp, giveUpMs - (performance.now() - askedAt))
  }
}

const hold = (session: Session, options: LeaseOptions, taken: Taken): Lease => {
  const { schema } = options
  const { promise: lost, resolve: lose } = Promise.withResolvers<string>()
  const ending = new AbortController()
  const kept = keep(session, options, taken, ending.signal, lose)
  return {
    term: taken.term,
    isTakeover: taken.isTakeover,
    run: session.run,
    lost,
    release: async () => {
      ending.abort()
      await kept
      // Whoever waits need not wait longer; when PostgreSQL is away, it waits for the end of the term.
      await session
        .run(
          (sql) =>
            sql`update ${sql(schema)}._leader set expires_at = '-infinity' where term = ${taken.term}`,
        )
        .catch(() => undefined)
      await session.stop()
    },
  }
}

/**
 * Waits with one session until the schema is free, and says what it waits for.
 *
 * @throws ConfigError when `isStrict`, at what waiting cannot mend. @throws the signal's reason.
 */
export const takeLease = async (options: LeaseOptions): Promise<Lease> => {
  const { url, schema, log, signal } = options
  if (!isSchemaName(schema)) throw new Error(`not a name for a schema: ${schema}`)
  const session = createSession(url, APPLICATION)
  let said = ''
  const say = (message: string, facts?: Readonly<Record<string, unknown>>) => {
    if (message !== said) log(message, facts)
    said = message
  }
  let failures = 0
  try {
    for (;;) {
      signal.throwIfAborted()
      try {
        const taken = await session.run((sql) => take(sql, options), TAKE_MS)
        if (typeof taken !== 'string') return hold(session, options, taken)
        failures = 0
        say(`standing by: another indexer holds schema ${schema}`, { holder: taken })
      } catch (error) {
        if (error instanceof ConfigError) throw error
        const { isMistake, sentence } = failureOf(error)
        if (isMistake && options.isStrict) throw new ConfigError([`DATABASE_URL: ${sentence}`])
        say(`PostgreSQL cannot be used yet, trying again: ${sentence}`)
        failures += 1
      }
      const retryMs = Math.min(LAST_RETRY_MS, RETRY_MS * 2 ** failures)
      await pause(failures === 0 ? LOOK_MS : retryMs, signal)
    }
  } catch (error) {
    await session.stop()
    throw error
  }
}
