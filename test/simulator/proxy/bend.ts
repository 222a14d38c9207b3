import type { Random } from '../../../stack/players/random.ts'
import { type RpcMode, type RpcReply, type RpcRequest, toQuantity } from './mode.ts'

/** What is asked of the node in a request's stead, and what is answered in its answer's. */
export interface Bent {
  readonly request: RpcRequest
  answer(reply: RpcReply): RpcReply
}

/** A question to the node itself. */
export type Ask = (method: string, params: readonly unknown[]) => Promise<unknown>

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
  return straight(request)
}

const asksForNewest = ({ method, params }: RpcRequest) =>
  method === 'eth_blockNumber' || (method === 'eth_getBlockByNumber' && params?.[0] === 'latest')
