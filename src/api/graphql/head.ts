import type { Head as HeadRow } from '../db/head.ts'
import { builder } from './builder.ts'

const CURSOR_VERSION = 1

/** A head as a place to go on from: chain, number, hash and what was final then. */
const headCursor = ({ chainId, number, hash, finalizedNumber }: HeadRow) =>
  Buffer.from(
    JSON.stringify([CURSOR_VERSION, 'head', chainId, number, hash, finalizedNumber]),
  ).toString('base64url')

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
    cursor: t.field({
      type: 'Cursor',
      description: 'This head as a place to go on from.',
      resolve: headCursor,
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
