import { createNode } from '../rpc/node.ts'
import { type RpcAddress, settingsOf } from '../rpc/settings.ts'

/**
 * The number of a chain's newest block. Begins with another address than the indexer where there are several.
 *
 * @throws NodeError when no node of the chain answers within five seconds.
 */
export const blockNumber = async (address: RpcAddress, chainId: number): Promise<number> => {
  const timeoutMs = 5_000
  const node = createNode(
    { ...settingsOf(address), timeoutMs },
    { chainId, first: 1, patienceMs: timeoutMs },
  )
  return Number(await node.request({ method: 'eth_blockNumber', params: [] }))
}
