import * as Game from '../../domain/Bucket.ts'
import { type BucketRow, findPrizePool, listPoolBuckets, listTokenBuckets } from '../db/bucket.ts'
import { MAX_PAGE } from '../db/list.ts'
import type { PoolRow } from '../db/pool.ts'
import { builder } from './builder.ts'
import type { Context } from './context.ts'
import { UserInputError } from './errors.ts'
import { loadToken } from './loaders.ts'
import { Money, type MoneyShape, tokenMoney } from './money.ts'
import { BUCKET_HOUR, type Price, type Pricing, related, STATEMENT } from './price.ts'
import { Token } from './refs.ts'

interface Shape extends BucketRow {
  readonly interval: Game.Interval
  readonly chainId: number
  readonly token: string
  readonly prizePoolOpen: bigint | null
}

export const Interval = builder.enumType('Interval', {
  description: 'UTC. A week begins on Monday, 00:00.',
  values: ['HOUR', 'DAY', 'WEEK'] as const,
})

interface Asked {
  readonly interval: Game.Interval
  readonly from: number
  readonly to: number
  readonly fillGaps?: boolean | null | undefined
}

/** The intervals that begin from the one that holds `from` on, and before `to`. @throws UserInputError when there are too many */
const rangeOf = ({ interval, from, to }: Asked) => {
  const length = Game.seconds(interval)
  if (from < 0 || to < from) throw new UserInputError('to: expected a time that is not before from')
  const start = Game.startOf(interval, from)
  const end = to <= start ? start : Game.startOf(interval, to - 1) + length
  if ((end - start) / length > MAX_PAGE)
    throw new UserInputError(`from, to: expected at most ${MAX_PAGE} intervals between them`)
  return { interval, from: start, to: end }
}

const isInterval = (interval: unknown): interval is Game.Interval =>
  interval === 'HOUR' || interval === 'DAY' || interval === 'WEEK'

/** The price of a list of intervals: it holds those that are asked for, each made of hours of the pools. */
export const buckets = (of: readonly string[]) => {
  const count = ({ args: { interval, from, to } }: Pricing): number => {
    const hours = (Number(to) - Number(from)) / 3600
    const length = isInterval(interval) ? Game.seconds(interval) / 3600 : 1
    return Math.min(Math.max(Math.ceil(hours / length) + 1, 1), MAX_PAGE)
  }
  return {
    statement: 2 * STATEMENT,
    complexity: (asked) => {
      const { args, statistics } = asked
      const length = isInterval(args.interval) ? Game.seconds(args.interval) / 3600 : 1
      const pools = of.length > 0 ? 1 : statistics.rows('pool')
      const all =
        of.length > 0 ? statistics.most('pool_hour', 'pool_id') : statistics.rows('pool_hour')
      return 5 * count(asked) + BUCKET_HOUR * Math.min(all, count(asked) * length * pools)
    },
    multiplier: count,
  } satisfies Price
}

const EMPTY = {
  entryCount: 0,
  wagered: 0n,
  fees: 0n,
  prizes: 0n,
  refunds: 0n,
  x402Count: 0,
  x402Amount: 0n,
  uniquePlayers: 0,
  newPlayers: 0,
  roundsDrawn: 0,
  rollovers: 0,
  prizePoolHigh: null,
  prizePoolClose: null,
}

const fill = (rows: readonly BucketRow[], range: ReturnType<typeof rangeOf>) => {
  const byStart = new Map(rows.map((row) => [row.start, row]))
  const length = Game.seconds(range.interval)
  return Array.from({ length: (range.to - range.from) / length }, (_, at) => {
    const start = range.from + at * length
    return byStart.get(start) ?? { ...EMPTY, start }
  })
}

/** Opens each interval with the prize pool that stood before it. A pool begins with nothing in it. */
const stand = (rows: readonly BucketRow[], before: bigint | null) => {
  let standing = before
  return rows.map((row) => {
    const open = standing ?? (row.prizePoolClose === null ? null : 0n)
    const high = row.prizePoolHigh
    standing = row.prizePoolClose ?? standing
    return {
      ...row,
      prizePoolOpen: open,
      prizePoolHigh: open !== null && (high === null || open > high) ? open : high,
      prizePoolClose: standing,
    }
  })
}

