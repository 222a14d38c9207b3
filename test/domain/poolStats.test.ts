import fc from 'fast-check'
import { expect, it } from 'vitest'
import * as PoolStats from '../../src/domain/PoolStats.ts'
import type { Status } from '../../src/domain/Round.ts'

const ADDRESS = `0x${'11'.repeat(20)}` as const
const zero = PoolStats.zero({ id: '1-1', chainId: 1, poolId: 1n })
const FEE = 1000n
const FEE_AMOUNT = 25n

/** How a round ends, how many entered it, held its number, and were paid so far. */
interface Story {
  readonly entryCount: number
  readonly newPlayers: number
  readonly winners: number
  readonly paid: number
  readonly isCancelled: boolean
  readonly delivered: boolean
}
const story: fc.Arbitrary<Story> = fc.record({
  entryCount: fc.integer({ min: 0, max: 20 }),
  newPlayers: fc.integer({ min: 0, max: 20 }),
  winners: fc.integer({ min: 0, max: 20 }),
  paid: fc.integer({ min: 0, max: 20 }),
  isCancelled: fc.boolean(),
  delivered: fc.boolean(),
})

interface Told {
  readonly status: Status
  readonly entryCount: number
  readonly newPlayers: number
  readonly gross: bigint
  readonly feeAccrued: bigint
  readonly prizePool: bigint
  readonly winners: number
  readonly prize: bigint
  readonly paid: number
  readonly carryOut: bigint
  readonly delivered: boolean
}

/** Rounds one after the other, with what each carries over; the last one is still open. */
const tell = (stories: readonly Story[]) => {
  let carryIn = 0n
  return stories.map((each, at): Told => {
    const isLast = at === stories.length - 1
    const entries = BigInt(each.entryCount)
    const prizePool = carryIn + entries * (FEE - FEE_AMOUNT)
    const winners = Math.min(each.winners, each.entryCount)
    const prize = each.isCancelled || winners === 0 ? 0n : prizePool / BigInt(winners)
    const carryOut = each.isCancelled ? carryIn : prizePool - prize * BigInt(winners)
    const due = each.isCancelled ? each.entryCount : winners
    carryIn = carryOut
    const sums = { entryCount: each.entryCount, gross: entries * FEE, prizePool, carryOut }
    return {
      ...{ ...sums, feeAccrued: entries * FEE_AMOUNT, newPlayers: each.newPlayers },
      status: isLast ? 'OPEN' : each.isCancelled ? 'CANCELLED' : 'DRAWN',
      ...{ winners, prize, paid: Math.min(each.paid, due), delivered: each.delivered },
    }
  })
}

const fold = (rounds: readonly Told[]) =>
  rounds.reduce((before, round, at) => {
    const roundId = BigInt(at + 1)
    const opened = PoolStats.roundOpened(before, { roundId })
    if (round.status === 'OPEN') return opened
    if (round.status === 'CANCELLED') {
      const refunds = Array.from({ length: round.paid }, () => ({ amount: FEE }))
      return refunds.reduce(PoolStats.entryRefunded, PoolStats.roundCancelled(opened, round))
    }
    const { prize, delivered } = round
    const drawn = PoolStats.roundDrawn(opened, round, {
      ...{ winningNumber: 7, winningEntryCount: BigInt(round.winners) },
      ...{ prizePerEntry: prize, timestamp: at },
    })
    const collected = PoolStats.feeCollected(drawn, { amount: round.feeAccrued })
    const prizes = Array.from({ length: round.paid }, (_, which) => ({
      ...{ amount: prize, delivered, roundId, recipient: ADDRESS },
      wonInRound: prize * BigInt(which + 1),
    }))
    return prizes.reduce(PoolStats.prizePaid, collected)
  }, zero)

const sum = <Item>(items: readonly Item[], of: (item: Item) => bigint) =>
  items.reduce((total, item) => total + of(item), 0n)
const count = <Item>(items: readonly Item[], of: (item: Item) => number) =>
  items.reduce((total, item) => total + of(item), 0)

