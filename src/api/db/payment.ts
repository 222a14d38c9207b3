import { type SQL, sql } from 'drizzle-orm'
import type { AnyPgColumn } from 'drizzle-orm/pg-core'
import { entry, pool, tokenAuthorization, x402PaymentSettled } from '../../../ponder.schema.ts'
import * as Bounds from '../../domain/Bounds.ts'
import * as Id from '../../domain/Id.ts'
import type { Entity } from './entity.ts'
import { address, bigint, blockNumber, type Field, hex, int, timestamp } from './fields.ts'
import { finalizedOf } from './head.ts'
import { groupByKey, type Key, keysTable, matchesKey } from './keys.ts'
import type { List } from './list.ts'
import { decodePlace, PLACE_KEY, type Place } from './place.ts'
import { optional, type Raw, type Reader } from './reader.ts'

/** How an authorisation and the game belong together. */
export const LINK_STATUSES = ['LINKED', 'PENDING', 'ORPHAN', 'MISMATCH', 'CANCELLED'] as const
export type LinkStatus = (typeof LINK_STATUSES)[number]

/** One EIP-3009 authorisation that paid the game, or that was cancelled. Known by chain, token, authorizer and nonce. */
export interface PaymentRow extends Place {
  readonly id: string
  readonly token: string
  readonly authorizer: `0x${string}`
  readonly nonce: `0x${string}`
  /** Base units of the token. */
  readonly amount: bigint
  /** Sender of the transaction. */
  readonly facilitator: string
  readonly linkStatus: LinkStatus
  /** Of the game's X402PaymentSettled; null without one. */
  readonly poolId: bigint | null
  readonly roundId: bigint | null
  readonly player: `0x${string}` | null
  readonly firstEntryId: bigint | null
  readonly entryCount: number | null
  readonly salt: `0x${string}` | null
}

const column = (field: (column: AnyPgColumn) => Field, name: string): Field => ({
  ...field(tokenAuthorization.chainId),
  sql: sql.raw(`"x402_payment"."${name}"`),
})

const nullable = (field: Field): Field => ({ ...field, isNullable: true })

export const paymentFields = {
  chainId: column(int, 'chain_id'),
  blockNumber: column(blockNumber, 'block_number'),
  logIndex: column(int, 'log_index'),
  blockHash: column(hex, 'block_hash'),
  transactionHash: column(hex, 'transaction_hash'),
  timestamp: column(timestamp, 'timestamp'),
  token: column(address, 'token'),
  authorizer: column(address, 'authorizer'),
  nonce: column(hex, 'nonce'),
  amount: column(bigint, 'amount'),
  facilitator: column(address, 'facilitator'),
  linkStatus: {
    ...column(int, 'link_status'),
    kind: 'enum',
    values: LINK_STATUSES,
    enumName: 'LinkStatus',
  },
  poolId: nullable(column(bigint, 'pool_id')),
  roundId: nullable(column(bigint, 'round_id')),
  player: nullable(column(address, 'player')),
} as const satisfies Record<string, Field>

/**
 * The payments, from the token's logs and the game's. AuthorizationUsed pairs with the next Transfer of the same token in the
 * transaction that its authorizer sends; only transfers to or from the game are stored, so a pair is a payment to the game.
 * What the game settled is LINKED when amount, price, entries and nonces agree. Money without an entry is PENDING until its
 * block is final, then ORPHAN. `among` narrows the authorisations, `used`.
 */
