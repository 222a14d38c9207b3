import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { apiError } from './errors.ts'
import { goneOf } from './gone.ts'
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

/** An `abort()` without a reason makes an error with its stack. */
const OVER = 'the answer is over'

export const createDrain = (options: DrainOptions): Drain => {
  const all = createSlots(options.atOnce)
  const byHolder = createSlots(options.atOncePerHolder)

  return async (response, holder, send) => {
    const signal = goneOf(response)
    // What runs for a client that has gone is still running.
    const over = new AbortController()
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
      if (signal.aborted) return
      if (!all.take('', over.signal) || !byHolder.take(holder, over.signal))
        throw apiError('LIMIT_EXCEEDED', `Too many ${options.what} are running`)
      await send(write, signal)
    } catch (error) {
      if (signal.aborted) return
      // Half an answer that ends well would be taken for a whole one.
      if (response.headersSent) response.destroy()
      throw error
    } finally {
      over.abort(OVER)
    }
  }
}
