import { type Abi, type Hex, zeroAddress, zeroHash } from 'viem'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { multicallerAbi } from '../../abis/Multicaller.ts'
import { pay402WinAbi } from '../../abis/Pay402Win.ts'
import { vrfCoordinatorMockAbi } from '../../abis/VrfCoordinatorMock.ts'
import { multicallerBytecode } from '../../contracts/bytecode/Multicaller.ts'
import { addressOf, createGame, encode, type Game } from './support/game.ts'
import { type Log, names, story } from './support/logs.ts'

let game: Game
let one: bigint
let two: bigint
let caller: Hex
beforeAll(async () => {
  game = await createGame()
  one = await game.createPool()
  two = await game.createPool({ entryFee: 400n })
  caller = await game.deployContract(multicallerAbi, multicallerBytecode)
  await game.keep()
})
afterEach(() => game.restore())
afterAll(() => game.stop())

const call = (to: Hex, abi: Abi, name: string, args: readonly unknown[], value = 0n) => ({
  to,
  value,
  data: encode(abi, name, args),
})
const play = (name: string, args: readonly unknown[], value = 0n) =>
  call(game.contract, pay402WinAbi, name, args, value)
const runAll = (calls: readonly ReturnType<typeof call>[]) => {
  const value = calls.reduce((total, each) => total + each.value, 0n)
  return game.send(caller, multicallerAbi, 'run', [calls], { from: 2, value })
}
const fulfil = async (poolId: bigint, number: number) => {
  const { requestId } = await game.current(poolId)
  const args = [requestId, game.contract, [BigInt(number - 1)]]
  return call(game.coordinator, vrfCoordinatorMockAbi, 'fulfillRandomWordsWithOverride', args)
}
/** Names with their pool and round, where they have them. */
const places = (logs: readonly Log[]) =>
  logs.map(({ name, args }) => [name, args.poolId, args.roundId ?? args.fromRoundId])

describe('in one transaction', () => {
  test('entries into two pools, twice into one: each call has its own PrizePoolUpdated', async () => {
    const three = addressOf(3)
    const tx = await runAll([
      play('enter', [one, [7, 8], three], 2000n),
      play('enter', [two, [7], three], 400n),
      play('enter', [one, [7], three], 1000n),
    ])
    const updated = tx.logs.flatMap(({ name, args }) => (name === 'EntryPlaced' ? [] : [args]))
    expect(places(tx.logs)).toEqual([
      ['EntryPlaced', one, 1n],
      ['EntryPlaced', one, 1n],
      ['PrizePoolUpdated', one, 1n],
      ['EntryPlaced', two, 1n],
      ['PrizePoolUpdated', two, 1n],
      ['EntryPlaced', one, 1n],
      ['PrizePoolUpdated', one, 1n],
    ])
    expect(updated).toMatchObject([
      { poolId: one, prizePool: 1950n, entryCount: 2n },
      { poolId: two, prizePool: 390n, entryCount: 1n },
      { poolId: one, prizePool: 2925n, entryCount: 3n },
    ])
  })

  test('two pools close, and are drawn', async () => {
    for (const poolId of [one, two]) await game.enter(poolId, 3, [7, 8])
    await game.advance(60)
    const closed = await runAll([play('closeRound', [one]), play('closeRound', [two])])
    expect(closed.logs.map(({ name, args }) => [name, args.poolId, args.requestId])).toEqual([
      ['RoundClosed', one, undefined],
      ['coordinator.RandomWordsRequested', undefined, 1n],
      ['RandomnessRequested', one, 1n],
      ['RoundClosed', two, undefined],
      ['coordinator.RandomWordsRequested', undefined, 2n],
      ['RandomnessRequested', two, 2n],
    ])
    const drawn = await runAll([await fulfil(two, 9), await fulfil(one, 7)])
    expect(places(drawn.logs)).toEqual([
      ['RandomnessFulfilled', two, 1n],
      ['RoundDrawn', two, 1n],
      ['ProtocolFeeCollected', two, 1n],
      ['RoundFinalized', two, 1n],
      ['PrizeCarried', two, 1n],
      ['RoundOpened', two, 2n],
      ['coordinator.RandomWordsFulfilled', undefined, undefined],
      ['RandomnessFulfilled', one, 1n],
      ['RoundDrawn', one, 1n],
      ['ProtocolFeeCollected', one, 1n],
      ['PrizePaid', one, 1n],
      ['RoundFinalized', one, 1n],
      ['RoundOpened', one, 2n],
      ['coordinator.RandomWordsFulfilled', undefined, undefined],
    ])
    expect(await game.read.liabilities([zeroAddress])).toBe(780n)
  })

  test('a whole round: entered to the full, closed, drawn, and the next one entered', async () => {
    const full = await game.createPool({ maxEntries: 1 })
    const args = [1n, game.contract, [6n]]
    const tx = await runAll([
      play('enter', [full, [7], addressOf(3)], 1000n),
      play('closeRound', [full]),
      call(game.coordinator, vrfCoordinatorMockAbi, 'fulfillRandomWordsWithOverride', args),
      play('enter', [full, [7], addressOf(3)], 1000n),
    ])
    expect(places(tx.logs)).toEqual([
      ['EntryPlaced', full, 1n],
      ['PrizePoolUpdated', full, 1n],
      ['RoundClosed', full, 1n],
      ['coordinator.RandomWordsRequested', undefined, undefined],
      ['RandomnessRequested', full, 1n],
      ['RandomnessFulfilled', full, 1n],
      ['RoundDrawn', full, 1n],
      ['ProtocolFeeCollected', full, 1n],
      ['PrizePaid', full, 1n],
      ['RoundFinalized', full, 1n],
      ['RoundOpened', full, 2n],
      ['coordinator.RandomWordsFulfilled', undefined, undefined],
      ['EntryPlaced', full, 2n],
      ['PrizePoolUpdated', full, 2n],
    ])
  })
})

