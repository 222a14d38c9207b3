import { listEntriesOfTransaction } from '../db/entry.ts'
import { listHeads } from '../db/head.ts'
import { listPaymentsOfTransaction } from '../db/payment.ts'
import { listPayoutsOfTransaction } from '../db/payout.ts'
import { findTransactionBlock } from '../db/transaction.ts'
import { transactionHash } from './arguments.ts'
import { builder } from './builder.ts'
import { finalityAt } from './chain.ts'
import type { Context } from './context.ts'
import { Finality } from './enums.ts'
import { LimitError, UserInputError } from './errors.ts'
import { HELD, STATEMENT } from './price.ts'
import { Entry, Payout, X402Payment } from './refs.ts'

interface Status {
  readonly chainId: number
  readonly hash: string
  /** Null while it is not indexed. */
  readonly blockNumber: number | null
}

const MAX_WAIT_MS = 30_000
const MAX_ROWS = 1000

/** Looks again at every new head until the transaction is indexed or the time is up. Holds no snapshot meanwhile. */
const waitUntilIndexed = async (
  { options, newest }: Context,
  chainId: number,
  hash: string,
  waitMs: number,
): Promise<void> => {
  const { waitForHead, signal } = options
  const deadline = performance.now() + waitMs
  for (;;) {
    // The head first: what arrives between the two looks is then newer than it.
    const head = (await listHeads(newest)).find((each) => each.chainId === chainId)
    if ((await findTransactionBlock(newest, chainId, hash)) !== null) return
    const timeoutMs = deadline - performance.now()
    if (waitForHead === undefined || timeoutMs <= 0 || signal?.aborted) return
    await waitForHead({
      chainId,
      afterNumber: head?.number ?? -1,
      timeoutMs,
      ...(signal === undefined ? {} : { signal }),
    })
  }
}

const readTransaction = async (
  context: Context,
  hash: string,
  waitMs: number,
  chain: number | null | undefined,
): Promise<Status> => {
  const { chainId } = context.deployment(chain)
  if (waitMs < 0 || waitMs > MAX_WAIT_MS)
    throw new UserInputError(`waitMs: expected a number from 0 to ${MAX_WAIT_MS}`)
  if (waitMs > 0) {
    context.markVolatile()
    const waiting = waitUntilIndexed(context, chainId, transactionHash(hash), waitMs)
    context.openAfter(waiting)
    await waiting
  }
  const blockNumber = await findTransactionBlock(await context.db(), chainId, transactionHash(hash))
  return { chainId, hash, blockNumber }
}

const complete = <Row>(rows: readonly Row[]): readonly Row[] => {
  if (rows.length <= MAX_ROWS) return rows
  throw new LimitError(`More than ${MAX_ROWS} rows; use a list with where: {transactionHash: …}`)
}

const TransactionStatus = builder.objectRef<Status>('TransactionStatus').implement({
  description: 'What a transaction did in the game.',
  fields: (t) => ({
    hash: t.expose('hash', { type: 'Hex' }),
    indexed: t.boolean({
      description: 'False: not mined, not indexed yet, or nothing to do with the game.',
      resolve: ({ blockNumber }) => blockNumber !== null,
    }),
    finality: t.field({
      type: Finality,
      nullable: true,
      resolve: ({ chainId, blockNumber }, _, context) =>
        blockNumber === null ? null : finalityAt(context, chainId, blockNumber),
    }),
    entries: t.field({
      type: [Entry],
      description: 'In the order of its logs.',
      extensions: { statement: STATEMENT, complexity: HELD * MAX_ROWS, multiplier: MAX_ROWS },
      resolve: async ({ chainId, hash }, _, context) =>
        complete(await listEntriesOfTransaction(await context.db(), chainId, hash, MAX_ROWS + 1)),
    }),
    payouts: t.field({
      type: [Payout],
      description: 'In the order of its logs.',
      extensions: { statement: STATEMENT, complexity: HELD * MAX_ROWS, multiplier: MAX_ROWS },
      resolve: async ({ chainId, hash }, _, context) =>
        complete(await listPayoutsOfTransaction(await context.db(), chainId, hash, MAX_ROWS + 1)),
    }),
    payments: t.field({
      type: [X402Payment],
      description: 'In the order of its logs.',
      extensions: { statement: STATEMENT, complexity: HELD * MAX_ROWS, multiplier: MAX_ROWS },
      resolve: async ({ chainId, hash }, _, context) =>
        complete(await listPaymentsOfTransaction(await context.db(), chainId, hash, MAX_ROWS + 1)),
    }),
  }),
})

builder.queryFields((t) => ({
  transaction: t.field({
    type: TransactionStatus,
    extensions: { statement: 6 * STATEMENT },
    description:
      'Waits up to waitMs, at most 30000, until the transaction is indexed; the whole operation is answered after that.',
    args: {
      hash: t.arg({ type: 'Hex', required: true }),
      waitMs: t.arg.int({ required: true, defaultValue: 0 }),
      chainId: t.arg.int(),
    },
    resolve: (_, { hash, waitMs, chainId }, context) =>
      readTransaction(context, hash, waitMs, chainId),
  }),
}))
