import type { ActivityRow } from '../db/activity.ts'
import type { EntryRow } from '../db/entry.ts'
import type { IssueRow } from '../db/integrity.ts'
import type { PaymentRow } from '../db/payment.ts'
import type { PayoutRow } from '../db/payout.ts'
import type { PlayerRow } from '../db/player.ts'
import type { PoolRow, PoolStatsRow } from '../db/pool.ts'
import type { RoundRow } from '../db/round.ts'
import type { TokenRow } from '../db/token.ts'
import { builder } from './builder.ts'

/** Types that mention each other, by the rows they are made from. Each is described in a file of its own. */

export const Node = builder
  .interfaceRef<{ readonly id: string; readonly __typename?: string }>('Node')
  .implement({
    description: 'Whatever can be asked for again by its id.',
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Opaque, and the same on every replica.' }),
    }),
  })

export const Token = builder.objectRef<TokenRow>('Token')
export const Pool = builder.objectRef<PoolRow>('Pool')
export const PoolStats = builder.objectRef<PoolStatsRow>('PoolStats')
export const Round = builder.objectRef<RoundRow>('Round')
export const Entry = builder.objectRef<EntryRow>('Entry')
export const Payout = builder.objectRef<PayoutRow>('Payout')
export const X402Payment = builder.objectRef<PaymentRow>('X402Payment')
export const Player = builder.objectRef<PlayerRow>('Player')
export const IntegrityIssue = builder.objectRef<IssueRow>('IntegrityIssue')
export const Activity = builder.objectRef<ActivityRow>('Activity')
