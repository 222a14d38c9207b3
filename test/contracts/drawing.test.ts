import { zeroAddress, zeroHash } from 'viem'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { vrfCoordinatorMockAbi } from '../../abis/VrfCoordinatorMock.ts'
import { addressOf, createGame, type Game } from './support/game.ts'
import { names, story } from './support/logs.ts'

let game: Game
let pool: bigint
const KEY_HASH = `0x${'40'.repeat(32)}`
beforeAll(async () => {
  game = await createGame()
  pool = await game.createPool({ maxEntries: 30 })
  await game.keep()
})
afterEach(() => game.restore())
afterAll(() => game.stop())

const of = (roundId: bigint) => ({ poolId: pool, roundId })

describe('closeRound', () => {
  test('RoundClosed → coordinator.RandomWordsRequested → RandomnessRequested', async () => {
    await game.enter(pool, 2, [1, 2])
    const tx = await game.close(pool, { from: 5 })
    const requestId = 1n
    expect(story(tx)).toEqual([
      [
        'RoundClosed',
        {
          ...of(1n),
          ...{ entryCount: 2n, prizePool: 1950n, feeAccrued: 50n, closedBy: addressOf(5) },
        },
      ],
      [
        'coordinator.RandomWordsRequested',
        {
          ...{ keyHash: KEY_HASH, requestId, preSeed: 100n, subId: game.subscriptionId },
          ...{ minimumRequestConfirmations: 3, callbackGasLimit: 2_500_000, numWords: 1 },
          // bytes4(keccak256('VRF ExtraArgsV1')), nativePayment = true
          extraArgs: `0x92fd1338${'0'.repeat(63)}1`,
          sender: game.contract,
        },
      ],
      [
        'RandomnessRequested',
        {
          ...of(1n),
          ...{ requestId, coordinator: game.coordinator, keyHash: KEY_HASH, confirmations: 3 },
        },
      ],
    ])
    expect(await game.current(pool)).toMatchObject({
      ...{ status: 2, requestId, closedAt: tx.timestamp, prizePool: 1950n },
    })
  })

  test('not before its time, not while drawing', async () => {
    await game.enter(pool, 2, [1])
    const { closesAt } = await game.current(pool)
    expect(await game.refusal('closeRound', [pool])).toEqual([
      'RoundNotClosable',
      pool,
      1n,
      1,
      closesAt,
    ])
    await game.advance(Number(closesAt - game.now()) - 1)
    expect(await game.refusal('closeRound', [pool])).toContain('RoundNotClosable')
    await game.play('closeRound', [pool])
    expect(game.now()).toBe(closesAt)
    expect(await game.refusal('closeRound', [pool])).toEqual([
      'RoundNotClosable',
      pool,
      1n,
      2,
      closesAt,
    ])
  })

  test('at once when it is full', async () => {
    await game.enter(
      pool,
      2,
      Array.from({ length: 30 }, () => 5),
    )
    const tx = await game.play('closeRound', [pool], { from: 9 })
    expect(tx.timestamp).toBeLessThan((await game.current(pool)).closesAt)
    expect(tx.logs[0]?.args).toMatchObject({ entryCount: 30n })
  })
})

