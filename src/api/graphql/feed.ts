import type {
  FeedAppend as AppendRow,
  FeedMessage as MessageRow,
  FeedUndo as UndoRow,
} from '../db/feed.ts'
import { builder } from './builder.ts'
import type { Context } from './context.ts'
import { Finality } from './enums.ts'
import { encodeGlobalId } from './globalId.ts'
import { Head, headCursor } from './head.ts'
import { activityWhere } from './lists.ts'
import { STATEMENT } from './price.ts'
import { Activity } from './refs.ts'

/** A page of what is caught up on; most blocks have fewer events, and one that has more comes whole. */
const EVENTS = 500
/** Ids that an undo names, as a rule. */
const MAX_REMOVED = 1000

const FeedAppend = builder.objectRef<AppendRow>('FeedAppend').implement({
  description: 'These happened, in this order. Apply them on top of what you have.',
  fields: (t) => ({
    cursor: t.field({
      type: 'Cursor',
      description: 'Subscribe with `after: cursor` to go on behind this message.',
      resolve: ({ head }, _, context) => headCursor(context, head),
    }),
    head: t.field({
      type: Head,
      description: 'You have now been told everything up to this block.',
      resolve: ({ head }) => head,
    }),
    events: t.field({
      type: [Activity],
      description: 'In chain order; those of a block always come together.',
      extensions: { complexity: EVENTS, multiplier: EVENTS },
      resolve: ({ events }) => events,
    }),
  }),
})

const FeedUndo = builder.objectRef<UndoRow>('FeedUndo').implement({
  description:
    'The chain was reorganised: forget every event above `toBlock`. What happened instead follows.',
  fields: (t) => ({
    cursor: t.field({
      type: 'Cursor',
      description: 'Subscribe with `after: cursor` to go on behind this message.',
      resolve: ({ head }, _, context) => headCursor(context, head),
    }),
    head: t.field({
      type: Head,
      description: 'What you have left is everything up to this block.',
      resolve: ({ head }) => head,
    }),
    toBlock: t.expose('toBlock', { type: 'BigInt' }),
    removed: t.field({
      type: ['ID'],
      extensions: { multiplier: MAX_REMOVED },
      description:
        'Ids of the events that this takes away, as far as the server knows them: all of them, unless you came back with a cursor that this replica never saw.',
      resolve: ({ removed }) => removed.map((id) => encodeGlobalId('Activity', id)),
    }),
  }),
})

const FeedMessage = builder.unionType('FeedMessage', {
  types: [FeedAppend, FeedUndo],
  resolveType: ({ kind }) => (kind === 'append' ? FeedAppend : FeedUndo),
})

/** Whoever serves the feed says what comes next; alone, an execution has nothing to compare with. */
const next = async (context: Context, chainId: number | null | undefined): Promise<MessageRow> => {
  const head = await context.head(context.deployment(chainId).chainId)
  const turn = context.options.turn?.nextMessage
  return turn === undefined ? { kind: 'append', head, events: [] } : turn(await context.snapshot())
}

builder.subscriptionFields((t) => ({
  feed: t.field({
    type: FeedMessage,
    description:
      'Every fact in order, with corrections. Go on with the last cursor that you processed, on any replica, after any restart; without one the first message is empty and has the present head.',
    extensions: { isFeed: true, statement: 2 * STATEMENT },
    args: {
      ...activityWhere,
      after: t.arg({ type: 'Cursor', description: 'A cursor of this feed, or of a head.' }),
      fromStart: t.arg.boolean({ required: true, defaultValue: false }),
      finality: t.arg({
        type: Finality,
        required: true,
        defaultValue: 'LATEST',
        description: 'FINAL waits until a fact cannot be undone, so nothing is ever undone.',
      }),
      chainId: t.arg.int(),
    },
    subscribe: async function* once() {
      yield {}
    },
    resolve: (_, { chainId }, context) => next(context, chainId),
  }),
}))
