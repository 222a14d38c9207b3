import { type ActivityRow, activityIn } from '../../db/activity.ts'
import { type Block, blockUpTo, hashInRows } from '../../db/blocks.ts'
import type { FeedMessage } from '../../db/feed.ts'
import type { Filter } from '../../db/filter.ts'
import type { Head } from '../../db/head.ts'
import type { Reader } from '../../db/reader.ts'
import { blockOf, blocksBetween, type Timeline, type TimelineBlock } from './timeline.ts'

/** How far a reader has been told the story: to the end of a block, or to a log in it. */
export interface Position {
  readonly number: number
  readonly hash: string
  /** Null: the whole block. */
  readonly logIndex: number | null
  /** What was final then. */
  readonly finalizedNumber: number
  /** Nothing up to this block was told: the reader began behind it. 0 once it is final, and for who goes on from a cursor. */
  readonly origin: number
}

/** What one feed is about. */
export interface Story {
  readonly chainId: number
  readonly where: Filter | null
  /** The same filter, for rows in memory. */
  readonly test: (event: ActivityRow) => boolean
  readonly isFinalOnly: boolean
}

export interface Step {
  readonly message: FeedMessage
  /** Where it brings its reader. */
  readonly position: Omit<Position, 'origin'>
}

/** A message carries at most so many events, unless one block has more. */
const PAGE = 500

/** The block that a message of this feed ends at: the head, or the newest final block that the rows know. */
const targetOf = async (db: Reader, { head }: Timeline, { isFinalOnly }: Story): Promise<Head> => {
  if (!isFinalOnly) return head
  const final = await blockUpTo(db, head.chainId, head.finalizedNumber)
  return final === null ? head : at(head, final)
}

/** A head that was passed already. */
const at = (head: Head, { number, hash, parentHash, timestamp }: Block): Head => ({
  ...head,
  number,
  hash,
  parentHash,
  timestamp,
  finalizedNumber: Math.min(head.finalizedNumber, number),
})

const positionAt = ({ number, hash, finalizedNumber }: Head): Omit<Position, 'origin'> => ({
  number,
  hash,
  logIndex: null,
  finalizedNumber,
})

const append = (head: Head, events: readonly ActivityRow[]): Step => ({
  message: { kind: 'append', head, events },
  position: positionAt(head),
})

const matching = (blocks: readonly TimelineBlock[], { test }: Story, after: Position) =>
  blocks
    .flatMap(({ events }) => events)
    .filter(
      (event) =>
        test(event) &&
        (after.logIndex === null ||
          event.blockNumber > after.number ||
          event.logIndex > after.logIndex),
    )

/** Blocks above the position, and the position's own when only part of it was told. */
const firstAfter = ({ number, logIndex }: Position) => (logIndex === null ? number : number - 1)

/** Where the chain that the position is on left the one that is told now. */
interface Fork {
  readonly toBlock: number
  /** The hash of that block when it is still to be looked up. */
  readonly parentHash?: string
  /** Blocks of the branch that is gone, as far as they are known. */
  readonly gone: readonly TimelineBlock[]
}

type Standing = 'canonical' | 'ahead' | Fork

/** Follows the parents of a lost block back to the chain. */
const forkOf = (timeline: Timeline, position: Position): Fork | undefined => {
  const gone: TimelineBlock[] = []
  let hash = position.hash
  for (let lost = timeline.orphans.get(hash); lost !== undefined; ) {
    gone.push(lost)
    hash = lost.parentHash
    lost = timeline.orphans.get(hash)
  }
  const lowest = gone.at(-1)
  if (lowest === undefined) return undefined
  const toBlock = lowest.number - 1
  return blockOf(timeline, toBlock)?.hash === hash
    ? { toBlock, gone }
    : { toBlock, gone, parentHash: hash }
}

const standing = (timeline: Timeline, position: Position): Standing | 'unknown' => {
  const fork = forkOf(timeline, position)
  if (fork !== undefined) return fork
  if (position.number > timeline.head.number) return 'ahead'
  if (position.number <= position.finalizedNumber) return 'canonical'
  const block = blockOf(timeline, position.number)
  if (block === undefined) return 'unknown'
  return block.hash === position.hash
    ? 'canonical'
    : { toBlock: position.finalizedNumber, gone: [] }
}

/** What the rows say where memory does not reach: what was final at the position is common in any case. */
const standingInRows = async (
  db: Reader,
  timeline: Timeline,
  position: Position,
): Promise<Standing> => {
  const { chainId } = timeline.head
  const { number, hash, finalizedNumber } = position
  const known = standing(timeline, position)
  if (known === 'unknown')
    return (await hashInRows(db, chainId, number)) === hash
      ? 'canonical'
      : { toBlock: finalizedNumber, gone: [] }
  if (typeof known === 'string' || known.parentHash === undefined) return known
  const { toBlock, parentHash, gone } = known
  if ((await hashInRows(db, chainId, toBlock)) === parentHash) return { toBlock, gone }
  return { toBlock: Math.min(toBlock, finalizedNumber), gone }
}

