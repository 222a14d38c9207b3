import * as Game from '../../domain/Draw.ts'
import { type DrawRow, listDraws } from '../db/draw.ts'
import type { RoundRow } from '../db/round.ts'
import { BusyError } from '../draws/judge.ts'
import { roundIdOf } from './arguments.ts'
import { builder } from './builder.ts'
import { TransactionRef } from './chain.ts'
import type { Context } from './context.ts'
import { LimitError } from './errors.ts'
import { createLoader } from './loader.ts'
import { roundById } from './loaders.ts'
import { judged, STATEMENT } from './price.ts'
import { Round } from './refs.ts'

interface Shape extends DrawRow {
  readonly round: RoundRow
}

const drawOf = createLoader(
  (db, rounds: readonly RoundRow[]) => listDraws(db, rounds),
  ({ id }) => id,
)

/** The draw of a round with what redoing it gave; null while nothing was asked of the coordinator. */
export const readDraw = async (context: Context, round: RoundRow): Promise<Shape | null> => {
  const draw = await drawOf(context).load(round)
  return draw && { ...draw, round }
}

/** By the facts, which an operation reads once a draw: all that is asked of a draw shares one verdict. */
const verdicts = new WeakMap<Game.Facts, Promise<readonly Game.Check[]>>()

const checksOf = (context: Context, { facts }: DrawRow): Promise<readonly Game.Check[]> => {
  const { judge, signal } = context.options
  const checks =
    verdicts.get(facts) ??
    judge.checks(facts, signal).catch((error: unknown) => {
      if (error instanceof BusyError)
        throw new LimitError('Many draws wait to be judged; ask again in some seconds')
      throw error
    })
  verdicts.set(facts, checks)
  return checks
}

const CheckResult = builder.enumType('CheckResult', {
  description: 'What redoing one step gave.',
  values: {
    PASSED: {},
    FAILED: {},
    NOT_APPLICABLE: { description: 'There is nothing to check, and the explanation says why.' },
    NOT_YET: { description: 'It has not happened.' },
  } as const,
})

const Check = builder.objectRef<Game.Check>('Check').implement({
  description: 'One step of a draw, done again from the facts.',
  fields: (t) => ({
    name: t.exposeString('name'),
    result: t.expose('result', { type: CheckResult }),
    expected: t.exposeString('expected', { nullable: true, description: 'What it should be.' }),
    actual: t.exposeString('actual', { nullable: true, description: 'What the chain says.' }),
    explanation: t.exposeString('explanation'),
  }),
})

export const DrawVerification = builder.objectRef<Shape>('DrawVerification').implement({
  description: 'All that is needed to redo a draw by hand, and what redoing it gave.',
  fields: (t) => ({
    round: t.field({ type: Round, resolve: ({ round }) => round }),
    requestId: t.expose('requestId', { type: 'BigInt' }),
    coordinator: t.expose('coordinator', { type: 'Address' }),
    keyHash: t.expose('keyHash', {
      type: 'Hex',
      description: "Hash of the coordinator's public key.",
    }),
    preSeed: t.field({
      type: 'BigInt',
      nullable: true,
      description: "The coordinator's input to the seed, fixed by the request.",
      resolve: ({ facts }) => facts.request.preSeed,
    }),
    requestBlockHash: t.field({
      type: 'Hex',
      description: 'The other input: the hash of the block that holds the request.',
      resolve: ({ requested }) => requested.blockHash,
    }),
    outputSeed: t.field({
      type: 'BigInt',
      nullable: true,
      description: 'What the proof proves; the word is its hash.',
      resolve: ({ facts }) => facts.fulfilment?.outputSeed ?? null,
    }),
    randomWord: t.field({
      type: 'BigInt',
      nullable: true,
      resolve: ({ facts }) => facts.word?.randomWord ?? null,
    }),
    proof: t.field({
      type: 'Hex',
      nullable: true,
      description:
        "The coordinator's proof, ABI-encoded as VRF.sol takes it; null when the transaction carried none.",
      resolve: ({ facts }) => facts.fulfilment?.proof ?? null,
    }),
    winningNumber: t.int({
      nullable: true,
      resolve: ({ facts }) => facts.drawn?.winningNumber ?? facts.word?.winningNumber ?? null,
    }),
    requestedTx: t.field({ type: TransactionRef, resolve: ({ requested }) => requested }),
    fulfilledTx: t.field({
      type: TransactionRef,
      nullable: true,
      resolve: ({ fulfilled }) => fulfilled,
    }),
    latencySeconds: t.int({
      nullable: true,
      description: 'Block time from the request to the answer.',
      resolve: ({ requested, fulfilled }) => fulfilled && fulfilled.timestamp - requested.timestamp,
    }),
    latencyBlocks: t.int({
      nullable: true,
      description: 'Blocks from the request to the answer.',
      resolve: ({ requested, fulfilled }) =>
        fulfilled && fulfilled.blockNumber - requested.blockNumber,
    }),
    checks: t.field({
      type: [Check],
      description:
        'Word from seed, number from word, request id, proof, no entry after the request, winners, prize split, carry.',
      extensions: { multiplier: Game.CHECKS.length },
      resolve: (draw, _, context) => checksOf(context, draw),
    }),
    verified: t.boolean({
      description: 'Every check passed, or does not apply.',
      resolve: async (draw, _, context) => Game.isVerified(await checksOf(context, draw)),
    }),
  }),
})

builder.queryFields((t) => ({
  drawVerification: t.field({
    type: DrawVerification,
    nullable: true,
    extensions: { statement: 4 * STATEMENT, complexity: judged },
    description: 'Null for an unknown round, and while nothing was asked of the coordinator.',
    args: {
      poolId: t.arg({ type: 'BigInt', required: true }),
      roundId: t.arg({ type: 'BigInt', required: true }),
      chainId: t.arg.int(),
    },
    resolve: async (_, args, context) => {
      const round = await roundById(context).load(roundIdOf(context, args))
      return round && readDraw(context, round)
    },
  }),
}))
