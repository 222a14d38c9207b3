import { createPublicClient, http, type PublicClient } from 'viem'
import { pay402WinAbi } from '../../abis/Pay402Win.ts'
import type { LocalDeployment } from '../deploy.ts'
import { createSender } from './sender.ts'

/** What players and keeper share: the chain they play on, and how they choose. */
export interface Seat {
  readonly rpcUrl: string
  readonly deployment: LocalDeployment
  readonly poolIds: readonly bigint[]
  /** Decides every choice. */
  readonly seed: number
  /** Hears of what should not happen. */
  readonly log: (message: string) => void
  /** Hears of what they do, and of what happens when many play: a call that came too late. Default: nobody. */
  readonly debug?: (message: string) => void
  /** How often each looks for a new block, in ms. Default 200. */
  readonly lookMs?: number
}

/** Values of the contract's enum Status that matter here. */
export const STATUS = { OPEN: 1, DRAWING: 2, DRAWN: 3, CANCELLED: 6 } as const

export const createTable = ({
  rpcUrl,
  deployment: { contract, chainId },
  log,
  debug = () => undefined,
}: Seat) => {
  const transport = http(rpcUrl, { batch: true, retryCount: 0, timeout: 5_000 })
  const client: PublicClient = createPublicClient({ transport, cacheTime: 0 })
  const game = { address: contract, abi: pay402WinAbi } as const

  const roundOf = (poolId: bigint, roundId: bigint) =>
    client.readContract({ ...game, functionName: 'rounds', args: [poolId, roundId] })

  return {
    client,
    game,
    debug,
    sender: createSender({ client, chainId, log, debug }),
    roundOf,
    /** The round of a pool that takes entries or waits for its draw. */
    current: async (poolId: bigint) => {
      const args = [poolId] as const
      const { config, currentRoundId } = await client.readContract({
        ...game,
        functionName: 'pools',
        args,
      })
      return {
        poolId,
        config,
        roundId: currentRoundId,
        round: await roundOf(poolId, currentRoundId),
      }
    },
  }
}

export type Table = ReturnType<typeof createTable>
export type Current = Awaited<ReturnType<Table['current']>>
