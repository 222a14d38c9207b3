import * as Id from '../../domain/Id.ts'
import * as Game from '../../domain/PoolNumber.ts'
import { NUMBERS } from '../../domain/Round.ts'
import type { PoolRow } from '../db/pool.ts'
import { listPoolNumbers, type PoolNumberRow } from '../db/poolNumber.ts'
import { builder } from './builder.ts'
import type { Context } from './context.ts'
import { createLoader } from './loader.ts'
import { loadPoolStats } from './loaders.ts'
import { Money, poolMoney } from './money.ts'

interface Shape extends PoolNumberRow {
  readonly gap: number | null
  readonly widestGap: number | null
}

const numbersOf = createLoader(
  (db, pools: readonly PoolRow[]) =>
    listPoolNumbers(
      db,
      pools.map(({ chainId, poolId }) => [chainId, poolId]),
    ),
  ({ id }) => id,
)

/** What the numbers of a pool may be ordered by; equal ones by their number. */
export const NumberOrder = builder.enumType('NumberOrder', {
  description: 'Equal ones come in the order of the numbers.',
  values: [
    'NUMBER_ASC',
    'NUMBER_DESC',
    'ENTRY_COUNT_DESC',
    'TIMES_DRAWN_DESC',
    'PRIZES_WON_DESC',
    'GAP_DESC',
  ] as const,
})

type Order =
  | 'NUMBER_ASC'
  | 'NUMBER_DESC'
  | `${'ENTRY_COUNT' | 'TIMES_DRAWN' | 'PRIZES_WON' | 'GAP'}_DESC`

const descending = (a: bigint, b: bigint) => (a < b ? 1 : a > b ? -1 : 0)

const weight: Record<Order, (shape: Shape) => bigint> = {
  NUMBER_ASC: ({ number }) => -BigInt(number),
  NUMBER_DESC: ({ number }) => BigInt(number),
  ENTRY_COUNT_DESC: ({ entryCount }) => BigInt(entryCount),
  TIMES_DRAWN_DESC: ({ timesDrawn }) => BigInt(timesDrawn),
  PRIZES_WON_DESC: ({ prizesWon }) => prizesWon,
  // A number that never came up has waited longest.
  GAP_DESC: ({ gap }) => BigInt(gap ?? Number.MAX_SAFE_INTEGER),
}

/** The pool's 402 numbers, those that nobody touched included. */
export const readNumbers = async (
  context: Context,
  pool: PoolRow,
  order: Order,
): Promise<readonly Shape[]> => {
  const [rows, { drawnRounds }] = await Promise.all([
    numbersOf(context).load(pool),
    loadPoolStats(context, pool.id),
  ])
  const byNumber = new Map(rows.map((row) => [row.number, row]))
  const { chainId, poolId } = pool
  const shapes = Array.from({ length: NUMBERS }, (_, at) => {
    const number = at + 1
    const id = Id.poolNumber(chainId, poolId, number)
    const row = byNumber.get(number) ?? Game.zero({ id, chainId, poolId, number })
    const gaps = Game.gaps(row, drawnRounds)
    return { ...row, gap: gaps?.gap ?? null, widestGap: gaps?.longestGap ?? null }
  })
  return shapes.sort(
    (a, b) => descending(weight[order](a), weight[order](b)) || a.number - b.number,
  )
}

export const PoolNumber = builder.objectRef<Shape>('PoolNumber').implement({
  description: 'One number in one pool, over all its rounds.',
  fields: (t) => ({
    number: t.exposeInt('number'),
    entryCount: t.exposeInt('entryCount'),
    wagered: t.field({ type: Money, resolve: (shape) => poolMoney(shape, shape.wagered) }),
    timesDrawn: t.exposeInt('timesDrawn'),
    timesHit: t.exposeInt('timesHit', { description: 'Draws of it that somebody won.' }),
    prizesWon: t.field({
      type: Money,
      description: 'Prizes of the rounds that drew it, delivered or credited.',
      resolve: (shape) => poolMoney(shape, shape.prizesWon),
    }),
    gap: t.exposeInt('gap', {
      nullable: true,
      description: 'Draws since it last came up; null if it never did.',
    }),
    longestGap: t.exposeInt('widestGap', {
      nullable: true,
      description:
        'The most draws between two times it came up, or since the last; null if it never did.',
    }),
  }),
})
