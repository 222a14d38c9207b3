import type { Logger } from 'pino'
import { z } from 'zod'

/** The newest block of a chain, as its RPC says. */
export interface ChainHead {
  readonly number: bigint
  /** Seconds. */
  readonly timestamp: number
}

/** Answers of the RPC are good for this long, so that status costs it nothing. */
const FRESH_MS = 500
const TIMEOUT_MS = 1000

const quantity = z.string().regex(/^0x[0-9a-f]+$/i)
const answer = z.object({ result: z.object({ number: quantity, timestamp: quantity }) })

const request = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'eth_getBlockByNumber',
  params: ['latest', false],
})

/** Asks each chain's RPC for its newest block. Null for a chain without an address, and when it does not answer. */
export const createChainHeads = (
  urls: ReadonlyMap<number, string>,
  log: Logger,
): ((chainId: number) => Promise<ChainHead | null>) => {
  const asked = new Map<number, { readonly at: number; readonly head: Promise<ChainHead | null> }>()

  const ask = async (chainId: number): Promise<ChainHead | null> => {
    const url = urls.get(chainId)
    if (url === undefined) return null
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: request,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
      const { result } = answer.parse(await response.json())
      return { number: BigInt(result.number), timestamp: Number(result.timestamp) }
    } catch (error) {
      log.debug({ err: error, chainId }, 'no answer of the RPC')
      return null
    }
  }

  return (chainId) => {
    const known = asked.get(chainId)
    if (known !== undefined && performance.now() - known.at < FRESH_MS) return known.head
    const head = ask(chainId)
    asked.set(chainId, { at: performance.now(), head })
    return head
  }
}
