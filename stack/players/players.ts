import { type Hex, maxUint256, parseEther, toHex, zeroAddress, zeroHash } from 'viem'
import { localDollarAbi } from '../../abis/LocalDollar.ts'
import { pay402WinAbi } from '../../abis/Pay402Win.ts'
import { accountAt } from '../deploy.ts'
import { signPayment } from '../x402.ts'
import { createRandom, type Random } from './random.ts'
import { createTable, eachBlock, type Seat, STATUS, type Table } from './table.ts'

/** Accounts of the local chain below this one have other work. */
const FIRST_PLAYER = 10
const RELAYER = 3
/** Most picks fall on these, so that numbers meet. */
const FAVOURITES = 24
const RICHES = 10n ** 15n

export interface PlayersOptions extends Seat {
  readonly count: number
  /** An account that cannot take native coin and plays like the others, paid for by them. */
  readonly stubborn: () => Hex
}

/** One decision: who enters, for whom, on what, and how it is paid. */
export interface Move {
  readonly poolId: bigint
  readonly payer: number
  /** Absent: the stubborn one. */
  readonly player: number | undefined
  readonly numbers: readonly number[]
  readonly payment: 'DIRECT' | 'GATEWAY' | 'X402'
  readonly salt: Hex
}

/** The next decision. Depends on the seed and on how many were made before, not on the chain. */
export const nextMove = (random: Random, poolIds: readonly bigint[], count: number): Move => {
  const payer = random.below(count)
  const isGift = random.chance(0.15)
  const isStubborn = random.chance(0.05)
  const other = random.below(count)
  return {
    poolId: random.pick(poolIds),
    payer,
    player: isStubborn ? undefined : isGift ? other : payer,
    numbers: Array.from({ length: 1 + random.below(3) }, () =>
      random.chance(0.7) ? 1 + random.below(FAVOURITES) : 1 + random.below(402),
    ),
    payment: random.pick(['DIRECT', 'DIRECT', 'GATEWAY', 'X402', 'X402'] as const),
    salt: random.bytes32(),
  }
}

const enter = async (table: Table, { deployment, stubborn }: PlayersOptions, move: Move) => {
  const { poolId, roundId, config, round } = await table.current(move.poolId)
  if (round.status !== STATUS.OPEN) return
  const payer = FIRST_PLAYER + move.payer
  const player =
    move.player === undefined ? stubborn() : accountAt(FIRST_PLAYER + move.player).address
  const { numbers, salt } = move
  const value = config.entryFee * BigInt(numbers.length)
  const play = (from: number, functionName: string, args: readonly unknown[], coins?: bigint) =>
    table.send(from, deployment.contract, pay402WinAbi, functionName, args, coins)

  if (config.token === zeroAddress) {
    await play(payer, 'enter', [poolId, numbers, player], value)
  } else if (move.payment === 'X402' && config.token.toLowerCase() === deployment.tokens.dollar) {
    const account = accountAt(payer)
    const validBefore = maxUint256
    const signature = await signPayment(
      account,
      {
        chainId: deployment.chainId,
        game: deployment.contract,
        poolId,
        roundId,
        player,
        numbers,
        salt,
      },
      { token: config.token, value, validBefore },
    )
    const terms = [0n, validBefore, salt, signature]
    const args = [poolId, roundId, account.address, player, numbers, ...terms]
    await play(RELAYER, 'enterWithAuthorization', args)
  } else {
    const paymentRef = move.payment === 'GATEWAY' ? salt : zeroHash
    await play(payer, 'enterWithToken', [poolId, numbers, player, paymentRef])
  }
}

/** Native coin and tokens for everybody, and allowances for the game. */
const endow = async (table: Table, { deployment, count }: PlayersOptions) => {
  const { contract, tokens } = deployment
  for (let player = FIRST_PLAYER; player < FIRST_PLAYER + count; player++) {
    const { address } = accountAt(player)
    await table.client.request<{ Method: string; Parameters: [Hex, Hex]; ReturnType: null }>({
      method: 'anvil_setBalance',
      params: [address, toHex(parseEther('1000'))],
    })
    for (const token of [tokens.dollar, tokens.odd]) {
      await table.send(player, token, localDollarAbi, 'mint', [address, RICHES])
      await table.send(player, token, localDollarAbi, 'approve', [contract, maxUint256])
    }
  }
}

/**
 * Players who enter from now on: two entering calls a block on average. With the same seed they make the same moves in the
 * same order; in which block, and whether the round still takes them, depends on the chain's clock.
 */
export const createPlayers = async (options: PlayersOptions) => {
  const table = createTable(options)
  const random = createRandom(options.seed)
  await endow(table, options)
  return eachBlock(table, options.log, async () => {
    const moves = 1 + random.below(3)
    for (let move = 0; move < moves; move++)
      await enter(table, options, nextMove(random, options.poolIds, options.count))
  })
}
