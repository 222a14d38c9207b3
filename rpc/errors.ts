import { BaseError } from 'viem'

/**
 * - `UNREACHABLE`: no connection, no answer in time, or an error of its server (5xx).
 * - `BUSY`: it was asked too often (429, 503, or a JSON-RPC error that says so).
 * - `REFUSED`: another HTTP status (401, 403, 404, 413, …).
 * - `TOO_LARGE`: an answer of more bytes than may be read.
 * - `NONSENSE`: an answer that is none: no JSON, no result, or one that contradicts the question.
 * - `ERROR`: a JSON-RPC error that another attempt may not meet.
 * - `GONE`: a block or a transaction that the node does not know.
 * - `BEHIND`: a newest block that goes back to one of its own ancestors.
 * - `WRONG_CHAIN`: the node is one of another chain.
 */
export type Failure =
  | 'UNREACHABLE'
  | 'BUSY'
  | 'REFUSED'
  | 'TOO_LARGE'
  | 'NONSENSE'
  | 'ERROR'
  | 'GONE'
  | 'BEHIND'
  | 'WRONG_CHAIN'

/** A node did not answer. Names the host at most: the rest of an address may be a key. */
export class NodeError extends BaseError {
  override readonly name = 'NodeError'
  readonly failure: Failure
  readonly host: string
  /** How long the node asks to be left alone, in ms. */
  readonly retryAfterMs: number | undefined
  /** What a JSON-RPC error said. */
  readonly answer: { readonly code: number; readonly message: string } | undefined

  constructor(
    failure: Failure,
    host: string,
    reason: string,
    more: {
      readonly retryAfterMs?: number | undefined
      readonly answer?: { readonly code: number; readonly message: string } | undefined
    } = {},
  ) {
    super(`The node at ${host} ${reason}`)
    this.failure = failure
    this.host = host
    this.retryAfterMs = more.retryAfterMs
    this.answer = more.answer
  }
}
