import { formatLog, type Hex, type Log, type PublicClient, type RpcLog, toHex } from 'viem'

type Topic = Hex | readonly Hex[] | null

export interface LogFilter {
  readonly address: Hex | readonly Hex[]
  readonly topics: readonly Topic[]
  readonly fromBlock: bigint
  readonly toBlock: bigint
}

/** Public nodes refuse more at once. */
const RANGE = 10_000

/** A topic of an indexed number. */
export const topicOf = (value: bigint): Hex => toHex(value, { size: 32 })

/** Logs by plain `eth_getLogs`, in chain order; at most `range` blocks at a time. */
export const getLogs = async (
  client: PublicClient,
  { address, topics, fromBlock, toBlock }: LogFilter,
  range = RANGE,
): Promise<Log<bigint, number, false>[]> => {
  const logs: Log<bigint, number, false>[] = []
  for (let from = fromBlock; from <= toBlock; from += BigInt(range)) {
    const to = from + BigInt(range) - 1n < toBlock ? from + BigInt(range) - 1n : toBlock
    const found = await client.request<{
      Method: 'eth_getLogs'
      Parameters: [object]
      ReturnType: RpcLog[]
    }>({
      method: 'eth_getLogs',
      params: [{ address, topics, fromBlock: toHex(from), toBlock: toHex(to) }],
    })
    for (const log of found) logs.push(formatLog(log) as Log<bigint, number, false>)
  }
  return logs
}
