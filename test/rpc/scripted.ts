import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { toHex } from 'viem'

export interface Asked {
  readonly id: number
  readonly method: string
  readonly params: readonly unknown[]
}

/** What a node does with a post: answers each request of it, or takes the whole of it. */
export interface Script {
  /** Returns true when it has answered, or never will. */
  readonly post?: (
    asked: readonly Asked[],
    response: ServerResponse,
    isBatch: boolean,
  ) => boolean | undefined
  readonly answer?: (
    asked: Asked,
  ) => { readonly result?: unknown; readonly error?: unknown } | undefined
}

export interface ScriptedNode {
  readonly url: string
  /** Posts so far, each with its methods. */
  readonly posts: (readonly Asked[])[]
  set(script: Script): void
  stop(): Promise<void>
}

export const CHAIN = 402

export const hashOf = (number: number, fork = 0): `0x${string}` =>
  `0x${(number * 16 + fork).toString(16).padStart(64, '0')}`

/** A block of a chain that has nothing but numbers. */
export const blockOf = (number: number, fork = 0) => ({
  ...{ number: toHex(number), hash: hashOf(number, fork), parentHash: hashOf(number - 1, fork) },
  ...{
    timestamp: toHex(1_700_000_000 + number),
    logsBloom: `0x${'0'.repeat(512)}`,
    transactions: [],
  },
})

export const logOf = (number: number, logIndex = 0) => ({
  ...{ blockNumber: toHex(number), blockHash: hashOf(number), logIndex: toHex(logIndex) },
  ...{ topics: [], data: '0x', address: `0x${'1'.repeat(40)}` },
})

const known = ({ method, params }: Asked): unknown => {
  const [first] = params
  switch (method) {
    case 'eth_chainId':
      return toHex(CHAIN)
    case 'eth_blockNumber':
      return toHex(10_000)
    case 'eth_getBlockByNumber':
      return blockOf(first === 'latest' ? 10_000 : Number(first))
    case 'eth_getBlockByHash':
      return blockOf(Number(BigInt(String(first)) / 16n))
    default: {
      const filter = first as { fromBlock?: string; toBlock?: string; blockHash?: string }
      const from = Number(filter.fromBlock)
      const count = Number(filter.toBlock) - from + 1
      return Array.from({ length: count }, (_, at) => logOf(from + at))
    }
  }
}

/** A node over HTTP that follows a script; by itself a well one of chain 402 at block 10,000 with a log in each block. */
export const createScriptedNode = async (): Promise<ScriptedNode> => {
  let script: Script = {}
  const posts: (readonly Asked[])[] = []
  const server = createServer(async (request, response) => {
    const body = JSON.parse(await text(request)) as Asked | readonly Asked[]
    const isBatch = Array.isArray(body)
    const asked = (isBatch ? body : [body]) as readonly Asked[]
    posts.push(asked)
    if (script.post?.(asked, response, isBatch) === true) return
    const replies = asked.map((each) => ({
      ...{ jsonrpc: '2.0', id: each.id },
      ...(script.answer?.(each) ?? { result: known(each) }),
    }))
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify(isBatch ? replies : replies[0]))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    posts,
    set: (next) => {
      script = next
    },
    stop: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
