import { type Hex, toFunctionSelector, zeroAddress, zeroHash } from 'viem'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { costlyPlayerAbi } from '../../abis/CostlyPlayer.ts'
import { oddTokenAbi } from '../../abis/OddToken.ts'
import { pay402WinAbi } from '../../abis/Pay402Win.ts'
import { reenteringPlayerAbi } from '../../abis/ReenteringPlayer.ts'
import { vrfCoordinatorMockAbi } from '../../abis/VrfCoordinatorMock.ts'
import { costlyPlayerBytecode } from '../../contracts/bytecode/CostlyPlayer.ts'
import { oddTokenBytecode } from '../../contracts/bytecode/OddToken.ts'
import { reenteringPlayerBytecode } from '../../contracts/bytecode/ReenteringPlayer.ts'
import { addressOf, createGame, encode, type Game } from './support/game.ts'
import { names, story } from './support/logs.ts'

const LOCKED = toFunctionSelector('ReentrancyGuardReentrantCall()')

let game: Game
let pool: bigint
let attacker: Hex
let bad: Hex
beforeAll(async () => {
  game = await createGame()
  pool = await game.createPool()
  attacker = await game.deployContract(reenteringPlayerAbi, reenteringPlayerBytecode)
  bad = await game.deployContract(oddTokenAbi, oddTokenBytecode)
  game.name(bad, 'bad')
  await game.keep()
})
afterEach(() => game.restore())
afterAll(() => game.stop())

const prepare = (target: Hex, data: Hex) =>
  game.send(attacker, reenteringPlayerAbi, 'prepare', [target, data])
const play = (name: string, args: readonly unknown[]) => encode(pay402WinAbi, name, args)
const record = async () => {
  const contract = { abi: reenteringPlayerAbi, address: attacker } as const
  const [attempts, successes, reason] = await Promise.all([
    game.client.readContract({ ...contract, functionName: 'attempts' }),
    game.client.readContract({ ...contract, functionName: 'successes' }),
    game.client.readContract({ ...contract, functionName: 'reason' }),
  ])
  return { attempts, successes, reason }
}
/** A prize that the attacker could not take when it was pushed: its credit. */
const creditAttacker = async () => {
  const burner = await game.deployContract(costlyPlayerAbi, costlyPlayerBytecode, [false])
  await prepare(burner, '0x')
  await game.enter(pool, attacker, [7])
  await game.close(pool)
  await game.draw(pool, 7)
  expect(await game.read.credits([attacker, zeroAddress])).toBe(975n)
}
const claimByAttacker = () =>
  game.send(attacker, reenteringPlayerAbi, 'run', [
    game.contract,
    play('claimCredit', [zeroAddress, attacker]),
  ])

describe('while the game moves money, it is locked', () => {
  const zeros = [0n, 1n, zeroHash, '0x']
  test.each<[string, readonly unknown[]]>([
    ['enter', [1n, [1], addressOf(3)]],
    ['enterWithToken', [1n, [1], addressOf(3), zeroHash]],
    ['enterWithAuthorization', [1n, 1n, addressOf(3), addressOf(3), [1], ...zeros]],
    ['closeRound', [1n]],
    ['settleRound', [1n, 1n, 1n]],
    ['settleFromDraw', [1n, 1n]],
    ['cancelExpired', [1n]],
    ['processRefunds', [1n, 1n, 1n]],
    ['claimCredit', [zeroAddress, addressOf(3)]],
  ])('%s from within a token’s transfer', async (name, args) => {
    const poolId = await game.createPool({ token: bad, entryFee: 40n })
    await game.fund(bad, 2, 40n)
    await prepare(game.contract, play(name, args))
    await game.send(bad, oddTokenAbi, 'setHook', [attacker])
    await game.play('enterWithToken', [poolId, [7], addressOf(3), zeroHash], { from: 2 })
    expect(await record()).toEqual({ attempts: 1, successes: 0, reason: LOCKED })
  })

  test('a token that comes with more than was asked is refused as well', async () => {
    const poolId = await game.createPool({ token: bad, entryFee: 40n })
    await game.fund(bad, 2, 40n)
    await prepare(bad, encode(oddTokenAbi, 'mint', [game.contract, 1n]))
    await game.send(bad, oddTokenAbi, 'setHook', [attacker])
    const args = [poolId, [7], addressOf(3), zeroHash] as const
    const [error, asked] = await game.refusal('enterWithToken', args, { from: 2, gas: 2_000_000n })
    expect([error, asked]).toEqual(['WrongAmount', 40n])
  })

  test('a winner that enters again while it is paid', async () => {
    await prepare(game.contract, play('settleRound', [pool, 1n, 1n]))
    await game.enter(pool, attacker, [7, 7])
    await game.close(pool)
    const tx = await game.draw(pool, 7)
    expect(names(tx).filter((name) => name === 'PrizePaid')).toHaveLength(2)
    expect(await record()).toEqual({ attempts: 2, successes: 0, reason: LOCKED })
    expect(await game.balanceOf(zeroAddress, attacker)).toBe(1950n)
    expect(await game.balanceOf(zeroAddress, game.contract)).toBe(0n)
  })

  test('a player that enters again while it is refunded', async () => {
    const poolId = await game.createPool({ minEntries: 3 })
    await prepare(game.contract, play('processRefunds', [poolId, 1n, 2n]))
    await game.enter(poolId, attacker, [7, 7])
    await game.close(poolId)
    await game.play('processRefunds', [poolId, 1n, 1n])
    expect(await record()).toEqual({ attempts: 1, successes: 0, reason: LOCKED })
    expect(await game.balanceOf(zeroAddress, attacker)).toBe(1000n)
  })

  test('a claim within a claim: paid once', async () => {
    await creditAttacker()
    await prepare(game.contract, play('claimCredit', [zeroAddress, attacker]))
    const tx = await claimByAttacker()
    expect(names(tx)).toEqual(['CreditClaimed'])
    expect(await record()).toMatchObject({ successes: 0, reason: LOCKED })
    expect(await game.balanceOf(zeroAddress, attacker)).toBe(975n)
    expect(await game.balanceOf(zeroAddress, game.contract)).toBe(0n)
  })
})