export const payments = (among: SQL = sql`true`): SQL => sql`(
  select used.chain_id, used.block_number, used.log_index, used.block_hash, used.transaction_hash, used.timestamp,
    used.token, used.authorizer, used.nonce, used.sender as facilitator,
    coalesce(moved.value, settled.amount, 0) as amount,
    settled.pool_id, settled.round_id, settled.player, settled.first_entry_id,
    settled.entry_count, settled.salt,
    case
      when used.kind = 'CANCELED' then 'CANCELLED'
      when settled.id is not null then
        case when moved.value = settled.amount and settled.amount = priced.entry_fee * settled.entry_count
          and carried.count = settled.entry_count then 'LINKED' else 'MISMATCH' end
      when used.block_number > ${finalizedOf(sql`used.chain_id`)} then 'PENDING'
      else 'ORPHAN'
    end as link_status
  from ${tokenAuthorization} used
  left join lateral (
    select value from token_transfer moved
    where used.kind = 'USED' and moved.transaction_hash = used.transaction_hash and moved.chain_id = used.chain_id
      and moved.token = used.token and moved.log_index > used.log_index and moved.sender = used.authorizer
    order by moved.log_index limit 1
  ) moved on true
  left join ${x402PaymentSettled} settled on settled.nonce = used.nonce and settled.chain_id = used.chain_id
    and settled.token = used.token and settled.payer = used.authorizer
    and settled.transaction_hash = used.transaction_hash and settled.log_index > used.log_index
  left join ${pool} priced on priced.chain_id = settled.chain_id and priced.pool_id = settled.pool_id
  left join lateral (
    select count(*) from ${entry} carried
    where carried.transaction_hash = settled.transaction_hash and carried.chain_id = settled.chain_id
      and carried.payment_ref = settled.nonce and carried.entry_id >= settled.first_entry_id
      and carried.entry_id < settled.first_entry_id + settled.entry_count
      and carried.pool_id = settled.pool_id and carried.round_id = settled.round_id
      and carried.player = settled.player and carried.payer = settled.payer
  ) carried on true
  where (used.kind = 'CANCELED' or moved.value is not null or settled.id is not null) and ${among}
) "x402_payment"`

const decode = (raw: Raw): PaymentRow => {
  const place = decodePlace(raw)
  const hexOf = (value: unknown) => String(value) as `0x${string}`
  const linkStatus = LINK_STATUSES.find((status) => status === raw.link_status)
  if (linkStatus === undefined) throw new Error(`There is no link ${String(raw.link_status)}`)
  const token = String(raw.token)
  const authorizer = hexOf(raw.authorizer)
  const nonce = hexOf(raw.nonce)
  return {
    ...place,
    id: Id.payment(place.chainId, token, authorizer, nonce),
    token,
    authorizer,
    nonce,
    amount: BigInt(String(raw.amount)),
    facilitator: String(raw.facilitator),
    linkStatus,
    poolId: optional(raw.pool_id, BigInt),
    roundId: optional(raw.round_id, BigInt),
    player: optional(raw.player, hexOf),
    firstEntryId: optional(raw.first_entry_id, BigInt),
    entryCount: optional(raw.entry_count, (count) => Bounds.count(BigInt(count))),
    salt: optional(raw.salt, hexOf),
  }
}

export const paymentEntity: Entity<PaymentRow> = {
  name: 'x402_payment',
  fields: paymentFields,
  relations: {},
  select: (clauses) => sql`select * from ${payments()} ${clauses(paymentFields)}`,
  decode,
}

export const x402Payments: List<PaymentRow> = {
  name: 'x402Payments',
  entity: paymentEntity,
  parent: [],
  key: PLACE_KEY,
}

const matching = async (
  db: Reader,
  kinds: Parameters<typeof keysTable>[0],
  keys: readonly Key[],
  columns: Parameters<typeof matchesKey>[0],
  limit = sql``,
) => {
  const rows = await db.rows(sql`
    select keys.position, "x402_payment".* from ${keysTable(kinds, keys)}
    cross join lateral (select * from ${payments(matchesKey(columns))}) "x402_payment"
    order by keys.position, block_number, log_index ${limit}`)
  return groupByKey(keys, rows, decode)
}

const used = (name: string) => sql.raw(`used.${name}`)

/** Payments by id, in the order of the ids; null where there is none. */
export const paymentsById = async (
  db: Reader,
  ids: readonly string[],
): Promise<readonly (PaymentRow | null)[]> => {
  const found = await matching(
    db,
    ['int', 'address', 'address', 'hex'],
    ids.map((id) => id.split('-')),
    [used('chain_id'), used('token'), used('authorizer'), used('nonce')],
  )
  return found.map(([payment]) => payment ?? null)
}

/** Payments in a transaction, in the order of its logs, `limit` at most. */
export const listPaymentsOfTransaction = async (
  db: Reader,
  chainId: number,
  hash: string,
  limit: number,
): Promise<readonly PaymentRow[]> => {
  const columns = [used('chain_id'), used('transaction_hash')]
  const rows = await matching(
    db,
    ['int', 'hex'],
    [[chainId, hash]],
    columns,
    sql`limit ${String(limit)}`,
  )
  return rows.flat()
}
