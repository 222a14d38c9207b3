import fc from 'fast-check'
import { expect, it } from 'vitest'
import * as Bucket from '../../src/domain/Bucket.ts'
import * as PoolHour from '../../src/domain/PoolHour.ts'

const zero = PoolHour.zero({ id: '1-1-500000', chainId: 1, poolId: 1n, hour: 500_000 })
const never = { ever: false, hour: false, day: false, week: false }

it('an hour without events stands for no prize pool', () => {
  expect(zero).toMatchObject({ prizePoolHigh: null, prizePoolClose: null, entryCount: 0 })
})

it('keeps the greatest prize pool and the last, also when a round opens empty', () => {
  const pools = fc.array(fc.bigInt(0n, 2n ** 200n), { minLength: 1 })
  fc.assert(
    fc.property(pools, (list) => {
      const hour = list.reduce(
        (row, prizePool, at) =>
          at % 3 === 2
            ? PoolHour.roundOpened(row, { carryIn: prizePool })
            : PoolHour.entryPlaced(row, { amount: 1n, prizePool, inPool: never, inToken: never }),
        zero,
      )
      expect(hour.prizePoolHigh).toBe(list.toSorted((a, b) => (a < b ? 1 : -1))[0])
      expect(hour.prizePoolClose).toBe(list.at(-1))
    }),
  )
})

it('counts who is there for the first time, in the pool and in the token', () => {
  const firsts = (before: number | null) => Bucket.firsts(before, 1_800_003_600)
  const entries = [
    { inPool: firsts(null), inToken: firsts(null) },
    { inPool: firsts(null), inToken: firsts(1_800_003_600) },
    { inPool: firsts(1_800_003_600), inToken: firsts(1_800_003_600) },
    { inPool: firsts(1_800_003_599), inToken: firsts(1_800_003_600) },
  ]
  const hour = entries.reduce(
    (row, entry) => PoolHour.entryPlaced(row, { ...entry, amount: 10n, prizePool: 5n }),
    zero,
  )
  expect(hour).toEqual({
    ...{ ...zero, entryCount: 4, wagered: 40n, prizePoolHigh: 5n, prizePoolClose: 5n },
    ...{ newPlayers: 2, hourPlayers: 3, dayPlayers: 2, weekPlayers: 2 },
    ...{ tokenNewPlayers: 1, tokenHourPlayers: 1, tokenDayPlayers: 1, tokenWeekPlayers: 1 },
  })
})

it('adds each flow where it belongs', () => {
  const flows = [
    PoolHour.x402PaymentSettled,
    PoolHour.feeCollected,
    PoolHour.prizePaid,
    PoolHour.entryRefunded,
  ]
  const hour = flows.reduce((row, flow, at) => flow(row, { amount: 10n ** BigInt(at) }), zero)
  expect(PoolHour.rolledOver(PoolHour.roundDrawn(PoolHour.roundDrawn(hour)))).toEqual({
    ...{ ...zero, x402Count: 1, x402Amount: 1n, fees: 10n, prizes: 100n, refunds: 1000n },
    ...{ roundsDrawn: 2, rollovers: 1 },
  })
})
