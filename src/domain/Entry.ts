import type { Status as RoundStatus } from './Round.ts'

export type Status =
  | 'ACTIVE'
  | 'PENDING'
  | 'LOST'
  | 'WON_UNPAID'
  | 'WON_PAID'
  | 'WON_CREDITED'
  | 'WON_CLAIMED'
  | 'REFUND_PENDING'
  | 'REFUNDED'
  | 'REFUND_CREDITED'
  | 'REFUND_CLAIMED'

/** What became of an entry: it follows from its round and its payout, so it is not stored. */
export const status = (
  round: { readonly status: RoundStatus; readonly winningNumber: number | null },
  number: number,
  payout?: { readonly delivered: boolean; readonly isClaimed: boolean },
): Status => {
  switch (round.status) {
    case 'OPEN':
      return 'ACTIVE'
    case 'DRAWING':
      return 'PENDING'
    case 'CANCELLED':
      if (payout === undefined) return 'REFUND_PENDING'
      if (payout.delivered) return 'REFUNDED'
      return payout.isClaimed ? 'REFUND_CLAIMED' : 'REFUND_CREDITED'
    default:
      if (round.winningNumber !== number) return 'LOST'
      if (payout === undefined) return 'WON_UNPAID'
      if (payout.delivered) return 'WON_PAID'
      return payout.isClaimed ? 'WON_CLAIMED' : 'WON_CREDITED'
  }
}
