import type { Hex, PublicClient } from 'viem'
import { createFailureReport } from '../rpc/report.ts'
import type { RpcAddress } from '../rpc/settings.ts'
import { createRpcClient } from '../rpc/transport.ts'

interface ClientOptions {
  /** Of the chain: a node of another one is never used. */
  readonly chainId?: number
  /** Where failing nodes are reported, once a minute. */
  readonly log?: (message: string, facts?: Readonly<Record<string, unknown>>) => void
}

/** The nodes of a chain; another one first than the indexer's where there are several. */
export const createClient = (
  address: RpcAddress,
  { chainId, log }: ClientOptions = {},
): PublicClient =>
  createRpcClient(address, {
    ...(chainId === undefined ? {} : { chainId }),
    first: 1,
    ...(log === undefined ? {} : { onFailure: createFailureReport(log, { chainId }) }),
  })

/** Part of a block's header. */
export interface Header {
  readonly number: bigint
  readonly hash: Hex
  readonly parentHash: Hex
  readonly timestamp: bigint
}

interface RpcHeader {
  readonly number: Hex
  readonly hash: Hex
  readonly parentHash: Hex
  readonly timestamp: Hex
}

const readHeader = async (client: PublicClient, tag: string): Promise<Header | null> => {
  const block = await client.request<{
    Method: 'eth_getBlockByNumber'
    Parameters: [string, false]
    ReturnType: RpcHeader | null
  }>({ method: 'eth_getBlockByNumber', params: [tag, false] })
  return (
    block && {
      number: BigInt(block.number),
      hash: block.hash,
      parentHash: block.parentHash,
      timestamp: BigInt(block.timestamp),
    }
  )
}

/** The block of that number on the canonical chain; null when the node has none. */
export const headerOf = (client: PublicClient, number: number): Promise<Header | null> =>
  readHeader(client, `0x${number.toString(16)}`)

/** The newest block. @throws when the node does not say. */
export const newestHeader = async (client: PublicClient): Promise<Header> => {
  const header = await readHeader(client, 'latest')
  if (header === null) throw new Error('the node has no newest block')
  return header
}

/** So many at a time, in the order of the items. */
export const mapLimited = async <Item, Value>(
  items: readonly Item[],
  limit: number,
  map: (item: Item) => Promise<Value>,
): Promise<readonly Value[]> => {
  const values: Value[] = []
  for (let from = 0; from < items.length; from += limit)
    values.push(...(await Promise.all(items.slice(from, from + limit).map(map))))
  return values
}
