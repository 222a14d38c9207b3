import { type SQL, sql } from 'drizzle-orm'
import { integrityIssue, token } from '../../../ponder.schema.ts'
import type { Entity } from './entity.ts'
import { blockNumber, boolean, type Field, int, text } from './fields.ts'
import { arrayOf } from './keys.ts'
import type { List } from './list.ts'
import { optional, type Raw, type Reader } from './reader.ts'

/**
 * What does not hold: what events broke, from the indexer's schema, and what an audit found, from the schema beside it that
 * the search path names second. That one is there once an auditor has run.
 */
export interface IssueRow {
  readonly id: string
  readonly chainId: number
  readonly invariant: string
  readonly scope: string
  readonly expected: string
  readonly actual: string
  readonly blockNumber: number
  /** Block times, in seconds. `resolvedAt` is null while it does not hold. */
  readonly firstSeenAt: number
  readonly resolvedAt: number | null
}

/** What the contract said at a block, beside what was indexed at that block. Base units of the token. */
export interface ReconciliationRow {
  readonly chainId: number
  readonly token: string
  readonly blockNumber: number
  readonly balance: bigint
  readonly liabilities: bigint
  readonly indexed: bigint
  /** Block time, in seconds. */
  readonly timestamp: number
}

/** A check of the auditor: when it was done last, and why it could not be done since. */
export interface AuditCheckRow {
  readonly name: string
  /** Seconds since 1970; null when it was never done. */
  readonly lastSuccessAt: number | null
  readonly lastError: string | null
}

const ofEvents = sql`
  select id, chain_id, invariant, scope, expected, actual, block_number, timestamp as first_seen_at,
    null::bigint as resolved_at, true as is_open
  from ${integrityIssue}`

const ofAudit = sql`
  select id, chain_id, invariant, scope, expected, actual, block_number, first_seen_at, resolved_at,
    resolved_at is null as is_open
  from issue`

const column = (field: typeof text, name: string): Field => ({
  ...field(integrityIssue.id),
  sql: sql.raw(`"any_issue"."${name}"`),
})

const fields = {
  id: column(text, 'id'),
  chainId: column(int, 'chain_id'),
  blockNumber: column(blockNumber, 'block_number'),
  isOpen: column(boolean, 'is_open'),
}

const decode = (raw: Raw): IssueRow => ({
  id: String(raw.id),
  chainId: Number(raw.chain_id),
  invariant: String(raw.invariant),
  scope: String(raw.scope),
  expected: String(raw.expected),
  actual: String(raw.actual),
  blockNumber: Number(raw.block_number),
  firstSeenAt: Number(raw.first_seen_at),
  resolvedAt: optional(raw.resolved_at, Number),
})

const all = (isAudited: boolean): SQL =>
  sql`(${isAudited ? sql`${ofEvents} union all ${ofAudit}` : ofEvents}) "any_issue"`

const listOf = (isAudited: boolean): List<IssueRow> => ({
  name: 'integrityIssues',
  entity: {
    name: 'any_issue',
    fields,
    relations: {},
    select: (clauses) => sql`select * from ${all(isAudited)} ${clauses(fields)}`,
    decode,
  } satisfies Entity<IssueRow>,
  parent: [],
  key: ['blockNumber', 'id'],
  direction: 'DESC',
})

/** The newest first: with what an audit found, and without. */
export const issuesOfAll = listOf(true)
export const issuesOfEvents = listOf(false)

/** Whether an audit has written beside the tables, where this role may read it. */
export const isAudited = async (db: Reader): Promise<boolean> => {
  const [row] = await db.rows(
    sql`select coalesce(has_table_privilege(to_regclass('issue'), 'select'), false) as audited`,
  )
  return row?.audited === true
}

/** Issues by id, in the order of the ids; null where there is none. */
export const issuesById = async (
  db: Reader,
  ids: readonly string[],
): Promise<readonly (IssueRow | null)[]> => {
  const rows = await db.rows(sql`
    select * from ${all(await isAudited(db))} where id = any(${arrayOf(ids)}::text[])`)
  const byId = new Map(rows.map((raw) => [raw.id, decode(raw)]))
  return ids.map((id) => byId.get(id) ?? null)
}

/** How many do not hold on a chain now. */
export const countOpenIssues = async (db: Reader, chainId: number): Promise<number> => {
  const [row] = await db.rows(sql`
    select count(*) from ${all(await isAudited(db))} where chain_id = ${chainId} and is_open`)
  return Number(row?.count ?? 0)
}

/** The auditor's checks of a chain by name. None before an auditor has run. */
export const listAuditChecks = async (
  db: Reader,
  chainId: number,
): Promise<readonly AuditCheckRow[]> => {
  const [row] = await db.rows(
    sql`select coalesce(has_table_privilege(to_regclass('audit_check'), 'select'), false) as audited`,
  )
  if (row?.audited !== true) return []
  const rows = await db.rows(sql`
    select name, last_success_at, last_error from audit_check where chain_id = ${chainId} order by name`)
  return rows.map((raw) => ({
    name: String(raw.name),
    lastSuccessAt: optional(raw.last_success_at, Number),
    lastError: optional(raw.last_error, String),
  }))
}

/** Whether an audit has found that blocks which were final were replaced: the indexer cannot undo that. */
export const isReplaced = async (db: Reader, chainId: number): Promise<boolean> => {
  if (!(await isAudited(db))) return false
  const [row] = await db.rows(sql`
    select exists (select from issue where chain_id = ${chainId} and invariant = 'DEEP_REORGANISATION'
      and resolved_at is null) as is_replaced`)
  return row?.is_replaced === true
}

/** The newest reconciliation of each token of a chain, in the order of the tokens. None before the first audit. */
export const listReconciliations = async (
  db: Reader,
  chainId: number,
): Promise<readonly ReconciliationRow[]> => {
  if (!(await isAudited(db))) return []
  const rows = await db.rows(sql`
    select newest.* from ${token}
    cross join lateral (
      select * from reconciliation
      where reconciliation.chain_id = ${token.chainId} and reconciliation.token = ${token.address}
      order by reconciliation.block_number desc limit 1
    ) newest
    where ${token.chainId} = ${chainId} order by newest.token`)
  return rows.map((raw) => ({
    chainId,
    token: String(raw.token),
    blockNumber: Number(raw.block_number),
    balance: BigInt(String(raw.balance)),
    liabilities: BigInt(String(raw.liabilities)),
    indexed: BigInt(String(raw.indexed)),
    timestamp: Number(raw.timestamp),
  }))
}
