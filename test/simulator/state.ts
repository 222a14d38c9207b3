import { createPublicClient, type Hex, http } from 'viem'
import { pay402WinAbi } from '../../abis/Pay402Win.ts'
import { vrfCoordinatorMockAbi } from '../../abis/VrfCoordinatorMock.ts'
import type { Chain } from '../support/chain.ts'

/** The contract's numbers for a round's status. */
export const OPEN = 1
export const DRAWING = 2
const DRAWN = 3
const CANCELLED = 6
/** Older rounds of a pool are let be. */
const NEWEST = 12n

/** The game as the contract tells of it. */
export type State = Awaited<ReturnType<Reader['read']>>
export type Pool = State['pools'][number]
type Reader = ReturnType<typeof createReader>

/** Reads the whole state of the game, many answers at a time. */
export const createReader = ({ anvil, local }: Chain) => {
  const client = createPublicClient({
    transport: http(anvil.url, { batch: { batchSize: 500, wait: 0 }, timeout: 20_000 }),
    cacheTime: 0,
  })
  const game = { address: local.contract, abi: pay402WinAbi } as const
  const roundOf = async (poolId: bigint, roundId: bigint) => ({
    poolId,
    roundId,
    ...(await client.readContract({ ...game, functionName: 'rounds', args: [poolId, roundId] })),
  })
  const poolOf = async (poolId: bigint) => {
    const pool = await client.readContract({ ...game, functionName: 'pools', args: [poolId] })
    const newest = pool.currentRoundId
    const count = newest < NEWEST ? newest : NEWEST
    const rounds = await Promise.all(
      Array.from({ length: Number(count) }, (_, back) => roundOf(poolId, newest - BigInt(back))),
    )
    const [current] = rounds
    if (current === undefined) throw new Error(`pool ${poolId} has no round`)
    const left = (status: number) =>
      rounds.filter((round) => round.status === status && !round.isFinal)
    return {
      poolId,
      config: pool.config,
      current,
      /** Rounds with prizes, and with refunds, that are still to be paid. */
      unpaid: left(DRAWN),
      unrefunded: left(CANCELLED),
    }
  }
  return {
    read: async () => {
      const [block, count, isServed] = await Promise.all([
        client.getBlock(),
        client.readContract({ ...game, functionName: 'poolCount' }),
        client.readContract({
          address: local.coordinator,
          abi: vrfCoordinatorMockAbi,
          functionName: 'consumerIsAdded',
          args: [local.subscriptionId, local.contract],
        }),
      ])
      const pools = await Promise.all(
        Array.from({ length: Number(count) }, (_, index) => poolOf(BigInt(index + 1))),
      )
      /** `isServed`: whether the coordinator takes the game's requests. */
      return { number: Number(block.number), timestamp: Number(block.timestamp), isServed, pools }
    },
    /** What the game owes an account on claim, in a token's base units. */
    credit: (account: Hex, token: Hex) =>
      client.readContract({ ...game, functionName: 'credits', args: [account, token] }),
  }
}
