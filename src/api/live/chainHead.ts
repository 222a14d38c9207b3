import type { Logger } from 'pino'
import { createNode, type Node } from '../../../rpc/node.ts'
import { createFailureReport } from '../../../rpc/report.ts'
import { type RpcAddress, settingsOf } from '../../../rpc/settings.ts'

/** The newest block of a chain, as one of its nodes says. */
export interface ChainHead {
  readonly number: bigint
  /** Seconds. */
  readonly timestamp: number
  /** When a node said so, in milliseconds since 1970. */
  readonly answeredAt: number
}

export interface ChainHeads {
  /** Asks. Null for a chain without an address, and when no node answers. */
  newest(chainId: number): Promise<ChainHead | null>
  /** What the last answer was; it may be long ago. Asks nobody. */
  last(chainId: number): ChainHead | undefined
}

/** An answer is good for this long, so that status costs the nodes nothing. */
const FRESH_MS = 500
const TIMEOUT_MS = 1_000

/** Asks the nodes of each chain for its newest block, another one first than the indexer does where there are several. */
export const createChainHeads = (
  addresses: ReadonlyMap<number, RpcAddress>,
  log: Logger,
): ChainHeads => {
  const nodes = new Map<number, Node>(
    [...addresses].map(([chainId, address]) => [
      chainId,
      createNode(
        { ...settingsOf(address), timeoutMs: TIMEOUT_MS },
        {
          ...{ chainId, first: 1, patienceMs: TIMEOUT_MS },
          onFailure: createFailureReport((message, facts) => log.warn(facts, message), { chainId }),
        },
      ),
    ]),
  )
  const asked = new Map<number, { readonly at: number; readonly head: Promise<ChainHead | null> }>()
  const answered = new Map<number, ChainHead>()

  const ask = async (chainId: number): Promise<ChainHead | null> => {
    const params = ['latest', false]
    try {
      const block = (await nodes
        .get(chainId)
        ?.request({ method: 'eth_getBlockByNumber', params })) as
        | { readonly number: string; readonly timestamp: string }
        | undefined
      if (block === undefined) return null
      const { number, timestamp } = block
      const head = {
        ...{ number: BigInt(number), timestamp: Number(timestamp) },
        answeredAt: Date.now(),
      }
      answered.set(chainId, head)
      return head
    } catch {
      return null
    }
  }

  return {
    last: (chainId) => answered.get(chainId),
    newest: (chainId) => {
      const known = asked.get(chainId)
      if (known !== undefined && performance.now() - known.at < FRESH_MS) return known.head
      const head = ask(chainId)
      asked.set(chainId, { at: performance.now(), head })
      return head
    },
  }
}