describe('the draw', () => {
  test('pays two winners, carries the dust and opens the next round', async () => {
    // Three entries of 975 net: 2925 for two winners leave 1.
    await game.enter(pool, 3, [7])
    await game.enter(pool, 4, [8, 7])
    await game.close(pool)
    const before = await game.balanceOf(zeroAddress, 4)
    const tx = await game.draw(pool, 7)
    const paid = { ...of(1n), amount: 1462n, delivered: true }
    expect(story(tx)).toEqual([
      [
        'RandomnessFulfilled',
        { ...of(1n), requestId: 1n, randomWord: 402n * 7n + 6n, winningNumber: 7 },
      ],
      [
        'RoundDrawn',
        {
          ...of(1n),
          ...{ winningNumber: 7, winningEntryCount: 2n, prizePool: 2925n, prizePerEntry: 1462n },
          carryOut: 1n,
        },
      ],
      [
        'ProtocolFeeCollected',
        { ...of(1n), recipient: game.feeRecipient, amount: 75n, delivered: true },
      ],
      ['PrizePaid', { ...paid, winner: addressOf(3), entryId: 1n }],
      ['PrizePaid', { ...paid, winner: addressOf(4), entryId: 3n }],
      [
        'RoundFinalized',
        {
          ...of(1n),
          ...{ outcome: 0, prizesTotal: 2924n, refundsTotal: 0n, feeTotal: 75n, carryOut: 1n },
        },
      ],
      ['PrizeCarried', { poolId: pool, fromRoundId: 1n, toRoundId: 2n, amount: 1n, reason: 1 }],
      [
        'RoundOpened',
        { ...of(2n), opensAt: tx.timestamp, closesAt: tx.timestamp + 60n, carryIn: 1n },
      ],
      [
        'coordinator.RandomWordsFulfilled',
        {
          ...{ requestId: 1n, outputSeed: 1n, subId: game.subscriptionId, payment: 0n },
          ...{ nativePayment: true, success: true, onlyPremium: false },
        },
      ],
    ])
    expect((await game.balanceOf(zeroAddress, 4)) - before).toBe(1462n)
    expect(await game.read.liabilities([zeroAddress])).toBe(1n)
    expect(await game.balanceOf(zeroAddress, game.contract)).toBe(1n)
    expect(await game.read.rounds([pool, 1n])).toMatchObject({
      ...{ status: 4, isFinal: true, winningNumber: 7, winningEntryCount: 2n, settledCount: 2n },
      ...{ prizePerEntry: 1462n, carryOut: 1n, randomWord: 402n * 7n + 6n },
    })
    expect(await game.current(pool)).toMatchObject({
      ...{ roundId: 2n, status: 1, carryIn: 1n, prizePool: 1n, entryCount: 0n },
    })
  })

  test('one player holding the number twice has two shares', async () => {
    await game.enter(pool, 3, [7, 7])
    await game.enter(pool, 4, [7])
    await game.close(pool)
    const tx = await game.draw(pool, 7)
    const winners = tx.logs.flatMap(({ name, args }) => (name === 'PrizePaid' ? [args.winner] : []))
    expect(winners).toEqual([addressOf(3), addressOf(3), addressOf(4)])
  })

  test('in a token: a Transfer before each payment', async () => {
    const dollar = await game.createPool({ token: game.dollar, entryFee: 402_000n })
    await game.fund(game.dollar, 2, 804_000n)
    const args = [dollar, [9, 9], addressOf(3), zeroHash] as const
    await game.play('enterWithToken', args, { from: 2 })
    await game.close(dollar)
    const tx = await game.draw(dollar, 9)
    const transfer = (to: string, value: bigint) => [
      'dollar.Transfer',
      { from: game.contract, to, value },
    ]
    const paid = { poolId: dollar, roundId: 1n, winner: addressOf(3), amount: 391_950n }
    expect(story(tx).slice(2, 8)).toEqual([
      transfer(game.feeRecipient, 20_100n),
      [
        'ProtocolFeeCollected',
        {
          ...{ poolId: dollar, roundId: 1n, recipient: game.feeRecipient },
          ...{ amount: 20_100n, delivered: true },
        },
      ],
      transfer(addressOf(3), 391_950n),
      ['PrizePaid', { ...paid, entryId: 1n, delivered: true }],
      transfer(addressOf(3), 391_950n),
      ['PrizePaid', { ...paid, entryId: 2n, delivered: true }],
    ])
    expect(await game.read.liabilities([game.dollar])).toBe(0n)
    expect(await game.balanceOf(game.dollar, game.contract)).toBe(0n)
  })

  test('nobody wins three rounds running: the whole pool is carried each time, the fee taken', async () => {
    for (const round of [1n, 2n, 3n]) {
      await game.enter(pool, 3, [1])
      await game.close(pool)
      const tx = await game.draw(pool, 402)
      const carryOut = 975n * round
      expect(story(tx).slice(1, -1)).toEqual([
        [
          'RoundDrawn',
          {
            ...of(round),
            ...{ winningNumber: 402, winningEntryCount: 0n, prizePool: carryOut },
            ...{ prizePerEntry: 0n, carryOut },
          },
        ],
        [
          'ProtocolFeeCollected',
          { ...of(round), recipient: game.feeRecipient, amount: 25n, delivered: true },
        ],
        [
          'RoundFinalized',
          { ...of(round), outcome: 1, prizesTotal: 0n, refundsTotal: 0n, feeTotal: 25n, carryOut },
        ],
        [
          'PrizeCarried',
          { poolId: pool, fromRoundId: round, toRoundId: round + 1n, amount: carryOut, reason: 0 },
        ],
        [
          'RoundOpened',
          {
            ...of(round + 1n),
            ...{ opensAt: tx.timestamp, closesAt: tx.timestamp + 60n, carryIn: carryOut },
          },
        ],
      ])
      expect(await game.read.liabilities([zeroAddress])).toBe(carryOut)
      expect((await game.read.rounds([pool, round])).status).toBe(5)
    }
  })

  test('no fee, no dust: neither has a log', async () => {
    const free = await game.createPool({ feeBps: 0 })
    await game.enter(free, 3, [7])
    await game.close(free)
    expect(names(await game.draw(free, 7))).toEqual([
      ...['RandomnessFulfilled', 'RoundDrawn', 'PrizePaid', 'RoundFinalized', 'RoundOpened'],
      'coordinator.RandomWordsFulfilled',
    ])
  })

  test('a pool of 1 wei for two winners: they get nothing, it is carried', async () => {
    const tiny = await game.createPool({ entryFee: 1n, feeBps: 0 })
    await game.enter(tiny, 3, [1])
    await game.close(tiny)
    await game.draw(tiny, 2)
    await game.enter(tiny, 3, [5])
    await game.enter(tiny, 4, [5, 5])
    await game.close(tiny)
    const tx = await game.draw(tiny, 5)
    const drawn = tx.logs.find(({ name }) => name === 'RoundDrawn')
    expect(drawn?.args).toMatchObject({ prizePool: 4n, prizePerEntry: 1n, carryOut: 1n })
    expect(names(tx).filter((name) => name === 'PrizePaid')).toHaveLength(3)
  })

  test.each([
    ['1', 402n * 3n, 1],
    ['402', 401n, 402],
    ['the last', 2n ** 256n - 1n, Number((2n ** 256n - 1n) % 402n) + 1],
  ])('the word decides the number: %s', async (_, word, number) => {
    await game.enter(pool, 3, [1])
    await game.close(pool)
    await game.play('rawFulfillRandomWords', [1n, [word]], { from: game.coordinator })
    expect(await game.read.rounds([pool, 1n])).toMatchObject({
      ...{ winningNumber: number, randomWord: word },
    })
  })

  test('fulfilments out of order', async () => {
    const other = await game.createPool()
    await game.enter(pool, 3, [7])
    await game.enter(other, 4, [8])
    await game.close(pool)
    await game.close(other)
    expect((await game.draw(other, 8)).logs.find(({ name }) => name === 'PrizePaid')?.args).toEqual(
      {
        ...{ poolId: other, roundId: 1n, winner: addressOf(4), entryId: 2n, amount: 975n },
        delivered: true,
      },
    )
    expect((await game.draw(pool, 7)).logs.find(({ name }) => name === 'PrizePaid')?.args).toEqual({
      ...{ poolId: pool, roundId: 1n, winner: addressOf(3), entryId: 1n, amount: 975n },
      delivered: true,
    })
  })
})

