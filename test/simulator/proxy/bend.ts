import type { Random } from '../../../stack/players/random.ts'
import { type RpcMode, type RpcReply, type RpcRequest, toQuantity } from './mode.ts'

/** What is asked of the node in a request's stead, and what is answered in its answer's. */
export interface Bent {
  readonly request: RpcRequest
  answer(reply: RpcReply): RpcReply
}

/** A question to the node itself. */
export type Ask = (method: string, params: readonly unknown[]) => Promise<unknown>

/** The node is not asked: it would not mind. */
const refuse = (request: RpcRequest, message: string, code = -32_000): Bent => ({
  request,
  answer: ({ jsonrpc, id }) => ({ jsonrpc, id, error: { code, message } }),
})

const change = (request: RpcRequest, result: (result: unknown) => unknown): Bent => ({
  request,
  answer: (reply) => (reply.error ? reply : { ...reply, result: result(reply.result) }),
})

const straight = (request: RpcRequest): Bent => ({ request, answer: (reply) => reply })

const numberOf = (quantity: unknown) =>
  typeof quantity === 'string' && quantity.startsWith('0x') ? Number(quantity) : undefined

/** Bends a request to the mode. */
export const bend = async (
  mode: RpcMode,
  request: RpcRequest,
  random: Random,
  ask: Ask,
): Promise<Bent> => {
  const head = async () => Number(await ask('eth_blockNumber', []))
  if (mode.kind === 'LAGGING' && asksForNewest(request) && random.chance(mode.share ?? 1)) {
    const behind = toQuantity((await head()) - mode.blocks)
    if (request.method === 'eth_blockNumber')
      return { request, answer: ({ jsonrpc, id }) => ({ jsonrpc, id, result: behind }) }
    return straight({ ...request, params: [behind, ...(request.params ?? []).slice(1)] })
  }
  if (mode.kind === 'LYING' && request.method === 'eth_getLogs' && random.chance(mode.share ?? 1)) {
    const known = (await head()) - mode.blocks
    const isKnown = ({ blockNumber }: { blockNumber?: unknown }) =>
      (numberOf(blockNumber) ?? 0) <= known
    return {
      request,
      answer: (reply) =>
        Array.isArray(reply.result) ? { ...reply, result: reply.result.filter(isKnown) } : reply,
    }
  }
  switch (mode.kind) {
    case 'FROZEN':
      return freeze(request, mode.at)
    case 'HEADLESS': {
      const isNewest = asksForBlock(request, await ask('eth_getBlockByNumber', ['latest', false]))
      if (!isNewest) return straight(request)
      return mode.words === null ? change(request, () => null) : refuse(request, mode.words)
    }
    case 'HOLLOW':
      return hollow(request, mode.what)
    case 'NARROW': {
      const wide = rangeOf(request) > mode.blocks
      return wide ? refuse(request, mode.words, -32_602) : straight(request)
    }
    case 'PRUNED': {
      const at = STATE.has(request.method) ? numberOf(request.params?.at(-1)) : undefined
      return at !== undefined && at < (await head())
        ? refuse(request, mode.words)
        : straight(request)
    }
    case 'FOREIGN':
      return request.method === 'eth_chainId'
        ? change(request, () => toQuantity(mode.chainId))
        : straight(request)
    default:
      return straight(request)
  }
}

/** Methods whose last parameter says of which block's state they ask. */
const STATE: ReadonlySet<string> = new Set([
  ...['eth_call', 'eth_getCode', 'eth_getBalance', 'eth_getStorageAt'],
])

interface LogFilter {
  readonly fromBlock?: unknown
  readonly toBlock?: unknown
}

/** How many blocks are searched for logs; 0 when none are. */
const rangeOf = ({ method, params }: RpcRequest): number => {
  if (method !== 'eth_getLogs') return 0
  const { fromBlock, toBlock } = (params?.[0] ?? {}) as LogFilter
  const [from, to] = [numberOf(fromBlock), numberOf(toBlock)]
  return from === undefined || to === undefined ? 0 : to - from + 1
}

/** Whether a block is asked for that is this one. */
const asksForBlock = ({ method, params }: RpcRequest, block: unknown): boolean => {
  const { number, hash } = block as { readonly number: string; readonly hash: string }
  if (method === 'eth_getBlockByHash') return params?.[0] === hash
  return method === 'eth_getBlockByNumber' && numberOf(params?.[0]) === Number(number)
}

const freeze = (request: RpcRequest, at: number): Bent => {
  const newest = toQuantity(at)
  if (request.method === 'eth_blockNumber') return change(request, () => newest)
  if (asksForNewest(request))
    return straight({ ...request, params: [newest, ...(request.params ?? []).slice(1)] })
  const isLater = (found: { blockNumber?: unknown; number?: unknown }) =>
    (numberOf(found.blockNumber ?? found.number) ?? 0) > at
  return change(request, (result) => {
    if (Array.isArray(result)) return result.filter((each) => !isLater(each))
    return typeof result === 'object' && result !== null && isLater(result) ? null : result
  })
}

const hollow = (request: RpcRequest, what: 'LOGS' | 'TRANSACTIONS'): Bent => {
  if (what === 'LOGS')
    return request.method === 'eth_getLogs' ? change(request, () => null) : straight(request)
  return request.method.startsWith('eth_getBlockBy')
    ? change(request, (block) =>
        block === null ? null : { ...(block as object), transactions: [] },
      )
    : straight(request)
}

const asksForNewest = ({ method, params }: RpcRequest) =>
  method === 'eth_blockNumber' || (method === 'eth_getBlockByNumber' && params?.[0] === 'latest')
