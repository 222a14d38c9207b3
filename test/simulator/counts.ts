import { CASES, type Case } from './cases/names.ts'
import type { Seen } from './history.ts'

/** What was played, also what was reorganised away since. */
export interface Counts {
  steps: number
  blocks: number
  /** Rounds that came to their end: everything of them is paid. */
  games: number
  /** Rounds that opened. */
  rounds: number
  entries: number
  /** By depth. */
  readonly reorganisations: Map<number, number>
  /** In how many blocks, or reorganisations, each case was played. */
  readonly cases: Record<Case, number>
}

export const zeroCounts = (): Counts => ({
  ...{ steps: 0, blocks: 0, games: 0, rounds: 0, entries: 0 },
  reorganisations: new Map(),
  cases: Object.fromEntries(CASES.map((name) => [name, 0])) as Record<Case, number>,
})

/** Adds a block and the cases it played. */
export const count = (counts: Counts, { logs }: Seen, cases: Iterable<Case>) => {
  counts.blocks += 1
  for (const { eventName } of logs) {
    if (eventName === 'RoundFinalized') counts.games += 1
    if (eventName === 'RoundOpened') counts.rounds += 1
    if (eventName === 'EntryPlaced') counts.entries += 1
  }
  for (const name of cases) counts.cases[name] += 1
}
