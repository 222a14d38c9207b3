import { describe, expect, it } from 'vitest'
import * as Entry from '../../src/domain/Entry.ts'
import type { Status } from '../../src/domain/Round.ts'

const delivered = { delivered: true, isClaimed: false }
const credited = { delivered: false, isClaimed: false }
const claimed = { delivered: false, isClaimed: true }

describe('status of an entry on number 7', () => {
  it.each<[Status, number | null, typeof delivered | undefined, Entry.Status]>([
    ['OPEN', null, undefined, 'ACTIVE'],
    ['DRAWING', null, undefined, 'PENDING'],
    ['DRAWN', 8, undefined, 'LOST'],
    ['SETTLED', 8, undefined, 'LOST'],
    ['ROLLED_OVER', 8, undefined, 'LOST'],
    ['DRAWN', 7, undefined, 'WON_UNPAID'],
    ['DRAWN', 7, delivered, 'WON_PAID'],
    ['SETTLED', 7, delivered, 'WON_PAID'],
    ['SETTLED', 7, credited, 'WON_CREDITED'],
    ['SETTLED', 7, claimed, 'WON_CLAIMED'],
    ['CANCELLED', null, undefined, 'REFUND_PENDING'],
    ['CANCELLED', null, delivered, 'REFUNDED'],
    ['CANCELLED', null, credited, 'REFUND_CREDITED'],
    ['CANCELLED', null, claimed, 'REFUND_CLAIMED'],
  ])('in a round %s that drew %s, paid %o: %s', (status, winningNumber, payout, expected) => {
    expect(Entry.status({ status, winningNumber }, 7, payout)).toBe(expected)
  })
})