export const readPoolBuckets = async (
  context: Context,
  pool: PoolRow,
  asked: Asked,
): Promise<readonly Shape[]> => {
  const range = rangeOf(asked)
  const db = await context.db()
  const [rows, before] = await Promise.all([
    listPoolBuckets(db, pool, range),
    findPrizePool(db, pool, range),
  ])
  const { chainId, token } = pool
  const filled = asked.fillGaps === false ? rows : fill(rows, range)
  return stand(filled, before).map((row) => ({
    ...row,
    interval: range.interval,
    chainId,
    token,
  }))
}

const readTokenBuckets = async (
  context: Context,
  of: { readonly chainId: number; readonly token: string },
  asked: Asked,
): Promise<readonly Shape[]> => {
  const range = rangeOf(asked)
  const rows = await listTokenBuckets(await context.db(), of, range)
  const filled = asked.fillGaps === false ? rows : fill(rows, range)
  return filled.map((row) => ({ ...row, ...of, interval: range.interval, prizePoolOpen: null }))
}

export const Bucket = builder.objectRef<Shape>('Bucket').implement({
  description: 'What one interval brought. Each flow counts when its own event happened.',
  fields: (t) => {
    const money = ({ chainId, token }: Shape, raw: bigint): MoneyShape =>
      tokenMoney(chainId, token, raw)
    const sum = (raw: (shape: Shape) => bigint, description?: string) =>
      t.field({
        type: Money,
        ...(description === undefined ? {} : { description }),
        resolve: (shape) => money(shape, raw(shape)),
      })
    const standing = (description: string, raw: (shape: Shape) => bigint | null) =>
      t.field({
        type: Money,
        nullable: true,
        description,
        resolve: (shape) => {
          const value = raw(shape)
          return value === null ? null : money(shape, value)
        },
      })
    return {
      interval: t.expose('interval', { type: Interval }),
      start: t.expose('start', { type: 'Timestamp' }),
      token: t.field({
        type: Token,
        extensions: related,
        resolve: ({ chainId, token }, _, context) => loadToken(context, chainId, token),
      }),
      entryCount: t.exposeInt('entryCount'),
      wagered: sum(({ wagered }) => wagered),
      fees: sum(({ fees }) => fees, 'Fees collected by draws.'),
      prizes: sum(({ prizes }) => prizes, 'Delivered or credited.'),
      refunds: sum(({ refunds }) => refunds, 'Delivered or credited.'),
      x402Count: t.exposeInt('x402Count', { description: 'Payments by x402.' }),
      x402Amount: sum(({ x402Amount }) => x402Amount),
      uniquePlayers: t.exposeInt('uniquePlayers', {
        description:
          'Distinct players with an entry. Sums over intervals or pools would count some twice.',
      }),
      newPlayers: t.exposeInt('newPlayers', {
        description: 'Players whose first entry, in the pool or in the token, lies in it.',
      }),
      roundsDrawn: t.exposeInt('roundsDrawn'),
      rollovers: t.exposeInt('rollovers', { description: 'Draws that nobody won.' }),
      prizePoolOpen: standing(
        "The running round's prize pool as the interval began; null before the first round, and for a token.",
        ({ prizePoolOpen }) => prizePoolOpen,
      ),
      prizePoolHigh: standing('The greatest at any time in it.', (shape) => shape.prizePoolHigh),
      prizePoolClose: standing('The last in it.', (shape) => shape.prizePoolClose),
    }
  },
})

export const bucketArgs = builder.args((t) => ({
  interval: t.field({ type: Interval, required: true }),
  from: t.field({
    type: 'Timestamp',
    required: true,
    description: 'The first interval is the one that holds it.',
  }),
  to: t.field({
    type: 'Timestamp',
    required: true,
    description: `The last interval begins before it; at most ${MAX_PAGE} intervals.`,
  }),
  fillGaps: t.boolean({
    defaultValue: true,
    description: 'Also the intervals in which nothing happened.',
  }),
}))

builder.queryFields((t) => ({
  tokenBuckets: t.field({
    type: [Bucket],
    description: 'All pools of a token together.',
    extensions: buckets([]),
    args: {
      token: t.arg({ type: 'Address', required: true }),
      ...bucketArgs,
      chainId: t.arg.int(),
    },
    resolve: (_, { token, chainId, ...asked }, context) =>
      readTokenBuckets(context, { chainId: context.deployment(chainId).chainId, token }, asked),
  }),
}))
