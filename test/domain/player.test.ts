import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as PlayerToken from '../../src/domain/PlayerToken.ts'
import * as PoolPlayer from '../../src/domain/PoolPlayer.ts'

const ADDRESS = `0x${'11'.repeat(20)}` as const
const TOKEN = `0x${'22'.repeat(20)}` as const
const key = { id: 'x', chainId: 1, address: ADDRESS }
const inToken = PlayerToken.zero({ ...key, token: TOKEN }, 100)
const inPool = PoolPlayer.zero({ ...key, poolId: 1n }, 100)

it('begins with the time of the first entry', () => {
  expect(inToken).toMatchObject({ firstSeenAt: 100, lastSeenAt: 100, lastEntryAt: 100 })
  expect(inPool).toMatchObject({ lastEntryAt: 100, entryCount: 0 })
})

describe('prizes', () => {
  // Round by round: the prizes of a round may come in several payouts.
  const rounds = fc.array(fc.array(fc.bigInt(0n, 2n ** 128n), { minLength: 1 }), { minLength: 1 })

  it('add up by round; the largest sum of one round is the biggest win, the first that reached it', () => {
    fc.assert(
      fc.property(rounds, (list) => {
        let timestamp = 200
        const wins = list.flatMap((prizes, at) => {
          let wonInRound = 0n
          return prizes.map((amount, which) => {
            wonInRound += amount
            timestamp += 1
            const of = { poolId: 1n, roundId: BigInt(at + 1) }
            return { ...of, amount, wonInRound, isNewWin: which === 0, timestamp }
          })
        })
        const sums = list.map((prizes) => prizes.reduce((sum, prize) => sum + prize, 0n))
        const biggest = sums.toSorted((a, b) => (a < b ? 1 : -1))[0] ?? 0n
        const total = sums.reduce((a, b) => a + b, 0n)
        const token = wins.reduce(PlayerToken.prizePaid, inToken)
        expect(token).toEqual({
          ...{ ...inToken, lastSeenAt: timestamp, won: total, roundsWon: list.length },
          ...{ winningEntries: wins.length, biggestWin: biggest },
          biggestWinPoolId: biggest === 0n ? null : 1n,
          biggestWinRoundId: biggest === 0n ? null : BigInt(sums.indexOf(biggest) + 1),
        })
        expect(wins.reduce(PoolPlayer.prizePaid, inPool)).toEqual({
          ...{ ...inPool, won: total, roundsWon: list.length, biggestWin: biggest },
        })
      }),
    )
  })
})

it('stakes count at once, and fees until the stake comes back', () => {
  const entry = { amount: 1000n, feeAmount: 25n, isNewRound: true, isNewPool: true }
  const entries = [
    { ...entry, timestamp: 100 },
    { ...entry, timestamp: 110, isNewRound: false, isNewPool: false },
    { ...entry, timestamp: 120, isNewPool: false },
  ]
  const entered = entries.reduce(PlayerToken.entryPlaced, inToken)
  expect(entered).toEqual({
    ...{ ...inToken, lastSeenAt: 120, lastEntryAt: 120, entryCount: 3 },
    ...{ poolsEntered: 1, roundsEntered: 2, wagered: 3000n, feesPaid: 75n },
  })
  const back = { amount: 1000n, feeAmount: 25n, timestamp: 130 }
  expect(PlayerToken.entryRefunded(entered, back)).toEqual({
    ...{ ...entered, lastSeenAt: 130, refunded: 1000n, feesPaid: 50n },
  })
  const pool = entries.reduce(PoolPlayer.entryPlaced, inPool)
  expect(pool).toEqual({ ...inPool, lastEntryAt: 120, entryCount: 3, wagered: 3000n })
  expect(PoolPlayer.entryRefunded(pool, back)).toEqual({ ...pool, refunded: 1000n })
})
