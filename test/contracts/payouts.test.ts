import { type Hex, zeroAddress, zeroHash } from 'viem'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { costlyPlayerAbi } from '../../abis/CostlyPlayer.ts'
import { oddTokenAbi } from '../../abis/OddToken.ts'
import { rejectingPlayerAbi } from '../../abis/RejectingPlayer.ts'
import { costlyPlayerBytecode } from '../../contracts/bytecode/CostlyPlayer.ts'
import { oddTokenBytecode } from '../../contracts/bytecode/OddToken.ts'
import { rejectingPlayerBytecode } from '../../contracts/bytecode/RejectingPlayer.ts'
import { addressOf, createGame, type Game } from './support/game.ts'
import { names, story } from './support/logs.ts'

let game: Game
let pool: bigint
let rejecting: Hex
let bad: Hex
beforeAll(async () => {
  game = await createGame()
  pool = await game.createPool()
  rejecting = await game.deployContract(rejectingPlayerAbi, rejectingPlayerBytecode)
  bad = await game.deployContract(oddTokenAbi, oddTokenBytecode)
  game.name(bad, 'bad')
  await game.speakFor(rejecting)
  await game.keep()
})
afterEach(() => game.restore())
afterAll(() => game.stop())

const credit = (account: Hex, token: Hex = zeroAddress) => game.read.credits([account, token])
const owed = (token: Hex = zeroAddress) => game.read.liabilities([token])
const claimOf = (token: Hex, to: Hex, from: Hex) => game.play('claimCredit', [token, to], { from })

/** A round of a pool in the token that misbehaves; account 3 holds 7, account 4 holds 8. */
const createBadPool = async () => {
  const poolId = await game.createPool({ token: bad, entryFee: 40n })
  await game.fund(bad, 2, 80n)
  await game.play('enterWithToken', [poolId, [7], addressOf(3), zeroHash], { from: 2 })
  await game.play('enterWithToken', [poolId, [8], addressOf(4), zeroHash], { from: 2 })
  await game.close(poolId)
  return poolId
}

