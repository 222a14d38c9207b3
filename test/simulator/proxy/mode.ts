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
  /** Every post is answered alike, whatever it asks. */
  | { readonly kind: 'OUT'; readonly how: Outage }
  /** Its newest block is this one, for as long as this lasts. */
  | { readonly kind: 'FROZEN'; readonly at: number }
  /** It names its newest block and does not find it: null, or an error in these words. */
  | { readonly kind: 'HEADLESS'; readonly words: string | null }
  /** Logs are null instead of a list; blocks are without their transactions. */
  | { readonly kind: 'HOLLOW'; readonly what: 'LOGS' | 'TRANSACTIONS' }
  /** It refuses to look for logs in more blocks than these, in these words. */
  | { readonly kind: 'NARROW'; readonly blocks: number; readonly words: string }
  /** It refuses batches of more questions than these. */
  | { readonly kind: 'SINGLE'; readonly most: number }
  /** It has the state of its newest block alone, and says of older ones that it has none, in these words. */
  | { readonly kind: 'PRUNED'; readonly words: string }
  /** It says that it is of another chain. */
  | { readonly kind: 'FOREIGN'; readonly chainId: number }

/** What a whole service answers when it is out: an error of HTTP, nothing where JSON should be, no answer at all. */
export const OUTAGES = ['STATUS_429', 'STATUS_503', 'EMPTY', 'HTML', 'SILENT', 'DROPPED'] as const
export type Outage = (typeof OUTAGES)[number]

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
