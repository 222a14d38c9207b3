import type { PoolRow, PoolStatsRow } from '../db/pool.ts'
import type { TokenRow } from '../db/token.ts'
import { builder } from './builder.ts'

/** Types that mention each other, by the rows they are made from. Each is described in a file of its own. */

export const Node = builder.interfaceRef<object>('Node').implement({
  description: 'Whatever can be asked for again by its id.',
  fields: (t) => ({
    id: t.id({ description: 'Opaque, and the same on every replica.', resolve: () => '' }),
  }),
})

export const Token = builder.objectRef<TokenRow>('Token')
export const Pool = builder.objectRef<PoolRow>('Pool')
export const PoolStats = builder.objectRef<PoolStatsRow>('PoolStats')
