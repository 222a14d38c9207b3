import type { Connect, Result, SocketConstructor } from './connection.ts'
import { FeedError, refusedBy, toFeedError } from './errors.ts'
import {
  type FeedAppend,
  type FeedMessage,
  type FeedUndo,
  type FeedVariables,
  feedDocument,
} from './message.ts'
import { readSocket } from './socket.ts'
import { readStream } from './stream.ts'

export type FeedStatus =
  | { readonly state: 'connecting' }
  /** What the server had to say first has been handled. */
  | { readonly state: 'live' }
  /** It tries again in so many milliseconds. */
  | { readonly state: 'waiting'; readonly ms: number; readonly reason: FeedError }
  /** Stopped, or by a mistake of the caller. */
  | { readonly state: 'ended'; readonly reason?: FeedError }

export interface FeedOptions<Event extends object = object> {
  /** Of the GraphQL endpoint, `http` or `ws` whatever the transport. A function is asked before every connection. */
  readonly url: string | (() => string | Promise<string>)
  readonly transport: 'ws' | 'sse'
  /** Of the API, `p402_…`, for who may ask for more than anybody. A function is asked before every connection. */
  readonly key?: string | (() => string | Promise<string>)
  /** Fields of an event, as in GraphQL: `kind number player { address }`. `id` and `tx { blockNumber }` always come. */
  readonly select?: string
  readonly variables?: FeedVariables
  /** A cursor of the feed, or of a head: goes on behind it. Without it the feed begins now. */
  readonly after?: string
  /** The next message is not taken before this one's promise is fulfilled; one that fails is told again. */
  readonly onAppend: (message: FeedAppend<Event>) => unknown
  readonly onUndo: (message: FeedUndo) => unknown
  readonly onStatus?: (status: FeedStatus) => void
  /** A handler failed, or the feed has ended (`isFinal`). Lost connections are told by `onStatus` alone. */
  readonly onError?: (error: FeedError) => void
  /** Before the n-th try in a row it waits a random part of `firstMs` × 2ⁿ, at most of `mostMs`. */
  readonly retry?: { readonly firstMs?: number; readonly mostMs?: number }
  /** A server that says nothing for so long is gone; it is heard from every 30 seconds. */
  readonly silenceMs?: number
  /** For a runtime without one of its own. */
  readonly webSocket?: SocketConstructor
}

export interface Feed {
  /** Of the last message whose handler has finished: what to pass as `after` another time. Null before the first. */
  readonly cursor: () => string | null
  /** No handler is called after this. Resolves when one that runs has finished; do not wait for it in a handler. */
  readonly stop: () => Promise<void>
}

const CONNECT: Readonly<Record<'ws' | 'sse', Connect>> = { ws: readSocket, sse: readStream }

const addressOf = async (url: FeedOptions['url']): Promise<string> => {
  const text = typeof url === 'function' ? await url() : url
  const { location } = globalThis as { location?: { href: string } }
  if (URL.canParse(text, location?.href)) return new URL(text, location?.href).href
  throw new FeedError('BAD_URL', `not an address: ${text}`, { isFinal: true })
}

/** A key is letters, digits and `_`: anything else, such as a line break, is a mistake that no connection would survive. */
const authorizationOf = async (key: FeedOptions['key']): Promise<string | undefined> => {
  const text = typeof key === 'function' ? await key() : key
  if (text === undefined) return undefined
  if (/^\w+$/.test(text)) return `Bearer ${text}`
  throw new FeedError('BAD_KEY', 'not a key of the API', { isFinal: true })
}

const messageOf = <Event extends object>({ data, errors }: Result): FeedMessage<Event> => {
  if (errors !== undefined && errors.length > 0) throw refusedBy(errors)
  const { feed } = (data ?? {}) as { feed?: FeedMessage<Event> }
  if (typeof feed?.cursor === 'string') return feed
  throw new FeedError('BAD_ANSWER', 'a message of the feed has no cursor')
}

const pause = (ms: number, signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    const finish = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', finish)
      resolve()
    }
    const timer = setTimeout(finish, ms)
    signal.addEventListener('abort', finish)
    if (signal.aborted) finish()
  })

/** An error of who listens is theirs: it does not touch the feed, and nobody hides it. */
const tell = <Value>(listener: ((value: Value) => void) | undefined, value: Value) => {
  try {
    listener?.(value)
  } catch (error) {
    setTimeout(() => {
      throw error
    })
  }
}

/**
 * Follows the feed for ever: whatever happens to the connection, it goes on behind the last message whose handler has finished.
 * Only a mistake of the caller ends it.
 *
 * @example
 * const fold = createFold<{ kind: string }>()
 * const feed = createFeed<{ kind: string }>({
 *   url: 'https://api.example/graphql', transport: 'sse', select: 'kind', onAppend: fold.apply, onUndo: fold.apply,
 * })
 */
export const createFeed = <Event extends object = object>(options: FeedOptions<Event>): Feed => {
  const { transport, after, variables = {}, onStatus, onError, silenceMs = 40_000 } = options
  const { firstMs = 500, mostMs = 30_000 } = options.retry ?? {}
  const query = feedDocument(options.select ?? '')
  const stopped = new AbortController()
  const { signal } = stopped
  let handled: string | undefined
  let failures = 0

  const payload = () => {
    if (handled === undefined)
      return { query, variables: { ...variables, ...(after === undefined ? {} : { after }) } }
    const { fromStart: _, ...rest } = variables
    return { query, variables: { ...rest, after: handled } }
  }

  const handle = async (message: FeedMessage<Event>) => {
    try {
      await (message.__typename === 'FeedAppend'
        ? options.onAppend(message)
        : options.onUndo(message))
    } catch (cause) {
      const { message: text } = toFeedError(cause)
      throw new FeedError('HANDLER_FAILED', text, { cause })
    }
    handled = message.cursor
    failures = 0
  }

  const follow = async () => {
    const url = await addressOf(options.url)
    const authorization = await authorizationOf(options.key)
    if (signal.aborted) return
    const results = CONNECT[transport]({
      url,
      payload: payload(),
      authorization,
      silenceMs,
      signal,
      webSocket: options.webSocket ?? globalThis.WebSocket,
    })
    let isLive = false
    for await (const result of results) {
      if (signal.aborted) return
      await handle(messageOf<Event>(result))
      if (!isLive && !signal.aborted) tell(onStatus, { state: 'live' })
      isLive = true
    }
  }

  const run = async () => {
    while (!signal.aborted) {
      tell(onStatus, { state: 'connecting' })
      try {
        await follow()
      } catch (error) {
        const reason = toFeedError(error)
        if (reason.code === 'HANDLER_FAILED') tell(onError, reason)
        if (signal.aborted) break
        if (reason.isFinal) {
          stopped.abort()
          tell(onStatus, { state: 'ended', reason })
          tell(onError, reason)
          return
        }
        const ms = Math.random() * Math.min(mostMs, firstMs * 2 ** failures)
        failures += 1
        tell(onStatus, { state: 'waiting', ms, reason })
        await pause(ms, signal)
      }
    }
    tell(onStatus, { state: 'ended' })
  }

  // Not before the caller has what it called for.
  const running = Promise.resolve().then(run)
  return {
    cursor: () => handled ?? after ?? null,
    stop: () => {
      stopped.abort()
      return running
    },
  }
}
