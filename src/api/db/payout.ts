import { type SQL, sql } from 'drizzle-orm'
import type { AnyPgColumn } from 'drizzle-orm/pg-core'
import { creditClaimed, payout, pool, round } from '../../../ponder.schema.ts'
import { rowsById, rowsOfTransaction, tableEntity } from './entity.ts'
import { address, bigint, boolean, enumeration } from './fields.ts'
import { groupByKey, keysTable, matchesKey } from './keys.ts'
import type { List } from './list.ts'
import { decodePlace, PLACE_KEY, type Place, placeFields } from './place.ts'
import { poolFields } from './pool.ts'
import { decodeRow, type Reader } from './reader.ts'
import { roundFields } from './round.ts'

export type PayoutRow = typeof payout.$inferSelect

export const payoutFields = {
  ...placeFields(payout),
  poolId: bigint(payout.poolId),
  roundId: bigint(payout.roundId),
  kind: enumeration('PayoutKind', payout.kind),
  recipient: address(payout.recipient),
  entryId: bigint(payout.entryId),
  token: address(payout.token),
  amount: bigint(payout.amount),
  isDelivered: boolean(payout.delivered),
}

export const payoutEntity = tableEntity(payout, payoutFields, {
  pool: {
    fields: poolFields,
    from: sql`from ${pool} where ${pool.chainId} = ${payout.chainId} and ${pool.poolId} = ${payout.poolId}`,
  },
  round: {
    fields: roundFields,
    from: sql`from ${round} where ${round.chainId} = ${payout.chainId}
      and ${round.poolId} = ${payout.poolId} and ${round.roundId} = ${payout.roundId}`,
  },
})

const list = (
  name: string,
  parent: readonly string[],
  key: readonly string[],
): List<PayoutRow> => ({
  name,
  entity: payoutEntity,
  parent,
  key,
})

const IN_CHAIN = ['blockNumber', 'logIndex']

export const payouts = list('payouts', [], PLACE_KEY)
export const roundPayouts = list('round.payouts', ['chainId', 'poolId', 'roundId'], IN_CHAIN)
export const playerPayouts = list('player.payouts', ['recipient', 'chainId'], IN_CHAIN)

export const payoutsById = (db: Reader, ids: readonly string[]) => rowsById(db, payout, ids)

/** The parts of an entry's id. */
export interface EntryKey {
  readonly chainId: number
  readonly entryId: bigint
}

/** The prize or the refund of each entry; null while there is none. */
export const payoutsOfEntries = async (
  db: Reader,
  entries: readonly EntryKey[],
): Promise<readonly (PayoutRow | null)[]> => {
  const keys = entries.map(({ chainId, entryId }) => [chainId, entryId])
  const rows = await db.rows(sql`
    select keys.position, ${payout}.* from ${keysTable(['int', 'bigint'], keys)}
    join ${payout} on ${matchesKey([payout.chainId, payout.entryId])}`)
  return groupByKey(keys, rows, (raw) => decodeRow(payout, raw)).map(([first]) => first ?? null)
}

/** A claim by the recipient in the token, later on the chain than the payout whose key is given. */
export const isClaimOf = (
  key: Readonly<Record<keyof typeof CLAIM_KEY, SQL | AnyPgColumn>>,
): SQL => {
  const { account, chainId, token, blockNumber, logIndex } = creditClaimed
  return sql`${account} = ${key.recipient} and ${chainId} = ${key.chainId} and ${token} = ${key.token}
    and (${blockNumber}, ${logIndex}) > (${key.blockNumber}, ${key.logIndex})`
}

/** What of a payout tells its claim, and where `keysTable` puts it. */
const CLAIM_KEY = {
  recipient: sql`keys.key_0`,
  chainId: sql`keys.key_1`,
  token: sql`keys.key_2`,
  blockNumber: sql`keys.key_3`,
  logIndex: sql`keys.key_4`,
} as const

/**
 * The claim that took each undelivered payout: the first one by its account in its token that stands later on the
 * chain, because a claim always takes the whole credit. Null while there is none.
 */
export const claimsOfPayouts = async (
  db: Reader,
  payouts: readonly PayoutRow[],
): Promise<readonly (Place | null)[]> => {
  const keys = payouts.map((row) => [
    row.recipient,
    row.chainId,
    row.token,
    row.blockNumber,
    row.logIndex,
  ])
  const { blockNumber, logIndex } = creditClaimed
  const rows = await db.rows(sql`
    select keys.position, claims.*
    from ${keysTable(['address', 'int', 'address', 'blockNumber', 'int'], keys)}
    cross join lateral (
      select * from ${creditClaimed}
      where ${isClaimOf(CLAIM_KEY)}
      order by ${blockNumber}, ${logIndex} limit 1
    ) claims`)
  return groupByKey(keys, rows, decodePlace).map(([first]) => first ?? null)
}

export const listPayoutsOfTransaction = (
  db: Reader,
  chainId: number,
  hash: string,
  limit: number,
): Promise<readonly PayoutRow[]> => rowsOfTransaction(db, payout, { chainId, hash }, limit)
