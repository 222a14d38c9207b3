import { zeroAddress } from 'viem'
import { afterEach, expect, test } from 'vitest'
import { createGame, type Game } from './support/game.ts'
import { names } from './support/logs.ts'

let game: Game | undefined
afterEach(() => game?.stop())

const OPENING = ['RoundOpened', 'coordinator.RandomWordsFulfilled']

test('a callback that fails: the coordinator says so, the round waits for its time-out', async () => {
  game = await createGame({ callbackGasLimit: 60_000 })
  const pool = await game.createPool()
  await game.enter(pool, 3, [7, 7])
  await game.close(pool)
  const tx = await game.draw(pool, 7)
  expect(names(tx)).toEqual(['coordinator.RandomWordsFulfilled'])
  expect(tx.logs[0]?.args).toMatchObject({ requestId: 1n, success: false })
  expect(await game.current(pool)).toMatchObject({ roundId: 1n, status: 2 })
  await game.advance(600)
  expect(names(await game.play('cancelExpired', [pool]))).toEqual(['RoundCancelled', 'RoundOpened'])
  await game.play('processRefunds', [pool, 1n, 2n])
  expect(await game.read.liabilities([zeroAddress])).toBe(0n)
})

test('too little gas to settle: the fee is taken, the next round opens, the round stays DRAWN', async () => {
  game = await createGame({ callbackGasLimit: 600_000 })
  const pool = await game.createPool()
  await game.enter(
    pool,
    3,
    Array.from({ length: 12 }, () => 7),
  )
  await game.enter(pool, 3, [1])
  await game.close(pool)
  const tx = await game.draw(pool, 7)
  expect(names(tx)).toEqual([
    'RandomnessFulfilled',
    'RoundDrawn',
    'ProtocolFeeCollected',
    'PrizeCarried',
    ...OPENING,
  ])
  expect(await game.read.rounds([pool, 1n])).toMatchObject({ status: 3, settledCount: 0n })
  // 13 × 975 = 12,675 = 12 × 1056 + 3
  expect(await game.read.liabilities([zeroAddress])).toBe(12n * 1056n + 3n)
  const settled = await game.play('settleRound', [pool, 1n, 100n])
  expect(names(settled)).toEqual([
    ...Array.from({ length: 12 }, () => 'PrizePaid'),
    'RoundFinalized',
  ])
  expect(await game.read.liabilities([zeroAddress])).toBe(3n)
})
