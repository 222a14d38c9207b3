import * as Id from '../../domain/Id.ts'
import { entriesById } from '../db/entry.ts'
import { issuesById } from '../db/integrity.ts'
import { paymentsById } from '../db/payment.ts'
import { claimsOfPayouts, type EntryKey, payoutsById, payoutsOfEntries } from '../db/payout.ts'
import { playersById } from '../db/player.ts'
import { poolStatsById, poolsById } from '../db/pool.ts'
import { type RoundKey, roundsById } from '../db/round.ts'
import { type TokenRow, tokensById } from '../db/token.ts'
import type { Context } from './context.ts'
import { createLoader } from './loader.ts'

/** Rows by primary key. Pages put the rows they read in here, so a row is read once an operation. */

export const tokenById = createLoader(tokensById)
export const poolById = createLoader(poolsById)
export const poolStatsOf = createLoader(poolStatsById)
export const roundById = createLoader(roundsById)
export const entryById = createLoader(entriesById)
export const payoutById = createLoader(payoutsById)
export const paymentById = createLoader(paymentsById)
export const issueById = createLoader(issuesById)
export const playerById = createLoader(playersById)

/** The prize or the refund of an entry. */
export const payoutOfEntry = createLoader(payoutsOfEntries, ({ chainId, entryId }: EntryKey) =>
  Id.entry(chainId, entryId),
)

/** The claim that took an undelivered payout. */
export const claimOfPayout = createLoader(claimsOfPayouts, (payout) => payout.id)

/** A row that another row points to; its absence means that the tables contradict each other. */
const expectRow = <Row>(row: Row | null, id: string): Row => {
  if (row === null) throw new Error(`There is no row ${id}`)
  return row
}

/** A token that no pool takes, of which transfers to the game are indexed nevertheless. Its amounts are shown in base units. */
const unknownToken = (chainId: number, address: string): TokenRow => ({
  id: Id.token(chainId, address),
  chainId,
  address: address as TokenRow['address'],
  ...{ symbol: '', name: '', textSource: 'UNKNOWN', decimals: 0, isNative: false },
})

export const loadToken = async (context: Context, chainId: number, address: string) => {
  const id = Id.token(chainId, address)
  return (await tokenById(context).load(id)) ?? unknownToken(chainId, address)
}

export const loadPool = async (
  context: Context,
  { chainId, poolId }: { readonly chainId: number; readonly poolId: bigint },
) => {
  const id = Id.pool(chainId, poolId)
  return expectRow(await poolById(context).load(id), id)
}

export const loadPoolStats = async (context: Context, id: string) =>
  expectRow(await poolStatsOf(context).load(id), id)

export const loadRound = async (context: Context, { chainId, poolId, roundId }: RoundKey) => {
  const id = Id.round(chainId, poolId, roundId)
  return expectRow(await roundById(context).load(id), id)
}

export const loadPlayer = async (context: Context, chainId: number, address: string) => {
  const id = Id.player(chainId, address)
  return expectRow(await playerById(context).load(id), id)
}

/** The newest round of a pool; null before its first. */
export const currentRoundOf = async (
  context: Context,
  pool: { readonly id: string; readonly chainId: number; readonly poolId: bigint },
) => {
  const { currentRoundId } = await loadPoolStats(context, pool.id)
  return currentRoundId === 0n ? null : loadRound(context, { ...pool, roundId: currentRoundId })
}
