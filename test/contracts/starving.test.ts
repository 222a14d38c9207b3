import { type Abi, type Hex, zeroAddress, zeroHash } from 'viem'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { carefulPlayerAbi } from '../../abis/CarefulPlayer.ts'
import { costlyPlayerAbi } from '../../abis/CostlyPlayer.ts'
import { oddTokenAbi } from '../../abis/OddToken.ts'
import { pay402WinAbi } from '../../abis/Pay402Win.ts'
import { reenteringPlayerAbi } from '../../abis/ReenteringPlayer.ts'
import { vrfCoordinatorMockAbi } from '../../abis/VrfCoordinatorMock.ts'
import { carefulPlayerBytecode } from '../../contracts/bytecode/CarefulPlayer.ts'
import { costlyPlayerBytecode } from '../../contracts/bytecode/CostlyPlayer.ts'
import { oddTokenBytecode } from '../../contracts/bytecode/OddToken.ts'
import { reenteringPlayerBytecode } from '../../contracts/bytecode/ReenteringPlayer.ts'
import { addressOf, createGame, type Game } from './support/game.ts'
import { names, type Tx } from './support/logs.ts'

/** How many winners the draw itself pays. */
const AUTO_SETTLE = 12
/** What the coordinator gives to the draw. */
const CALLBACK_GAS = 2_500_000n

let game: Game
let pool: bigint
beforeEach(async () => {
  game = await createGame()
  pool = await game.createPool()
})
afterEach(() => game.stop())

const same = (count: number) => Array.from({ length: count }, () => 7)

/** The same call with more and more gas, each time on the same state. Undefined: it was reverted. */
const withGas = async (
  { from, to, step }: { readonly from: bigint; readonly to: bigint; readonly step: bigint },
  [address, abi, name, args]: readonly [Hex, Abi, string, readonly unknown[]],
) => {
  const outcomes: (Tx | undefined)[] = []
  await game.keep()
  for (let gas = from; gas <= to; gas += step) {
    const hash = await game.queue(address, abi, name, args, { gas, from: 9 })
    await game.mine()
    const { status } = await game.client.getTransactionReceipt({ hash })
    outcomes.push(status === 'success' ? await game.txOf(hash) : undefined)
    await game.restore()
  }
  return outcomes
}
const deliveryOf = (tx: Tx | undefined, name: string) =>
  tx?.logs.flatMap((log) => (log.name === name ? [log.args.delivered] : [])) ?? []
/** How a draw ended. */
const endOf = (tx: Tx | undefined) => {
  if (tx === undefined) return 'reverted'
  const all = names(tx)
  if (!all.includes('RoundDrawn')) return 'not drawn'
  const fee = deliveryOf(tx, 'ProtocolFeeCollected')[0] ? 'fee sent' : 'fee credited'
  return `${fee}, ${all.includes('RoundFinalized') ? 'settled' : 'to settle'}`
}
const distinct = (values: readonly string[]) =>
  values.filter((value, index) => value !== values[index - 1])
const fulfil = async (poolId: bigint) => {
  const { requestId } = await game.current(poolId)
  const name = 'fulfillRandomWordsWithOverride'
  return [game.coordinator, vrfCoordinatorMockAbi, name, [requestId, game.contract, [6n]]] as const
}

/** Knows at once whether somebody held gas back, and would rather have a credit then. */
const createCarefulPlayer = () => game.deployContract(carefulPlayerAbi, carefulPlayerBytecode)

describe('gas that somebody holds back', () => {
  test('from settleRound: no prize becomes a credit', async () => {
    await game.enter(pool, await createCarefulPlayer(), same(AUTO_SETTLE + 1))
    await game.close(pool)
    await game.draw(pool, 7)
    const settle = [game.contract, pay402WinAbi, 'settleRound', [pool, 1n, 1n]] as const
    const outcomes = await withGas({ from: 60_000n, to: 180_000n, step: 4000n }, settle)
    const delivered = outcomes.map((tx) => deliveryOf(tx, 'PrizePaid')[0])
    expect(distinct(delivered.map(String))).toEqual(['undefined', 'true'])
  })

  test('from a refund: it does not become a credit', async () => {
    const few = await game.createPool({ minEntries: 9 })
    await game.enter(few, await createCarefulPlayer(), [7])
    await game.close(few)
    const refund = [game.contract, pay402WinAbi, 'processRefunds', [few, 1n, 1n]] as const
    const outcomes = await withGas({ from: 60_000n, to: 180_000n, step: 4000n }, refund)
    const delivered = outcomes.map((tx) => deliveryOf(tx, 'EntryRefunded')[0])
    expect(distinct(delivered.map(String))).toEqual(['undefined', 'true'])
  })

  test('from the draw: all or nothing of it, and no prize becomes a credit', async () => {
    await game.enter(pool, await createCarefulPlayer(), same(3))
    await game.close(pool)
    const range = { from: 200_000n, to: 800_000n, step: 20_000n }
    const outcomes = await withGas(range, await fulfil(pool))
    const ends = distinct(outcomes.map(endOf))
    expect(ends).toEqual(['reverted', 'fee sent, to settle', 'fee sent, settled'])
    for (const tx of outcomes) expect(deliveryOf(tx, 'PrizePaid')).not.toContain(false)
    for (const tx of outcomes) if (tx !== undefined) expect(names(tx)).toContain('RoundOpened')
  })

  test('from the draw of a token pool: the fee is credited rather than the draw reverted', async () => {
    const dollar = await game.createPool({ token: game.dollar, entryFee: 402_000n })
    await game.fund(game.dollar, 2, 402_000n)
    await game.play('enterWithToken', [dollar, [7], addressOf(3), zeroHash], { from: 2 })
    await game.close(dollar)
    const call = await fulfil(dollar)
    const range = { from: 200_000n, to: 640_000n, step: 8000n }
    const ends = (await withGas(range, call)).map(endOf)
    expect(distinct(ends)).toEqual([
      ...['reverted', 'fee credited, to settle', 'fee sent, to settle', 'fee sent, settled'],
    ])

    const gas = range.from + range.step * BigInt(ends.indexOf('fee credited, to settle'))
    const tx = await game.send(...call, { gas })
    expect(names(tx)).toEqual([
      ...['RandomnessFulfilled', 'RoundDrawn', 'ProtocolFeeCollected', 'RoundOpened'],
      'coordinator.RandomWordsFulfilled',
    ])
    expect(tx.logs.at(-1)?.args).toMatchObject({ success: true })
    expect(await game.read.credits([game.feeRecipient, game.dollar])).toBe(10_050n)
    expect(await game.read.liabilities([game.dollar])).toBe(402_000n)
    expect((await game.read.rounds([dollar, 1n])).status).toBe(3)
    await game.play('settleRound', [dollar, 1n, 1n])
    await game.play('claimCredit', [game.dollar, addressOf(8)], { from: 1 })
    expect(await game.read.liabilities([game.dollar])).toBe(0n)
  })
})

