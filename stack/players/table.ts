import { type Abi, createPublicClient, createWalletClient, type Hex, http } from 'viem'
import { pay402WinAbi } from '../../abis/Pay402Win.ts'
import { accountAt, type LocalDeployment } from '../deploy.ts'

/** What players and keeper share: the chain they play on, and a turn for every block. */
export interface Seat {
  readonly rpcUrl: string
  readonly deployment: LocalDeployment
  readonly poolIds: readonly bigint[]
  /** Decides every choice that does not depend on which blocks came. */
  readonly seed: number
  readonly log: (message: string) => void
}

/** Given to every call, so that nothing has to be estimated against a state that is about to change. */
const GAS = 8_000_000n
const LOOK_MS = 200

export const createTable = ({ rpcUrl, deployment }: Seat) => {
  const transport = http(rpcUrl)
  const client = createPublicClient({ transport, cacheTime: 0 })
  const wallet = createWalletClient({ transport })
  const game = { address: deployment.contract, abi: pay402WinAbi } as const
  const send = (
    from: number,
    to: Hex,
    abi: Abi,
    functionName: string,
    args: readonly unknown[],
    value = 0n,
  ) =>
    wallet.writeContract({
      account: accountAt(from),
      chain: null,
      address: to,
      abi,
      functionName,
      args,
      value,
      gas: GAS,
    })
  return {
    client,
    wallet,
    game,
    send,
    /** The pool with the round that takes entries or waits for its draw. */
    current: async (poolId: bigint) => {
      const pool = await client.readContract({ ...game, functionName: 'pools', args: [poolId] })
      const args = [poolId, pool.currentRoundId] as const
      const round = await client.readContract({ ...game, functionName: 'rounds', args })
      return { poolId, roundId: pool.currentRoundId, config: pool.config, round }
    },
  }
}

export type Table = ReturnType<typeof createTable>

/** Values of the contract's enum Status that matter here. */
export const STATUS = { OPEN: 1, DRAWING: 2, DRAWN: 3, CANCELLED: 6 } as const

/**
 * Calls `turn` once for each new block, one after the other; blocks that pass meanwhile are skipped. What a turn throws is
 * logged and the next block tried: on a live chain a round may close between looking and sending.
 */
export const eachBlock = (
  { client }: Table,
  log: (message: string) => void,
  turn: (timestamp: bigint) => Promise<void>,
) => {
  let isOver = false
  let wake: () => void = () => undefined
  const run = async () => {
    let last = 0n
    while (!isOver) {
      try {
        const { number, timestamp } = await client.getBlock()
        if (number > last && !isOver) {
          last = number
          await turn(timestamp)
        }
      } catch (error) {
        if (!isOver)
          log(error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error))
      }
      await new Promise<void>((resolve) => {
        wake = resolve
        setTimeout(resolve, LOOK_MS)
      })
    }
  }
  const done = run()
  return {
    stop: async () => {
      isOver = true
      wake()
      await done
    },
  }
}
