import { createPublicClient, custom, type PublicClient, type Transport } from 'viem'
import { createNode, type Node, type NodeOptions } from './node.ts'
import type { RpcAddress } from './settings.ts'

/** viem's way to ask a node. */
export const transportOf = ({ request }: Pick<Node, 'request'>): Transport =>
  custom({ request }, { retryCount: 0 })

/** A client of viem. Nothing is kept: the same question may have another answer after a reorganisation. */
export const createRpcClient = (address: RpcAddress, options: NodeOptions = {}): PublicClient =>
  createPublicClient({ transport: transportOf(createNode(address, options)), cacheTime: 0 })
