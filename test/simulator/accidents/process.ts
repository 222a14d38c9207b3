import { kill } from 'node:process'
import postgres from 'postgres'
import type { Accident, Scene } from './accident.ts'

/** Accidents of the database, of the ways to it, and of the indexer's process. */

/** It is over as soon as it has happened. */
const atOnce =
  (happen: (scene: Scene) => Promise<void>): Accident['begin'] =>
  async (scene) => {
    await happen(scene)
    return async () => undefined
  }

const ofDatabases = (happen: (proxy: Scene['databases'][number]) => void) =>
  atOnce(async ({ databases }) => {
    for (const proxy of databases) happen(proxy)
  })

const endSessions = async ({ world }: Scene) => {
  const sql = postgres(world.database, { max: 1, onnotice: () => undefined })
  try {
    await sql`select pg_terminate_backend(pid) from pg_stat_activity
      where pid <> pg_backend_pid() and backend_type = 'client backend'`
  } finally {
    await sql.end({ timeout: 1 })
  }
}

const freezeIndexer: Accident['begin'] = async ({ world: { indexer } }) => {
  const pid = indexer.pid()
  if (pid === undefined) return async () => undefined
  kill(pid, 'SIGSTOP')
  return async () => {
    try {
      kill(pid, 'SIGCONT')
    } catch {
      // Its supervisor has ended it meanwhile.
    }
  }
}

export const OF_PROCESSES: readonly Accident[] = [
  {
    name: 'PostgreSQL is killed',
    begin: atOnce(async ({ world: { postgres } }) => {
      await postgres.kill()
      await postgres.start()
    }),
  },
  {
    name: 'PostgreSQL is away for a while',
    begin: async ({ world: { postgres } }) => {
      await postgres.kill()
      return () => postgres.start()
    },
  },
  { name: 'every session is ended', begin: atOnce(endSessions) },
  { name: 'connections are cut', begin: ofDatabases((proxy) => proxy.cut()) },
  { name: 'connections fall silent', begin: ofDatabases((proxy) => proxy.freeze()) },
  {
    name: 'nothing passes for a while',
    begin: async ({ databases }) => {
      const over = Promise.all(databases.map((proxy) => proxy.stall(12_000)))
      return () => over.then(() => undefined)
    },
  },
  {
    name: 'the answer to a commit is lost',
    begin: ofDatabases((proxy) => void proxy.loseNextCommitReply().catch(() => undefined)),
  },
  {
    name: 'the indexer is killed',
    begin: atOnce(async ({ world: { indexer } }) => {
      const pid = indexer.pid()
      if (pid !== undefined) kill(pid, 'SIGKILL')
    }),
  },
  { name: 'the indexer is frozen', begin: freezeIndexer },
]
