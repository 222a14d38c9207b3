import { sql } from 'drizzle-orm'
import * as schema from '../../../ponder.schema.ts'
import type { Facts } from '../../domain/Draw.ts'
import { groupByKey, isOfRound, keysTable, ROUND_KEY } from './keys.ts'
import { decodePlace, type Place } from './place.ts'
import { optional, type Raw, type Reader } from './reader.ts'
import type { RoundKey } from './round.ts'

type Hex = `0x${string}`

/** What was asked of the coordinator for a round, what it answered, and what the round made of it. */
export interface DrawRow {
  readonly requestId: bigint
  readonly coordinator: string
  readonly keyHash: Hex
  readonly requested: Place
  /** The transaction that answered, whether or not the round took the answer. */
  readonly fulfilled: Place | null
  readonly facts: Facts
}

const { randomnessRequested, randomWordsRequested, randomWordsFulfilled, randomnessFulfilled } =
  schema
const { roundDrawn, entry, pool, round, prizeCarried } = schema

const decode = (raw: Raw): DrawRow => {
  const requested = decodePlace(raw)
  const number = (name: string) => optional(raw[name], Number)
  const integer = (name: string) => optional(raw[name], BigInt)
  const text = (name: string) => optional(raw[name], (value) => value as Hex)
  const need = <Value>(value: Value | null, name: string): Value => {
    if (value === null) throw new Error(`A draw without ${name}`)
    return value
  }
  const requestId = need(integer('request_id'), 'its request')
  const keyHash = need(text('key_hash'), 'its key')
  const outputSeed = integer('output_seed')
  const randomWord = integer('random_word')
  const drawnNumber = number('drawn_number')
  const lastBlock = integer('last_block')
  const nextCarryIn = integer('next_carry_in')
  return {
    requestId,
    coordinator: String(raw.coordinator),
    keyHash,
    requested,
    fulfilled:
      outputSeed === null
        ? null
        : {
            chainId: requested.chainId,
            blockNumber: Number(raw.fulfilled_block),
            logIndex: Number(raw.fulfilled_log),
            blockHash: String(raw.fulfilled_block_hash),
            transactionHash: String(raw.fulfilled_transaction),
            timestamp: Number(raw.fulfilled_at),
          },
    facts: {
      request: {
        blockNumber: BigInt(requested.blockNumber),
        logIndex: requested.logIndex,
        blockHash: requested.blockHash as Hex,
        requestId,
        keyHash,
        preSeed: integer('pre_seed'),
      },
      fulfilment:
        outputSeed === null
          ? null
          : { outputSeed, proof: text('proof'), success: raw.success === true },
      word:
        randomWord === null
          ? null
          : { randomWord, winningNumber: need(number('word_number'), 'its number') },
      drawn:
        drawnNumber === null
          ? null
          : {
              winningNumber: drawnNumber,
              winningEntryCount: Number(raw.drawn_entry_count),
              prizePool: need(integer('drawn_prize_pool'), 'its prize pool'),
              prizePerEntry: need(integer('drawn_prize_per_entry'), 'its prize'),
              carryOut: need(integer('drawn_carry_out'), 'its carry'),
            },
      pool: { entryFee: need(integer('entry_fee'), 'its fee'), feeBps: Number(raw.fee_bps) },
      round: { carryIn: need(integer('carry_in'), 'its carry') },
      entries: {
        count: Number(raw.entry_count),
        onNumber: Number(raw.entries_on_number),
        last:
          lastBlock === null
            ? null
            : { blockNumber: lastBlock, logIndex: Number(raw.last_log_index) },
      },
      next:
        nextCarryIn === null ? null : { carryIn: nextCarryIn, carried: integer('carried') ?? 0n },
    },
  }
}

/** The draw of each round, from the facts alone; null while nothing was asked of the coordinator. */
export const listDraws = async (
  db: Reader,
  rounds: readonly RoundKey[],
): Promise<readonly (DrawRow | null)[]> => {
  const keys = rounds.map(({ chainId, poolId, roundId }) => [chainId, poolId, roundId])
  const rows = await db.rows(sql`
    select keys.position, ${randomnessRequested}.*, asked.pre_seed,
      answered.output_seed, answered.proof, answered.success, answered.block_number as fulfilled_block,
      answered.log_index as fulfilled_log, answered.block_hash as fulfilled_block_hash,
      answered.transaction_hash as fulfilled_transaction, answered.timestamp as fulfilled_at,
      taken.random_word, taken.winning_number as word_number, drawn.winning_number as drawn_number,
      drawn.winning_entry_count as drawn_entry_count, drawn.prize_pool as drawn_prize_pool,
      drawn.prize_per_entry as drawn_prize_per_entry, drawn.carry_out as drawn_carry_out,
      ${pool.entryFee}, ${pool.feeBps}, ${round.carryIn}, placed.*, last.block_number as last_block,
      last.log_index as last_log_index, following.carry_in as next_carry_in, carried.amount as carried
    from ${keysTable(ROUND_KEY, keys)}
    join ${randomnessRequested} on ${isOfRound(randomnessRequested)}
    join ${round} on ${isOfRound(round)}
    join ${pool} on ${pool.chainId} = ${round.chainId} and ${pool.poolId} = ${round.poolId}
    left join ${randomWordsRequested} asked on asked.chain_id = ${randomnessRequested.chainId}
      and asked.request_id = ${randomnessRequested.requestId}
    left join ${randomWordsFulfilled} answered on answered.chain_id = ${randomnessRequested.chainId}
      and answered.request_id = ${randomnessRequested.requestId}
    left join ${randomnessFulfilled} taken on taken.chain_id = ${round.chainId} and taken.pool_id = ${round.poolId}
      and taken.round_id = ${round.roundId}
    left join ${roundDrawn} drawn on drawn.chain_id = ${round.chainId} and drawn.pool_id = ${round.poolId}
      and drawn.round_id = ${round.roundId}
    left join ${round} following on following.chain_id = ${round.chainId} and following.pool_id = ${round.poolId}
      and following.round_id = ${round.roundId} + 1
    left join lateral (
      select sum(${prizeCarried.amount}) as amount from ${prizeCarried} where ${isOfRound(prizeCarried)}
    ) carried on true
    cross join lateral (
      select count(*) as entry_count,
        count(*) filter (where ${entry.number} = coalesce(drawn.winning_number, taken.winning_number)) as entries_on_number
      from ${entry} where ${isOfRound(entry)}
    ) placed
    left join lateral (
      select ${entry.blockNumber}, ${entry.logIndex} from ${entry} where ${isOfRound(entry)}
      order by ${entry.blockNumber} desc, ${entry.logIndex} desc limit 1
    ) last on true`)
  return groupByKey(keys, rows, decode).map(([draw]) => draw ?? null)
}
