import { type Hex, maxUint256, parseEther, toHex, zeroAddress, zeroHash } from 'viem'
import { localDollarAbi } from '../../abis/LocalDollar.ts'
import { pay402WinAbi } from '../../abis/Pay402Win.ts'
import { signPayment } from '../x402.ts'
import { eachBlock, type Tick, type Turns } from './blocks.ts'
import { type Move, nextMove, syndicatesOf } from './moves.ts'
import { createRandom } from './random.ts'
import type { Call } from './sender.ts'
import { type Current, createTable, type Seat, STATUS, type Table } from './table.ts'

/** Accounts of the local chain below this one have other work. */
const FIRST_PLAYER = 10
const RELAYER = 3
/** The game's, and what its tokens may say when it calls them. */
const ABI = [...pay402WinAbi, ...localDollarAbi.filter(({ type }) => type === 'error')]
const COINS = parseEther('1000000')
const TOKENS = 10n ** 15n
/** More than entering takes. */
const gasFor = ({ length }: readonly number[]) => 1_000_000n + 130_000n * BigInt(length)

export interface PlayersOptions extends Seat {
  /** How many accounts play and pay, from number 10 of the local chain on. */
  readonly count: number
  /** An account that cannot take native coin and plays like the others, paid for by them. */
  readonly stubborn: Hex
  /** Entering calls a block at most, each for one to three numbers. Default 3, so two on average, and about four entries. */
  readonly movesPerBlock?: number
}

/**
 * Players who enter from now on, in a turn for each block. With the same seed they make the same moves in the same order;
 * with the same blocks, at the same speed, also in the same ones. What the clock decides: how many blocks pass during a turn,
 * and so in which block a move falls, and whether its round still takes it. A move that comes too late is not made up for.
 */
export const createPlayers = (options: PlayersOptions): Turns => {
  const { poolIds, count, seed, log, movesPerBlock = 3, lookMs } = options
  const table = createTable(options)
  const random = createRandom(seed)
  const enter = createEntrance(table, options)
  const due = createSyndicates(options)

  const turn = async ({ number, timestamp, signal }: Tick) => {
    await table.sender.review()
    const pools = await Promise.all(poolIds.map(table.current))
    const moves = Array.from({ length: 1 + random.below(movesPerBlock) }, () =>
      nextMove(random, poolIds, count),
    )
    for (const move of [...moves, ...pools.flatMap((pool) => due(pool, timestamp))]) {
      if (signal.aborted) return
      const pool = pools.find(({ poolId }) => poolId === move.poolId)
      // The block that this becomes part of is later than the one that was looked at.
      const isOpen = pool?.round.status === STATUS.OPEN && timestamp + 1n < pool.round.closesAt
      if (pool !== undefined && isOpen) await enter(pool, move)
      else table.debug(`block ${number}: pool ${move.poolId} takes no entry`)
    }
  }
  return eachBlock(table.client, turn, (failure) => log(`players: ${failure}`), lookMs)
}

/** The syndicates whose time has come, each once; none where the keeper decides who wins. */
const createSyndicates = ({ deployment, seed, count }: PlayersOptions) => {
  /** By pool: how many of which round have had their turn. */
  const played = new Map<bigint, { readonly roundId: bigint; readonly until: number }>()
  return ({ poolId, roundId, config, round }: Current, timestamp: bigint): readonly Move[] => {
    if (deployment.coordinatorKind === 'MOCK' || round.status !== STATUS.OPEN) return []
    const passed = Number(timestamp - round.opensAt) / config.roundDuration
    const ready = syndicatesOf(seed, poolId, roundId, count).filter(({ at }) => at <= passed)
    const before = played.get(poolId)
    played.set(poolId, { roundId, until: ready.length })
    return ready.slice(before?.roundId === roundId ? before.until : 0)
  }
}

const createEntrance = (table: Table, { deployment, stubborn }: PlayersOptions) => {
  const { contract, chainId, tokens } = deployment
  const accountOf = (player: number) => table.sender.account(FIRST_PLAYER + player)
  const game = { to: contract, abi: ABI }
  /** Who has all that a payer needs: coins, and each token with an allowance. */
  const endowed = new Set<number>()

  const endow = async (payer: number) => {
    if (endowed.has(payer)) return
    const { address } = accountOf(payer)
    const from = FIRST_PLAYER + payer
    await table.client.request<{ Method: string; Parameters: [Hex, Hex]; ReturnType: null }>({
      method: 'anvil_setBalance',
      params: [address, toHex(COINS)],
    })
    for (const token of Object.values(tokens)) {
      const call = { from, to: token, abi: localDollarAbi }
      await table.sender.send({ ...call, functionName: 'mint', args: [address, TOKENS] })
      await table.sender.send({ ...call, functionName: 'approve', args: [contract, maxUint256] })
    }
    endowed.add(payer)
  }

  /** The relayer's call with the payer's signature. */
  const relay = async ({ poolId, roundId, config }: Current, move: Move, player: Hex) => {
    const { numbers, salt } = move
    const payer = accountOf(move.payer)
    const value = config.entryFee * BigInt(numbers.length)
    const validBefore = maxUint256
    const purpose = { chainId, game: contract, poolId, roundId, player, numbers, salt }
    const signature = await signPayment(payer, purpose, { token: config.token, value, validBefore })
    const payment = [0n, validBefore, salt, signature]
    const args = [poolId, roundId, payer.address, player, numbers, ...payment]
    const gas = gasFor(numbers)
    return { from: RELAYER, ...game, functionName: 'enterWithAuthorization', args, gas }
  }

  const callOf = async (pool: Current, move: Move): Promise<Call> => {
    const { poolId, config } = pool
    const { numbers, payment, salt } = move
    const gas = gasFor(numbers)
    const from = FIRST_PLAYER + move.payer
    const player = move.player === undefined ? stubborn : accountOf(move.player).address
    if (config.token === zeroAddress) {
      const value = config.entryFee * BigInt(numbers.length)
      const args = [poolId, numbers, player]
      return { from, ...game, functionName: 'enter', args, value, gas }
    }
    if (payment === 'X402' && config.token.toLowerCase() === tokens.dollar)
      return relay(pool, move, player)
    const args = [poolId, numbers, player, payment === 'GATEWAY' ? salt : zeroHash]
    return { from, ...game, functionName: 'enterWithToken', args, gas }
  }

  return async (pool: Current, move: Move) => {
    const { payer } = move
    await endow(payer)
    // A chain that was set back may have forgotten what the payer was given.
    const reverted = () => endowed.delete(payer)
    try {
      await table.sender.send({ ...(await callOf(pool, move)), reverted })
    } catch (error) {
      reverted()
      throw error
    }
  }
}
