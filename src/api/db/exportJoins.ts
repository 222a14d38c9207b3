import { type SQL, sql } from 'drizzle-orm'
import type { AnyPgColumn } from 'drizzle-orm/pg-core'
import * as schema from '../../../ponder.schema.ts'
import type { Fact } from './exportColumns.ts'

/** How the rows of an export, `base`, find what belongs to them, up to the block and not beyond. */

/** The one row up to the block that the condition finds, as `alias`: a look into an index for each row of `base`. */
export const one = (table: Fact, alias: string, block: SQL, where: SQL): SQL => sql`
  left join lateral (
    select * from ${table} where ${where} and ${table.blockNumber} <= ${block} limit 1
  ) ${sql.raw(alias)} on true`

/** The rows of the round that `of` belongs to. */
export const ofSameRound = (
  table: Readonly<Record<'chainId' | 'poolId' | 'roundId', AnyPgColumn>>,
  of: string,
): SQL => sql`${table.chainId} = ${sql.raw(of)}.chain_id and ${table.poolId} = ${sql.raw(of)}.pool_id
  and ${table.roundId} = ${sql.raw(of)}.round_id`

const { roundClosed, roundCancelled, roundDrawn, roundFinalized } = schema

/** How far a round had come at the block. */
export const roundSteps = (of: string, block: SQL): SQL => sql`
  ${one(roundClosed, 'closed', block, ofSameRound(roundClosed, of))}
  ${one(roundCancelled, 'cancelled', block, ofSameRound(roundCancelled, of))}
  ${one(roundDrawn, 'drawn', block, ofSameRound(roundDrawn, of))}
  ${one(roundFinalized, 'finalized', block, ofSameRound(roundFinalized, of))}`

/** By the steps. */
export const roundStatus = sql`case
  when cancelled.id is not null then 'CANCELLED'
  when finalized.id is not null then finalized.outcome::text
  when drawn.id is not null then 'DRAWN'
  when closed.id is not null then 'DRAWING'
  else 'OPEN' end`

/** The token at that address. */
export const tokenOf = (address: SQL) => sql`
  left join token on token.chain_id = base.chain_id and token.address = ${address}`
export const poolOf = sql`
  left join pool on pool.chain_id = base.chain_id and pool.pool_id = base.pool_id`
export const tokenValues = sql`token.symbol as token_symbol, token.decimals as token_decimals`

/** The claim that took a payout, as `claim`: the account's first in that token behind it. */
export const claimOf = (payout: string, block: SQL): SQL => {
  const of = sql.raw(payout)
  return sql`
    left join lateral (
      select * from credit_claimed
      where not ${of}.delivered and account = ${of}.recipient and chain_id = ${of}.chain_id and token = ${of}.token
        and (block_number, log_index) > (${of}.block_number, ${of}.log_index) and block_number <= ${block}
      order by block_number, log_index limit 1
    ) claim on true`
}

/** Sums of a round's rows up to the block, as `alias`. */
export const sums = (
  table: typeof schema.entry | typeof schema.payout,
  alias: string,
  block: SQL,
  values: SQL,
): SQL => sql`
  cross join lateral (
    select ${values} from ${table} where ${ofSameRound(table, 'base')} and ${table.blockNumber} <= ${block}
  ) ${sql.raw(alias)}`