describe('the callback is not behind the lock', () => {
  test('a fulfilment within a claim still draws; the winners wait for settleRound', async () => {
    await creditAttacker()
    await game.enter(pool, 3, [9])
    await game.close(pool)
    const { requestId } = await game.current(pool)
    const fulfil = [requestId, game.contract, [8n]]
    await prepare(
      game.coordinator,
      encode(vrfCoordinatorMockAbi, 'fulfillRandomWordsWithOverride', fulfil),
    )
    const tx = await claimByAttacker()
    expect(names(tx)).toEqual([
      ...['CreditClaimed', 'RandomnessFulfilled', 'RoundDrawn', 'ProtocolFeeCollected'],
      ...['RoundOpened', 'coordinator.RandomWordsFulfilled'],
    ])
    expect(tx.logs.at(-1)?.args).toMatchObject({ success: true })
    expect(await game.read.rounds([pool, 2n])).toMatchObject({ status: 3, settledCount: 0n })
    expect(await game.read.liabilities([zeroAddress])).toBe(975n)

    const settled = await game.play('settleRound', [pool, 2n, 10n])
    expect(names(settled)).toEqual(['PrizePaid', 'RoundFinalized'])
    expect(await game.balanceOf(zeroAddress, game.contract)).toBe(0n)
  })

  test('a fee recipient that claims its older credit while it is paid gets both, once', async () => {
    await creditAttacker()
    const poolId = await game.createPool({ feeRecipient: attacker })
    await game.enter(poolId, 3, [9])
    await game.close(poolId)
    await prepare(game.contract, play('claimCredit', [zeroAddress, addressOf(8)]))
    const before = await game.balanceOf(zeroAddress, 8)
    const tx = await game.draw(poolId, 9)
    expect(story(tx).slice(2, 4)).toEqual([
      ['CreditClaimed', { account: attacker, token: zeroAddress, to: addressOf(8), amount: 975n }],
      [
        'ProtocolFeeCollected',
        { poolId, roundId: 1n, recipient: attacker, amount: 25n, delivered: true },
      ],
    ])
    expect((await game.balanceOf(zeroAddress, 8)) - before).toBe(975n)
    expect(await game.balanceOf(zeroAddress, attacker)).toBe(25n)
    expect(await game.read.liabilities([zeroAddress])).toBe(0n)
    expect(await game.balanceOf(zeroAddress, game.contract)).toBe(0n)
  })

  test('a fee recipient cannot settle the round that is being drawn', async () => {
    const poolId = await game.createPool({ feeRecipient: attacker })
    await game.enter(poolId, 3, [9])
    await game.close(poolId)
    await prepare(game.contract, play('settleRound', [poolId, 1n, 5n]))
    const tx = await game.draw(poolId, 9)
    expect(names(tx)).toEqual([
      ...['RandomnessFulfilled', 'RoundDrawn', 'ProtocolFeeCollected', 'PrizePaid'],
      ...['RoundFinalized', 'RoundOpened', 'coordinator.RandomWordsFulfilled'],
    ])
  })
})
