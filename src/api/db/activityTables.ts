import { type SQL, sql } from 'drizzle-orm'
import type { AnyPgColumn, PgTable } from 'drizzle-orm/pg-core'
import * as schema from '../../../ponder.schema.ts'
import {
  address,
  bigint,
  blockNumber,
  type Field,
  type Fields,
  hex,
  int,
  timestamp,
} from './fields.ts'
import { type Place, placeFields } from './place.ts'

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
  'X402_PAYMENT',
] as const

export type ActivityKind = (typeof ACTIVITY_KINDS)[number]

type Fact = PgTable & Record<keyof Place, AnyPgColumn>

/** How one fact table answers for the common columns. Absent ones are null. */
export interface Branch {
  readonly table: Fact
  readonly kind: SQL
  /** What the kind may be. */
  readonly kinds: readonly ActivityKind[]
  readonly poolId?: AnyPgColumn
  readonly roundId?: AnyPgColumn
  readonly player?: AnyPgColumn
  readonly entryId?: AnyPgColumn
  readonly number?: AnyPgColumn
  readonly amount?: AnyPgColumn
  readonly token?: AnyPgColumn
  readonly payer?: AnyPgColumn
  readonly nonce?: AnyPgColumn
}

/** A table of one kind. */
const of = (kind: ActivityKind) => ({ kind: sql.raw(`'${kind}'::text`), kinds: [kind] })

const ofRound = <T extends { poolId: AnyPgColumn; roundId: AnyPgColumn }>(table: T) => ({
  table,
  poolId: table.poolId,
  roundId: table.roundId,
})

const { pool, entry, payout, creditClaimed, roundOpened, roundClosed, roundDrawn } = schema
const { randomnessRequested, roundCancelled, roundFinalized, prizeCarried } = schema
const { x402PaymentSettled } = schema

/** The fact tables. */
export const BRANCHES: readonly Branch[] = [
  { table: pool, ...of('POOL_CREATED'), poolId: pool.poolId },
  { ...ofRound(roundOpened), ...of('ROUND_OPENED'), amount: roundOpened.carryIn },
  {
    ...ofRound(entry),
    ...of('ENTRY_PLACED'),
    player: entry.player,
    entryId: entry.entryId,
    number: entry.number,
    amount: entry.amount,
  },
  { ...ofRound(roundClosed), ...of('ROUND_CLOSED'), amount: roundClosed.prizePool },
  { ...ofRound(randomnessRequested), ...of('RANDOMNESS_REQUESTED') },
  {
    ...ofRound(roundDrawn),
    ...of('ROUND_DRAWN'),
    number: roundDrawn.winningNumber,
    amount: roundDrawn.prizePool,
  },
  {
    ...ofRound(payout),
    kind: sql`case ${payout.kind} when 'PRIZE' then 'PRIZE_PAID' when 'REFUND' then 'ENTRY_REFUNDED' else 'FEE_COLLECTED' end`,
    kinds: ['PRIZE_PAID', 'ENTRY_REFUNDED', 'FEE_COLLECTED'],
    player: payout.recipient,
    entryId: payout.entryId,
    amount: payout.amount,
    token: payout.token,
  },
  { ...ofRound(prizeCarried), ...of('PRIZE_CARRIED'), amount: prizeCarried.amount },
  {
    ...ofRound(roundCancelled),
    ...of('ROUND_CANCELLED'),
    amount: roundCancelled.refundable,
  },
  { ...ofRound(roundFinalized), ...of('ROUND_FINALIZED') },
  {
    table: creditClaimed,
    ...of('CREDIT_CLAIMED'),
    player: creditClaimed.account,
    amount: creditClaimed.amount,
    token: creditClaimed.token,
  },
  {
    ...ofRound(x402PaymentSettled),
    ...of('X402_PAYMENT'),
    player: x402PaymentSettled.player,
    amount: x402PaymentSettled.amount,
    token: x402PaymentSettled.token,
    payer: x402PaymentSettled.payer,
    nonce: x402PaymentSettled.nonce,
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
export const branchFields = (branch: Branch) => ({
  ...placeFields(branch.table),
  kind: kindField(branch.kind),
  poolId: nullable(activityFields.poolId, branch.poolId, 'numeric'),
  roundId: nullable(activityFields.roundId, branch.roundId, 'numeric'),
  player: nullable(activityFields.player, branch.player, 'text'),
})

const alias = (column: string) => sql.raw(`"activity"."${column}"`)

const described = (field: (column: AnyPgColumn) => Field, column: string): Field => ({
  ...field(pool.chainId),
  sql: alias(column),
})

/** What activity is filtered and ordered by. */
export const activityFields = {
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

/** The common columns of a branch, in the order in which the union takes them. */
export const branchColumns = (branch: Branch): SQL => {
  const { chainId, blockNumber, logIndex, blockHash, transactionHash, timestamp } = branch.table
  const { poolId, roundId, player } = branchFields(branch)
  return sql`${branch.kind} as kind, ${chainId} as chain_id, ${blockNumber} as block_number, ${logIndex} as log_index,
    ${blockHash} as block_hash, ${transactionHash} as transaction_hash, ${timestamp} as timestamp,
    ${poolId.sql} as pool_id, ${roundId.sql} as round_id, ${player.sql} as player,
    ${branch.entryId ?? sql`null::numeric`} as entry_id, ${branch.number ?? sql`null::integer`} as number,
    ${branch.amount ?? sql`null::numeric`} as amount, ${branch.token ?? sql`null::text`} as token,
    ${branch.payer ?? sql`null::text`} as payer, ${branch.nonce ?? sql`null::text`} as nonce`
}