describe('in one block', () => {
  const queue = (name: string, args: readonly unknown[], from: number, value = 0n) =>
    game.queue(game.contract, pay402WinAbi, name, args, { from, value })

  test('two pools, one in a token', async () => {
    const dollar = await game.createPool({ token: game.dollar, entryFee: 402_000n })
    await game.fund(game.dollar, 3, 402_000n)
    const hashes = [
      await queue('enter', [one, [1], addressOf(5)], 2, 1000n),
      await queue('enterWithToken', [dollar, [1], addressOf(5), zeroHash], 3),
      await queue('enter', [two, [1], addressOf(5)], 4, 400n),
    ]
    await game.mine()
    const txs = await Promise.all(hashes.map((hash) => game.txOf(hash)))
    const ids = txs.flatMap((tx) => tx.logs.flatMap(({ args }) => args.entryId ?? []))
    expect(ids).toEqual([1n, 2n, 3n])
    expect(txs.map(names)).toEqual([
      ['EntryPlaced', 'PrizePoolUpdated'],
      ['dollar.Transfer', 'EntryPlaced', 'PrizePoolUpdated'],
      ['EntryPlaced', 'PrizePoolUpdated'],
    ])
  })

  test('an empty round is cancelled and its successor entered', async () => {
    await game.advance(60)
    const closing = await queue('closeRound', [one], 4)
    const entering = await queue('enter', [one, [7], addressOf(5)], 2, 1000n)
    await game.mine()
    expect(places((await game.txOf(closing)).logs)).toEqual([
      ['RoundCancelled', one, 1n],
      ['RoundFinalized', one, 1n],
      ['RoundOpened', one, 2n],
    ])
    expect(places((await game.txOf(entering)).logs)).toEqual([
      ['EntryPlaced', one, 2n],
      ['PrizePoolUpdated', one, 2n],
    ])
  })
})

test('a round survives a day change and a jump of the clock', async () => {
  await game.enter(one, 3, [7])
  await game.advance(400 * 86_400)
  await game.play('closeRound', [one])
  const tx = await game.draw(one, 7)
  expect(story(tx).at(-2)).toEqual([
    'RoundOpened',
    {
      ...{ poolId: one, roundId: 2n, opensAt: tx.timestamp, closesAt: tx.timestamp + 60n },
      carryIn: 0n,
    },
  ])
})

test('the smallest pools: a prize is never nothing, as each winner brought at least 1', async () => {
  const tiny = await game.createPool({ entryFee: 1n, feeBps: 1000 })
  await game.enter(tiny, 3, [5])
  await game.close(tiny)
  const alone = await game.draw(tiny, 5)
  expect(alone.logs[1]?.args).toMatchObject({ prizePool: 1n, prizePerEntry: 1n, carryOut: 0n })
  await game.enter(tiny, 3, [5])
  await game.enter(tiny, 4, [5])
  await game.close(tiny)
  const shared = await game.draw(tiny, 5)
  expect(shared.logs[1]?.args).toMatchObject({ prizePool: 2n, prizePerEntry: 1n, carryOut: 0n })
  expect(names(shared)).not.toContain('ProtocolFeeCollected')
})
