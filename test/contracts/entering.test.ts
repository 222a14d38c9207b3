import { toHex, zeroAddress, zeroHash } from 'viem'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { muteTokenAbi } from '../../abis/MuteToken.ts'
import { oddTokenAbi } from '../../abis/OddToken.ts'
import { oldTokenAbi } from '../../abis/OldToken.ts'
import { muteTokenBytecode } from '../../contracts/bytecode/MuteToken.ts'
import { oddTokenBytecode } from '../../contracts/bytecode/OddToken.ts'
import { oldTokenBytecode } from '../../contracts/bytecode/OldToken.ts'
import { addressOf, createGame, type Game } from './support/game.ts'
import { names, story } from './support/logs.ts'

let game: Game
let native: bigint
let dollar: bigint
beforeAll(async () => {
  game = await createGame()
  native = await game.createPool({ maxEntries: 5 })
  dollar = await game.createPool({ token: game.dollar, entryFee: 402_000n })
  await game.keep()
})
afterEach(() => game.restore())
afterAll(() => game.stop())

const [two, three, four] = [addressOf(2), addressOf(3), addressOf(4)]

describe('in native coin', () => {
  test('EntryPlaced ×n → PrizePoolUpdated', async () => {
    const tx = await game.play('enter', [native, [7, 402, 7], three], { from: 2, value: 3000n })
    const common = { poolId: native, roundId: 1n, player: three, payer: two, amount: 1000n }
    const placed = { ...common, feeAmount: 25n, paymentMethod: 0, paymentRef: zeroHash }
    expect(story(tx)).toEqual([
      ['EntryPlaced', { ...placed, entryId: 1n, number: 7 }],
      ['EntryPlaced', { ...placed, entryId: 2n, number: 402 }],
      ['EntryPlaced', { ...placed, entryId: 3n, number: 7 }],
      [
        'PrizePoolUpdated',
        { poolId: native, roundId: 1n, prizePool: 2925n, entryCount: 3n, reason: 0 },
      ],
    ])
    expect(await game.read.entries([2n])).toEqual({
      ...{ player: three, number: 402, poolId: Number(native), roundId: 1 },
    })
    expect(await game.read.entriesOn([native, 1n, 7])).toBe(2n)
    expect(await game.current(native)).toMatchObject({
      ...{ entryCount: 3n, prizePool: 2925n, feeAccrued: 75n, carryIn: 0n },
    })
    expect(await game.read.liabilities([zeroAddress])).toBe(3000n)
    expect(await game.balanceOf(zeroAddress, game.contract)).toBe(3000n)
  })

  test('entry ids count over all pools', async () => {
    const other = await game.createPool()
    for (const poolId of [native, other, native]) await game.enter(poolId, 2, [1])
    const pools = [1n, 2n, 3n].map(async (id) => (await game.read.entries([id])).poolId)
    expect(await Promise.all(pools)).toEqual([native, other, native].map(Number))
    expect(await game.read.entryCount()).toBe(3n)
  })

  test.each([
    ['too little', 999n],
    ['too much', 1001n],
    ['nothing', 0n],
  ])('refuses %s', async (_, value) => {
    const refused = await game.refusal('enter', [native, [1], two], { value })
    expect(refused).toEqual(['WrongAmount', 1000n, value])
  })

  test.each([0, 403, 65535])('refuses number %i', async (number) => {
    const refused = await game.refusal('enter', [native, [1, number], two], { value: 2000n })
    expect(refused).toEqual(['InvalidNumber', number])
  })

  test('refuses no numbers, and more than 100', async () => {
    expect(await game.refusal('enter', [native, [], two])).toEqual(['InvalidEntryCount', 0n])
    const many = Array.from({ length: 101 }, () => 1)
    const refused = await game.refusal('enter', [native, many, two], { value: 101_000n })
    expect(refused).toEqual(['InvalidEntryCount', 101n])
  })

  test('refuses nobody as a player', async () => {
    const refused = await game.refusal('enter', [native, [1], zeroAddress], { value: 1000n })
    expect(refused).toEqual(['ZeroAddress', 'player'])
  })

  test('refuses a token pool', async () => {
    const refused = await game.refusal('enter', [dollar, [1], two], { value: 402_000n })
    expect(refused).toEqual(['WrongPaymentMethod', dollar, game.dollar])
  })

  test('takes as many as there is room for, and no more', async () => {
    await game.enter(native, 2, [1, 2, 3, 4])
    const refused = await game.refusal('enter', [native, [5, 6], two], { value: 2000n })
    expect(refused).toEqual(['RoundFull', native, 1n, 4n, 5n])
    await game.enter(native, 2, [5])
    const full = await game.refusal('enter', [native, [6], two], { value: 1000n })
    expect(full).toEqual(['RoundFull', native, 1n, 5n, 5n])
  })

  test('until the second in which the round closes', async () => {
    const { closesAt } = await game.current(native)
    await game.advance(Number(closesAt - game.now()) - 2)
    await game.enter(native, 2, [1])
    expect(game.now()).toBe(closesAt - 1n)
    await game.advance(1)
    const refused = await game.refusal('enter', [native, [1], two], { value: 1000n })
    expect(refused).toEqual(['RoundNotOpen', native, 1n, 1, closesAt])
  })

  test('not while the round is drawing', async () => {
    await game.enter(native, 2, [1])
    await game.close(native)
    const { closesAt } = await game.current(native)
    const refused = await game.refusal('enter', [native, [1], two], { value: 1000n })
    expect(refused).toEqual(['RoundNotOpen', native, 1n, 2, closesAt])
  })

  test('in the very block of closing: the order decides', async () => {
    await game.enter(native, 2, [1, 2, 3, 4])
    const entering = [native, [5], two] as const
    const call = { from: 2, value: 1000n }
    const abi = (await import('../../abis/Pay402Win.ts')).pay402WinAbi
    const before = await game.queue(game.contract, abi, 'enter', entering, call)
    const closing = await game.queue(game.contract, abi, 'closeRound', [native], { from: 3 })
    const after = await game.queue(game.contract, abi, 'enter', entering, { ...call, from: 4 })
    await game.mine()
    expect(names(await game.txOf(before))).toEqual(['EntryPlaced', 'PrizePoolUpdated'])
    expect(names(await game.txOf(closing))).toContain('RoundClosed')
    await expect(game.txOf(after)).rejects.toThrow('reverted')
  })
})

