import type { Head as HeadRow } from '../db/head.ts'
import { encodeHeadCursor } from '../db/headCursor.ts'
import { builder } from './builder.ts'
import type { Context } from './context.ts'

/** A head as a place to go on from. */
export const headCursor = (context: Context, head: HeadRow): string => {
  const { chainId, number, hash, finalizedNumber } = head
  const contract = context.deployment(chainId).address
  return encodeHeadCursor({ chainId, contract, number, hash, logIndex: null, finalizedNumber })
}

export const Head = builder.objectRef<HeadRow>('Head').implement({
  description: 'The block that the answers of this operation belong to.',
  fields: (t) => ({
    chainId: t.exposeInt('chainId'),
    number: t.expose('number', { type: 'BigInt' }),
    hash: t.expose('hash', { type: 'Hex' }),
    timestamp: t.expose('timestamp', { type: 'Timestamp' }),
    finalizedNumber: t.expose('finalizedNumber', {
      type: 'BigInt',
      description: 'Blocks up to this one will not be reorganised away.',
    }),
    isRewinding: t.boolean({
      description:
        'A later block was shown before: the indexer was started again, and is executing blocks that it had already.',
      resolve: ({ chainId }, _, context) => {
        context.markVolatile()
        return context.options.probe?.isRewinding?.(chainId) ?? false
      },
    }),
    cursor: t.field({
      type: 'Cursor',
      description:
        'Subscribe to feed(after: …) from here: with this answer nothing is missed or repeated.',
      resolve: (head, _, context) => headCursor(context, head),
    }),
  }),
})

builder.queryFields((t) => ({
  head: t.field({
    type: Head,
    description: 'The newest indexed block of a chain; of the default chain when none is named.',
    args: { chainId: t.arg.int() },
    resolve: (_, { chainId }, context) => context.head(context.deployment(chainId).chainId),
  }),
}))
