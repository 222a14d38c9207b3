import {
  type IssueRow,
  isAudited,
  issuesOfAll,
  issuesOfEvents,
  listReconciliations,
  type ReconciliationRow,
} from '../db/integrity.ts'
import { adviceOf } from './advice.ts'
import { builder } from './builder.ts'
import { createConnection, createPages, pageArgs } from './connection.ts'
import { encodeGlobalId } from './globalId.ts'
import { loadToken } from './loaders.ts'
import { Money, tokenMoney } from './money.ts'
import { paged, related, tokens } from './price.ts'
import { IntegrityIssue, Node, Token } from './refs.ts'

IntegrityIssue.implement({
  description: 'An invariant that does not hold, with the numbers. None is the normal state.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({ resolve: ({ id }: IssueRow) => encodeGlobalId('IntegrityIssue', id) }),
    invariant: t.exposeString('invariant'),
    scope: t.exposeString('scope', { description: 'What it is about: a round, a token, a block.' }),
    expected: t.exposeString('expected'),
    actual: t.exposeString('actual'),
    blockNumber: t.expose('blockNumber', {
      type: 'BigInt',
      description: 'The block that broke it, or at which it was noticed.',
    }),
    firstSeenAt: t.expose('firstSeenAt', { type: 'Timestamp' }),
    resolvedAt: t.expose('resolvedAt', {
      type: 'Timestamp',
      nullable: true,
      description: 'When it was seen to hold again. What an event broke stays broken.',
    }),
    advice: t.string({
      description: 'What to do about it.',
      resolve: ({ invariant }) => adviceOf(invariant),
    }),
  }),
})

const IssueConnection = createConnection('IntegrityIssue', IntegrityIssue)
const readAll = createPages(issuesOfAll)
const readEvents = createPages(issuesOfEvents)

const Reconciliation = builder.objectRef<ReconciliationRow>('Reconciliation').implement({
  description:
    'What the contract itself says at a block, beside what was indexed at that block. Asked by that block’s hash.',
  fields: (t) => {
    const money = (raw: (row: ReconciliationRow) => bigint, description: string) =>
      t.field({
        type: Money,
        description,
        resolve: (row) => tokenMoney(row.chainId, row.token, raw(row)),
      })
    return {
      token: t.field({
        type: Token,
        resolve: ({ chainId, token }, _, context) => loadToken(context, chainId, token),
      }),
      blockNumber: t.expose('blockNumber', { type: 'BigInt' }),
      contractBalance: money(({ balance }) => balance, 'What the contract really has.'),
      contractLiabilities: money(({ liabilities }) => liabilities, 'What it says that it owes.'),
      indexedLiabilities: money(({ indexed }) => indexed, 'What it owes by its events.'),
      drift: money(
        ({ indexed, liabilities }) => indexed - liabilities,
        'Indexed less contract liabilities: 0, or rows are wrong.',
      ),
      at: t.expose('timestamp', { type: 'Timestamp' }),
    }
  },
})

const { first, after } = pageArgs

builder.queryFields((t) => ({
  integrityIssues: t.field({
    type: IssueConnection,
    extensions: paged(issuesOfAll),
    description:
      'What does not hold, the newest first. `open: false` gives what was resolved, `open: null` both.',
    args: { open: t.arg.boolean({ defaultValue: true }), first, after },
    resolve: async (_, { open, ...page }, context) => {
      context.markVolatile()
      const where = open === null || open === undefined ? null : { isOpen: { eq: open } }
      const read = (await isAudited(await context.db())) ? readAll : readEvents
      return read(context, { ...page, where })
    },
  }),
  reconciliations: t.field({
    type: [Reconciliation],
    description:
      'The newest of each token. Made when a round ends, every so many blocks, and twice a minute.',
    extensions: { ...related, multiplier: tokens },
    args: { chainId: t.arg.int() },
    resolve: async (_, { chainId }, context) => {
      context.markVolatile()
      return listReconciliations(await context.db(), context.deployment(chainId).chainId)
    },
  }),
}))
