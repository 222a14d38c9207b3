import { type Hex, parseSignature, zeroAddress } from 'viem'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { localDollarAbi } from '../../abis/LocalDollar.ts'
import { multicallerAbi } from '../../abis/Multicaller.ts'
import { pay402WinAbi } from '../../abis/Pay402Win.ts'
import { walletAbi } from '../../abis/Wallet.ts'
import { multicallerBytecode } from '../../contracts/bytecode/Multicaller.ts'
import { walletBytecode } from '../../contracts/bytecode/Wallet.ts'
import { order, sign } from './support/authorization.ts'
import { addressOf, createGame, encode, type Game } from './support/game.ts'
import { names, story } from './support/logs.ts'

let game: Game
let pool: bigint
beforeAll(async () => {
  game = await createGame()
  pool = await game.createPool({ token: game.dollar, entryFee: 402_000n, maxEntries: 10 })
  await game.send(game.dollar, localDollarAbi, 'mint', [addressOf(3), 10_000_000n])
  await game.keep()
})
afterEach(() => game.restore())
afterAll(() => game.stop())

const salt = (n: number): Hex => `0x${n.toString(16).padStart(64, '0')}`
const pay = (args: Awaited<ReturnType<typeof order>>['args'], from = 9) =>
  game.play('enterWithAuthorization', args, { from })
const refused = (args: Awaited<ReturnType<typeof order>>['args']) =>
  game.refusal('enterWithAuthorization', args, { from: 9 })

describe('enterWithAuthorization', () => {
  test('AuthorizationUsed → Transfer → EntryPlaced ×n → PrizePoolUpdated → X402PaymentSettled', async () => {
    const { args, nonce, payer, player } = await order(game, { poolId: pool, numbers: [402, 7] })
    const common = { poolId: pool, roundId: 1n, player, payer, amount: 402_000n }
    const placed = { ...common, feeAmount: 10_050n, paymentMethod: 2, paymentRef: nonce }
    expect(story(await pay(args))).toEqual([
      ['dollar.AuthorizationUsed', { authorizer: payer, nonce }],
      ['dollar.Transfer', { from: payer, to: game.contract, value: 804_000n }],
      ['EntryPlaced', { ...placed, entryId: 1n, number: 402 }],
      ['EntryPlaced', { ...placed, entryId: 2n, number: 7 }],
      [
        'PrizePoolUpdated',
        { poolId: pool, roundId: 1n, prizePool: 783_900n, entryCount: 2n, reason: 0 },
      ],
      [
        'X402PaymentSettled',
        {
          ...{ poolId: pool, payer, nonce, roundId: 1n, player, token: game.dollar },
          ...{ facilitator: addressOf(9), amount: 804_000n, firstEntryId: 1n, entryCount: 2n },
        },
      ],
    ])
    expect(await game.read.liabilities([game.dollar])).toBe(804_000n)
  })

  test('the nonce is the one anybody can compute', async () => {
    const { args, nonce } = await order(game, { poolId: pool, numbers: [1, 402, 1] })
    const [poolId, roundId, , player, numbers, , , saltOf] = args
    expect(await game.read.entryNonce([poolId, roundId, player, numbers, saltOf])).toBe(nonce)
  })

  test('several payments in one transaction, for two pools', async () => {
    const other = await game.createPool({ token: game.dollar, entryFee: 10_000n })
    const caller = await game.deployContract(multicallerAbi, multicallerBytecode)
    const orders = [
      await order(game, { poolId: pool, numbers: [1], salt: salt(1) }),
      await order(game, { poolId: other, numbers: [2, 3], salt: salt(2) }),
      await order(game, { poolId: pool, numbers: [1], salt: salt(3) }),
    ]
    const calls = orders.map(({ args }) => ({
      to: game.contract,
      value: 0n,
      data: encode(pay402WinAbi, 'enterWithAuthorization', args),
    }))
    const tx = await game.send(caller, multicallerAbi, 'run', [calls], { from: 9 })
    const settled = tx.logs.filter(({ name }) => name === 'X402PaymentSettled')
    expect(settled.map(({ args }) => args)).toMatchObject([
      { nonce: orders[0]?.nonce, facilitator: caller, firstEntryId: 1n, entryCount: 1n },
      { nonce: orders[1]?.nonce, facilitator: caller, firstEntryId: 2n, entryCount: 2n },
      { nonce: orders[2]?.nonce, facilitator: caller, firstEntryId: 4n, entryCount: 1n },
    ])
  })

  test('a contract wallet pays by ERC-1271', async () => {
    const wallet = await game.deployContract(walletAbi, walletBytecode, [addressOf(5)])
    await game.send(game.dollar, localDollarAbi, 'mint', [wallet, 402_000n])
    const { args } = await order(game, { poolId: pool, numbers: [1], signer: 5, payer: wallet })
    expect((await pay(args)).logs.at(-1)?.args).toMatchObject({ payer: wallet })
    const forged = await order(game, {
      ...{ poolId: pool, numbers: [1], signer: 6, payer: wallet, salt: salt(9) },
    })
    expect(await refused(forged.args)).toEqual(['InvalidSignature', wallet])
  })
})

