import { type Hex, zeroAddress, zeroHash } from 'viem'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { rejectingPlayerAbi } from '../../abis/RejectingPlayer.ts'
import { rejectingPlayerBytecode } from '../../contracts/bytecode/RejectingPlayer.ts'
import { addressOf, createGame, type Game } from './support/game.ts'
import { names, story } from './support/logs.ts'

let game: Game
let pool: bigint
let rejecting: Hex
beforeAll(async () => {
  game = await createGame()
  pool = await game.createPool({ minEntries: 3 })
  rejecting = await game.deployContract(rejectingPlayerAbi, rejectingPlayerBytecode)
  await game.keep()
})
afterEach(() => game.restore())
afterAll(() => game.stop())

const of = (roundId: bigint) => ({ poolId: pool, roundId })
const owed = () => game.read.liabilities([zeroAddress])
const opened = (roundId: bigint, opensAt: bigint, carryIn: bigint) => [
  'RoundOpened',
  { ...of(roundId), opensAt, closesAt: opensAt + 60n, carryIn },
]
const finalized = (roundId: bigint, refundsTotal: bigint, carryOut: bigint) => [
  'RoundFinalized',
  { ...of(roundId), outcome: 2, prizesTotal: 0n, refundsTotal, feeTotal: 0n, carryOut },
]
/** A first round that nobody wins leaves 2925 to the second. */
const rollOver = async () => {
  await game.enter(pool, 3, [1, 1, 1])
  await game.close(pool)
  await game.draw(pool, 2)
}

describe('closeRound with too few entries', () => {
  test('none: RoundCancelled → RoundFinalized → RoundOpened', async () => {
    const tx = await game.close(pool)
    expect(story(tx)).toEqual([
      ['RoundCancelled', { ...of(1n), reason: 0, entryCount: 0n, refundable: 0n }],
      finalized(1n, 0n, 0n),
      opened(2n, tx.timestamp, 0n),
    ])
    expect(await game.read.rounds([pool, 1n])).toMatchObject({ status: 6, isFinal: true })
    expect(await game.refusal('processRefunds', [pool, 1n, 1n])).toEqual([
      'NothingToRefund',
      pool,
      1n,
      6,
    ])
  })

  test('none, with a carried prize: PrizeCarried after RoundCancelled', async () => {
    await rollOver()
    const tx = await game.close(pool)
    expect(story(tx)).toEqual([
      ['RoundCancelled', { ...of(2n), reason: 0, entryCount: 0n, refundable: 0n }],
      ['PrizeCarried', { poolId: pool, fromRoundId: 2n, toRoundId: 3n, amount: 2925n, reason: 2 }],
      finalized(2n, 0n, 2925n),
      opened(3n, tx.timestamp, 2925n),
    ])
    expect(await owed()).toBe(2925n)
  })

  test('some: RoundCancelled → PrizeCarried → RoundOpened, refunds later', async () => {
    await rollOver()
    await game.enter(pool, 4, [5, 6], 2)
    const tx = await game.close(pool)
    expect(story(tx)).toEqual([
      ['RoundCancelled', { ...of(2n), reason: 1, entryCount: 2n, refundable: 2000n }],
      ['PrizeCarried', { poolId: pool, fromRoundId: 2n, toRoundId: 3n, amount: 2925n, reason: 2 }],
      opened(3n, tx.timestamp, 2925n),
    ])
    expect(await owed()).toBe(2925n + 2000n)
  })

  test('a minimum of 0 still needs an entry', async () => {
    const poolId = await game.createPool({ minEntries: 0 })
    expect((await game.close(poolId)).logs[0]?.args).toMatchObject({ reason: 0 })
    await game.enter(poolId, 3, [1])
    expect(names(await game.close(poolId))[0]).toBe('RoundClosed')
  })
})