describe('a push that fails becomes a credit', () => {
  test('of a winner that takes no coin; it claims later', async () => {
    await game.enter(pool, rejecting, [7])
    await game.close(pool)
    const tx = await game.draw(pool, 7)
    const prize = { poolId: pool, roundId: 1n, winner: rejecting, entryId: 1n, amount: 975n }
    expect(story(tx)[3]).toEqual(['PrizePaid', { ...prize, delivered: false }])
    expect(names(tx)[4]).toBe('RoundFinalized')
    expect([await credit(rejecting), await owed()]).toEqual([975n, 975n])
    expect(await game.balanceOf(zeroAddress, game.contract)).toBe(975n)

    await game.send(rejecting, rejectingPlayerAbi, 'open')
    const claim = [game.contract, zeroAddress, rejecting]
    const claimed = await game.send(rejecting, rejectingPlayerAbi, 'claim', claim, { from: 9 })
    expect(story(claimed)).toEqual([
      ['CreditClaimed', { account: rejecting, token: zeroAddress, to: rejecting, amount: 975n }],
    ])
    expect([await credit(rejecting), await owed()]).toEqual([0n, 0n])
    expect(await game.balanceOf(zeroAddress, game.contract)).toBe(0n)
  })

  test('of a fee recipient; the draw goes on', async () => {
    const poolId = await game.createPool({ feeRecipient: rejecting })
    await game.enter(poolId, 3, [7])
    await game.close(poolId)
    expect(story(await game.draw(poolId, 7)).slice(2, 4)).toEqual([
      [
        'ProtocolFeeCollected',
        { poolId, roundId: 1n, recipient: rejecting, amount: 25n, delivered: false },
      ],
      [
        'PrizePaid',
        { poolId, roundId: 1n, winner: addressOf(3), entryId: 1n, amount: 975n, delivered: true },
      ],
    ])
    expect([await credit(rejecting), await owed()]).toEqual([25n, 25n])
  })

  test('one claim closes payouts of several pools', async () => {
    const other = await game.createPool({ feeRecipient: rejecting, entryFee: 5000n })
    for (const poolId of [pool, other]) await game.enter(poolId, rejecting, [7])
    for (const poolId of [pool, other]) {
      await game.close(poolId)
      await game.draw(poolId, 7)
    }
    const amount = 975n + 4875n + 125n
    expect(await credit(rejecting)).toBe(amount)
    const claimed = await claimOf(zeroAddress, addressOf(8), rejecting)
    expect(story(claimed)).toEqual([
      ['CreditClaimed', { account: rejecting, token: zeroAddress, to: addressOf(8), amount }],
    ])
    expect(await owed()).toBe(0n)
  })

  test('of a token that refuses the winner', async () => {
    const poolId = await createBadPool()
    await game.send(bad, oddTokenAbi, 'block_', [addressOf(3), true])
    const tx = await game.draw(poolId, 7)
    expect(names(tx).slice(2, 6)).toEqual([
      'bad.Transfer',
      'ProtocolFeeCollected',
      'PrizePaid',
      'RoundFinalized',
    ])
    expect(tx.logs[4]?.args).toMatchObject({ winner: addressOf(3), amount: 78n, delivered: false })
    expect([await credit(addressOf(3), bad), await owed(bad)]).toEqual([78n, 78n])

    const from = addressOf(3)
    expect(await game.refusal('claimCredit', [bad, from], { from })).toEqual(['Error', 'blocked'])
    expect(story(await claimOf(bad, addressOf(5), from))).toEqual([
      ['CreditClaimed', { account: from, token: bad, to: addressOf(5), amount: 78n }],
      ['bad.Transfer', { from: game.contract, to: addressOf(5), value: 78n }],
    ])
    expect([await game.balanceOf(bad, 5), await owed(bad)]).toEqual([78n, 0n])
  })

  test('of a token that answers false', async () => {
    const poolId = await createBadPool()
    await game.send(bad, oddTokenAbi, 'answerFalse', [true])
    const tx = await game.draw(poolId, 7)
    expect(names(tx)).not.toContain('bad.Transfer')
    expect(await credit(addressOf(3), bad)).toBe(78n)
    expect(await credit(game.feeRecipient, bad)).toBe(2n)
    const call = { from: addressOf(3) }
    expect(await game.refusal('claimCredit', [bad, addressOf(3)], call)).toEqual([
      'SafeERC20FailedOperation',
      bad,
    ])
    await game.send(bad, oddTokenAbi, 'answerFalse', [false])
    await claimOf(bad, addressOf(3), addressOf(3))
    expect(await owed(bad)).toBe(2n)
  })

  test('of a token that is gone: what answers nothing has not paid', async () => {
    const poolId = await createBadPool()
    await game.client.setCode({ address: bad, bytecode: '0x' })
    const tx = await game.draw(poolId, 7)
    expect(names(tx).slice(2, 5)).toEqual(['ProtocolFeeCollected', 'PrizePaid', 'RoundFinalized'])
    expect(tx.logs.slice(2, 4).map(({ args }) => args.delivered)).toEqual([false, false])
    expect([await credit(addressOf(3), bad), await owed(bad)]).toEqual([78n, 80n])
    const from = addressOf(3)
    expect(await game.refusal('claimCredit', [bad, from], { from })).toEqual([
      'SafeERC20FailedOperation',
      bad,
    ])
  })

  test.each([
    ['burns all gas', false, 300_000n],
    ['returns as much as it can, which nobody reads', true, 260_000n],
  ])('of a winner that %s, at a bounded price', async (_, isBomb, ceiling) => {
    const costly = await game.deployContract(costlyPlayerAbi, costlyPlayerBytecode, [isBomb])
    await game.enter(pool, costly, [7])
    await game.close(pool)
    const tx = await game.draw(pool, 7)
    expect(tx.logs[3]?.args).toMatchObject({ winner: costly, delivered: false })
    expect(tx.gasUsed).toBeLessThan(ceiling)
    expect(await credit(costly)).toBe(975n)
  })

  test('of twelve winners that burn all gas: the draw still pays them all', async () => {
    const costly = await game.deployContract(costlyPlayerAbi, costlyPlayerBytecode, [false])
    await game.enter(
      pool,
      costly,
      Array.from({ length: 12 }, () => 7),
    )
    await game.close(pool)
    const tx = await game.draw(pool, 7)
    expect(names(tx).slice(-3)).toEqual([
      'RoundFinalized',
      'RoundOpened',
      'coordinator.RandomWordsFulfilled',
    ])
    expect(tx.gasUsed).toBeLessThan(2_500_000n)
    expect(await credit(costly)).toBe(975n * 12n)
  })
})

