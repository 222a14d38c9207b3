import { sql } from 'drizzle-orm'
import { block } from '../../../ponder.schema.ts'
import { decodeRow, type Reader } from './reader.ts'

/** A block as its chain names it. */
export interface Block {
  readonly number: number
  readonly hash: `0x${string}`
  readonly parentHash: `0x${string}`
  /** Seconds. */
  readonly timestamp: number
}

/** Indexed blocks of a chain from a number on, newest first, at most `limit`. */
export const newestBlocks = async (
  db: Reader,
  chainId: number,
  from: number,
  limit: number,
): Promise<readonly Block[]> => {
  const rows = await db.rows(sql`
    select * from ${block} where ${block.chainId} = ${chainId} and ${block.number} >= ${from}::bigint
    order by ${block.number} desc limit ${limit}`)
  return rows.map((raw) => decodeRow(block, raw))
}

/** Indexed blocks of a chain from one number to another, in order. */
export const listBlocks = async (
  db: Reader,
  chainId: number,
  from: number,
  to: number,
): Promise<readonly Block[]> => {
  const rows = await db.rows(sql`
    select * from ${block} where ${block.chainId} = ${chainId}
      and ${block.number} between ${from}::bigint and ${to}::bigint order by ${block.number}`)
  return rows.map((raw) => decodeRow(block, raw))
}

/** The newest indexed block up to a number; null before the first. */
export const newestBlockUpTo = async (
  db: Reader,
  chainId: number,
  number: number,
): Promise<Block | null> => {
  const [row] = await db.rows(sql`
    select * from ${block} where ${block.chainId} = ${chainId} and ${block.number} <= ${number}::bigint
    order by ${block.number} desc limit 1`)
  return row === undefined ? null : decodeRow(block, row)
}

/**
 * The newest indexed block up to a number; facts are only in indexed blocks, so nothing happened between the two. Before the
 * first one, the block that it names as its parent. Null without any block.
 */
export const blockUpTo = async (
  db: Reader,
  chainId: number,
  number: number,
): Promise<Block | null> => {
  const rows = await db.rows(sql`
    (select * from ${block} where ${block.chainId} = ${chainId} and ${block.number} <= ${number}::bigint
      order by ${block.number} desc limit 1)
    union all
    (select * from ${block} where ${block.chainId} = ${chainId} order by ${block.number} limit 1)`)
  const [newest, oldest] = rows.map((raw) => decodeRow(block, raw))
  if (newest === undefined) return null
  if (newest.number <= number || oldest !== undefined) return newest
  const { number: first, parentHash, timestamp } = newest
  return { number: first - 1, hash: parentHash, parentHash, timestamp }
}

/** The hash that the rows give a block, by its own row or by the one above it; null when they say nothing about it. */
export const hashInRows = async (
  db: Reader,
  chainId: number,
  number: number,
): Promise<string | null> => {
  const [first] = await listBlocks(db, chainId, number, number + 1)
  if (first === undefined) return null
  return first.number === number ? first.hash : first.parentHash
}