describe('processRefunds', () => {
  test('gives all of it back to the players, in batches; RoundFinalized after the last', async () => {
    // Entries of another pool in between: a round's entries are not contiguous.
    const other = await game.createPool()
    await game.enter(pool, 4, [5], 2)
    await game.enter(other, 4, [5])
    await game.enter(pool, 6, [5], 2)
    await game.close(pool)
    const refund = { ...of(1n), amount: 1000n, delivered: true }
    const before = await game.balanceOf(zeroAddress, 6)
    expect(story(await game.play('processRefunds', [pool, 1n, 1n], { from: 9 }))).toEqual([
      ['EntryRefunded', { ...refund, recipient: addressOf(4), entryId: 1n }],
    ])
    expect(await owed()).toBe(2000n)
    expect(story(await game.play('processRefunds', [pool, 1n, 2n ** 256n - 1n]))).toEqual([
      ['EntryRefunded', { ...refund, recipient: addressOf(6), entryId: 3n }],
      finalized(1n, 2000n, 0n),
    ])
    expect((await game.balanceOf(zeroAddress, 6)) - before).toBe(1000n)
    expect(await owed()).toBe(1000n)
    expect(await game.refusal('processRefunds', [pool, 1n, 1n])).toEqual([
      'NothingToRefund',
      pool,
      1n,
      6,
    ])
  })

  test('in a token: a Transfer before each', async () => {
    const poolId = await game.createPool({ token: game.odd, entryFee: 40n, minEntries: 2 })
    await game.fund(game.odd, 2, 40n)
    await game.play('enterWithToken', [poolId, [1], addressOf(3), zeroHash], { from: 2 })
    await game.close(poolId)
    const tx = await game.play('processRefunds', [poolId, 1n, 10n])
    expect(story(tx).slice(0, 2)).toEqual([
      ['odd.Transfer', { from: game.contract, to: addressOf(3), value: 40n }],
      [
        'EntryRefunded',
        { poolId, roundId: 1n, recipient: addressOf(3), entryId: 1n, amount: 40n, delivered: true },
      ],
    ])
    expect(await game.read.liabilities([game.odd])).toBe(0n)
  })

  test('a player that takes no coin is credited', async () => {
    await game.enter(pool, rejecting, [1])
    await game.close(pool)
    const tx = await game.play('processRefunds', [pool, 1n, 1n])
    expect(tx.logs[0]?.args).toMatchObject({ recipient: rejecting, delivered: false })
    expect(names(tx)).toEqual(['EntryRefunded', 'RoundFinalized'])
    expect(await game.read.credits([rejecting, zeroAddress])).toBe(1000n)
    expect(await owed()).toBe(1000n)
  })

  test('refuses rounds that are not cancelled, and a maximum of nothing', async () => {
    expect(await game.refusal('processRefunds', [pool, 1n, 1n])).toEqual([
      'NothingToRefund',
      pool,
      1n,
      1,
    ])
    await game.enter(pool, 3, [1])
    await game.close(pool)
    expect(await game.refusal('processRefunds', [pool, 1n, 0n])).toEqual(['InvalidMaximum', 0n])
    expect(await game.refusal('settleRound', [pool, 1n, 1n])).toEqual([
      'NothingToSettle',
      pool,
      1n,
      6,
    ])
  })
})

describe('cancelExpired', () => {
  test('after drawTimeout, with a carried prize; what comes late is ignored', async () => {
    await rollOver()
    await game.enter(pool, 3, [1, 2, 3])
    await game.close(pool)
    const { closedAt, requestId } = await game.current(pool)
    const expiresAt = closedAt + 600n
    expect(await game.refusal('cancelExpired', [pool])).toEqual([
      'RoundNotExpired',
      pool,
      2n,
      2,
      expiresAt,
    ])
    await game.advance(599)
    expect(await game.refusal('cancelExpired', [pool])).toContain('RoundNotExpired')
    const tx = await game.play('cancelExpired', [pool], { from: 9 })
    expect(tx.timestamp).toBe(expiresAt)
    expect(story(tx)).toEqual([
      ['RoundCancelled', { ...of(2n), reason: 2, entryCount: 3n, refundable: 3000n }],
      ['PrizeCarried', { poolId: pool, fromRoundId: 2n, toRoundId: 3n, amount: 2925n, reason: 2 }],
      opened(3n, tx.timestamp, 2925n),
    ])

    const late = await game.draw(pool, 1, requestId)
    expect(names(late)).toEqual(['coordinator.RandomWordsFulfilled'])
    expect(late.logs[0]?.args).toMatchObject({ requestId, success: true })
    expect((await game.read.rounds([pool, 2n])).status).toBe(6)

    const refunds = await game.play('processRefunds', [pool, 2n, 100n])
    expect(names(refunds)).toEqual([
      'EntryRefunded',
      'EntryRefunded',
      'EntryRefunded',
      'RoundFinalized',
    ])
    expect(story(refunds).at(-1)).toEqual(finalized(2n, 3000n, 2925n))
    expect(await owed()).toBe(2925n)
    expect(await game.balanceOf(zeroAddress, game.contract)).toBe(2925n)
  })

  test('neither an open nor a drawn round', async () => {
    expect(await game.refusal('cancelExpired', [pool])).toEqual([
      'RoundNotExpired',
      pool,
      1n,
      1,
      600n,
    ])
    await rollOver()
    expect(await game.refusal('cancelExpired', [pool])).toEqual([
      'RoundNotExpired',
      pool,
      2n,
      1,
      600n,
    ])
  })

  test('the draw is still good after drawTimeout as long as nobody cancelled', async () => {
    await game.enter(pool, 3, [1, 2, 3])
    await game.close(pool)
    await game.advance(10_000)
    await game.draw(pool, 1)
    expect((await game.read.rounds([pool, 1n])).status).toBe(4)
    expect(await game.refusal('cancelExpired', [pool])).toContain('RoundNotExpired')
  })
})
