import type { Problem } from './errors.ts'

/** The part of a WebSocket that is used: a browser's, Node's, or that of the package `ws`. */
export interface Socket {
  send(data: string): void
  close(code?: number, reason?: string): void
  addEventListener(type: 'open' | 'error', listener: () => void): void
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void
  addEventListener(type: 'close', listener: (event: { code: number; reason: string }) => void): void
}

export type SocketConstructor = new (url: string, protocol: string) => Socket

/** One connection for one subscription. */
export interface Connection {
  /** Absolute, of either protocol. */
  readonly url: string
  readonly payload: {
    readonly query: string
    readonly variables: Readonly<Record<string, unknown>>
  }
  /** Who asks, as the API takes it; undefined for anybody. */
  readonly authorization: string | undefined
  /** A server that says nothing for so long is gone. */
  readonly silenceMs: number
  /** Aborts when nobody wants more. */
  readonly signal: AbortSignal
  readonly webSocket: SocketConstructor | undefined
}

/** A GraphQL answer. */
export interface Result {
  readonly data?: unknown
  readonly errors?: readonly Problem[]
}

/** Answers one after the other, and never an end: it throws why there are no more. */
export type Connect = (connection: Connection) => AsyncGenerator<Result, never>
