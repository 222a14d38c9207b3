import type { Hex } from 'viem'
import { zeroAddress } from 'viem'
import { multicallerAbi } from '../../abis/Multicaller.ts'
import { pay402WinAbi } from '../../abis/Pay402Win.ts'
import { vrfCoordinatorMockAbi } from '../../abis/VrfCoordinatorMock.ts'
import type { PoolConfig } from '../../stack/deploy.ts'
import type { Random } from '../../stack/players/random.ts'
import { type Call, encode } from './call.ts'
import { type Ground, PAYERS } from './ground.ts'
import type { History } from './history.ts'
import { OPEN, type Pool, type State } from './state.ts'

/** What those who move in the next block know, and what they have planned for it so far. */
export interface Turn {
  readonly ground: Ground
  readonly random: Random
  readonly state: State
  readonly history: History
  /** Seconds at which the block will be mined. */
  readonly time: number
  readonly latePool: PoolConfig
  credit(account: Hex, token: Hex): Promise<bigint>
  /** Entries planned by pool, so that a round is not overfilled by mistake. */
  readonly planned: Map<bigint, number>
  /** Pools that somebody closes or cancels in this block. */
  readonly ending: Set<bigint>
}

export type Move = (turn: Turn) => Promise<readonly Call[]> | readonly Call[]

/** A number a player would choose: often one that others choose too. */
export const numberOf = (random: Random) =>
  random.chance(0.75) ? random.pick([1, 7, 8, 9, 402]) : 1 + random.below(402)

/** How many entries a pool's round still takes in this block. */
export const roomOf = ({ time, planned, ending }: Turn, { poolId, config, current }: Pool) => {
  const isOpen = current.status === OPEN && time < current.closesAt && !ending.has(poolId)
  const taken = Number(current.entryCount) + (planned.get(poolId) ?? 0)
  return isOpen ? config.maxEntries - taken : 0
}

/** A pool that suits, if there is one. */
export const poolWhere = ({ random, state }: Turn, suits: (pool: Pool) => boolean) => {
  const pools = state.pools.filter(suits)
  return pools.length === 0 ? undefined : random.pick(pools)
}

export const payerOf = ({ random, ground }: Turn) => ground.chain.address(random.pick(PAYERS))

/** Mostly an account, else a contract that takes no coin, or an address nobody has seen. */
export const playerOf = ({ random, ground }: Turn): Hex => {
  const luck = random.below(20)
  if (luck < 4) return ground.rejecting[0]
  if (luck < 5) return ground.rejecting[1]
  if (luck < 6) return ground.costly
  if (luck < 8) return `0x${random.bytes32().slice(26)}`
  return ground.chain.address(random.pick(PAYERS))
}

/** The contract that takes no coin likes to play for coin. */
const guestOf = (turn: Turn, token: Hex) =>
  token === zeroAddress && turn.random.chance(0.3) ? turn.ground.rejecting[0] : playerOf(turn)

/** A call of the game. */
export const play = (
  { chain }: Ground,
  functionName: string,
  args: readonly unknown[],
  { from = chain.address(9), value = 0n, gas = 1_000_000n } = {},
): Call => {
  const data = encode(pay402WinAbi, functionName, args)
  return { from, to: chain.local.contract, data, value, gas, name: functionName }
}

/** The gas that so many entries need at most. */
export const gasOf = (entries: number) => 400_000n + 160_000n * BigInt(entries)

/** Entries paid in the pool's own way: coin, or allowance. With a reference: through a gateway. */
export const enter = (
  turn: Turn,
  { poolId, config }: Pool,
  numbers: readonly number[],
  {
    player = guestOf(turn, config.token),
    from = payerOf(turn),
    reference = `0x${'00'.repeat(32)}`,
  } = {},
): Call => {
  turn.planned.set(poolId, (turn.planned.get(poolId) ?? 0) + numbers.length)
  const sending = { from, gas: gasOf(numbers.length) }
  if (config.token !== zeroAddress)
    return play(turn.ground, 'enterWithToken', [poolId, numbers, player, reference], sending)
  const value = config.entryFee * BigInt(numbers.length)
  return play(turn.ground, 'enter', [poolId, numbers, player], { ...sending, value })
}

/** An answer of the coordinator: with a word of one's choice, or its own. */
export const fulfil = (
  { ground, random }: Pick<Turn, 'ground' | 'random'>,
  requestId: bigint,
  winning?: number,
  consumer: Hex = ground.chain.local.contract,
): Call => {
  const { chain } = ground
  const word = 402n * BigInt(random.below(2 ** 32)) ** 7n + BigInt((winning ?? 1) - 1)
  const [functionName, args] =
    winning === undefined
      ? (['fulfillRandomWords', [requestId, consumer]] as const)
      : (['fulfillRandomWordsWithOverride', [requestId, consumer, [word]]] as const)
  const data = encode(vrfCoordinatorMockAbi, functionName, args)
  const to = chain.local.coordinator
  return { from: chain.address(0), to, data, value: 0n, gas: 4_000_000n, name: functionName }
}

/** Several calls as one transaction of a contract, which pays and is paid for. */
export const together = ({ chain, multicaller }: Ground, calls: readonly Call[]): Call => ({
  from: chain.address(9),
  to: multicaller,
  data: encode(multicallerAbi, 'run', [calls.map(({ to, value, data }) => ({ to, value, data }))]),
  value: calls.reduce((sum, { value }) => sum + value, 0n),
  gas: calls.reduce((sum, { gas }) => sum + gas, 100_000n),
  name: `together(${calls.map(({ name }) => name).join(', ')})`,
})
