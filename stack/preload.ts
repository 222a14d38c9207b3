/**
 * Preloaded into the indexer's process (`node --import`). Four things it sees to before Ponder runs:
 *
 * - Commits are durable. Ponder sets `synchronous_commit = off` on each of its connections; when PostgreSQL crashes while the
 *   indexer lives, blocks that it believes committed may be gone for good. That statement is stripped, and the first
 *   connection proves it: the process exits when PostgreSQL says otherwise.
 * - The cache of the chain has the name that SYNC_SCHEMA says. Ponder calls it `ponder_sync` whatever the schema, so that a clean
 *   schema would be filled from the cache of the one it replaces, with logs of blocks that are no longer on the chain.
 * - The rows that a live block needs are read at once , and no file is watched (`patches.ts`).
 * - Ponder's own port answers to the loopback's names alone, so that no page of another site can ask it by a name that points here.
 * - The process does not outlive its supervisor: it exits when the channel to it closes.
 */
import { subscribe } from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'
import { createRequire } from 'node:module'
import { env, exit, stderr } from 'node:process'
import type pg from 'pg'
import './patches.ts'

const require = createRequire(import.meta.resolve('ponder'))
const { Client }: typeof pg = require('pg')

const STATEMENT = /SET\s+synchronous_commit\s*=\s*off\s*;?/i

type Done = (error: Error | null, result?: unknown) => void
type Query = (this: pg.Client, ...args: unknown[]) => unknown
const query = Client.prototype.query as Query
let isProven = false

const refuse = (reason: string): never => {
  stderr.write(`The indexer's commits would not be durable: ${reason}\n`)
  return exit(1)
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
    if (value !== 'on' && value !== 'remote_apply') refuse(`synchronous_commit is ${String(value)}`)
    done(null)
  })
}

const { SYNC_SCHEMA } = env

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
  const rest = text.replace(STATEMENT, '')
  const set = (done: Done) =>
    query.call(this, rest, (error: Error | null) => (error ? done(error) : prove(this, done)))
  if (typeof callback === 'function') return set(callback as Done)
  return new Promise<void>((resolve, reject) => {
    set((error) => (error === null ? resolve() : reject(error)))
  })
}
Client.prototype.query = durable as typeof Client.prototype.query

subscribe('http.server.request.start', (message) => {
  const { request } = message as { readonly request: IncomingMessage }
  if (!/^(localhost|127\.0\.0\.1)(:\d+)?$/.test(request.headers.host ?? 'localhost'))
    request.socket.destroy()
})

if (process.channel !== undefined) {
  process.on('disconnect', () => exit(1))
  process.channel.unref()
}