describe('the draw keeps within what the coordinator gives it', () => {
  /** Draws with as many winners as the draw pays. Returns its gas, of which the coordinator's own part is small. */
  const drawn = async (poolId: bigint, delivered: boolean) => {
    await game.close(poolId)
    const tx = await game.draw(poolId, 7)
    expect(tx.logs.at(-1)?.args).toMatchObject({ success: true })
    expect(deliveryOf(tx, 'PrizePaid')).toEqual(
      Array.from({ length: AUTO_SETTLE }, () => delivered),
    )
    expect(names(tx)).toContain('RoundFinalized')
    return tx.gasUsed
  }
  const measured = (what: string, gas: bigint, ceiling: bigint) => {
    process.stdout.write(`gas of a draw with ${AUTO_SETTLE} winners, ${what}: ${gas}\n`)
    expect(gas).toBeLessThan(ceiling)
    expect(ceiling).toBeLessThan(CALLBACK_GAS)
  }

  test('twelve different players, who never had any coin, and a prize to carry', async () => {
    for (let player = 1; player <= AUTO_SETTLE; player++)
      await game.enter(pool, `0x${player.toString(16).padStart(40, '50')}`, [7])
    await game.enter(pool, 3, [8])
    measured('native', await drawn(pool, true), 1_000_000n)
  })

  test('twelve different players of a token', async () => {
    const dollar = await game.createPool({ token: game.dollar, entryFee: 402_000n })
    await game.fund(game.dollar, 2, 402_000n * 13n)
    for (let player = 1; player <= AUTO_SETTLE; player++) {
      const address = `0x${player.toString(16).padStart(40, '50')}` as const
      await game.play('enterWithToken', [dollar, [7], address, zeroHash], { from: 2 })
    }
    await game.play('enterWithToken', [dollar, [8], addressOf(3), zeroHash], { from: 2 })
    measured('token', await drawn(dollar, true), 1_000_000n)
  })

  test('twelve different players and a fee recipient that all burn what they are given', async () => {
    const burners: Hex[] = []
    for (let count = 0; count <= AUTO_SETTLE; count++)
      burners.push(await game.deployContract(costlyPlayerAbi, costlyPlayerBytecode, [false]))
    const [feeRecipient = zeroAddress, ...players] = burners
    const costly = await game.createPool({ feeRecipient })
    for (const player of players) await game.enter(costly, player, [7])
    await game.enter(costly, 3, [8])
    measured('native, all gas burnt', await drawn(costly, false), 1_900_000n)
  })

  test('a token that burns what it is given', async () => {
    const bad = await game.deployContract(oddTokenAbi, oddTokenBytecode)
    game.name(bad, 'bad')
    const costly = await game.createPool({ token: bad })
    await game.fund(bad, 2, 13_000n)
    for (let player = 1; player <= AUTO_SETTLE; player++) {
      const address = `0x${player.toString(16).padStart(40, '50')}` as const
      await game.play('enterWithToken', [costly, [7], address, zeroHash], { from: 2 })
    }
    await game.play('enterWithToken', [costly, [8], addressOf(3), zeroHash], { from: 2 })
    const burner = await game.deployContract(costlyPlayerAbi, costlyPlayerBytecode, [false])
    const hook = await game.deployContract(reenteringPlayerAbi, reenteringPlayerBytecode)
    await game.send(hook, reenteringPlayerAbi, 'prepare', [burner, '0x'])
    await game.send(bad, oddTokenAbi, 'setHook', [hook])
    measured('token, all gas burnt', await drawn(costly, false), 2_450_000n)
  })
})
