import type { Block } from '../db/blocks.ts'
import type { Head } from '../db/head.ts'

/**
 * When the head goes back there are two reasons, and readers must be told of one only.
 *
 * - A *reorganisation*: the chain itself changed its mind. The indexer reverts to the common ancestor and goes on with
 *   other blocks. What was told is wrong, and the corrected state goes out at once, though its head may be lower.
 * - A *rewind*: the indexer was restarted. It reverts to its last finalized checkpoint and executes the same blocks
 *   again, with the same hashes. Nothing that was told is wrong, so nothing is said until the head is back.
 *
 * Right after the revert the two look alike: rows are missing, none is different. So silence is kept until one of
 * - a block at or below the told head has another hash than was told, or names another parent: a reorganisation. A
 *   reorganising indexer writes the first such block in its next transaction, milliseconds after the revert;
 * - the head reaches or passes the told number without such a block: the rewind is over;
 * - the head stands still below the told number for the patience time: no rewind stands still that long, so the chain
 *   became shorter and got no new block. The rows are believed.
 */
export type Verdict = 'same' | 'forward' | 'reorganised' | 'rewinding'

/** What readers have been told of one chain: its head, and the hashes of blocks up to it. */
export interface Told {
  readonly head: Head
  readonly hashes: ReadonlyMap<number, string>
}

/** Covers twice the deepest finality that Ponder assumes of any chain (240 blocks), which is what a restart rewinds. */
export const MEMORY = 1024

/** Blocks from this number on decide between the verdicts. */
export const firstNeeded = (told: Told, head: Head): number =>
  head.number > told.head.number ? told.head.number : told.head.number - MEMORY

const contradicts = (told: Told, blocks: readonly Block[]) =>
  blocks.some(({ number, hash, parentHash }) => {
    const own = told.hashes.get(number)
    const parent = told.hashes.get(number - 1)
    return (own !== undefined && own !== hash) || (parent !== undefined && parent !== parentHash)
  })

/** `blocks` are those of the same snapshot as `head`, from `firstNeeded` on. */
export const judge = (told: Told, head: Head, blocks: readonly Block[]): Verdict => {
  if (contradicts(told, blocks)) return 'reorganised'
  if (head.number < told.head.number) return 'rewinding'
  if (head.number > told.head.number) return 'forward'
  return head.finalizedNumber > told.head.finalizedNumber ? 'forward' : 'same'
}

/** What has been told once `head` is told too. Blocks above a head that was told are forgotten. */
export const tell = (told: Told | undefined, head: Head, blocks: readonly Block[]): Told => {
  const known: (readonly [number, string])[] = [
    ...(told?.hashes ?? []),
    ...blocks.map(({ number, parentHash }) => [number - 1, parentHash] as const),
    ...blocks.map(({ number, hash }) => [number, hash] as const),
    [head.number - 1, head.parentHash],
    [head.number, head.hash],
  ]
  return {
    head,
    hashes: new Map(
      known.filter(([number]) => number <= head.number && number > head.number - MEMORY),
    ),
  }
}
