import { entries, payments, payouts } from './facts.ts'
import { pools, rounds, tokens } from './game.ts'
import { leaderboards, players, playerTokens } from './players.ts'
import { buckets, heads } from './time.ts'
import { type NativeCoin, statementsOf, type View } from './view.ts'

/** What analysts read, beside and instead of the indexer's tables. */
export const views: readonly View[] = [
  heads,
  tokens,
  pools,
  rounds,
  entries,
  payouts,
  players,
  playerTokens,
  leaderboards,
  buckets,
  payments,
]

/**
 * What points every view at the tables of the search path.
 *
 * @param schema the views' own, in lower case.
 * @param coins of the chains that have a deployment.
 */
export const viewStatements = (
  schema: string,
  coins: readonly NativeCoin[],
): readonly (readonly string[])[] => views.map((view) => statementsOf(schema, view, coins))
