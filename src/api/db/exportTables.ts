import { sql } from 'drizzle-orm'
import * as schema from '../../../ponder.schema.ts'
import * as Entry from '../../domain/Entry.ts'
import * as Id from '../../domain/Id.ts'
import type { Status } from '../../domain/Round.ts'
import {
  boolean,
  countOrNull,
  type ExportTable,
  integer,
  integerOrNull,
  money,
  moneyOrNull,
  ofRound,
  place,
  text,
  textOrNull,
  timeOrNull,
  token,
} from './exportColumns.ts'
import {
  claimOf,
  one,
  poolOf,
  roundStatus,
  roundSteps,
  tokenOf,
  tokenValues,
} from './exportJoins.ts'
import { pools, rounds } from './exportRounds.ts'
import { payments as allPayments } from './payment.ts'

const entries: ExportTable = {
  base: schema.entry,
  pageRows: 2000,
  columns: [
    text('id'),
    ...place,
    ...ofRound,
    text('entry_id'),
    text('player'),
    text('payer'),
    integer('number'),
    ...token,
    ...money('amount'),
    ...money('fee_amount'),
    text('payment_method'),
    text('payment_ref'),
    text('round_status'),
    integerOrNull('winning_number'),
    text('status', (raw) => {
      const round = {
        status: raw.round_status as Status,
        winningNumber: raw.winning_number === null ? null : Number(raw.winning_number),
      }
      const paid =
        raw.payout === null
          ? undefined
          : { delivered: raw.is_delivered === true, isClaimed: raw.is_claimed === true }
      return Entry.status(round, Number(raw.number), paid)
    }),
    ...moneyOrNull('payout'),
    integerOrNull('payout_block_number'),
  ],
  select: (block) => ({
    values: sql`base.*, played.token, played.token_symbol, played.token_decimals, played.round_status,
      played.winning_number, paid.amount as payout, paid.block_number as payout_block_number, paid.delivered as is_delivered,
      claim.id is not null as is_claimed`,
    // Once for each round, which `offset 0` makes sure of: entries of a page are many, their rounds are few.
    joins: sql`
      join (
        select base.chain_id, base.pool_id, base.round_id, pool.token, ${tokenValues}, ${roundStatus} as round_status,
          drawn.winning_number
        from (select distinct chain_id, pool_id, round_id from base) base
        ${roundSteps('base', block)} ${poolOf} ${tokenOf(sql`pool.token`)}
        offset 0
      ) played using (chain_id, pool_id, round_id)
      ${one(
        schema.payout,
        'paid',
        block,
        sql`${schema.payout.chainId} = base.chain_id and ${schema.payout.entryId} = base.entry_id`,
      )}
      ${claimOf('paid', block)}`,
  }),
}

const payouts: ExportTable = {
  base: schema.payout,
  pageRows: 2000,
  columns: [
    text('id'),
    ...place,
    ...ofRound,
    text('kind'),
    text('recipient'),
    textOrNull('entry_id'),
    ...token,
    ...money('amount'),
    boolean('is_delivered'),
    text('state', ({ is_delivered, claim_block_number }) => {
      if (is_delivered === true) return 'DELIVERED'
      return claim_block_number === null ? 'CREDITED' : 'CLAIMED'
    }),
    integerOrNull('claim_block_number'),
    ...timeOrNull('claim_timestamp'),
    textOrNull('claim_transaction_hash'),
  ],
  select: (block) => ({
    values: sql`base.*, base.delivered as is_delivered, ${tokenValues}, claim.block_number as claim_block_number,
      claim.timestamp as claim_timestamp, claim.transaction_hash as claim_transaction_hash`,
    joins: sql`${tokenOf(sql`base.token`)} ${claimOf('base', block)}`,
  }),
}

const payments: ExportTable = {
  base: schema.tokenAuthorization,
  pageRows: 2000,
  columns: [
    text('id', ({ chain_id, token, authorizer, nonce }) =>
      Id.payment(Number(chain_id), String(token), String(authorizer), String(nonce)),
    ),
    ...place,
    ...token,
    text('authorizer'),
    text('nonce'),
    ...money('amount'),
    text('facilitator'),
    // PENDING becomes ORPHAN when the payment's block is final, whichever block is exported.
    text('link_status', ({ link_status: status }) =>
      status === 'PENDING' || status === 'ORPHAN' ? 'UNLINKED' : String(status),
    ),
    textOrNull('pool_id'),
    textOrNull('round_id'),
    textOrNull('player'),
    textOrNull('first_entry_id'),
    countOrNull('entry_count'),
    textOrNull('salt'),
  ],
  // All that a payment is made of is in its transaction, and so up to the block when the authorisation is.
  select: () => ({
    values: sql`"x402_payment".*, ${tokenValues}`,
    joins: sql`
      left join lateral (select * from ${allPayments(sql`used.id = base.id`)}) "x402_payment" on true
      ${tokenOf(sql`base.token`)}`,
  }),
  isRow: (raw) => raw.nonce !== null,
}

export const exportTables = { entries, payouts, payments, rounds, pools } as const

export type ExportName = keyof typeof exportTables

export const isExportName = (name: string): name is ExportName => Object.hasOwn(exportTables, name)
