import { cancelReason, paymentMethod, payoutKind, roundStatus } from '../../../ponder.schema.ts'
import { ACTIVITY_KINDS } from '../db/activityTables.ts'
import { builder } from './builder.ts'

export const RoundStatus = builder.enumType('RoundStatus', {
  description: 'What the contract has done with a round.',
  values: roundStatus.enumValues,
})

export const RoundPhase = builder.enumType('RoundPhase', {
  description: 'The status, and what the time of the head block adds to it.',
  values: {
    ACCEPTING: { description: 'Entries are taken.' },
    CLOSABLE: { description: 'Time is up or the round is full: anyone may close it.' },
    AWAITING_RANDOMNESS: { description: 'Closed; the random word is on its way.' },
    OVERDUE: { description: 'The word is late by more than drawTimeout: anyone may cancel.' },
    PAYING: { description: 'Drawn or cancelled, with prizes or refunds still to send.' },
    FINAL: { description: 'Nothing is left to happen.' },
  },
})

export const EntryStatus = builder.enumType('EntryStatus', {
  description: 'What became of an entry.',
  values: {
    ACTIVE: { description: 'Its round is open.' },
    PENDING: { description: 'Its round waits for the draw.' },
    LOST: { description: 'Another number was drawn.' },
    WON_UNPAID: { description: 'Its number was drawn, the prize is not sent yet.' },
    WON_PAID: { description: 'The prize arrived.' },
    WON_CREDITED: { description: 'The prize could not be delivered and waits to be claimed.' },
    WON_CLAIMED: { description: 'The credited prize was claimed.' },
    REFUND_PENDING: { description: 'Its round was cancelled, the stake is not sent back yet.' },
    REFUNDED: { description: 'The stake came back.' },
    REFUND_CREDITED: { description: 'The refund could not be delivered and waits to be claimed.' },
    REFUND_CLAIMED: { description: 'The credited refund was claimed.' },
  },
})

export const TokenTextSource = builder.enumType('TokenTextSource', {
  description: 'Where the symbol and the name of a token come from.',
  values: {
    BLOCK: { description: 'The token itself, as of the block of its first pool.' },
    LATEST: {
      description: 'The token itself, as of a later block: the node had the older state no longer.',
    },
    CONFIGURATION: { description: 'The deployment, which names the native coin.' },
    UNKNOWN: {
      description:
        'Nowhere: no node had an answer, or no pool takes the token (its decimals are then shown as 0). Both are empty.',
    },
  },
})

export const PaymentMethod = builder.enumType('PaymentMethod', {
  description: 'How an entry was paid.',
  values: paymentMethod.enumValues,
})

export const PayoutKind = builder.enumType('PayoutKind', {
  description: 'Why money left a round.',
  values: payoutKind.enumValues,
})

export const PayoutState = builder.enumType('PayoutState', {
  description: 'Where the money of a payout is.',
  values: {
    DELIVERED: { description: 'With its recipient.' },
    CREDITED: {
      description: 'Still in the contract: the push failed, the recipient may claim it.',
    },
    CLAIMED: { description: 'Credited first and claimed later.' },
  },
})

export const CancelReason = builder.enumType('CancelReason', {
  description: 'Why a round was cancelled.',
  values: cancelReason.enumValues,
})

export const Finality = builder.enumType('Finality', {
  description: 'Whether a fact can still be reorganised away.',
  values: {
    LATEST: { description: 'It can.' },
    FINAL: { description: 'It never will.' },
  },
})

export const OrderDirection = builder.enumType('OrderDirection', {
  description: 'Missing values count as the largest: last in ASC, first in DESC.',
  values: ['ASC', 'DESC'],
})

export const LinkStatus = builder.enumType('LinkStatus', {
  description: 'How a payment and the game belong together.',
  values: {
    LINKED: { description: 'The game settled it: amount, price, entries and nonces agree.' },
    PENDING: { description: 'Money without an entry, in a block that is not final yet.' },
    ORPHAN: { description: 'Money without an entry, for good.' },
    MISMATCH: { description: 'The game settled it, and something does not agree.' },
    CANCELLED: { description: 'The authorisation was cancelled before anybody used it.' },
  } as const,
})

export const Window = builder.enumType('Window', {
  description: 'UTC. A week begins on Monday, 00:00.',
  values: ['ALL_TIME', 'WEEK', 'DAY'] as const,
})

export const LeaderboardMetric = builder.enumType('LeaderboardMetric', {
  description: 'What players are compared by.',
  values: {
    REALIZED_NET_PROFIT: { description: 'Profit without the stakes of rounds that are not over.' },
    WAGERED: { description: 'Stakes.' },
    WINS: { description: 'Rounds with a prize.' },
    BIGGEST_WIN: { description: 'The largest sum taken from one round.' },
    ROI: { description: 'Realized profit over the stakes whose round is over, in basis points.' },
  } as const,
})

export const ActivityKind = builder.enumType('ActivityKind', {
  description: 'What happened.',
  values: ACTIVITY_KINDS,
})

/** The enums that fields of the tables are filtered by, by the name in the fields' description. */
export const ENUMS = {
  RoundStatus,
  PaymentMethod,
  PayoutKind,
  CancelReason,
  ActivityKind,
  LinkStatus,
}