it('with the round that is not over it is the whole pool', () => {
  fc.assert(
    fc.property(fc.array(story, { minLength: 1, maxLength: 12 }), (stories) => {
      const rounds = tell(stories)
      const current = rounds.at(-1)
      const drawn = rounds.filter(({ status }) => status === 'DRAWN')
      const cancelled = rounds.filter(({ status }) => status === 'CANCELLED')
      const stats = fold(rounds)
      expect(PoolStats.withCurrent(stats, current)).toMatchObject({
        currentRoundId: BigInt(rounds.length),
        roundCount: rounds.length,
        entryCount: count(rounds, ({ entryCount }) => entryCount),
        uniquePlayers: count(rounds, ({ newPlayers }) => newPlayers),
        wagered: sum(rounds, ({ gross }) => gross),
        contributed: sum(rounds, ({ gross, feeAccrued }) => gross - feeAccrued),
        feesAccruedOpen: current?.feeAccrued,
        drawnRounds: drawn.length,
        cancelledRounds: cancelled.length,
        rolloverStreak: drawn.length - 1 - drawn.findLastIndex(({ winners }) => winners > 0),
        feesCollected: sum(drawn, ({ feeAccrued }) => feeAccrued),
        prizesWon: sum(drawn, ({ prize, paid }) => prize * BigInt(paid)),
        prizesDelivered: sum(drawn, ({ prize, paid, delivered }) =>
          delivered ? prize * BigInt(paid) : 0n,
        ),
        refunded: sum(cancelled, ({ paid }) => FEE * BigInt(paid)),
      })
    }),
  )
})

it('liabilities are what came in less what went out', () => {
  fc.assert(
    fc.property(fc.array(story, { minLength: 1, maxLength: 12 }), (stories) => {
      const rounds = tell(stories)
      const current = rounds.at(-1)
      const out = sum(rounds, (round) => {
        if (round.status === 'OPEN') return 0n
        if (round.status === 'CANCELLED') return FEE * BigInt(round.paid)
        return round.feeAccrued + round.prize * BigInt(round.paid)
      })
      const liabilities = PoolStats.liabilities(fold(rounds), current)
      expect(liabilities).toBe(sum(rounds, ({ gross }) => gross) - out)
    }),
  )
})

it('a round that is over is not counted twice', () => {
  const [over] = tell([
    {
      ...{ entryCount: 3, newPlayers: 2, winners: 1, paid: 0 },
      isCancelled: false,
      delivered: true,
    },
    {
      ...{ entryCount: 0, newPlayers: 0, winners: 0, paid: 0 },
      isCancelled: false,
      delivered: true,
    },
  ])
  const stats = fold(over === undefined ? [] : [over])
  expect(PoolStats.withCurrent(stats, over)).toEqual({ ...stats, feesAccruedOpen: 0n })
  expect(PoolStats.withCurrent(stats, undefined)).toEqual({ ...stats, feesAccruedOpen: 0n })
  expect(PoolStats.liabilities(stats, over)).toBe(stats.owed)
})

it('the first sum of a round to reach the biggest prize keeps it', () => {
  const prize = { amount: 5n, delivered: true, recipient: ADDRESS }
  const stats = [
    { ...prize, roundId: 1n, wonInRound: 5n },
    { ...prize, roundId: 2n, wonInRound: 5n },
    { ...prize, roundId: 2n, wonInRound: 10n },
    { ...prize, roundId: 3n, wonInRound: 10n },
  ].reduce(PoolStats.prizePaid, zero)
  expect(stats).toMatchObject({ biggestPrize: 10n, biggestPrizeRoundId: 2n, prizesWon: 20n })
})

it('outcomes are counted when a round is final', () => {
  const outcomes = ['SETTLED', 'ROLLED_OVER', 'SETTLED', 'CANCELLED'] as const
  const stats = outcomes.reduce(
    (before, outcome) => PoolStats.roundFinalized(before, { outcome }),
    zero,
  )
  expect(stats).toMatchObject({ settledRounds: 2, rolledOverRounds: 1, cancelledRounds: 0 })
})
