import { sql } from 'drizzle-orm'
import { creditClaimed, payout, pool, round } from '../../../ponder.schema.ts'
import { rowsById, tableEntity } from './entity.ts'
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
  const { account, chainId, token, blockNumber, logIndex } = creditClaimed
  const rows = await db.rows(sql`
    select keys.position, claims.*
    from ${keysTable(['address', 'int', 'address', 'blockNumber', 'int'], keys)}
    cross join lateral (
      select * from ${creditClaimed}
      where ${matchesKey([account, chainId, token])}
        and (${blockNumber}, ${logIndex}) > (keys.key_3, keys.key_4)
      order by ${blockNumber}, ${logIndex} limit 1
    ) claims`)
  return groupByKey(keys, rows, decodePlace).map(([first]) => first ?? null)
}

/** Payouts of a transaction, in the order of its logs, `limit` at most. */
export const listPayoutsOfTransaction = async (
  db: Reader,
  chainId: number,
  hash: string,
  limit: number,
): Promise<readonly PayoutRow[]> => {
  const rows = await db.rows(sql`
    select * from ${payout}
    where ${payout.transactionHash} = ${hash} and ${payout.chainId} = ${String(chainId)}
    order by ${payout.logIndex} limit ${String(limit)}`)
  return rows.map((raw) => decodeRow(payout, raw))
}
