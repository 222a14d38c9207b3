/** How a node behaves. Shares are of the requests, 0 to 1, and default to 1. */
export type RpcMode =
  | { readonly kind: 'NORMAL' }
  /** Every answer comes so much later. */
  | { readonly kind: 'SLOW'; readonly milliseconds: number }
  /** That share of the posts meets HTTP 500, JSON-RPC errors, or a connection that drops before or within the answer. */
  | { readonly kind: 'FLAKY'; readonly share: number }
  /** That share of the questions for the newest block is answered by a node that is so many blocks behind. */
  | { readonly kind: 'LAGGING'; readonly blocks: number; readonly share?: number }
  /** That share of the questions for logs is answered by a node that lacks the newest blocks, and says there are none. */
  | { readonly kind: 'LYING'; readonly blocks: number; readonly share?: number }

/** A question of JSON-RPC 2.0, and its answer. */
export interface RpcRequest {
  readonly jsonrpc?: string
  readonly id?: unknown
  readonly method: string
  readonly params?: readonly unknown[]
}
export interface RpcReply {
  readonly jsonrpc: '2.0'
  readonly id: unknown
  readonly result?: unknown
  readonly error?: { readonly code: number; readonly message: string }
}

export const toQuantity = (number: number) => `0x${Math.max(0, number).toString(16)}`
