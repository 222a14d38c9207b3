import type { Hex } from 'viem'
import type { Facts, Pool } from './facts.ts'
import {
  type Board,
  LEADERBOARD,
  leaderboard,
  METRICS,
  NEIGHBOURS,
  neighbours,
  RANK,
  rank,
  ranking,
  WINDOWS,
} from './leaderboard.ts'
import { playersOf } from './player.ts'
import type { Question } from './question.ts'
import { type Random, sample } from './sample.ts'
import { tokensOf } from './totals.ts'

const only = <Key extends string, Value>(key: Key, value: Value | undefined) =>
  (value === undefined ? {} : { [key]: value }) as { readonly [key in Key]?: Value }

const boardsOf = (facts: Facts, token: Hex, random: Random): readonly Board[] => {
  const pools: readonly (Pool | undefined)[] = [
    undefined,
    ...facts.pools.filter((pool) => pool.token === token),
  ]
  const [past] = sample(random, facts.events, 1)
  return METRICS.flatMap((metric) =>
    WINDOWS.flatMap((window) =>
      [undefined, ...(window === 'ALL_TIME' ? [] : [past?.at.timestamp])].flatMap((at) =>
        pools.flatMap((pool) =>
          [undefined, 2].map((minEntries) => ({
            ...{ token, metric, window },
            ...only('at', at),
            ...only('pool', pool),
            ...only('minEntries', minEntries),
          })),
        ),
      ),
    ),
  )
}

const nameOf = ({ token, metric, window, at, pool, minEntries }: Board) =>
  [
    `${metric} ${window} in ${token}`,
    at === undefined ? '' : ` at ${at}`,
    pool === undefined ? '' : ` of pool ${pool.poolId}`,
    minEntries === undefined ? '' : ` from ${minEntries} entries`,
  ].join('')

const listQuestion = (facts: Facts, board: Board): Question => {
  const { token, metric, window, at, pool, minEntries } = board
  return {
    name: `leaderboard ${nameOf(board)}`,
    document: LEADERBOARD,
    variables: {
      ...{ token, metric, window },
      ...only('at', at),
      ...only('poolId', pool?.poolId.toString()),
      ...only('minEntries', minEntries),
    },
    expected: leaderboard(ranking(facts, board)),
  }
}

/** Where single players stand: with the default minimum of entries, over all pools. */
const placeQuestions = (facts: Facts, board: Board, random: Random): readonly Question[] => {
  const { token, metric, window, at } = board
  const rows = ranking(facts, board)
  return sample(random, playersOf(facts), 3).flatMap((address) => {
    const variables = { address, token, metric, window }
    const span = Math.floor(random() * 5) + 1
    return [
      {
        name: `rank of ${address}, ${nameOf(board)}`,
        document: RANK,
        variables: { ...variables, ...only('at', at) },
        expected: rank(rows, address),
      },
      ...(at === undefined
        ? [
            {
              name: `${span} neighbours of ${address}, ${nameOf(board)}`,
              document: NEIGHBOURS,
              variables: { ...variables, span },
              expected: neighbours(rows, address, span),
            },
          ]
        : []),
    ]
  })
}

/** Every combination of metric, window, now or a past time, pool and minimum, in each token. */
export const boardQuestions = (facts: Facts, random: Random): readonly Question[] =>
  tokensOf(facts).flatMap((token) => {
    const boards = boardsOf(facts, token, random)
    const whole = boards.filter(({ pool, minEntries }) => !pool && minEntries === undefined)
    return [
      ...boards.map((board) => listQuestion(facts, board)),
      ...whole.flatMap((board) => placeQuestions(facts, board, random)),
    ]
  })
