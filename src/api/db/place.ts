import type { AnyPgColumn } from 'drizzle-orm/pg-core'
import { blockNumber, type Fields, hex, int, timestamp } from './fields.ts'
import type { Raw } from './reader.ts'

/** Where a fact stands on the chain, as its row says. `timestamp` in seconds of block time. */
export interface Place {
  readonly chainId: number
  readonly blockNumber: number
  readonly logIndex: number
  readonly blockHash: string
  readonly transactionHash: string
  readonly timestamp: number
}

/** The columns that every fact has. */
export const placeFields = (table: Readonly<Record<keyof Place, AnyPgColumn>>) =>
  ({
    chainId: int(table.chainId),
    blockNumber: blockNumber(table.blockNumber),
    logIndex: int(table.logIndex),
    blockHash: hex(table.blockHash),
    transactionHash: hex(table.transactionHash),
    timestamp: timestamp(table.timestamp),
  }) satisfies Fields

/** Fields whose values are different for any two facts, in chain order. */
export const PLACE_KEY = ['chainId', 'blockNumber', 'logIndex']

export const decodePlace = (raw: Raw): Place => ({
  chainId: Number(raw.chain_id),
  blockNumber: Number(raw.block_number),
  logIndex: Number(raw.log_index),
  blockHash: String(raw.block_hash),
  transactionHash: String(raw.transaction_hash),
  timestamp: Number(raw.timestamp),
})
