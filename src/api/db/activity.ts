import { sql } from 'drizzle-orm'
import * as Id from '../../domain/Id.ts'
import {
  ACTIVITY_KINDS,
  type ActivityKind,
  activityFields,
  BRANCHES,
  branchColumns,
  branchFields,
} from './activityTables.ts'
import type { Entity } from './entity.ts'
import { type Fields, fieldOf } from './fields.ts'
import { type Filter, filterCondition } from './filter.ts'
import { groupByKey, keysTable, matchesKey } from './keys.ts'
import type { List } from './list.ts'
import { decodePlace, PLACE_KEY, type Place } from './place.ts'
import { optional, type Raw, type Reader } from './reader.ts'

/** One fact of any kind; what a kind does not have is null. */
export interface ActivityRow extends Place {
  /** The fact's id. */
  readonly id: string
  readonly kind: ActivityKind
  readonly poolId: bigint | null
  readonly roundId: bigint | null
  readonly player: string | null
  readonly entryId: bigint | null
  readonly number: number | null
  readonly amount: bigint | null
  /** Null: the pool's token. */
  readonly token: string | null
  readonly isPayout: boolean
  /** Of a payment: who authorised it, and its nonce. */
  readonly payer: string | null
  readonly nonce: string | null
}

const PAYOUTS: readonly ActivityKind[] = ['PRIZE_PAID', 'ENTRY_REFUNDED', 'FEE_COLLECTED']

const decode = (raw: Raw): ActivityRow => {
  const kind = ACTIVITY_KINDS.find((known) => known === raw.kind)
  if (kind === undefined) throw new Error(`There is no activity ${String(raw.kind)}`)
  const place = decodePlace(raw)
  return {
    id: Id.fact(place.chainId, place.blockNumber, place.logIndex),
    kind,
    ...place,
    poolId: optional(raw.pool_id, BigInt),
    roundId: optional(raw.round_id, BigInt),
    player: optional(raw.player, String),
    entryId: optional(raw.entry_id, BigInt),
    number: optional(raw.number, Number),
    amount: optional(raw.amount, BigInt),
    token: optional(raw.token, String),
    isPayout: PAYOUTS.includes(kind),
    payer: optional(raw.payer, String),
    nonce: optional(raw.nonce, String),
  }
}

/**
 * The ordered union of the fact tables. Each table gives at most a page of its own by its index, so that a page of the
 * union costs a page of each.
 */
export const activityEntity: Entity<ActivityRow> = {
  name: 'activity',
  fields: activityFields,
  relations: {},
  select: (clauses) => {
    const branches = BRANCHES.map(
      (branch) =>
        sql`(select ${branchColumns(branch)} from ${branch.table} ${clauses(branchFields(branch))})`,
    )
    return sql`select * from (${sql.join(branches, sql` union all `)}) "activity" ${clauses(activityFields)}`
  },
  decode,
}

/** All activity, oldest first. */
export const activity: List<ActivityRow> = {
  name: 'activity',
  entity: activityEntity,
  parent: [],
  key: PLACE_KEY,
}

/** What happened to one player, newest first. */
export const playerHistory: List<ActivityRow> = {
  name: 'player.history',
  entity: activityEntity,
  parent: ['player', 'chainId'],
  key: ['blockNumber', 'logIndex'],
  direction: 'DESC',
}

/** Facts by id, in the order of the ids; null where there is none. */
export const activityById = async (
  db: Reader,
  ids: readonly string[],
): Promise<readonly (ActivityRow | null)[]> => {
  const keys = ids.map((id) => id.split('-'))
  const at = (of: Fields) =>
    sql`where ${matchesKey(PLACE_KEY.map((name) => fieldOf(of, name).sql))}`
  const rows = await db.rows(sql`
    select keys.position, "activity".* from ${keysTable(['int', 'blockNumber', 'int'], keys)}
    cross join lateral (${activityEntity.select(at)}) "activity"`)
  return groupByKey(keys, rows, decode).map(([first]) => first ?? null)
}

/** A range of the chain: from behind a block, or behind a log of it, to the end of another block. */
export interface Range {
  readonly chainId: number
  readonly after: { readonly number: number; readonly logIndex: number | null }
  readonly upTo: number
}

/** Facts of a range that the filter lets through, in chain order, at most `limit`. */
export const activityIn = async (
  db: Reader,
  { chainId, after, upTo }: Range,
  where: Filter | null,
  limit: number,
): Promise<readonly ActivityRow[]> => {
  const rows = await db.rows(
    activityEntity.select((fields) => {
      const [chain, number, index] = PLACE_KEY.map((name) => fieldOf(fields, name).sql)
      const beyond =
        after.logIndex === null
          ? sql`${number} > ${after.number}::bigint`
          : sql`(${number}, ${index}) > (${after.number}::bigint, ${after.logIndex})`
      return sql`where ${chain} = ${chainId} and ${beyond} and ${number} <= ${upTo}::bigint
        and ${filterCondition(fields, {}, where)} order by ${number}, ${index} limit ${sql.raw(String(limit))}`
    }),
  )
  return rows.map(decode)
}
