import { NodeError } from './errors.ts'
import { createNode } from './node.ts'
import { type RpcAddress, settingsOf } from './settings.ts'

const TIMEOUT_MS = 3_000

/**
 * A sentence for each address whose node is one of another chain than it is configured for. A node that does not answer is not
 * judged.
 */
export const wrongChains = async (
  addresses: ReadonlyMap<number, RpcAddress>,
): Promise<readonly string[]> => {
  const asked = [...addresses].flatMap(([chainId, address]) => {
    const settings = { ...settingsOf(address), timeoutMs: TIMEOUT_MS }
    const { endpoints } = createNode(settings, { chainId })
    return endpoints.map(async (endpoint) => {
      try {
        await endpoint.ask({ method: 'eth_chainId', params: [] })
        return []
      } catch (error) {
        return error instanceof NodeError && error.failure === 'WRONG_CHAIN'
          ? [`RPC_URL should be the address of a node of chain ${chainId}: ${error.shortMessage}`]
          : []
      }
    })
  })
  return (await Promise.all(asked)).flat()
}