describe('nobody can bend a payment', () => {
  test.each<[string, number, unknown]>([
    ['numbers', 4, [8]],
    ['the player', 3, addressOf(9)],
    ['the salt', 7, salt(99)],
    ['the time', 6, 2n ** 40n],
  ])('by changing %s', async (_, index, value) => {
    const { args } = await order(game, { poolId: pool, numbers: [7] })
    const bent = [...args.slice(0, index), value, ...args.slice(index + 1)]
    const data = encode(pay402WinAbi, 'enterWithAuthorization', bent)
    const refusal = await game.refusalOf({ to: game.contract, data }, { from: 9 })
    expect(refusal).toEqual(['InvalidSignature', addressOf(3)])
  })

  test('by sending it to another pool, or to another round', async () => {
    const other = await game.createPool({ token: game.dollar, entryFee: 402_000n })
    const { args } = await order(game, { poolId: pool, numbers: [7] })
    const [, ...rest] = args
    expect(await refused([other, ...rest])).toEqual(['InvalidSignature', addressOf(3)])

    await game.close(pool)
    const [poolId, , ...tail] = args
    expect(await refused(args)).toEqual([
      ...['RoundNotOpen', pool, 1n, 6, (await game.read.rounds([pool, 1n])).closesAt],
    ])
    expect(await refused([poolId, 2n, ...tail])).toEqual(['InvalidSignature', addressOf(3)])
  })

  test('by taking the signature for another account’s money', async () => {
    const { args } = await order(game, { poolId: pool, numbers: [7] })
    const [poolId, roundId, , ...rest] = args
    expect(await refused([poolId, roundId, addressOf(5), ...rest])).toEqual([
      'InvalidSignature',
      addressOf(5),
    ])
  })

  test('by handing it to the token first: only the game may', async () => {
    const { args, nonce, value, payer } = await order(game, { poolId: pool, numbers: [7] })
    const [, , , , , validAfter, validBefore, , signature] = args
    const moved = [payer, game.contract, value, validAfter, validBefore, nonce, signature]
    const receive = encode(localDollarAbi, 'receiveWithAuthorization', moved)
    expect(await game.refusalOf({ to: game.dollar, data: receive }, { from: 9 })).toEqual([
      'CallerMustBePayee',
      addressOf(9),
      game.contract,
    ])
    const transfer = encode(localDollarAbi, 'transferWithAuthorization', moved)
    expect(await game.refusalOf({ to: game.dollar, data: transfer }, { from: 9 })).toEqual([
      'InvalidSignature',
      payer,
    ])
    expect(names(await pay(args))).toContain('X402PaymentSettled')
  })

  test('whoever is quicker relays the same entry, once', async () => {
    const { args, nonce, payer } = await order(game, { poolId: pool, numbers: [7] })
    const first = await pay(args, 8)
    expect(first.logs.at(-1)?.args).toMatchObject({ facilitator: addressOf(8), payer })
    expect(await refused(args)).toEqual(['AuthorizationUsedOrCanceled', payer, nonce])
    expect((await game.current(pool)).entryCount).toBe(1n)
  })
})

