/**
 * Preloaded into the indexer's process (`node --import`). What it sees to before Ponder runs:
 *
 * - Commits are durable. Ponder sets `synchronous_commit = off` on each of its connections; when PostgreSQL crashes while the
 *   indexer lives, blocks that it believes committed may be gone for good. That statement is stripped, and the first
 *   connection proves it: the process exits when PostgreSQL says otherwise.
 * - The cache of the chain has the name that SYNC_SCHEMA says. Ponder calls it `ponder_sync` whatever the schema, so that a clean
 *   schema would be filled from the cache of the one it replaces, with logs of blocks that are no longer on the chain.
 * - The rows that a live block needs are read at once , and no file is watched (`patches.ts`).
 * - Ponder's own port answers to the loopback's names alone, so that no page of another site can ask it by a name that points here.
 * - Only the leader writes. Each connection that writes asks whether the term that this process was started in (INDEXER_TERM) is still the
 *   present one (`lease.ts`), and the process ends when it is not. The supervisor of a later term ends the connections that are open.
 * - A session with PostgreSQL that falls silent without closing is noticed and cut (`silence.ts`).
 * - It answers its supervisor's question whether it lives.
 * - The process does not outlive its supervisor: it ends when the channel to it closes.
 */
import { subscribe } from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'
import { createRequire } from 'node:module'
import { env, exit, kill, pid, stderr } from 'node:process'
import type pg from 'pg'
import { MISTAKEN } from './exitCodes.ts'
import './patches.ts'
import { createSilenceWatch } from './silence.ts'

const require = createRequire(import.meta.resolve('ponder'))
const driver: typeof pg = require('pg')

const STATEMENT = /SET\s+synchronous_commit\s*=\s*off\s*;?/i

/** Also what its types do not tell. */
type Client = pg.Client & { readonly connectionParameters: { readonly application_name?: string } }

type Done = (error: Error | null, result?: unknown) => void
type Query = (this: pg.Client, ...args: unknown[]) => unknown
const query = driver.Client.prototype.query as Query
let isProven = false

const leave = (sentence: string, code: number): never => {
  stderr.write(`${sentence}\n`)
  return exit(code)
}

/** Asks the very connection that Ponder has just set up, the first time there is one. */
const prove = (client: pg.Client, done: Done) => {
  if (isProven) return done(null)
  isProven = true
  query.call(client, 'SHOW synchronous_commit', (error: Error | null, result?: pg.QueryResult) => {
    if (error !== null) {
      isProven = false
      return done(error)
    }
    const value: unknown = result?.rows[0]?.synchronous_commit
    if (value !== 'on' && value !== 'remote_apply')
      leave(
        `The indexer's commits would not be durable: synchronous_commit is ${String(value)}`,
        MISTAKEN,
      )
    done(null)
  })
}

const { SYNC_SCHEMA, INDEXER_SCHEMA, INDEXER_TERM, DATABASE_URL } = env
const watch = DATABASE_URL ? createSilenceWatch(driver, DATABASE_URL) : () => undefined

/** SQLSTATE of a connection that is refused because the term is over. */
const FENCED = 'P402F'

/** Said first on each connection that may write. The cache's connections get a name by which a later leader finds them. */
const entrance = (client: Client): string => {
  if (INDEXER_SCHEMA === undefined || INDEXER_TERM === undefined) return ''
  const isCache = client.connectionParameters.application_name === 'ponder_sync'
  const rename = isCache ? `SET application_name = '${INDEXER_SCHEMA}_sync';` : ''
  return `${rename} DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM ${INDEXER_SCHEMA}._leader WHERE term = ${Number(INDEXER_TERM)}) THEN
      RAISE EXCEPTION 'term ${Number(INDEXER_TERM)} is over' USING ERRCODE = '${FENCED}';
    END IF; END $$;`
}

const isFenced = (error: Error) => 'code' in error && error.code === FENCED

/** Statements come as text or as an object with their text; what streams (COPY) never touches the cache. */
const renamed = (statement: unknown): unknown => {
  if (SYNC_SCHEMA === undefined) return statement
  if (typeof statement === 'string') return statement.replaceAll(/\bponder_sync\b/g, SYNC_SCHEMA)
  if (typeof statement !== 'object' || statement === null || 'submit' in statement) return statement
  return 'text' in statement ? { ...statement, text: renamed(statement.text) } : statement
}

const durable: Query = function (this: pg.Client, ...given) {
  const args = [renamed(given[0]), ...given.slice(1)]
  const [text, callback] = args
  if (typeof text !== 'string' || !STATEMENT.test(text)) return query.apply(this, args)
  watch(this)
  const first = `${entrance(this as Client)} ${text.replace(STATEMENT, '')}`
  const set = (done: Done) =>
    query.call(this, first, (error: Error | null) => {
      // Nobody's mistake: its supervisor stands by from now on.
      if (error !== null && isFenced(error))
        leave(`Another indexer has taken over: ${error.message}`, 1)
      return error ? done(error) : prove(this, done)
    })
  if (typeof callback === 'function') return set(callback as Done)
  return new Promise<void>((resolve, reject) => {
    set((error) => (error === null ? resolve() : reject(error)))
  })
}
driver.Client.prototype.query = durable as typeof driver.Client.prototype.query

subscribe('http.server.request.start', (message) => {
  const { request } = message as { readonly request: IncomingMessage }
  if (!/^(localhost|127\.0\.0\.1)(:\d+)?$/.test(request.headers.host ?? 'localhost'))
    request.socket.destroy()
})

// It ended before this was loaded, and its end was not heard.
if (INDEXER_TERM !== undefined && !process.connected) exit(1)
if (process.channel !== undefined) {
  process.on('message', (message) => process.send?.(message))
  // Not by `exit`, which tries without end to write what is left of the log to a supervisor that is gone.
  process.on('disconnect', () => kill(pid, 'SIGKILL'))
  process.channel.unref()
}