describe('claimCredit refuses', () => {
  test('who has no credit', async () => {
    expect(await game.refusal('claimCredit', [zeroAddress, addressOf(3)], { from: 3 })).toEqual([
      'NoCredit',
      addressOf(3),
      zeroAddress,
    ])
  })

  test('nobody as a recipient, and one that refuses: the credit stays', async () => {
    await game.enter(pool, rejecting, [7])
    await game.close(pool)
    await game.draw(pool, 7)
    const call = { from: rejecting }
    const refused = await game.refusal('claimCredit', [zeroAddress, zeroAddress], call)
    expect(refused).toEqual(['ZeroAddress', 'to'])
    for (const to of [rejecting, game.contract])
      expect(await game.refusal('claimCredit', [zeroAddress, to], call)).toEqual([
        'ClaimFailed',
        to,
        975n,
      ])
    expect(await credit(rejecting)).toBe(975n)
  })
})

describe('settleRound', () => {
  const winners = 15
  const drawn = async () => {
    await game.enter(
      pool,
      3,
      Array.from({ length: winners }, () => 7),
    )
    await game.enter(pool, 4, [1])
    await game.close(pool)
    return game.draw(pool, 7)
  }

  test('pays what the draw left, in batches, over days, while the next round is played', async () => {
    const tx = await drawn()
    expect(names(tx)).toEqual([
      ...['RandomnessFulfilled', 'RoundDrawn', 'ProtocolFeeCollected'],
      ...Array.from({ length: 12 }, () => 'PrizePaid'),
      ...['RoundOpened', 'coordinator.RandomWordsFulfilled'],
    ])
    // 16 × 975 = 15,600 = 15 × 1040.
    expect(await game.read.rounds([pool, 1n])).toMatchObject({ status: 3, settledCount: 12n })
    expect(await owed()).toBe(3n * 1040n)
    await game.enter(pool, 4, [7])
    expect(await owed()).toBe(3n * 1040n + 1000n)

    await game.advance(86_400)
    const paid = { poolId: pool, roundId: 1n, winner: addressOf(3), amount: 1040n, delivered: true }
    expect(story(await game.play('settleRound', [pool, 1n, 2n], { from: 9 }))).toEqual([
      ['PrizePaid', { ...paid, entryId: 13n }],
      ['PrizePaid', { ...paid, entryId: 14n }],
    ])
    await game.advance(86_400)
    expect(story(await game.play('settleRound', [pool, 1n, 2n ** 256n - 1n]))).toEqual([
      ['PrizePaid', { ...paid, entryId: 15n }],
      [
        'RoundFinalized',
        {
          ...{ poolId: pool, roundId: 1n, outcome: 0, prizesTotal: 15_600n, refundsTotal: 0n },
          ...{ feeTotal: 400n, carryOut: 0n },
        },
      ],
    ])
    expect(await owed()).toBe(1000n)
    expect(await game.read.rounds([pool, 1n])).toMatchObject({ status: 4, isFinal: true })
  })

  test('refuses a round with nothing to settle, and no winners at all', async () => {
    expect(await game.refusal('settleRound', [pool, 1n, 1n])).toEqual([
      'NothingToSettle',
      pool,
      1n,
      1,
    ])
    await drawn()
    expect(await game.refusal('settleRound', [pool, 1n, 0n])).toEqual(['InvalidMaximum', 0n])
    await game.play('settleRound', [pool, 1n, 3n])
    expect(await game.refusal('settleRound', [pool, 1n, 1n])).toEqual([
      'NothingToSettle',
      pool,
      1n,
      4,
    ])
  })

  test('refuses to starve a winner of gas', async () => {
    await drawn()
    const [name] = await game.refusal('settleRound', [pool, 1n, 1n], { gas: 90_000n })
    expect(name).toBe('OutOfGas')
  })
})