describe('in a token', () => {
  test.each([
    ['ERC20', 1, zeroHash],
    ['X402_GATEWAY', 3, toHex('gateway', { size: 32 })],
  ])(
    'Transfer → EntryPlaced ×n → PrizePoolUpdated, as %s',
    async (_, paymentMethod, paymentRef) => {
      await game.fund(game.dollar, 2, 804_000n)
      const args = [dollar, [1, 2], four, paymentRef] as const
      const tx = await game.play('enterWithToken', args, { from: 2 })
      const common = { poolId: dollar, roundId: 1n, player: four, payer: two, amount: 402_000n }
      const placed = { ...common, feeAmount: 10_050n, paymentMethod, paymentRef }
      expect(story(tx)).toEqual([
        ['dollar.Transfer', { from: two, to: game.contract, value: 804_000n }],
        ['EntryPlaced', { ...placed, entryId: 1n, number: 1 }],
        ['EntryPlaced', { ...placed, entryId: 2n, number: 2 }],
        [
          'PrizePoolUpdated',
          { poolId: dollar, roundId: 1n, prizePool: 783_900n, entryCount: 2n, reason: 0 },
        ],
      ])
      expect(await game.read.liabilities([game.dollar])).toBe(804_000n)
      expect(await game.balanceOf(game.dollar, game.contract)).toBe(804_000n)
    },
  )

  test('refuses a native pool, coin with it, and what was not allowed', async () => {
    const wrong = await game.refusal('enterWithToken', [native, [1], two, zeroHash])
    expect(wrong).toEqual(['WrongPaymentMethod', native, zeroAddress])
    const refused = await game.refusal('enterWithToken', [dollar, [1], two, zeroHash], { from: 2 })
    expect(refused).toEqual(['ERC20InsufficientAllowance', game.contract, 0n, 402_000n])
  })

  test('an old token that answers nothing, and one without readable texts', async () => {
    const old = await game.deployContract(oldTokenAbi, oldTokenBytecode)
    const mute = await game.deployContract(muteTokenAbi, muteTokenBytecode)
    game.name(old, 'old')
    game.name(mute, 'mute')
    for (const token of [old, mute]) {
      const poolId = await game.createPool({ token, entryFee: 40n })
      await game.fund(token, 2, 40n)
      await game.play('enterWithToken', [poolId, [9], two, zeroHash], { from: 2 })
      await game.close(poolId)
      await game.draw(poolId, 9)
      expect(await game.balanceOf(token, 2)).toBe(39n)
      expect(await game.read.liabilities([token])).toBe(0n)
    }
  })

  test('refuses a token that keeps a fee', async () => {
    const bad = await game.deployContract(oddTokenAbi, oddTokenBytecode)
    game.name(bad, 'bad')
    const poolId = await game.createPool({ token: bad, entryFee: 10_000n })
    await game.fund(bad, 2, 10_000n)
    await game.send(bad, oddTokenAbi, 'setFee', [1n])
    const refused = await game.refusal('enterWithToken', [poolId, [1], two, zeroHash], { from: 2 })
    expect(refused).toEqual(['WrongAmount', 10_000n, 9999n])
  })

  test('what is sent to the game without entering belongs to no ledger', async () => {
    await game.fund(game.dollar, 2, 500_000n)
    await game.send(game.dollar, oddTokenAbi, 'transfer', [game.contract, 98_000n], { from: 2 })
    await game.play('enterWithToken', [dollar, [1], two, zeroHash], { from: 2 })
    expect(await game.read.liabilities([game.dollar])).toBe(402_000n)
    expect(await game.balanceOf(game.dollar, game.contract)).toBe(500_000n)
  })
})

test.each([
  ['a fee that floors to nothing', { entryFee: 39n }, 0n],
  ['one wei', { entryFee: 1n, feeBps: 1000 }, 0n],
  ['more than 2^63', { entryFee: 2n ** 64n + 1n }, 461_168_601_842_738_790n],
  ['no fee at all', { entryFee: 10n ** 15n, feeBps: 0 }, 0n],
])('the fee of an entry: %s', async (_, config, feeAmount) => {
  const poolId = await game.createPool(config)
  const tx = await game.enter(poolId, 2, [1])
  expect(tx.logs[0]?.args).toMatchObject({ amount: config.entryFee, feeAmount })
})
