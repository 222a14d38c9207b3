import * as Game from '../../domain/Round.ts'
import { MAX_PAGE } from '../db/list.ts'
import type { RoundKey, RoundRow } from '../db/round.ts'
import {
  listLastBlocks,
  listNumberCounts,
  listPrizePoolPoints,
  listRoundSteps,
  type NumberCount,
  type PrizePoolPoint as Point,
  type RoundStep,
} from '../db/roundFacts.ts'
import { builder } from './builder.ts'
import type { Context } from './context.ts'
import { UserInputError } from './errors.ts'
import { createLoader } from './loader.ts'
import { loadPool } from './loaders.ts'
import { Money, type MoneyShape, poolMoney } from './money.ts'

const roundName = ({ chainId, poolId, roundId }: RoundKey) => `${chainId}-${poolId}-${roundId}`

const stepsOf = createLoader(listRoundSteps, roundName)
const pointsOf = createLoader(
  async (db, wanted: readonly { readonly round: RoundKey; readonly last: number }[]) => {
    // One statement for the longest; shorter ones are the ends of it.
    const last = Math.max(...wanted.map((each) => each.last))
    const points = await listPrizePoolPoints(
      db,
      wanted.map(({ round }) => round),
      last,
    )
    return wanted.map((each, at) => (each.last === 0 ? [] : (points[at] ?? []).slice(-each.last)))
  },
  ({ round, last }) => `${roundName(round)} ${last}`,
)

/** The numbers of a round that have an entry. */
export const numberCountsOf = createLoader(listNumberCounts, roundName)

/** The block of a round's newest fact. */
export const lastBlockOf = createLoader(listLastBlocks, roundName)

/** A step in a round's life; null while it is not taken. */
export const stepOf = async (
  context: Context,
  round: RoundKey,
  step: RoundStep['step'],
): Promise<RoundStep | null> =>
  (await stepsOf(context).load(round)).find((each) => each.step === step) ?? null

interface PoolPoint extends Omit<Point, 'prizePool'> {
  readonly prizePool: MoneyShape
}

export const readPrizePoolHistory = async (
  context: Context,
  round: RoundKey,
  last: number | null | undefined,
): Promise<readonly PoolPoint[]> => {
  const size = last ?? 100
  if (size < 0 || size > MAX_PAGE)
    throw new UserInputError(`last: expected a number from 0 to ${MAX_PAGE}`)
  const points = await pointsOf(context).load({ round, last: size })
  return points.map((point) => ({ ...point, prizePool: poolMoney(round, point.prizePool) }))
}

interface Cell extends NumberCount {
  readonly projectedPrize: MoneyShape
  readonly expectedValue: MoneyShape
}

/** The round's 402 numbers in order. */
export const readCells = async (context: Context, round: RoundRow): Promise<readonly Cell[]> => {
  const [pool, counts] = await Promise.all([
    loadPool(context, round),
    numberCountsOf(context).load(round),
  ])
  const byNumber = new Map(counts.map((count) => [count.number, count]))
  const stakes = { prizePool: round.prizePool, entryFee: pool.entryFee, feeBps: pool.feeBps }
  return Array.from({ length: Game.NUMBERS }, (_, at) => {
    const number = at + 1
    const count = byNumber.get(number) ?? { number, entryCount: 0, distinctPlayers: 0 }
    return {
      ...count,
      projectedPrize: poolMoney(round, Game.projectedPrize(stakes, count.entryCount)),
      expectedValue: poolMoney(round, Game.expectedValue(stakes, count.entryCount)),
    }
  })
}

export const RoundNumber = builder.objectRef<Cell>('RoundNumber').implement({
  description: 'One number of a round.',
  fields: (t) => ({
    number: t.exposeInt('number'),
    entryCount: t.exposeInt('entryCount'),
    distinctPlayers: t.exposeInt('distinctPlayers'),
    projectedPrize: t.field({
      type: Money,
      description: 'What one more entry on it would win if it were drawn then.',
      resolve: (cell) => cell.projectedPrize,
    }),
    expectedValue: t.field({
      type: Money,
      description: 'projectedPrize / 402 without the price of the entry.',
      resolve: (cell) => cell.expectedValue,
    }),
  }),
})

export const PrizePoolPoint = builder.objectRef<PoolPoint>('PrizePoolPoint').implement({
  description: "The contract's own word on the prize pool.",
  fields: (t) => ({
    at: t.expose('at', { type: 'Timestamp' }),
    prizePool: t.field({ type: Money, resolve: (point) => point.prizePool }),
    entryCount: t.exposeInt('entryCount'),
  }),
})
