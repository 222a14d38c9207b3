import fc from 'fast-check'
import { getAddress, type Hex, zeroAddress, zeroHash } from 'viem'
import { costlyPlayerAbi } from '../../../abis/CostlyPlayer.ts'
import { oddTokenAbi } from '../../../abis/OddToken.ts'
import { pay402WinAbi } from '../../../abis/Pay402Win.ts'
import { rejectingPlayerAbi } from '../../../abis/RejectingPlayer.ts'
import { costlyPlayerBytecode } from '../../../contracts/bytecode/CostlyPlayer.ts'
import { oddTokenBytecode } from '../../../contracts/bytecode/OddToken.ts'
import { rejectingPlayerBytecode } from '../../../contracts/bytecode/RejectingPlayer.ts'
import { order } from './authorization.ts'
import { addressOf, createGame, type Game } from './game.ts'
import type { Log, Tx } from './logs.ts'

/** A game with five pools and players of every temper. `beginning` is everything since the first pool. */
export const createPlayground = async () => {
  const game = await createGame()
  const bad = await game.deployContract(oddTokenAbi, oddTokenBytecode)
  game.name(bad, 'bad')
  const rejecting = await game.deployContract(rejectingPlayerAbi, rejectingPlayerBytecode)
  const costly = await game.deployContract(costlyPlayerAbi, costlyPlayerBytecode, [false])
  for (const contract of [rejecting, costly]) await game.speakFor(contract)
  const players = [3, 4, 5].map(addressOf).concat(rejecting, costly)
  const pools = [
    { minEntries: 2 },
    { token: game.dollar, entryFee: 402_000n, maxEntries: 25, minEntries: 2 },
    { token: game.odd, entryFee: 40n, feeRecipient: rejecting },
    { token: bad, entryFee: 2n ** 64n + 1n, feeBps: 1000, minEntries: 3 },
    { entryFee: 1n, feeBps: 1000, maxEntries: 100, roundDuration: 30 },
  ]
  const created: Tx[] = []
  for (const pool of pools) {
    const config = {
      ...{ token: zeroAddress, entryFee: 1000n, feeBps: 250, feeRecipient: game.feeRecipient },
      ...{ roundDuration: 60, minEntries: 1, maxEntries: 40, drawTimeout: 200, name: 'Pool' },
      ...pool,
    }
    created.push(await game.play('createPool', [config]))
  }
  for (const token of [game.dollar, game.odd, bad]) await game.fund(token, 2, 2n ** 90n)
  await game.keep()
  return { game, bad, players, beginning: created }
}
export type Playground = Awaited<ReturnType<typeof createPlayground>>

/** Something that somebody does, in numbers. Without bias: each kind as often as the others. */
export const step = fc.noBias(
  fc.record({
    kind: fc.nat({ max: 18 }),
    pool: fc.integer({ min: 1, max: 5 }),
    player: fc.nat({ max: 4 }),
    numbers: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 16 }),
    amount: fc.integer({ min: 1, max: 90 }),
  }),
)
export type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never

type Situation = Awaited<ReturnType<Game['current']>>
/** What a kind of step needs of its pool. */
const suits = (game: Game, kind: number, { status, closesAt }: Situation) => {
  if (kind <= 8) return status === 1 && closesAt > game.now() + 1n
  if (kind <= 10) return status === 1
  return kind <= 13 || kind === 16 ? status === 2 : true
}

/** Rounds that began to end with this log and did not finish, of all that was done. */
const unfinished = (done: readonly Tx[], began: 'RoundDrawn' | 'RoundCancelled') => {
  const logs = done.flatMap((tx) => tx.logs)
  const idOf = ({ args }: Log) =>
    [BigInt(String(args.poolId)), BigInt(String(args.roundId))] as const
  const finished = new Set(
    logs.filter(({ name }) => name === 'RoundFinalized').map((log) => String(idOf(log))),
  )
  const rounds = logs.filter(({ name }) => name === began).map(idOf)
  return rounds.filter((id) => !finished.has(String(id)))
}
/** Who was credited at some time, and in which token. */
const creditors = (done: readonly Tx[], tokenOf: (poolId: unknown) => Hex | undefined) =>
  done
    .flatMap((tx) => tx.logs)
    .filter(({ args }) => args.delivered === false)
    .map(({ args }) => [args.winner ?? args.recipient, tokenOf(args.poolId)] as const)

/** What a step does: a queued transaction. Mostly one that can be, for a pool that suits it; else the game must refuse. */
export const queued = async (
  { game, bad, players, beginning }: Playground,
  { kind, pool, amount, numbers, ...each }: Step,
  salt: Hex,
  done: readonly Tx[],
): Promise<Hex> => {
  const all = await Promise.all(
    [1n, 2n, 3n, 4n, 5n].map(async (poolId) => ({ poolId, ...(await game.current(poolId)) })),
  )
  const isApt = amount % 8 !== 0
  const suitable = all.filter((situation) => isApt && suits(game, kind, situation))
  const at = suitable[pool % suitable.length] ?? all[pool - 1]
  if (at === undefined) throw new Error('there are five pools')
  const { poolId, roundId, requestId } = at
  const choose = <Value>(values: readonly Value[]) => values[(isApt ? amount : 0) % values.length]
  const { config } = await game.read.pools([poolId])
  const player = players[each.player] ?? addressOf(3)
  const play = (name: string, args: readonly unknown[], from: Hex | number = 6, value = 0n) =>
    game.queue(game.contract, pay402WinAbi, name, args, { from, value })
  const waitUntil = async (time: bigint) => {
    if (isApt && time > game.now()) await game.advance(Number(time - game.now()))
  }
  if (kind <= 8) {
    if (config.token === zeroAddress)
      return play('enter', [poolId, numbers, player], 2, config.entryFee * BigInt(numbers.length))
    if (config.token !== game.dollar || kind % 2 === 0)
      return play('enterWithToken', [poolId, numbers, player, kind === 0 ? salt : zeroHash], 2)
    const { args } = await order(game, { poolId, numbers, player, signer: 2, salt })
    return play('enterWithAuthorization', args, 7)
  }
  if (kind <= 10) {
    await waitUntil(at.closesAt)
    return play('closeRound', [poolId])
  }
  if (kind <= 13) {
    const word = BigInt(amount % 6) + 402n * BigInt(amount)
    return play('rawFulfillRandomWords', [requestId, [word]], game.coordinator)
  }
  if (kind === 14) {
    const drawn = choose(unfinished(done, 'RoundDrawn')) ?? [poolId, roundId]
    return play('settleRound', [...drawn, BigInt(amount % 5)])
  }
  if (kind === 15) {
    const cancelled = choose(unfinished(done, 'RoundCancelled')) ?? [poolId, roundId]
    return play('processRefunds', [...cancelled, BigInt(amount % 7)])
  }
  if (kind === 16) {
    if (amount % 3 === 0) await waitUntil(at.closedAt + 200n)
    return play('cancelExpired', [poolId])
  }
  if (kind === 17) {
    const tokens = new Map(beginning.map(({ logs }) => [logs[0]?.args.poolId, logs[0]?.args.token]))
    const credited = creditors(done, (id) => getAddress(String(tokens.get(id))))
    const [account, token] = choose(credited) ?? [player, config.token]
    return play('claimCredit', [token, addressOf(8)], getAddress(String(account)))
  }
  if (amount % 2 === 0) return game.queue(bad, oddTokenAbi, 'block_', [player, amount % 4 === 0])
  return game.queue(game.odd, oddTokenAbi, 'transfer', [game.contract, 1n], { from: 2 })
}
