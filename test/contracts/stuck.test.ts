import { zeroAddress } from 'viem'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { vrfCoordinatorMockAbi } from '../../abis/VrfCoordinatorMock.ts'
import { addressOf, createGame, type Game } from './support/game.ts'
import { story } from './support/logs.ts'

let game: Game
let pool: bigint
beforeAll(async () => {
  game = await createGame()
  pool = await game.createPool({ minEntries: 2 })
  await game.keep()
})
afterEach(() => game.restore())
afterAll(() => game.stop())

/** From now on the coordinator answers no request: whoever owns the subscription can do that. */
const dismiss = () =>
  game.send(game.coordinator, vrfCoordinatorMockAbi, 'removeConsumer', [
    game.subscriptionId,
    game.contract,
  ])

test('a coordinator that refuses requests cannot hold the entries: they go back after drawTimeout', async () => {
  await game.enter(pool, 3, [7])
  await game.enter(pool, 4, [8])
  await dismiss()
  const { closesAt } = await game.current(pool)
  const expiresAt = closesAt + 600n
  await game.advance(Number(expiresAt - game.now()) - 2)
  const [refused] = await game.refusal('closeRound', [pool])
  expect(refused).toBe('InvalidConsumer')
  await game.mine(1)
  expect(await game.refusal('cancelExpired', [pool])).toEqual([
    ...['RoundNotExpired', pool, 1n, 1, expiresAt],
  ])

  const tx = await game.play('cancelExpired', [pool], { from: 9 })
  expect(tx.timestamp).toBe(expiresAt)
  const round = { poolId: pool, roundId: 1n }
  expect(story(tx)).toEqual([
    [
      'RoundClosed',
      { ...round, entryCount: 2n, prizePool: 1950n, feeAccrued: 50n, closedBy: addressOf(9) },
    ],
    ['RoundCancelled', { ...round, reason: 2, entryCount: 2n, refundable: 2000n }],
    [
      'RoundOpened',
      {
        ...{ poolId: pool, roundId: 2n, opensAt: expiresAt, closesAt: expiresAt + 60n },
        carryIn: 0n,
      },
    ],
  ])
  await game.play('processRefunds', [pool, 1n, 2n])
  expect(await game.read.liabilities([zeroAddress])).toBe(0n)
  expect(await game.balanceOf(zeroAddress, game.contract)).toBe(0n)
})

test('a round that is closed in time has its whole drawTimeout', async () => {
  await game.enter(pool, 3, [7, 8])
  const { closesAt } = await game.current(pool)
  await game.advance(Number(closesAt - game.now()) + 599)
  const { timestamp } = await game.play('closeRound', [pool])
  expect(timestamp).toBe(closesAt + 600n)
  expect(await game.refusal('cancelExpired', [pool])).toEqual([
    ...['RoundNotExpired', pool, 1n, 2, timestamp + 600n],
  ])
})

test('too few entries need no coordinator: only closeRound cancels them', async () => {
  await game.enter(pool, 3, [7])
  await dismiss()
  await game.advance(10_000)
  expect((await game.refusal('cancelExpired', [pool]))[0]).toBe('RoundNotExpired')
  const tx = await game.play('closeRound', [pool])
  expect(tx.logs[0]?.args).toMatchObject({ reason: 1, refundable: 1000n })
})
