import type postgres from 'postgres'
import { connect, inTransaction, within } from '../src/api/db/connect.ts'

/** Something that does not hold. The same fault always has the same id. */
export interface Finding {
  readonly id: string
  readonly chainId: number
  readonly invariant: string
  readonly scope: string
  readonly expected: string
  readonly actual: string
  readonly blockNumber: number
  /** Block time at which it was seen, in seconds. */
  readonly timestamp: number
}

export interface Reconciled {
  readonly chainId: number
  readonly token: string
  readonly blockNumber: number
  readonly timestamp: number
  readonly balance: bigint
  readonly liabilities: bigint
  readonly indexed: bigint
}

/** What an audit writes, in a schema of its own beside the indexer's. One auditor at a time holds it. */
export interface Ledger {
  /** Findings that do not hold now; one that was resolved is open again. */
  report(findings: readonly Finding[]): Promise<void>
  /** They hold again. `timestamp`: block time, in seconds. */
  resolve(ids: readonly string[], timestamp: number): Promise<void>
  open(chainId: number, invariant: string): Promise<readonly Finding[]>
  reconciled(rows: readonly Reconciled[]): Promise<void>
  /** What came of a check: when it was done last, in seconds since 1970, or why it could not be done. */
  checked(
    chainId: number,
    check: string,
    outcome: { at: number } | { error: string },
  ): Promise<void>
  /** Up to which block logs were compared; nothing for tables that are not the ones it was said of. */
  logsTo(chainId: number, tablesId: string): Promise<number | undefined>
  setLogsTo(chainId: number, tablesId: string, block: number): Promise<void>
  readonly isLost: () => boolean
  stop(): Promise<void>
}

export interface LedgerOptions {
  readonly databaseUrl: string
  /** The indexer's. */
  readonly schema: string
  /** May read what is written. */
  readonly apiRole?: string
}

/** What a use of the session may take, in ms: a little more than each of its statements. */
const LIMIT_MS = 15_000

/** Reconciliations that are kept of each token. */
const KEPT = 1_000

const create = (tx: Pick<postgres.ISql, 'unsafe'>, schema: string) =>
  tx.unsafe(`
    create schema if not exists ${schema};
    create table if not exists ${schema}.issue (
      id text primary key, chain_id integer not null, invariant text not null, scope text not null,
      expected text not null, actual text not null, block_number bigint not null,
      first_seen_at bigint not null, resolved_at bigint);
    create index if not exists issue_by_invariant on ${schema}.issue (chain_id, invariant) where resolved_at is null;
    create table if not exists ${schema}.reconciliation (
      chain_id integer not null, token text not null, block_number bigint not null, timestamp bigint not null,
      balance numeric(78,0) not null, liabilities numeric(78,0) not null, indexed numeric(78,0) not null,
      primary key (chain_id, token, block_number));
    create table if not exists ${schema}.audit_check (
      chain_id integer not null, name text not null, last_success_at bigint, last_error text,
      primary key (chain_id, name));
    create table if not exists ${schema}.progress (
      chain_id integer primary key, tables_id text not null, logs_to bigint not null);`)

const prepare = async (sql: postgres.Sql, schema: string, apiRole: string | undefined) => {
  await inTransaction(sql, async (tx) => {
    await create(tx, schema)
    if (apiRole === undefined) return
    await tx`grant usage on schema ${tx(schema)} to ${tx(apiRole)}`
    await tx`grant select on all tables in schema ${tx(schema)} to ${tx(apiRole)}`
  })
}

/**
 * Takes the right to audit a schema, and makes the tables when they are not there.
 *
 * @returns nothing while another auditor holds it.
 */
export const openLedger = async ({
  databaseUrl,
  schema,
  apiRole,
}: LedgerOptions): Promise<Ledger | undefined> => {
  const own = `${schema}_audit`
  let isLost = false
  const sql = connect(databaseUrl, {
    ...{ max: 1, idle_timeout: 0, max_lifetime: null, connect_timeout: 5 },
    onnotice: () => undefined,
    onclose: () => {
      isLost = true
    },
    connection: {
      application_name: 'pay402win-auditor',
      search_path: own,
      statement_timeout: 10_000,
      lock_timeout: 2_000,
    },
  })
  try {
    const [attempt] = await within(
      LIMIT_MS,
      sql<{ taken: boolean }[]>`
        select pg_try_advisory_lock(hashtextextended(${`pay402win-auditor:${schema}`}, 0)) as taken`,
      sql,
    )
    if (attempt?.taken !== true) {
      await sql.end({ timeout: 1 })
      return undefined
    }
    await within(LIMIT_MS, prepare(sql, own, apiRole), sql)
    return limited(
      ledgerOn(sql, () => isLost),
      sql,
    )
  } catch (error) {
    await sql.end({ timeout: 1 })
    throw error
  }
}