describe('the callback', () => {
  test('is the coordinator’s alone', async () => {
    expect(await game.refusal('rawFulfillRandomWords', [1n, [0n]], { from: 0 })).toEqual([
      'NotCoordinator',
      addressOf(0),
    ])
    expect(await game.refusal('settleFromDraw', [1n, 1n], { from: 0 })).toEqual([
      'NotSelf',
      addressOf(0),
    ])
  })

  test('ignores what nobody waits for, without reverting', async () => {
    await game.enter(pool, 3, [7])
    await game.close(pool)
    const from = game.coordinator
    for (const request of [0n, 2n, 2n ** 256n - 1n])
      expect((await game.play('rawFulfillRandomWords', [request, [6n]], { from })).logs).toEqual([])
    expect((await game.play('rawFulfillRandomWords', [1n, []], { from })).logs).toEqual([])
    await game.draw(pool, 7)
    expect((await game.play('rawFulfillRandomWords', [1n, [6n]], { from })).logs).toEqual([])
  })

  test('a coordinator that refuses leaves the round as it is', async () => {
    await game.enter(pool, 3, [7])
    const args = [game.subscriptionId, game.contract]
    await game.send(game.coordinator, vrfCoordinatorMockAbi, 'removeConsumer', args)
    await game.advance(60)
    expect(await game.refusal('closeRound', [pool])).toEqual(['InvalidConsumer', ...args])
    await game.send(game.coordinator, vrfCoordinatorMockAbi, 'addConsumer', args)
    expect(names(await game.play('closeRound', [pool]))).toContain('RoundClosed')
  })
})
