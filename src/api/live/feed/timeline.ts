import { type ActivityRow, activityIn } from '../../db/activity.ts'
import { type Block, hashInRows, listBlocks, newestBlocks } from '../../db/blocks.ts'
import type { Head } from '../../db/head.ts'
import type { Reader } from '../../db/reader.ts'

/** A block, and what happened in it. */
export interface TimelineBlock extends Block {
  readonly events: readonly ActivityRow[]
}

/**
 * The end of one chain, as the rows of its head show it. Never changes: a block more, or a reorganisation, makes another one
 * that shares the blocks which stayed.
 */
export interface Timeline {
  readonly head: Head
  /** Everything that happened above this block, up to the head, is in `blocks`. */
  readonly floor: number
  /** In order. Below what is final there may be gaps where nothing happened. */
  readonly blocks: readonly TimelineBlock[]
  /** Blocks that were reorganised away, by hash, newest last. */
  readonly orphans: ReadonlyMap<string, TimelineBlock>
  /** Another one whenever the chain may have been reorganised. */
  readonly branch: number
}

export interface TimelineLimits {
  readonly blocks: number
  readonly events: number
}

/** Covers twice the deepest finality that Ponder assumes of any chain (240 blocks). */
export const LIMITS: TimelineLimits = { blocks: 1024, events: 20_000 }

/** Where a block stands in the list, or would stand. */
const indexOf = (blocks: readonly TimelineBlock[], number: number): number => {
  let [low, high] = [0, blocks.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((blocks[middle]?.number ?? 0) < number) low = middle + 1
    else high = middle
  }
  return low
}

export const blockOf = ({ blocks }: Timeline, number: number): TimelineBlock | undefined => {
  const found = blocks[indexOf(blocks, number)]
  return found?.number === number ? found : undefined
}

/** Blocks above one and up to another. */
export const blocksBetween = (
  { blocks }: Timeline,
  above: number,
  upTo: number,
): readonly TimelineBlock[] => blocks.slice(indexOf(blocks, above + 1), indexOf(blocks, upTo + 1))

/** The newest blocks that fit into the limits, and the floor under them. */
const fitting = (
  blocks: readonly TimelineBlock[],
  floor: number,
  limits: TimelineLimits,
): Pick<Timeline, 'blocks' | 'floor'> => {
  let events = 0
  let first = blocks.length
  while (first > 0 && blocks.length - first < limits.blocks) {
    events += blocks[first - 1]?.events.length ?? 0
    if (events > limits.events) break
    first -= 1
  }
  const dropped = blocks[first - 1]
  return dropped === undefined
    ? { blocks, floor }
    : { blocks: blocks.slice(first), floor: dropped.number }
}

const newestOf = (
  orphans: ReadonlyMap<string, TimelineBlock>,
  limits: TimelineLimits,
): ReadonlyMap<string, TimelineBlock> =>
  orphans.size <= limits.blocks ? orphans : new Map([...orphans].slice(-limits.blocks))

/** Blocks above `above` with what happened in them; null when that is more than the limits hold. */
const read = async (
  db: Reader,
  head: Head,
  above: number,
  limits: TimelineLimits,
): Promise<readonly TimelineBlock[] | null> => {
  const range = {
    chainId: head.chainId,
    after: { number: above, logIndex: null },
    upTo: head.number,
  }
  const events = await activityIn(db, range, null, limits.events + 1)
  const rows = await newestBlocks(db, head.chainId, above + 1, limits.blocks + 1)
  if (events.length > limits.events || rows.length > limits.blocks) return null
  const byBlock = Map.groupBy(events, ({ blockNumber }) => blockNumber)
  return rows.toReversed().map((row) => ({ ...row, events: byBlock.get(row.number) ?? [] }))
}

/** Nothing in memory but the head: whoever is behind it reads the tables. */
const bare = (head: Head): Pick<Timeline, 'blocks' | 'floor'> => ({
  floor: head.number,
  blocks: [],
})

export const begin = async (
  db: Reader,
  head: Head,
  limits: TimelineLimits = LIMITS,
): Promise<Timeline> => {
  const blocks = await read(db, head, head.finalizedNumber, limits)
  const kept = blocks === null ? bare(head) : { floor: head.finalizedNumber, blocks }
  return { head, ...kept, orphans: new Map(), branch: 0 }
}

/**
 * How many of the blocks are still on the chain that the rows show. The rows may leave out blocks that are final and in which
 * nothing happened; a block with events that has no row is gone.
 */
const countStaying = (
  blocks: readonly TimelineBlock[],
  head: Head,
  rows: readonly Block[],
): number => {
  const hashes = new Map<number, string>([
    ...rows.map(({ number, parentHash }) => [number - 1, parentHash] as const),
    ...rows.map(({ number, hash }) => [number, hash] as const),
  ])
  const gone = blocks.findIndex(({ number, hash, events }) => {
    const known = hashes.get(number)
    if (known !== undefined) return known !== hash
    return number > head.finalizedNumber || events.length > 0
  })
  return gone === -1 ? blocks.length : gone
}

/** The timeline that these rows show, from the one before. */
export const extend = async (
  db: Reader,
  before: Timeline,
  head: Head,
  limits: TimelineLimits = LIMITS,
): Promise<Timeline> => {
  if (before.head.number === head.number && before.head.hash === head.hash)
    return { ...before, head }
  const isForward =
    head.number > before.head.number &&
    (await hashInRows(db, head.chainId, before.head.number)) === before.head.hash
  const first = before.blocks[0]?.number ?? before.floor + 1
  const staying = isForward
    ? before.blocks.length
    : countStaying(
        before.blocks,
        head,
        await listBlocks(db, head.chainId, first, before.head.number + 1),
      )
  const kept = before.blocks.slice(0, staying)
  const orphans = new Map(before.orphans)
  for (const block of before.blocks.slice(staying)) orphans.set(block.hash, block)

  const floor = Math.min(before.floor, head.number)
  const above = isForward ? before.head.number : (kept.at(-1)?.number ?? floor)
  const added = await read(db, head, above, limits)
  for (const { hash } of added ?? []) orphans.delete(hash)
  return {
    head,
    ...(added === null ? bare(head) : fitting([...kept, ...added], floor, limits)),
    orphans: newestOf(orphans, limits),
    branch: isForward ? before.branch : before.branch + 1,
  }
}