/** The same, but a call that is not answered in time ends the session, and the ledger is lost. */
const limited = (ledger: Ledger, sql: postgres.Sql): Ledger => ({
  ...ledger,
  report: (...given) => within(LIMIT_MS, ledger.report(...given), sql),
  resolve: (...given) => within(LIMIT_MS, ledger.resolve(...given), sql),
  open: (...given) => within(LIMIT_MS, ledger.open(...given), sql),
  reconciled: (...given) => within(LIMIT_MS, ledger.reconciled(...given), sql),
  logsTo: (...given) => within(LIMIT_MS, ledger.logsTo(...given), sql),
  setLogsTo: (...given) => within(LIMIT_MS, ledger.setLogsTo(...given), sql),
})

const ledgerOn = (sql: postgres.Sql, isLost: () => boolean): Ledger => ({
  isLost,
  stop: () => sql.end({ timeout: 5 }),
  report: async (findings) => {
    if (findings.length === 0) return
    await inTransaction(sql, async (tx) => {
      for (const { id, chainId, invariant, scope, expected, actual, ...at } of findings)
        await tx`
        insert into issue (id, chain_id, invariant, scope, expected, actual, block_number, first_seen_at)
        values (${id}, ${chainId}, ${invariant}, ${scope}, ${expected}, ${actual}, ${at.blockNumber}, ${at.timestamp})
        on conflict (id) do update set scope = excluded.scope, expected = excluded.expected,
          actual = excluded.actual, resolved_at = null`
    })
  },
  resolve: async (ids, timestamp) => {
    if (ids.length === 0) return
    await sql`
      update issue set resolved_at = greatest(first_seen_at, ${timestamp})
      where id in ${sql(ids)} and resolved_at is null`
  },
  open: async (chainId, invariant) => {
    const rows = await sql`
      select * from issue where chain_id = ${chainId} and invariant = ${invariant} and resolved_at is null
      order by block_number, id`
    return rows.map((row) => ({
      ...{ id: String(row.id), chainId, invariant, scope: String(row.scope) },
      ...{ expected: String(row.expected), actual: String(row.actual) },
      ...{ blockNumber: Number(row.block_number), timestamp: Number(row.first_seen_at) },
    }))
  },
  reconciled: async (rows) => {
    for (const { chainId, token, blockNumber, timestamp, ...sums } of rows) {
      await sql`
        insert into reconciliation (chain_id, token, block_number, timestamp, balance, liabilities, indexed)
        values (${chainId}, ${token}, ${blockNumber}, ${timestamp},
          ${String(sums.balance)}, ${String(sums.liabilities)}, ${String(sums.indexed)})
        on conflict (chain_id, token, block_number) do update set timestamp = excluded.timestamp,
          balance = excluded.balance, liabilities = excluded.liabilities, indexed = excluded.indexed`
      // Also those above, of blocks that are no more: the newest row is the newest word.
      await sql`
        delete from reconciliation where chain_id = ${chainId} and token = ${token} and (
          block_number > ${blockNumber} or block_number < (
            select block_number from reconciliation where chain_id = ${chainId} and token = ${token}
            order by block_number desc offset ${KEPT} limit 1))`
    }
  },
  checked: async (chainId, check, outcome) => {
    if ('at' in outcome)
      await sql`
        insert into audit_check values (${chainId}, ${check}, ${outcome.at}, null)
        on conflict (chain_id, name) do update set last_success_at = excluded.last_success_at, last_error = null`
    else
      await sql`
        insert into audit_check values (${chainId}, ${check}, null, ${outcome.error})
        on conflict (chain_id, name) do update set last_error = excluded.last_error`
  },
  logsTo: async (chainId, tablesId) => {
    const [row] = await sql`
      select logs_to from progress where chain_id = ${chainId} and tables_id = ${tablesId}`
    return row === undefined ? undefined : Number(row.logs_to)
  },
  setLogsTo: async (chainId, tablesId, block) => {
    await sql`
      insert into progress values (${chainId}, ${tablesId}, ${block})
      on conflict (chain_id) do update set tables_id = excluded.tables_id, logs_to = excluded.logs_to`
  },
})
