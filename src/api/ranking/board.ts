import * as Leaderboard from '../../domain/Leaderboard.ts'
import type { Pace } from '../pace.ts'
import { type Compare, countBefore, edit, find, fromSorted, slice, type Tree } from './tree.ts'

/** A place in a list, and whose it is. */
export interface Row extends Leaderboard.Place {
  readonly standing: Leaderboard.Standing
}

/** Which list of a board: by what, and of whom. */
export interface ListKey {
  readonly metric: Leaderboard.Metric
  readonly minEntries: number
}

/** Rows of a board in the order of a metric. */
export interface List {
  readonly key: ListKey
  readonly rows: Tree<Row>
}

/** The standings of a scope at one block. Never changes. */
export type Board = Tree<Leaderboard.Standing>

const byAddress: Compare<Leaderboard.Standing> = (a, b) =>
  a.address < b.address ? -1 : a.address > b.address ? 1 : 0

/** The player's place in the list; null when the list leaves the player out. */
const rowOf = (standing: Leaderboard.Standing, { metric, minEntries }: ListKey): Row | null => {
  if (standing.entryCount < minEntries) return null
  const value = Leaderboard.measure(standing, metric)
  const { wagered, firstSeenAt, address } = standing
  return value === null ? null : { value, wagered, firstSeenAt, address, standing }
}

/** A board of standings that are in the order of their addresses. */
export const createBoard = (standings: readonly Leaderboard.Standing[]): Board =>
  fromSorted(standings, byAddress)

export const findStanding = (board: Board, address: string) =>
  find(board, (other) => (other.address < address ? -1 : other.address > address ? 1 : 0))

/** What becomes of a player: the standing now, null when the player is not in the scope any more. */
export interface Move {
  readonly address: string
  readonly standing: Leaderboard.Standing | null
}

const isSame = (a: Leaderboard.Standing, b: Leaderboard.Standing) =>
  a.firstSeenAt === b.firstSeenAt &&
  a.entryCount === b.entryCount &&
  a.wins === b.wins &&
  a.wagered === b.wagered &&
  a.won === b.won &&
  a.refunded === b.refunded &&
  a.biggestWin === b.biggestWin &&
  a.pending === b.pending &&
  a.unpaid === b.unpaid &&
  a.unrefunded === b.unrefunded

/** The board after some players moved. Shares all that stayed. */
export const moveBoard = (board: Board, moves: readonly Move[]): Board => {
  const before: Leaderboard.Standing[] = []
  const after: Leaderboard.Standing[] = []
  for (const { address, standing } of moves) {
    const known = findStanding(board, address)
    if (known !== undefined && standing !== null && isSame(known, standing)) continue
    if (known !== undefined) before.push(known)
    if (standing !== null) after.push(standing)
  }
  return before.length + after.length === 0 ? board : edit(board, before, after)
}

/** A list of one board as the list of a later one, by the players who may have moved in between. */
export const moveList = (
  { key, rows }: List,
  from: Board,
  to: Board,
  addresses: Iterable<string>,
): List => {
  const before: Row[] = []
  const after: Row[] = []
  for (const address of addresses) {
    const [old, present] = [findStanding(from, address), findStanding(to, address)]
    if (old === present) continue
    const [out, into] = [old && rowOf(old, key), present && rowOf(present, key)]
    if (out != null) before.push(out)
    if (into != null) after.push(into)
  }
  return { key, rows: before.length + after.length === 0 ? rows : edit(rows, before, after) }
}

/** So many items are sorted or merged between two looks at the time. */
const PART = 512

/** Others get their turn when it is theirs: a million rows would stop everything else for seconds. */
const partsOf = async function* (length: number, pace: Pace) {
  for (let start = 0; start < length; start += PART) {
    if (pace.isSpent()) await pace.turn()
    yield start
  }
}

/** Sorts as `sort` does. */
const sort = async <Item>(
  items: readonly Item[],
  compare: Compare<Item>,
  pace: Pace,
): Promise<readonly Item[]> => {
  let runs: (readonly Item[])[] = []
  for await (const start of partsOf(items.length, pace))
    runs.push(items.slice(start, start + PART).sort(compare))
  while (runs.length > 1) {
    const merged: (readonly Item[])[] = []
    for (let pair = 0; pair < runs.length; pair += 2)
      merged.push(await merge(runs[pair] ?? [], runs[pair + 1] ?? [], compare, pace))
    runs = merged
  }
  return runs[0] ?? []
}

const merge = async <Item>(
  a: readonly Item[],
  b: readonly Item[],
  compare: Compare<Item>,
  pace: Pace,
): Promise<readonly Item[]> => {
  const merged: Item[] = []
  let [left, right] = [0, 0]
  for await (const start of partsOf(a.length + b.length, pace))
    while (merged.length < start + PART && (left < a.length || right < b.length)) {
      const [first, second] = [a[left], b[right]]
      if (second === undefined || (first !== undefined && compare(first, second) <= 0)) {
        if (first !== undefined) merged.push(first)
        left += 1
      } else {
        merged.push(second)
        right += 1
      }
    }
  return merged
}

/** The list of a board from nothing. */
export const sortBoard = async (board: Board, key: ListKey, pace: Pace): Promise<List> => {
  const rows: Row[] = []
  for await (const start of partsOf(board.size, pace))
    for (const standing of slice(board, start, PART)) {
      const row = rowOf(standing, key)
      if (row !== null) rows.push(row)
    }
  const { comparePlaces } = Leaderboard
  return { key, rows: fromSorted(await sort<Row>(rows, comparePlaces, pace), comparePlaces) }
}

/** A row, and its rank: 1 + the number of rows with a strictly better value. */
export interface Ranked extends Row {
  readonly rank: number
}

const ranked = ({ rows }: List, row: Row): Ranked => ({
  ...row,
  rank: 1 + countBefore(rows, ({ value }) => (value > row.value ? -1 : 1)),
})

/** Up to `length` rows from the place `start` on, which counts from 0. */
export const listRows = (list: List, start: number, length: number): readonly Ranked[] =>
  slice(list.rows, start, length).map((row) => ranked(list, row))

/** How many rows lie before a place, and how many up to it. */
export const countRows = ({ rows }: List, place: Leaderboard.Place) => {
  const before = countBefore(rows, (row) => Leaderboard.comparePlaces(row, place))
  const isThere = find(rows, (row) => Leaderboard.comparePlaces(row, place)) !== undefined
  return { before, upTo: before + (isThere ? 1 : 0) }
}

/** The player's row; null when the list leaves the player out. */
export const findRow = (board: Board, list: List, address: string): Ranked | null => {
  const standing = findStanding(board, address)
  const row = standing === undefined ? null : rowOf(standing, list.key)
  return row === null ? null : ranked(list, row)
}
