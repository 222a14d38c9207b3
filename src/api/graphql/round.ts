import { bps } from '../../domain/Money.ts'
import * as Game from '../../domain/Round.ts'
import { roundEntries } from '../db/entry.ts'
import { roundPayouts } from '../db/payout.ts'
import type { RoundRow } from '../db/round.ts'
import { rounds } from '../db/round.ts'
import { roundIdOf } from './arguments.ts'
import { builder } from './builder.ts'
import { finalityAt, TransactionRef } from './chain.ts'
import { pageArgs } from './connection.ts'
import type { Context } from './context.ts'
import { DrawVerification, readDraw } from './draw.ts'
import { Finality, RoundPhase, RoundStatus } from './enums.ts'
import { encodeGlobalId } from './globalId.ts'
import {
  EntryConnection,
  entryArgs,
  PayoutConnection,
  RoundConnection,
  readRoundEntries,
  readRoundPayouts,
  readRounds,
  roundArgs,
} from './lists.ts'
import { loadPool, roundById } from './loaders.ts'
import { Money, optionalPoolMoney, poolMoney } from './money.ts'
import { COUNTED, judged, ofRound, type Pricing, paged, related, STATEMENT } from './price.ts'
import { Node, Pool, Round } from './refs.ts'
import {
  lastBlockOf,
  numberCountsOf,
  PrizePoolPoint,
  RoundNumber,
  readCells,
  readPrizePoolHistory,
  stepOf,
} from './roundParts.ts'

const roundKey = (round: RoundRow) => [round.chainId, round.poolId, round.roundId]

const countWinners = async (context: Context, round: RoundRow) => {
  const { winningNumber } = round
  if (winningNumber === null) return null
  const counts = await numberCountsOf(context).load(round)
  return counts.find(({ number }) => number === winningNumber)?.distinctPlayers ?? 0
}

