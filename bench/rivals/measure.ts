import postgres from 'postgres'
import type { Postgres } from '../../stack/postgres.ts'
import { type Child, waitFor } from '../../stack/process.ts'
import { cpuSeconds } from '../support/cpu.ts'
import type { EntryChain } from '../support/entries.ts'

/** What all of them index. */
export interface Site {
  readonly chain: EntryChain
  readonly server: Postgres
  readonly entries: number
  readonly lastBlock: number
}

/** Entries a second, entries a CPU-second, and what is in the tables. */
export interface Took {
  readonly wall: number
  readonly cpu: number
  readonly digest: string
}

/** Where an indexer leaves its rows. */
export interface Place {
  readonly url: string
  readonly schema: string
  /** What it calls its tables, if not entry, round and player. */
  readonly tables?: { readonly entry: string; readonly round: string; readonly player: string }
}

/** An indexer that is measured: one database for each run. */
export interface Rival {
  readonly name: string
  readonly version?: string
  /** Whatever comes before its process: nothing of it is measured. */
  readonly prepare: (site: Site) => Promise<void>
  readonly run: (site: Site, url: string) => Promise<Took>
  readonly clean?: () => Promise<void>
}

/** The event, as people write it. */
export const EVENT =
  'EntryPlaced(uint256 indexed poolId, uint256 indexed roundId, address indexed player, uint256 entryId, uint16 number, address payer, uint256 amount, uint256 feeAmount, uint8 paymentMethod, bytes32 paymentRef)'

const OWN = { entry: 'entry', round: 'round', player: 'player' }

/** From now until what `start` starts has filled the tables. */
export const measure = async (
  { server, entries }: Site,
  { url, schema, tables = OWN }: Place,
  start: () => Promise<Pick<Child, 'pid' | 'stop'> & Partial<Pick<Child, 'exited'>>>,
): Promise<Took> => {
  const sql = postgres(url, {
    max: 1,
    onnotice: () => undefined,
    connection: { search_path: `"${schema}"` },
  })
  const [from, before] = [performance.now(), cpuSeconds(server.pid())]
  const child = await start()
  let failure: number | null = null
  child.exited?.then(({ code }) => {
    failure = code
  })
  // Some end with their last block: what they had used when they were last there.
  let used = Number.NaN
  try {
    await waitFor(
      'the last entry',
      async () => {
        if (failure !== null && failure > 0) return true
        const now = cpuSeconds(child.pid)
        if (!Number.isNaN(now)) used = now
        const [row] = await sql<{ count: number }[]>`
          select coalesce(sum(entry_count), 0)::int as count from ${sql(tables.player)}`.catch(
          () => [],
        )
        return row?.count === entries ? true : undefined
      },
      { timeoutMs: 300_000, everyMs: 100 },
    )
    if (failure !== null && failure > 0) throw new Error(`the indexer ended with ${failure}`)
    const wall = (performance.now() - from) / 1000
    const cpu = used + cpuSeconds(server.pid()) - before
    const [row] = await sql<{ digest: string }[]>`
      select (select md5(string_agg(concat_ws(' ', entry_id, block_number, log_index, transaction_hash, timestamp, pool_id,
          round_id, lower(player), lower(payer), number, amount, fee_amount, payment_method, payment_ref), '|'
          order by entry_id)) from ${sql(tables.entry)})
        || (select md5(string_agg(concat_ws(' ', id, entry_count, wagered), '|' order by id)) from ${sql(tables.round)})
        || (select md5(string_agg(concat_ws(' ', lower(id), entry_count, wagered), '|' order by lower(id)))
          from ${sql(tables.player)}) as digest`
    return { wall: entries / wall, cpu: entries / cpu, digest: row?.digest ?? '' }
  } finally {
    await child.stop()
    await sql.end({ timeout: 1 })
  }
}