describe('refuses', () => {
  test('an authorisation that expired, or is not valid yet', async () => {
    const now = game.now()
    const late = await order(game, { poolId: pool, numbers: [7], validBefore: now })
    expect(await refused(late.args)).toEqual(['AuthorizationExpired', now])
    const early = await order(game, { poolId: pool, numbers: [7], validAfter: now })
    expect(await refused(early.args)).toEqual(['AuthorizationNotYetValid', now])
  })

  test('a cancelled one, which left only AuthorizationCanceled', async () => {
    const { args, nonce, payer } = await order(game, { poolId: pool, numbers: [7] })
    const cancel = await sign(game, 3, 'CancelAuthorization', { authorizer: payer, nonce })
    const burnt = await game.send(game.dollar, localDollarAbi, 'cancelAuthorization', [
      ...[payer, nonce, cancel],
    ])
    expect(story(burnt)).toEqual([['dollar.AuthorizationCanceled', { authorizer: payer, nonce }]])
    expect(await refused(args)).toEqual(['AuthorizationUsedOrCanceled', payer, nonce])
  })

  test('a payer without the money', async () => {
    const { args, payer } = await order(game, { poolId: pool, numbers: [7], signer: 6 })
    expect(await refused(args)).toEqual(['ERC20InsufficientBalance', payer, 0n, 402_000n])
  })

  test('what any entry is refused for', async () => {
    const native = await game.createPool()
    const inCoin = await order(game, { poolId: native, numbers: [7] })
    expect(await refused(inCoin.args)).toEqual(['WrongPaymentMethod', native, zeroAddress])
    const wrong = await order(game, { poolId: pool, numbers: [403] })
    expect(await refused(wrong.args)).toEqual(['InvalidNumber', 403])
    const none = await order(game, { poolId: pool, numbers: [] })
    expect(await refused(none.args)).toEqual(['InvalidEntryCount', 0n])
    const many = await order(game, { poolId: pool, numbers: Array.from({ length: 11 }, () => 1) })
    expect(await refused(many.args)).toEqual(['RoundFull', pool, 1n, 0n, 10n])
  })
})

describe('the local dollar', () => {
  const nonce = salt(77)
  const message = async (primaryType: 'TransferWithAuthorization' | 'ReceiveWithAuthorization') => {
    const common = { from: addressOf(3), to: addressOf(5), value: 5n }
    const order = { ...common, validAfter: 0n, validBefore: game.now() + 60n, nonce }
    const signature = await sign(game, 3, primaryType, order)
    return { order: Object.values(order), signature, split: split(signature) }
  }
  const split = (signature: Hex) => {
    const { r, s, yParity } = parseSignature(signature)
    return [27 + yParity, r, s]
  }

  test.each(['transferWithAuthorization', 'receiveWithAuthorization'] as const)(
    '%s, the signature whole or in parts',
    async (name) => {
      const isReceive = name === 'receiveWithAuthorization'
      const signed = await message(
        isReceive ? 'ReceiveWithAuthorization' : 'TransferWithAuthorization',
      )
      const from = isReceive ? 5 : 9
      const moved = [
        ['dollar.AuthorizationUsed', { authorizer: addressOf(3), nonce }],
        ['dollar.Transfer', { from: addressOf(3), to: addressOf(5), value: 5n }],
      ]
      for (const signature of [[signed.signature], signed.split]) {
        const args = [...signed.order, ...signature]
        expect(story(await game.send(game.dollar, localDollarAbi, name, args, { from }))).toEqual(
          moved,
        )
        const used = await game.client.readContract({
          ...{ address: game.dollar, abi: localDollarAbi },
          functionName: 'authorizationState',
          args: [addressOf(3), nonce],
        })
        expect(used).toBe(true)
        await game.restore()
      }
    },
  )

  test('cancelAuthorization in parts, once', async () => {
    const args = { authorizer: addressOf(3), nonce }
    const parts = split(await sign(game, 3, 'CancelAuthorization', args))
    const all = [addressOf(3), nonce, ...parts]
    await game.send(game.dollar, localDollarAbi, 'cancelAuthorization', all)
    const data = encode(localDollarAbi, 'cancelAuthorization', all)
    expect(await game.refusalOf({ to: game.dollar, data })).toEqual([
      'AuthorizationUsedOrCanceled',
      addressOf(3),
      nonce,
    ])
  })
})