Round.implement({
  description: 'One draw of a pool: it takes entries, closes, draws a number and pays.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({ resolve: (round) => encodeGlobalId('Round', round.id) }),
    pool: t.field({
      type: Pool,
      extensions: related,
      resolve: (round, _, context) => loadPool(context, round),
    }),
    roundId: t.expose('roundId', { type: 'BigInt', description: 'Counts from 1 in each pool.' }),
    status: t.expose('status', { type: RoundStatus }),
    phase: t.field({
      type: RoundPhase,
      extensions: related,
      description: 'By the time of the head block.',
      resolve: async (round, _, context) =>
        Game.phase(
          round,
          await loadPool(context, round),
          (await context.head(round.chainId)).timestamp,
        ),
    }),
    opensAt: t.expose('opensAt', { type: 'Timestamp' }),
    closesAt: t.expose('closesAt', { type: 'Timestamp' }),
    carryIn: t.field({
      type: Money,
      description: 'What the round before left in the prize pool.',
      resolve: (round) => poolMoney(round, round.carryIn),
    }),
    gross: t.field({
      type: Money,
      description: 'All stakes.',
      resolve: (round) => poolMoney(round, round.gross),
    }),
    feeAccrued: t.field({
      type: Money,
      description: 'The fees in these stakes, held until the draw.',
      resolve: (round) => poolMoney(round, round.feeAccrued),
    }),
    prizePool: t.field({
      type: Money,
      description: 'carryIn and the stakes without their fees.',
      resolve: (round) => poolMoney(round, round.prizePool),
    }),
    carryOut: t.field({
      type: Money,
      nullable: true,
      description: 'What goes on to the next round; null before the draw or the cancellation.',
      resolve: (round) => optionalPoolMoney(round, round.carryOut),
    }),
    feeCollected: t.field({
      type: Money,
      resolve: (round) => poolMoney(round, round.feeCollected),
    }),
    prizesPaid: t.field({
      type: Money,
      description: 'Delivered or credited so far.',
      resolve: (round) => poolMoney(round, round.prizesPaid),
    }),
    prizesDelivered: t.field({
      type: Money,
      resolve: (round) => poolMoney(round, round.prizesDelivered),
    }),
    refunded: t.field({ type: Money, resolve: (round) => poolMoney(round, round.refunded) }),
    entryCount: t.exposeInt('entryCount'),
    uniquePlayers: t.exposeInt('uniquePlayers'),
    distinctNumbers: t.exposeInt('distinctNumbers', {
      description: 'Numbers with at least one entry.',
    }),
    winningNumber: t.exposeInt('winningNumber', { nullable: true }),
    winningEntryCount: t.exposeInt('winningEntryCount', { nullable: true }),
    winnerCount: t.int({
      nullable: true,
      description: 'Distinct players with an entry on the winning number; null until the draw.',
      extensions: { statement: STATEMENT, complexity: ofRound(COUNTED) },
      resolve: (round, _, context) => countWinners(context, round),
    }),
    prizePerEntry: t.field({
      type: Money,
      nullable: true,
      resolve: (round) => optionalPoolMoney(round, round.prizePerEntry),
    }),
    payoutsPending: t.int({
      description: 'Winning entries that are not paid yet.',
      resolve: (round) => (round.winningEntryCount ?? 0) - round.paidEntries,
    }),
    refundsPending: t.int({
      description: 'Entries of a cancelled round whose stake is not sent back yet.',
      resolve: (round) =>
        round.status === 'CANCELLED' ? round.entryCount - round.refundedEntries : 0,
    }),
    cancelReason: t.exposeString('cancelReason', {
      nullable: true,
      description: 'NO_ENTRIES, BELOW_MINIMUM or DRAW_TIMEOUT.',
    }),
    openedTx: t.field({
      type: TransactionRef,
      extensions: { statement: STATEMENT, complexity: 10 },
      resolve: async (round, _, context) => {
        const step = await stepOf(context, round, 'opened')
        if (step === null) throw new Error(`Nothing opened round ${round.id}`)
        return step
      },
    }),
    closedTx: t.field({
      type: TransactionRef,
      extensions: { statement: STATEMENT, complexity: 10 },
      nullable: true,
      description: 'What ended the time for entries: closing, or an early cancellation.',
      resolve: async (round, _, context) =>
        (await stepOf(context, round, 'closed')) ?? stepOf(context, round, 'cancelled'),
    }),
    drawnTx: t.field({
      type: TransactionRef,
      extensions: { statement: STATEMENT, complexity: 10 },
      nullable: true,
      resolve: (round, _, context) => stepOf(context, round, 'drawn'),
    }),
    finalizedTx: t.field({
      type: TransactionRef,
      extensions: { statement: STATEMENT, complexity: 10 },
      nullable: true,
      resolve: (round, _, context) => stepOf(context, round, 'finalized'),
    }),
    numbers: t.field({
      type: [RoundNumber],
      description: 'All 402 numbers, with what one more entry on each would be worth.',
      extensions: {
        statement: STATEMENT,
        complexity: ofRound(COUNTED, 150),
        multiplier: Game.NUMBERS,
      },
      resolve: (round, _, context) => readCells(context, round),
    }),
    coverageBps: t.int({
      description:
        'The chance, in basis points and rounded down, that somebody wins: distinctNumbers / 402.',
      resolve: ({ distinctNumbers }) => bps(BigInt(distinctNumbers), BigInt(Game.NUMBERS)) ?? 0,
    }),
    prizePoolHistory: t.field({
      type: [PrizePoolPoint],
      description: 'The newest points, oldest first: one after each entering transaction.',
      args: { last: t.arg.int({ defaultValue: 100 }) },
      extensions: { statement: STATEMENT, complexity: ({ page }: Pricing) => 2 + page },
      resolve: (round, { last }, context) => readPrizePoolHistory(context, round, last),
    }),
    entries: t.field({
      type: EntryConnection,
      description: 'Oldest first unless asked otherwise.',
      args: entryArgs,
      extensions: paged(roundEntries),
      resolve: (round, args, context, info) =>
        readRoundEntries(context, args, roundKey(round), info),
    }),
    payouts: t.field({
      type: PayoutConnection,
      description: 'Oldest first.',
      args: pageArgs,
      extensions: paged(roundPayouts),
      resolve: (round, args, context) => readRoundPayouts(context, args, roundKey(round)),
    }),
    draw: t.field({
      type: DrawVerification,
      extensions: { statement: 3 * STATEMENT, complexity: judged },
      nullable: true,
      description: 'The draw, done again; null while nothing was asked of the coordinator.',
      resolve: (round, _, context) => readDraw(context, round),
    }),
    finality: t.field({
      type: Finality,
      description: 'FINAL when everything that happened to the round so far is.',
      extensions: { statement: STATEMENT, complexity: 15 },
      resolve: async (round, _, context) =>
        finalityAt(context, round.chainId, await lastBlockOf(context).load(round)),
    }),
  }),
})

builder.queryFields((t) => ({
  round: t.field({
    type: Round,
    extensions: related,
    nullable: true,
    args: {
      poolId: t.arg({ type: 'BigInt', required: true }),
      roundId: t.arg({ type: 'BigInt', required: true }),
      chainId: t.arg.int(),
    },
    resolve: (_, args, context) => roundById(context).load(roundIdOf(context, args)),
  }),
  rounds: t.field({
    type: RoundConnection,
    description: 'In the order of pools and rounds unless asked otherwise.',
    args: roundArgs,
    extensions: paged(rounds),
    resolve: (_, args, context, info) => readRounds(context, args, [], info),
  }),
}))
