import * as Game from '../../domain/Participation.ts'
import { NUMBERS } from '../../domain/Round.ts'
import { type EntryRow, listEntriesInRound } from '../db/entry.ts'
import type { RoundRow } from '../db/round.ts'
import { roundIdOf } from './arguments.ts'
import { builder } from './builder.ts'
import type { Context } from './context.ts'
import { LimitError, UserInputError } from './errors.ts'
import { roundById } from './loaders.ts'
import { Money, poolMoney } from './money.ts'
import { COUNTED, HELD, ofRound, STATEMENT } from './price.ts'
import { Entry, Round } from './refs.ts'
import { numberCountsOf } from './roundParts.ts'

interface Shape {
  readonly round: RoundRow
  readonly entries: readonly EntryRow[]
}

const MAX_ENTRIES = 1000

const readParticipation = async (
  context: Context,
  roundId: string,
  player: string,
): Promise<Shape> => {
  const round = await roundById(context).load(roundId)
  if (round === null) throw new UserInputError('roundId: there is no such round')
  const entries = await listEntriesInRound(await context.db(), round, player, MAX_ENTRIES + 1)
  if (entries.length <= MAX_ENTRIES) return { round, entries }
  throw new LimitError(`More than ${MAX_ENTRIES} entries; use entries of the player with a filter`)
}

const numbersOf = ({ entries }: Shape) =>
  [...new Set(entries.map(({ number }) => number))].sort((a, b) => a - b)

const projectedPrize = async (context: Context, shape: Shape) => {
  const counts = new Map(
    (await numberCountsOf(context).load(shape.round)).map((each) => [each.number, each.entryCount]),
  )
  const own = Map.groupBy(shape.entries, ({ number }) => number)
  const holdings = [...own].map(([number, entries]) => ({
    number,
    ownEntries: entries.length,
    entriesOnNumber: counts.get(number) ?? entries.length,
  }))
  return poolMoney(shape.round, Game.projectedPrize(shape.round, holdings))
}

const Participation = builder.objectRef<Shape>('Participation').implement({
  description: 'What one player has riding on one round.',
  fields: (t) => ({
    round: t.field({ type: Round, resolve: ({ round }) => round }),
    entries: t.field({
      type: [Entry],
      description: "The player's entries in chain order; LIMIT_EXCEEDED above 1000.",
      extensions: { complexity: MAX_ENTRIES, multiplier: MAX_ENTRIES },
      resolve: ({ entries }) => entries,
    }),
    numbers: t.intList({
      description: 'The distinct numbers, ascending.',
      extensions: { complexity: 30, multiplier: NUMBERS },
      resolve: numbersOf,
    }),
    wagered: t.field({
      type: Money,
      resolve: ({ round, entries }) =>
        poolMoney(
          round,
          entries.reduce((sum, { amount }) => sum + amount, 0n),
        ),
    }),
    winChance: t.field({
      type: 'Decimal',
      description: 'Distinct numbers held / 402, to 8 places.',
      extensions: { complexity: 30 },
      resolve: (shape) => Game.winChance(numbersOf(shape).length),
    }),
    projectedPrize: t.field({
      type: Money,
      description:
        'What the player takes if one of these numbers is drawn with the entries there are now: the mean over the numbers. After the draw: what it gave.',
      extensions: { statement: STATEMENT, complexity: ofRound(COUNTED) },
      resolve: (shape, _, context) => projectedPrize(context, shape),
    }),
  }),
})

builder.queryFields((t) => ({
  participation: t.field({
    type: Participation,
    extensions: { statement: 4 * STATEMENT, complexity: HELD * MAX_ENTRIES },
    args: {
      address: t.arg({ type: 'Address', required: true }),
      poolId: t.arg({ type: 'BigInt', required: true }),
      roundId: t.arg({ type: 'BigInt', required: true }),
      chainId: t.arg.int(),
    },
    resolve: (_, args, context) =>
      readParticipation(context, roundIdOf(context, args), args.address),
  }),
}))
