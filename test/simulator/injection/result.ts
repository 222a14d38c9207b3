import { isOfOthers, reasonFor } from './beyond.ts'
import type { Instance, Outcome } from './inject.ts'

/** What became of the faults of one kind, those left out that changed nothing. */
export interface Result {
  readonly kind: string
  readonly counts: Readonly<Record<Exclude<Outcome, 'NOTHING_CHANGED'>, number>>
  /** Each of them stopped the indexer or was reported. */
  readonly isCaught: boolean
  /** Each of them was caught, or a reconciliation finds it. */
  readonly isFound: boolean
}

/** One result a kind, for the kinds of which at least one fault changed something. */
export const resultsOf = (instances: readonly Instance[]): readonly Result[] =>
  [...Map.groupBy(instances, ({ kind }) => kind)]
    .map(([kind, list]) => {
      const count = (outcome: Outcome) => list.filter((each) => each.outcome === outcome).length
      const counts = {
        STOPPED: count('STOPPED'),
        REPORTED: count('REPORTED'),
        RECONCILIATION: count('RECONCILIATION'),
        MISSED: count('MISSED'),
      }
      const isFound = counts.MISSED === 0
      return { kind, counts, isFound, isCaught: isFound && counts.RECONCILIATION === 0 }
    })
    .filter(({ counts }) => Object.values(counts).some((times) => times > 0))
    .sort((a, b) => (a.kind < b.kind ? -1 : 1))

/** How many of the kinds are caught, and how many are found; in the game's own logs, or in others'. */
export const shareOf = (results: readonly Result[], where: 'GAME' | 'OTHERS') => {
  const those = results.filter(({ kind }) => isOfOthers(kind) === (where === 'OTHERS'))
  return {
    kinds: those.length,
    caught: those.filter(({ isCaught }) => isCaught).length,
    found: those.filter(({ isFound }) => isFound).length,
  }
}

/** Kinds as lines of text: what stopped the indexer, what was reported, what a reconciliation finds, what was missed. */
export const tableOf = (results: readonly Result[]): string =>
  [
    `${'kind'.padEnd(56)} stopped reported reconciled missed`,
    ...results.map(({ kind, counts, isCaught }) => {
      const columns = [7, 8, 10, 6].map((width, at) =>
        String(Object.values(counts)[at]).padStart(width),
      )
      const reason = isCaught ? '' : `  ${reasonFor(kind) ?? 'it should have been noticed'}`
      return `${kind.padEnd(56)} ${columns.join(' ')}${reason}`
    }),
  ].join('\n')
