import { zeroHash } from 'viem'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { pay402WinBytecode } from '../../contracts/bytecode/Pay402Win.ts'
import { order } from './support/authorization.ts'
import { addressOf, createGame, type Game } from './support/game.ts'

/** A block's, and a transaction's since EIP-7825. */
const BLOCK = 30_000_000n
const TRANSACTION = 2n ** 24n

let game: Game
const pools = { native: 0n, dollar: 0n }
beforeAll(async () => {
  game = await createGame()
  pools.native = await game.createPool()
  pools.dollar = await game.createPool({ token: game.dollar, entryFee: 402_000n })
  // Not the first entry of all: the ledger's slots are in use.
  await game.enter(pools.native, 9, [402])
  await game.fund(game.dollar, 3, 402_000n * 300n)
  await game.play('enterWithToken', [pools.dollar, [402], addressOf(9), zeroHash], { from: 3 })
  await game.keep()
})
afterEach(() => game.restore())
afterAll(() => game.stop())

const measured = (what: string, gas: bigint, ceiling: bigint) => {
  process.stdout.write(`gas of ${what}: ${gas}\n`)
  expect(gas).toBeLessThan(ceiling)
}
const spread = (count: number) => Array.from({ length: count }, (_, index) => index + 1)
const same = (count: number) => Array.from({ length: count }, () => 7)

describe('entering', () => {
  test.each([
    [1, 250_000n],
    [100, 11_000_000n],
  ])('with %i numbers', async (count, ceiling) => {
    expect(ceiling).toBeLessThan(TRANSACTION)
    const tx = await game.enter(pools.native, 3, spread(count))
    measured(`enter, ${count} different`, tx.gasUsed, ceiling)
    await game.restore()
    const args = [pools.dollar, spread(count), addressOf(3), zeroHash] as const
    const token = await game.play('enterWithToken', args, { from: 3 })
    measured(`enterWithToken, ${count} different`, token.gasUsed, ceiling + 60_000n)
    await game.restore()
    const signed = await order(game, { poolId: pools.dollar, numbers: spread(count) })
    const x402 = await game.play('enterWithAuthorization', signed.args, { from: 9 })
    measured(`enterWithAuthorization, ${count} different`, x402.gasUsed, ceiling + 120_000n)
  })

  test('with 100 times the same number', async () => {
    const tx = await game.enter(pools.native, 3, same(100))
    measured('enter, 100 times the same', tx.gasUsed, 6_000_000n)
  })
})

describe('settling', () => {
  test.each([
    ['1 winner in the draw', 1, 450_000n],
    ['12 winners in the draw', 12, 900_000n],
  ])('%s', async (what, count, ceiling) => {
    await game.enter(pools.native, 3, same(count))
    await game.close(pools.native)
    measured(`draw, ${what}`, (await game.draw(pools.native, 7)).gasUsed, ceiling)
  })

  test.each([
    [1, 120_000n],
    [100, 3_000_000n],
  ])('%i winners by settleRound', async (count, ceiling) => {
    await game.enter(pools.native, 3, same(100))
    await game.enter(pools.native, 3, same(12))
    await game.close(pools.native)
    await game.draw(pools.native, 7)
    const tx = await game.play('settleRound', [pools.native, 1n, BigInt(count)])
    expect(tx.logs.filter(({ name }) => name === 'PrizePaid')).toHaveLength(count)
    measured(`settleRound, ${count} winners`, tx.gasUsed, ceiling)
  })

  test('100 winners of a token, and 100 refunds', async () => {
    const args = [pools.dollar, same(100), addressOf(3), zeroHash] as const
    await game.play('enterWithToken', args, { from: 3 })
    await game.play('enterWithToken', args, { from: 3 })
    await game.close(pools.dollar)
    await game.draw(pools.dollar, 7)
    const tx = await game.play('settleRound', [pools.dollar, 1n, 100n])
    measured('settleRound, 100 winners of a token', tx.gasUsed, 5_000_000n)

    const few = await game.createPool({ minEntries: 200 })
    await game.enter(few, 3, same(100))
    await game.close(few)
    const refund = await game.play('processRefunds', [few, 1n, 100n])
    measured('processRefunds, 100 entries', refund.gasUsed, 3_000_000n)
  })

  test('a draw does not depend on the number of entries', async () => {
    const draw = async (times: number) => {
      for (let i = 0; i < times; i++) await game.enter(pools.native, 3, same(100))
      await game.close(pools.native)
      const { gasUsed } = await game.draw(pools.native, 8)
      await game.restore()
      return gasUsed
    }
    const [few, many] = [await draw(1), await draw(6)]
    expect(many - few).toBeLessThan(1000n)
    expect(many).toBeLessThan(BLOCK)
  })
})

test('the contract fits EIP-170', () => {
  const bytes = (pay402WinBytecode.length - 2) / 2
  process.stdout.write(`size of the contract with its constructor: ${bytes} bytes\n`)
  expect(bytes).toBeLessThan(24_576)
})
