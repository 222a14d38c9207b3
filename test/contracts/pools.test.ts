import { encodeDeployData, getAddress, zeroAddress, zeroHash } from 'viem'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { oldTokenAbi } from '../../abis/OldToken.ts'
import { pay402WinAbi } from '../../abis/Pay402Win.ts'
import { oldTokenBytecode } from '../../contracts/bytecode/OldToken.ts'
import { pay402WinBytecode } from '../../contracts/bytecode/Pay402Win.ts'
import { createPools, defaultPools } from '../../stack/deploy.ts'
import { addressOf, createGame, type Game } from './support/game.ts'
import { story } from './support/logs.ts'

let game: Game
beforeAll(async () => {
  game = await createGame()
})
afterEach(() => game.restore())
afterAll(() => game.stop())

const config = () => ({
  token: zeroAddress,
  entryFee: 5n,
  feeBps: 1000,
  feeRecipient: game.feeRecipient,
  roundDuration: 60,
  minEntries: 2,
  maxEntries: 3,
  drawTimeout: 600,
  name: '{"<b>": 1}\u0000',
})

describe('createPool', () => {
  test('PoolCreated → RoundOpened, and the views', async () => {
    const tx = await game.play('createPool', [config()])
    const { name, token, ...numbers } = config()
    expect(story(tx)).toEqual([
      [
        'PoolCreated',
        { poolId: 1n, token, creator: addressOf(0), tokenDecimals: 18, name, ...numbers },
      ],
      [
        'RoundOpened',
        {
          poolId: 1n,
          roundId: 1n,
          opensAt: tx.timestamp,
          closesAt: tx.timestamp + 60n,
          carryIn: 0n,
        },
      ],
    ])
    expect(await game.read.pools([1n])).toEqual({
      config: config(),
      tokenDecimals: 18,
      currentRoundId: 1n,
    })
    expect(await game.read.rounds([1n, 1n])).toMatchObject({
      status: 1,
      opensAt: tx.timestamp,
      closesAt: tx.timestamp + 60n,
    })
    expect(await game.read.pools([2n])).toMatchObject({ currentRoundId: 0n })
  })

  test('decimals come from the token, also from an old one', async () => {
    const old = await game.deployContract(oldTokenAbi, oldTokenBytecode)
    for (const token of [game.dollar, game.odd, old]) await game.createPool({ token })
    const decimals = [1n, 2n, 3n].map(async (id) => (await game.read.pools([id])).tokenDecimals)
    expect(await Promise.all(decimals)).toEqual([6, 0, 2])
  })

  test('by nobody but the creator', async () => {
    expect(await game.refusal('createPool', [config()], { from: 1 })).toEqual([
      'NotCreator',
      addressOf(1),
    ])
  })

  test.each([
    ['entryFee', { entryFee: 0n }, 0n],
    ['feeBps', { feeBps: 1001 }, 1001n],
    ['feeRecipient', { feeRecipient: zeroAddress }, 0n],
    ['roundDuration', { roundDuration: 0 }, 0n],
    ['maxEntries', { maxEntries: 0 }, 0n],
    ['minEntries', { minEntries: 4 }, 4n],
    ['drawTimeout', { drawTimeout: 0 }, 0n],
  ])('refuses a wrong %s', async (field, wrong, value) => {
    const refused = await game.refusal('createPool', [{ ...config(), ...wrong }])
    expect(refused).toEqual(['InvalidPool', field, value])
  })
})

describe('the contract', () => {
  test('keeps what it was created with', async () => {
    expect(await game.read.coordinator()).toBe(game.coordinator)
    expect(await game.read.subscriptionId()).toBe(game.subscriptionId)
    expect(await game.read.callbackGasLimit()).toBe(2_500_000)
    expect(await game.read.creator()).toBe(addressOf(0))
    expect(await game.read.requestConfirmations()).toBe(3)
    expect(await game.read.keyHash()).toBe(`0x${'40'.repeat(32)}`)
    expect(await game.read.NUMBERS()).toBe(402)
    expect(await game.read.MAX_FEE_BPS()).toBe(1000)
    expect(await game.read.MAX_ENTRIES_PER_TX()).toBe(100n)
    expect(await game.read.NATIVE_PUSH_GAS()).toBe(50_000n)
  })

  test.each([
    ['coordinator', { coordinator: zeroAddress }],
    ['creator', { creator: zeroAddress }],
  ])('cannot be created without a %s', async (name, wrong) => {
    const { coordinator, creator } = {
      coordinator: game.coordinator,
      creator: addressOf(0),
      ...wrong,
    }
    const data = encodeDeployData({
      abi: pay402WinAbi,
      bytecode: pay402WinBytecode,
      args: [coordinator, 1n, zeroHash, 100_000, 3, creator],
    })
    expect(await game.refusalOf({ data })).toEqual(['ZeroAddress', name])
  })

  test('takes no coin but entries', async () => {
    const sending = game.client.call({ account: addressOf(1), to: game.contract, value: 1n })
    await expect(sending).rejects.toThrow('revert')
  })

  test('knows no pool that was not created', async () => {
    const unknown = ['UnknownPool', 9n]
    const player = addressOf(2)
    expect(await game.refusal('enter', [9n, [1], player])).toEqual(unknown)
    expect(await game.refusal('enterWithToken', [9n, [1], player, zeroHash])).toEqual(unknown)
    expect(
      await game.refusal('enterWithAuthorization', [
        ...([9n, 1n, player, player, [1]] as const),
        ...([0n, 1n, zeroHash, '0x'] as const),
      ]),
    ).toEqual(unknown)
    expect(await game.refusal('closeRound', [9n])).toEqual(unknown)
    expect(await game.refusal('cancelExpired', [9n])).toEqual(unknown)
    expect(await game.refusal('settleRound', [9n, 1n, 1n])).toEqual(['NothingToSettle', 9n, 1n, 0])
    expect(await game.refusal('processRefunds', [9n, 1n, 1n])).toEqual([
      'NothingToRefund',
      9n,
      1n,
      0,
    ])
  })
})

test('the pools of a local game', async () => {
  const local = {
    chainId: 31337,
    contract: game.contract,
    coordinator: game.coordinator,
    subscriptionId: game.subscriptionId,
    tokens: { dollar: game.dollar, odd: game.odd },
    feeRecipient: game.feeRecipient,
    startBlock: 0,
  }
  const pools = defaultPools(local, 30)
  const rpc = { rpcUrl: game.anvil.url, mine: () => game.mine() }
  expect(await createPools(rpc, game.contract, pools)).toEqual([1n, 2n, 3n])
  for (const [index, pool] of pools.entries())
    expect((await game.read.pools([BigInt(index + 1)])).config).toEqual({
      ...pool,
      token: getAddress(pool.token),
    })
  expect(pools.map(({ name, entryFee, roundDuration }) => [name, entryFee, roundDuration])).toEqual(
    [
      ['Classic', 3_000_000_000_000_000n, 30],
      ['Dollar', 402_000n, 30],
      ['Odd', 40n, 30],
    ],
  )
})