const undo = async (
  db: Reader,
  { head }: Timeline,
  story: Story,
  position: Position,
  { toBlock, gone }: Fork,
): Promise<Step> => {
  const block = await blockUpTo(db, story.chainId, toBlock)
  const reached = block === null ? head : at(head, block)
  const removed = gone
    .filter(({ number }) => number <= position.number && number > position.origin)
    .toReversed()
    .flatMap(({ events }) => events)
    .filter(
      (event) =>
        story.test(event) &&
        (event.blockNumber < position.number ||
          position.logIndex === null ||
          event.logIndex <= position.logIndex),
    )
    .map(({ id }) => id)
  return {
    message: { kind: 'undo', head: reached, toBlock, removed },
    position: positionAt(reached),
  }
}

/** Cuts a page at the end of a block; the last block of a page that is full may go on behind it. */
const cut = (events: readonly ActivityRow[]): readonly ActivityRow[] => {
  if (events.length <= PAGE) return events
  const last = events[PAGE]?.blockNumber
  const whole = events.slice(0, PAGE).filter(({ blockNumber }) => blockNumber !== last)
  return whole.length > 0 ? whole : events.filter(({ blockNumber }) => blockNumber === last)
}

const endOf = (head: Head, event: ActivityRow): Head =>
  at(head, {
    number: event.blockNumber,
    hash: event.blockHash as Head['hash'],
    parentHash: head.parentHash,
    timestamp: event.timestamp,
  })

const page = (target: Head, found: readonly ActivityRow[]): Step => {
  const events = cut(found)
  const last = events.at(-1)
  return last === undefined || events.length === found.length
    ? append(target, found)
    : append(endOf(target, last), events)
}

/** Events behind a position, by the tables: a page more than one message holds, or one whole block. */
const readOn = async (
  db: Reader,
  story: Story,
  after: Position,
  target: Head,
): Promise<readonly ActivityRow[]> => {
  const range = { chainId: story.chainId, after, upTo: target.number }
  const found = await activityIn(db, range, story.where, PAGE + 1)
  const [first, last] = [found[0], found.at(-1)]
  if (found.length <= PAGE || first === undefined || first.blockNumber !== last?.blockNumber)
    return found
  // One block with more than a page: it is told as a whole.
  const block = { ...range, upTo: first.blockNumber }
  const whole = await activityIn(db, block, story.where, Number.MAX_SAFE_INTEGER)
  const beyond = { ...range, after: { number: first.blockNumber, logIndex: null } }
  return [...whole, ...(await activityIn(db, beyond, story.where, 1))]
}

export interface Reading {
  readonly timeline: Timeline
  readonly story: Story
  /** Null: nothing yet, so an empty message with the present head comes first. */
  readonly position: Position | null
  /** Up to this block nothing matched behind the position. */
  readonly scanned: number
}

/**
 * The next message for a reader at a position, as these rows show it; null while there is nothing to say, because the chain is
 * not as far as the reader is. An empty one says that nothing matched up to its head.
 */
export const nextStep = async (db: Reader, reading: Reading): Promise<Step | null> => {
  const { timeline, story, position, scanned } = reading
  const target = await targetOf(db, timeline, story)
  if (position === null) return append(target, [])
  const stands = await standingInRows(db, timeline, position)
  if (stands === 'ahead') return null
  if (stands !== 'canonical') return undo(db, timeline, story, position, stands)
  if (position.number > target.number) return null
  const from = Math.max(firstAfter(position), scanned)
  if (from >= timeline.floor)
    return page(target, matching(blocksBetween(timeline, from, target.number), story, position))
  return page(target, await readOn(db, story, position, target))
}

/** What memory alone says of the next message: nothing matched, or something did and where it begins, or only the rows know. Ahead: the chain has not come to the reader's block. */
export type Outlook =
  | { readonly kind: 'quiet' | 'unknown' | 'waiting' | 'ahead' }
  | { readonly kind: 'undo' }
  | { readonly kind: 'events'; readonly first: string }

export const outlook = ({ timeline, story, position, scanned }: Reading): Outlook => {
  if (position === null) return { kind: 'unknown' }
  const stands = standing(timeline, position)
  if (stands === 'unknown') return { kind: 'unknown' }
  if (stands === 'ahead') return { kind: 'ahead' }
  if (stands !== 'canonical') return { kind: 'undo' }
  const { head, floor } = timeline
  const target = story.isFinalOnly ? head.finalizedNumber : head.number
  const from = Math.max(firstAfter(position), scanned)
  if (position.number > target) return { kind: 'waiting' }
  if (from < floor) return { kind: 'unknown' }
  const [first] = matching(blocksBetween(timeline, from, target), story, position)
  return first === undefined ? { kind: 'quiet' } : { kind: 'events', first: first.id }
}
