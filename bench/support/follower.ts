import postgres from 'postgres'
import type { Postgres } from '../../stack/postgres.ts'
import { waitFor } from '../../stack/process.ts'
import { type Call, createEntryChain, type EntryChain, FINALITY } from './entries.ts'
import type { Ground } from './ground.ts'
import { watchHeads } from './heads.ts'
import { journalEnd, rowsWritten, type Written } from './journal.ts'
import { type Breakdown, breakDown } from './metrics.ts'
import { createPonder, type Ponder } from './ponder.ts'

/** Where a follower's tables are. */
export const SCHEMA = 'pay402win'
export const GENESIS = 1_750_000_000

/** What one block took, in ms, and how its time was spent. */
export interface Took {
  /** Ponder's own transaction. */
  readonly commit: number
  /** From a bare `newHeads` client to a bare listener of the database. */
  readonly notify: number
  readonly breakdown: Breakdown
}

/** Rejects what takes too long: a lost message would otherwise wait for ever. */
const within = <Value>(ms: number, promise: Promise<Value>): Promise<Value> => {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error(`nothing came in ${ms} ms`)), ms)
  return Promise.race([promise, late.promise]).finally(() => clearTimeout(timer))
}

/** An indexer that follows a chain of its own. */
export interface Follower {
  readonly chain: EntryChain
  readonly databaseUrl: string
  readonly pid: number
  readonly mine: (calls: readonly Call[]) => Promise<Took>
  /** Where the journal stands, and what was written after such a point. */
  readonly journal: () => Promise<number>
  readonly writtenSince: (point: number) => Promise<Written>
  /** How many entries there are, and a digest of what they say; not of their blocks, as one chain may have more empty ones. */
  readonly entries: () => Promise<string>
}

export const follow = async (
  { later }: Ground,
  server: Postgres,
  { name, root, backfill }: { name: string; root: string; backfill: readonly (readonly Call[])[] },
): Promise<Follower> => {
  const chain: EntryChain = await createEntryChain(GENESIS)
  later(chain.stop)
  for (const calls of backfill) await chain.mine(calls)
  if (backfill.length > 0) for (let n = 0; n < FINALITY; n++) await chain.mine([])
  const databaseUrl = await server.createDatabase(name)
  const sql = postgres(databaseUrl, { max: 2, onnotice: () => undefined })
  later(() => sql.end({ timeout: 1 }))
  const ponder: Ponder = await createPonder({
    root,
    databaseUrl,
    schema: SCHEMA,
    env: { ...chain.env, RPC_WS_URL: chain.anvil.wsUrl },
    postgres: server.pid,
  })
  later(ponder.stop)
  await ponder.said(({ endpoint }) => endpoint === '/ready')
  const heads = await watchHeads(chain.anvil.wsUrl)
  later(heads.stop)
  let rung = Promise.withResolvers<number>()
  await sql.listen(`${SCHEMA}_live_query`, () => rung.resolve(performance.now()))

  const mine = async (calls: readonly Call[]): Promise<Took> => {
    const before = await ponder.metrics()
    rung = Promise.withResolvers()
    const block = await chain.mine(calls)
    const [seen, line, notified] = await within(
      60_000,
      Promise.all([
        heads.of(block),
        ponder.said(({ msg, number }) => msg === 'Indexed block' && number === block),
        rung.promise,
      ]),
    )
    const commit = Number(line.facts.duration)
    const breakdown = breakDown(before, await ponder.metrics(), commit)
    return { commit, notify: notified - seen, breakdown }
  }
  // A WebSocket only tells of blocks that are mined after the indexer subscribed, so mine until it follows.
  let isFollowing = false
  ponder
    .said(({ msg }) => msg === 'Indexed block')
    .then(() => {
      isFollowing = true
    })
  await waitFor(
    'the indexer at the newest block',
    async () => {
      if (!isFollowing) await chain.mine([])
      return isFollowing || undefined
    },
    { everyMs: 500 },
  )
  return {
    chain,
    databaseUrl,
    pid: ponder.pid,
    mine,
    journal: () => journalEnd(sql, SCHEMA),
    writtenSince: (point) => rowsWritten(sql, SCHEMA, point),
    entries: async () => {
      const [row] = await sql<{ digest: string }[]>`
        select count(*) || ' ' || md5(string_agg(concat_ws(' ', entry_id, pool_id, round_id, player, payer, number, amount,
          fee_amount, payment_method, payment_ref), '|' order by id)) as digest from ${sql(SCHEMA)}.entry`
      return row?.digest ?? ''
    },
  }
}
