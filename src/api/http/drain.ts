import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { apiError } from './errors.ts'
import { createSlots } from './slots.ts'

/** Answers with what is made while it is sent. */
export interface Endpoint {
  /** @throws GraphQLError before anything is answered */
  readonly handle: (
    request: IncomingMessage,
    response: ServerResponse,
    holder: string,
  ) => Promise<void>
}

/** Writes, and resolves when the client has room for more. */
export type Write = (text: string) => Promise<void>

export interface DrainOptions {
  /** What there may be too many of. */
  readonly what: string
  /** At once, of all and of one holder. */
  readonly atOnce: number
  readonly atOncePerHolder: number
  /** A client that takes nothing for so long is cut off. */
  readonly slowMs: number
}

/**
 * Sends an answer that is made while it is sent: nothing waits in memory for a client that does not read. `signal` aborts when the
 * client has gone.
 *
 * @throws GraphQLError LIMIT_EXCEEDED, and what `send` throws; once the headers are sent the connection breaks too.
 */
export type Drain = (
  response: ServerResponse,
  holder: string,
  send: (write: Write, signal: AbortSignal) => Promise<void>,
) => Promise<void>

export const createDrain = (options: DrainOptions): Drain => {
  const all = createSlots(options.atOnce)
  const byHolder = createSlots(options.atOncePerHolder)

  return async (response, holder, send) => {
    const releases = [all.take(''), byHolder.take(holder)]
    const gone = new AbortController()
    const { signal } = gone
    response.once('close', () => gone.abort())
    if (response.closed) gone.abort()
    const write: Write = async (text) => {
      signal.throwIfAborted()
      if (text === '' || response.write(text)) return
      const slow = setTimeout(() => response.destroy(), options.slowMs)
      try {
        await once(response, 'drain', { signal })
      } finally {
        clearTimeout(slow)
      }
    }
    try {
      if (releases.includes(undefined))
        throw apiError('LIMIT_EXCEEDED', `Too many ${options.what} are running`)
      if (!signal.aborted) await send(write, signal)
    } catch (error) {
      if (signal.aborted) return
      // Half an answer that ends well would be taken for a whole one.
      if (response.headersSent) response.destroy()
      throw error
    } finally {
      for (const release of releases) release?.()
    }
  }
}
