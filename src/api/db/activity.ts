import { type SQL, sql } from 'drizzle-orm'
import type { AnyPgColumn, PgTable } from 'drizzle-orm/pg-core'
import * as schema from '../../../ponder.schema.ts'
import * as Id from '../../domain/Id.ts'
import type { Entity } from './entity.ts'
import {
  address,
  bigint,
  blockNumber,
  type Field,
  type Fields,
  fieldOf,
  hex,
  int,
  timestamp,
} from './fields.ts'
import { groupByKey, keysTable, matchesKey } from './keys.ts'
import type { List } from './list.ts'
import { decodePlace, PLACE_KEY, type Place, placeFields } from './place.ts'
import type { Raw, Reader } from './reader.ts'

/** Every kind of fact that users see, in the order of a round's life. */
export const ACTIVITY_KINDS = [
  'POOL_CREATED',
  'ROUND_OPENED',
  'ENTRY_PLACED',
  'ROUND_CLOSED',
  'RANDOMNESS_REQUESTED',
  'ROUND_DRAWN',
  'PRIZE_PAID',
  'PRIZE_CARRIED',
  'FEE_COLLECTED',
  'ROUND_CANCELLED',
  'ENTRY_REFUNDED',
  'ROUND_FINALIZED',
  'CREDIT_CLAIMED',
] as const

export type ActivityKind = (typeof ACTIVITY_KINDS)[number]

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
}

type Fact = PgTable & Record<keyof Place, AnyPgColumn>

/** How one fact table answers for the common columns. Absent ones are null. */
interface Branch {
  readonly table: Fact
  /** What to select from when it is not the whole table; under the table's name. */
  readonly from?: SQL
  readonly kind: SQL
  readonly poolId?: AnyPgColumn
  readonly roundId?: AnyPgColumn
  readonly player?: AnyPgColumn | undefined
  readonly entryId?: AnyPgColumn
  readonly number?: AnyPgColumn
  readonly amount?: AnyPgColumn
  readonly token?: AnyPgColumn
}

const constant = (kind: ActivityKind) => sql.raw(`'${kind}'::text`)

const ofRound = <T extends { poolId: AnyPgColumn; roundId: AnyPgColumn }>(table: T) => ({
  table,
  poolId: table.poolId,
  roundId: table.roundId,
})

const { pool, entry, payout, creditClaimed, roundOpened, roundClosed, roundDrawn } = schema
const { randomnessRequested, roundCancelled, roundFinalized, prizeCarried } = schema

const payouts = (
  kind: ActivityKind,
  payoutKind: string,
  player: AnyPgColumn | undefined,
): Branch => ({
  ...ofRound(payout),
  from: sql`(select * from ${payout} where ${payout.kind} = ${sql.raw(`'${payoutKind}'`)}) ${payout}`,
  kind: constant(kind),
  player,
  entryId: payout.entryId,
  amount: payout.amount,
  token: payout.token,
})

const BRANCHES: readonly Branch[] = [
  { table: pool, kind: constant('POOL_CREATED'), poolId: pool.poolId },
  { ...ofRound(roundOpened), kind: constant('ROUND_OPENED'), amount: roundOpened.carryIn },
  {
    ...ofRound(entry),
    kind: constant('ENTRY_PLACED'),
    player: entry.player,
    entryId: entry.entryId,
    number: entry.number,
    amount: entry.amount,
  },
  { ...ofRound(roundClosed), kind: constant('ROUND_CLOSED'), amount: roundClosed.prizePool },
  { ...ofRound(randomnessRequested), kind: constant('RANDOMNESS_REQUESTED') },
  {
    ...ofRound(roundDrawn),
    kind: constant('ROUND_DRAWN'),
    number: roundDrawn.winningNumber,
    amount: roundDrawn.prizePool,
  },
  payouts('PRIZE_PAID', 'PRIZE', payout.recipient),
  payouts('ENTRY_REFUNDED', 'REFUND', payout.recipient),
  payouts('FEE_COLLECTED', 'FEE', undefined),
  { ...ofRound(prizeCarried), kind: constant('PRIZE_CARRIED'), amount: prizeCarried.amount },
  {
    ...ofRound(roundCancelled),
    kind: constant('ROUND_CANCELLED'),
    amount: roundCancelled.refundable,
  },
  { ...ofRound(roundFinalized), kind: constant('ROUND_FINALIZED') },
  {
    table: creditClaimed,
    kind: constant('CREDIT_CLAIMED'),
    player: creditClaimed.account,
    amount: creditClaimed.amount,
    token: creditClaimed.token,
  },
]

const kindField = (expression: SQL): Field => ({
  kind: 'enum',
  sql: expression,
  isNullable: false,
  values: ACTIVITY_KINDS,
  enumName: 'ActivityKind',
})

const nullable = (
  field: Field,
  expression: SQL | AnyPgColumn | undefined,
  type: string,
): Field => ({
  ...field,
  sql: expression ?? sql.raw(`null::${type}`),
  isNullable: true,
})

/** A branch's own columns under the names of the activity's fields. */
const branchFields = (branch: Branch) => ({
  ...placeFields(branch.table),
  kind: kindField(branch.kind),
  poolId: nullable(fields.poolId, branch.poolId, 'numeric'),
  roundId: nullable(fields.roundId, branch.roundId, 'numeric'),
  player: nullable(fields.player, branch.player, 'text'),
})

const alias = (column: string) => sql.raw(`"activity"."${column}"`)

const described = (field: (column: AnyPgColumn) => Field, column: string): Field => ({
  ...field(pool.chainId),
  sql: alias(column),
})

/** What activity is filtered and ordered by. */
const fields = {
  kind: kindField(alias('kind')),
  chainId: described(int, 'chain_id'),
  blockNumber: described(blockNumber, 'block_number'),
  logIndex: described(int, 'log_index'),
  transactionHash: described(hex, 'transaction_hash'),
  timestamp: described(timestamp, 'timestamp'),
  poolId: { ...described(bigint, 'pool_id'), isNullable: true },
  roundId: { ...described(bigint, 'round_id'), isNullable: true },
  player: { ...described(address, 'player'), isNullable: true },
} satisfies Fields

const columns = (branch: Branch): SQL => {
  const { chainId, blockNumber, logIndex, blockHash, transactionHash, timestamp } = branch.table
  const { poolId, roundId, player } = branchFields(branch)
  return sql`${branch.kind} as kind, ${chainId} as chain_id, ${blockNumber} as block_number, ${logIndex} as log_index,
    ${blockHash} as block_hash, ${transactionHash} as transaction_hash, ${timestamp} as timestamp,
    ${poolId.sql} as pool_id, ${roundId.sql} as round_id, ${player.sql} as player,
    ${branch.entryId ?? sql`null::numeric`} as entry_id, ${branch.number ?? sql`null::integer`} as number,
    ${branch.amount ?? sql`null::numeric`} as amount, ${branch.token ?? sql`null::text`} as token`
}

const optional = <T>(value: unknown, convert: (text: string) => T): T | null =>
  value === null ? null : convert(String(value))

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
  }
}

/**
 * The ordered union of the fact tables. Each table gives at most a page of its own by its index, so that a page of the
 * union costs a page of each.
 */
export const activityEntity: Entity<ActivityRow> = {
  name: 'activity',
  fields,
  relations: {},
  select: (clauses) => {
    const branches = BRANCHES.map(
      (branch) =>
        sql`(select ${columns(branch)} from ${branch.from ?? branch.table} ${clauses(branchFields(branch))})`,
    )
    return sql`select * from (${sql.join(branches, sql` union all `)}) "activity" ${clauses(fields)}`
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
