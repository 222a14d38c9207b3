import type { Head as HeadRow } from '../db/head.ts'
import { type AuditCheckRow, countOpenIssues, listAuditChecks } from '../db/integrity.ts'
import { builder } from './builder.ts'
import type { ChainHead, Context } from './context.ts'
import { Head } from './head.ts'
import { STATEMENT } from './price.ts'

interface Status {
  readonly head: HeadRow
  readonly chainHead: ChainHead | null
  readonly backfillProgressBps: number | null
}

/** Blocks the indexer may be behind the chain and still be called ready, when the server does not judge itself. */
const READY_LAG = 5

const lagBlocks = ({ head, chainHead }: Status) =>
  chainHead === null ? null : Math.max(0, Number(chainHead.number) - head.number)

const lagSeconds = ({ head, chainHead }: Status) =>
  chainHead === null ? null : Math.max(0, chainHead.timestamp - head.timestamp)

const isReady = (status: Status, context: Context) =>
  context.options.probe?.isReady?.(status.head) ?? (lagBlocks(status) ?? 0) <= READY_LAG

export const readStatus = async (
  context: Context,
  chainId: number | null | undefined,
): Promise<Status> => {
  context.markVolatile()
  const chain = context.deployment(chainId).chainId
  const { probe } = context.options
  const asked = Promise.all([
    probe?.chainHead?.(chain) ?? null,
    probe?.backfillProgressBps?.(chain) ?? null,
  ])
  context.openAfter(asked)
  const [chainHead, backfillProgressBps] = await asked
  return { head: await context.head(chain), chainHead, backfillProgressBps }
}

const AuditCheck = builder.objectRef<AuditCheckRow>('AuditCheck').implement({
  description: 'A check that the auditor makes again and again.',
  fields: (t) => ({
    check: t.exposeString('name', {
      description:
        'following, liabilities, finality, logs or rows: what is compared with the chain. nodes: the nodes with one another.',
    }),
    lastSuccessAt: t.expose('lastSuccessAt', {
      type: 'Timestamp',
      nullable: true,
      description: 'When it was done last, by the clock; null when it never was.',
    }),
    lastError: t.exposeString('lastError', {
      nullable: true,
      description: 'Why it could not be done since; null when it was.',
    }),
  }),
})

export const IndexerStatus = builder.objectRef<Status>('IndexerStatus').implement({
  description: 'How far the indexer is, beside what the chain itself says.',
  fields: (t) => ({
    head: t.field({ type: Head, resolve: (status) => status.head }),
    chainHeadNumber: t.field({
      type: 'BigInt',
      nullable: true,
      description: "The chain's newest block; null when its RPC does not say.",
      resolve: (status) => status.chainHead?.number ?? null,
    }),
    lagBlocks: t.int({
      nullable: true,
      description: "Blocks between the head and the chain's newest block.",
      resolve: lagBlocks,
    }),
    lagSeconds: t.int({
      nullable: true,
      description: "Block time between the head and the chain's newest block.",
      resolve: lagSeconds,
    }),
    headAgeSeconds: t.int({
      description:
        'Time since the head was mined, by the clock of the server. Below 0 on a chain whose clock is ahead.',
      resolve: ({ head }) => Math.round(Date.now() / 1000) - head.timestamp,
    }),
    rewinding: t.boolean({
      description:
        'A later head was shown before: the indexer was started again, and is executing blocks that it had already.',
      resolve: ({ head }, _, context) =>
        context.options.probe?.isRewinding?.(head.chainId) ?? false,
    }),
    ready: t.boolean({
      description:
        'New enough to be relied on: the history is indexed, the head is young by the clock, and the indexer is not rewinding.',
      resolve: (status, _, context) => isReady(status, context),
    }),
    backfillProgressBps: t.exposeInt('backfillProgressBps', {
      nullable: true,
      description:
        'Share of the history that is indexed, in basis points: 10000 once it has caught up; null when unknown.',
    }),
    buildId: t.string({
      description: "The indexer's build. Another one means other rules for the same events.",
      resolve: (status) => status.head.buildId,
    }),
    openIssues: t.int({
      description: 'How many things do not hold now: see integrityIssues. Normally 0.',
      extensions: { statement: 2 * STATEMENT },
      resolve: async ({ head }, _, context) => countOpenIssues(await context.db(), head.chainId),
    }),
    audit: t.field({
      type: [AuditCheck],
      description:
        'What the auditor checks of the chain, and when it last could. Empty before one has run; a check that was not done has not passed.',
      extensions: { multiplier: 6 },
      resolve: async ({ head }, _, context) => listAuditChecks(await context.db(), head.chainId),
    }),
    version: t.string({
      description: 'Version of the server that answers.',
      resolve: (_, __, context) => context.options.version,
    }),
  }),
})

builder.queryFields((t) => ({
  status: t.field({
    type: IndexerStatus,
    extensions: { statement: 12 * STATEMENT },
    args: { chainId: t.arg.int() },
    resolve: (_, { chainId }, context) => readStatus(context, chainId),
  }),
}))
