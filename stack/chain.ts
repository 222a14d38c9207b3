/** The number of a chain's newest block, by its RPC. @throws when it does not answer within five seconds. */
export const blockNumber = async (url: string): Promise<number> => {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_blockNumber', params: [] })
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
    signal: AbortSignal.timeout(5_000),
  })
  const { result } = (await response.json()) as { result?: string }
  if (result === undefined) throw new Error('eth_blockNumber gave no result')
  return Number(result)
}
