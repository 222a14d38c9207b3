/**
 * Notices sessions of the indexer's driver that have gone silent without closing, as behind a route that was lost or a proxy that hangs:
 * the driver waits for an answer without end, and a time limit of its own could not tell that from a statement that takes long. So
 * PostgreSQL is asked, by another session, what becomes of a statement that has waited for some seconds. When it is not at work
 * on it, there will be no answer: the session is cut, and Ponder does what it does when a connection breaks.
 */
import type { Socket } from 'node:net'
import type pg from 'pg'

/** Also what its types do not tell. */
type Client = pg.Client & {
  readonly processID: number | null
  readonly _activeQuery?: object | null
  readonly connection: { readonly stream: Socket }
}

interface Waiting {
  readonly query: object
  readonly since: number
  /** PostgreSQL was not at work on it a look ago. */
  readonly isSuspect: boolean
}

const LOOK_MS = 1_000
/** A statement that has waited for so long is asked after. */
const PATIENCE_MS = 4_000
/** Most that the asking may take. */
const ASK_MS = 4_000

/** By their numbers, the sessions that PostgreSQL does not know, leaves idle, or cannot send to. One that copies rows in may well wait for us. */
const notAtWork = async (
  driver: typeof pg,
  url: string,
  pids: readonly number[],
): Promise<ReadonlySet<number>> => {
  const client = new driver.Client({
    ...{ connectionString: url, application_name: 'pay402win-silence' },
    ...{ connectionTimeoutMillis: ASK_MS, query_timeout: ASK_MS },
  })
  client.on('error', () => undefined)
  try {
    await client.connect()
    const { rows } = await client.query<{ pid: number }>(
      `select pid from unnest($1::int[]) pid where not exists (
         select from pg_stat_activity session where session.pid = pid.pid
           and state not like 'idle%' and wait_event is distinct from 'ClientWrite')`,
      [pids],
    )
    return new Set(rows.map(({ pid }) => pid))
  } finally {
    // A connection that does not open does not close either.
    ;(client as Client).connection.stream.destroy()
  }
}

/** Watches the sessions that it is told of, for as long as they are open. */
export const createSilenceWatch = (driver: typeof pg, url: string) => {
  const sessions = new Map<Client, Waiting | undefined>()

  const look = async () => {
    const now = performance.now()
    const late: (readonly [Client, Waiting])[] = []
    for (const [client, before] of sessions) {
      const query = client._activeQuery ?? undefined
      if (query === undefined) sessions.set(client, undefined)
      else if (before?.query !== query)
        sessions.set(client, { query, since: now, isSuspect: false })
      else if (now - before.since >= PATIENCE_MS) late.push([client, before])
    }
    if (late.length === 0) return
    const silent = await notAtWork(
      driver,
      url,
      late.map(([{ processID }]) => processID ?? 0),
    )
    for (const [client, before] of late) {
      if (client._activeQuery !== before.query) continue
      const isSilent = silent.has(client.processID ?? 0)
      if (isSilent && before.isSuspect)
        client.connection.stream.destroy(
          new Error('Connection terminated unexpectedly: PostgreSQL is silent'),
        )
      else sessions.set(client, { ...before, isSuspect: isSilent })
    }
  }
  const again = () => {
    setTimeout(() => {
      // When PostgreSQL is away, connections end by themselves, or the supervisor's lease does.
      look()
        .catch(() => undefined)
        .finally(again)
    }, LOOK_MS).unref()
  }
  again()

  return (session: pg.Client) => {
    const client = session as Client
    if (!('_activeQuery' in client))
      throw new Error('This driver is not the one known: it does not say what it waits for')
    sessions.set(client, undefined)
    client.once('end', () => sessions.delete(client))
  }
}
