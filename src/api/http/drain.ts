import { once } from 'node:events'
import type { ServerResponse } from 'node:http'

/** Writes, and resolves when the client has room for more. */
export type Write = (text: string) => Promise<void>

/**
 * For an answer that is made while it is sent: nothing waits in memory for a client that does not read.
 *
 * @throws AbortError when the client has gone; TimeoutError when it takes nothing for `slowMs`
 */
export const createWrite =
  (response: ServerResponse, { signal, slowMs }: { signal: AbortSignal; slowMs: number }): Write =>
  async (text) => {
    signal.throwIfAborted()
    if (text === '' || response.write(text)) return
    await once(response, 'drain', {
      signal: AbortSignal.any([signal, AbortSignal.timeout(slowMs)]),
    })
  }
