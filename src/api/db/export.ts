import { type SQL, sql } from 'drizzle-orm'
import postgres from 'postgres'
import type { ResultRow } from './analystQuery.ts'
import { listBlocks, newestBlockUpTo } from './blocks.ts'
import { InputError } from './errors.ts'
import type { ExportTable } from './exportColumns.ts'
import type { Head } from './head.ts'
import { optional, type Reader } from './reader.ts'
import type { OpenSnapshot, Snapshot } from './snapshot.ts'

/** The block that an export tells the state of. */
export interface Pin {
  readonly chainId: number
  readonly number: number
  readonly hash: string
}

/** The place of a fact on its chain. */
export interface ExportKey {
  readonly blockNumber: number
  readonly logIndex: number
}

export interface ExportPage {
  readonly rows: readonly ResultRow[]
  /** Where the next page goes on; null when there is none. */
  readonly next: ExportKey | null
}

/** The block of an export is not on the chain any more. */
export class ReorganisedError extends Error {
  override readonly name = 'ReorganisedError'
}

/** There is nothing to export yet. */
export class NoBlockError extends Error {
  override readonly name = 'NoBlockError'
  override readonly message = 'No block is indexed yet'
}

export type Open = () => Promise<OpenSnapshot>

/** Somebody changed the tables, or a replica had to give the read up: nothing was read yet. */
const PASSING: ReadonlySet<string> = new Set(['55P03', '40P01', '40001'])
const MOST_TRIES = 5

/** Reads in a snapshot of its own, and again when it could not be read through. */
const inSnapshot = async <T>(
  open: Open,
  read: (snapshot: Snapshot) => Promise<T>,
  triesLeft = MOST_TRIES - 1,
): Promise<T> => {
  try {
    const { snapshot, close } = await open()
    try {
      return await read(snapshot)
    } finally {
      await close()
    }
  } catch (error) {
    const isPassing = error instanceof postgres.PostgresError && PASSING.has(error.code)
    if (!isPassing || triesLeft === 0) throw error
    return inSnapshot(open, read, triesLeft - 1)
  }
}

const headOf = (heads: ReadonlyMap<number, Head>, chainId: number | undefined): Head => {
  if (heads.size === 0) throw new NoBlockError()
  const [only] = heads.values()
  const head = chainId === undefined && heads.size === 1 ? only : heads.get(chainId ?? -1)
  if (head === undefined)
    throw new InputError(`chain: expected one of ${[...heads.keys()].join(', ')}`)
  return head
}

/**
 * The newest indexed block up to `at`: where blocks without a fact are not stored, nothing happened between the two.
 *
 * @param chainId may be left out when there is one chain.
 * @throws InputError when that block is not indexed; NoBlockError when none is.
 */
export const pinBlock = (open: Open, at: number | 'finalized', chainId?: number): Promise<Pin> =>
  inSnapshot(open, async ({ db, heads }) => {
    const head = headOf(heads, chainId)
    const asked = at === 'finalized' ? head.finalizedNumber : at
    if (asked > head.number)
      throw new InputError(`block ${asked} is not indexed yet: the newest is ${head.number}`)
    const block = await newestBlockUpTo(db, head.chainId, asked)
    if (block === null) throw new InputError(`block ${asked} lies before the first indexed block`)
    return { chainId: head.chainId, number: block.number, hash: block.hash }
  })

/** The block of the first fact that a table has, for saying how far a reader is; null without any. */
export const firstBlockOf = (
  open: Open,
  { base }: ExportTable,
  { chainId }: Pin,
): Promise<number | null> =>
  inSnapshot(open, async ({ db }) => {
    const [row] = await db.rows(sql`
      select min(${base.blockNumber}) as first from ${base} where ${base.chainId} = ${String(chainId)}::integer`)
    return optional(row?.first, Number)
  })

const checkPin = async (db: Reader, { chainId, number, hash }: Pin) => {
  const [found] = await listBlocks(db, chainId, number, number)
  if (found?.hash !== hash)
    throw new ReorganisedError(`block ${number} was reorganised away: start again`)
}

const big = (value: number): SQL => sql`${String(value)}::bigint`

const statementOf = (
  { base, pageRows, select }: ExportTable,
  { chainId, number }: Pin,
  after: ExportKey | null,
): SQL => {
  const behind =
    after === null
      ? sql`true`
      : sql`(${base.blockNumber}, ${base.logIndex}) > (${big(after.blockNumber)}, ${big(after.logIndex)})`
  const { values, joins } = select(big(number))
  // The number of rows is written out: a plan that does not know it would read the whole table.
  return sql`
    with base as materialized (
      select * from ${base} where ${base.chainId} = ${String(chainId)}::integer and ${behind}
        and ${base.blockNumber} <= ${big(number)}
      order by ${base.blockNumber}, ${base.logIndex} limit ${sql.raw(String(pageRows))}
    )
    select base.block_number as key_block_number, base.log_index as key_log_index, ${values}
    from base ${joins} order by 1, 2`
}

/**
 * Rows of a table as of a block, in chain order, a page at a time. Each page has a snapshot of its own, in which the block is still
 * the one that was pinned: facts up to it are then the same in all of them. While a page is in the reader's hands the next one is read,
 * and no more.
 *
 * @throws ReorganisedError when the block is not what it was.
 */
export async function* exportPages(
  open: Open,
  table: ExportTable,
  pin: Pin,
  after: ExportKey | null = null,
): AsyncGenerator<ExportPage, undefined> {
  const { columns, pageRows, isRow = () => true } = table
  const readBehind = (from: ExportKey | null) =>
    inSnapshot(open, async ({ db }) => {
      await checkPin(db, pin)
      return db.rows(statementOf(table, pin, from))
    })
  let reading = readBehind(after)
  try {
    for (;;) {
      const facts = await reading
      const last = facts.length < pageRows ? undefined : facts.at(-1)
      const next =
        last === undefined
          ? null
          : { blockNumber: Number(last.key_block_number), logIndex: Number(last.key_log_index) }
      if (next !== null) {
        reading = readBehind(next)
        // Heard when the page before it has been taken.
        reading.catch(() => undefined)
      }
      yield { rows: facts.filter(isRow).map((raw) => columns.map(({ read }) => read(raw))), next }
      if (next === null) return
    }
  } finally {
    // A reader that leaves early leaves no snapshot open.
    await reading.catch(() => undefined)
  }
}
