import type { Abi, Hex, PublicClient } from 'viem'
import { vrfCoordinatorV2_5Abi } from '../../abis/VrfCoordinatorV2_5.ts'
import type { Prover } from './prover.ts'

/** What a round waits for. */
export interface Request {
  readonly poolId: bigint
  readonly roundId: bigint
  readonly requestId: bigint
}

/** The call that brings a round its word. */
export interface Answer {
  readonly to: Hex
  readonly abi: Abi
  readonly functionName: string
  readonly args: readonly unknown[]
  /** One answer, one name. */
  readonly once: string
}

/** Who answers a coordinator's requests. */
export interface Oracle {
  /** Null when there is nothing that the coordinator would take. `head` is the newest block. */
  answer(request: Request, head: bigint): Promise<Answer | null>
}

export interface VrfOracleOptions {
  readonly client: PublicClient
  readonly coordinator: Hex
  readonly prover: Prover
  /** Hears of requests that can no longer be answered, once each. */
  readonly log: (message: string) => void
}

/** `BLOCKHASH` reaches so far back. */
const BLOCK_HASHES = 256n

/**
 * Answers Chainlink's coordinator with proofs. Everything about a request is read from its log each time, since a
 * reorganisation can put the same request into another block, whose hash needs another proof.
 */
export const createVrfOracle = ({ client, coordinator, prover, log }: VrfOracleOptions): Oracle => {
  const abi = vrfCoordinatorV2_5Abi
  const tooOld = new Set<bigint>()

  const requestLog = async (requestId: bigint, head: bigint) => {
    // The answer's own block comes after the head.
    const fromBlock = head >= BLOCK_HASHES ? head + 1n - BLOCK_HASHES : 0n
    const event = { address: coordinator, abi, eventName: 'RandomWordsRequested' } as const
    const logs = await client.getContractEvents({ ...event, fromBlock, strict: true })
    return logs.find(({ args }) => args.requestId === requestId)
  }

  return {
    answer: async ({ poolId, roundId, requestId }, head) => {
      const request = await requestLog(requestId, head)
      if (request === undefined) {
        if (!tooOld.has(requestId)) log(`pool ${poolId} round ${roundId}: too late for a proof`)
        tooOld.add(requestId)
        return null
      }
      const { blockNumber, blockHash, args } = request
      const { preSeed, subId, callbackGasLimit, numWords, extraArgs, sender } = args
      const proof = prover.prove(preSeed, blockHash)
      const commitment = {
        ...{ blockNum: blockNumber, subId, callbackGasLimit, numWords, sender, extraArgs },
      }
      return {
        ...{ to: coordinator, abi, functionName: 'fulfillRandomWords' },
        args: [proof, commitment, false],
        once: `answer ${requestId} ${blockHash}`,
      }
    },
  }
}
