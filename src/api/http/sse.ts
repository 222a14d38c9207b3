import type { IncomingMessage, ServerResponse } from 'node:http'
import { isLiveStream, type Message, type Sink } from '../live/sink.ts'
import type { Client } from './access.ts'
import { type Errors, resultToJson } from './errors.ts'
import { goneOf } from './gone.ts'
import { type GetEnveloped, prepare } from './operation.ts'
import { OVER } from './operations.ts'
import type { Params } from './params.ts'

export interface StreamOptions {
  readonly getEnveloped: GetEnveloped
  readonly errors: Errors
  readonly keepAliveMs: number
}

/** Answers operations as event streams: GraphQL over SSE, distinct connections mode. */
export interface Streams {
  readonly handle: (
    params: Params,
    request: IncomingMessage,
    response: ServerResponse,
    client: Client,
  ) => Promise<void>
  /** Ends every stream without `complete`, so that its client comes back. */
  readonly stop: () => void
}

/** A client that has not read for so many heartbeats is cut off. */
const PATIENCE = 5

/** A client that does not read does not take the end either. */
const END_MS = 5000

const events = new WeakMap<Message, Buffer>()

/** The same bytes for everyone who gets the message. */
const eventOf = (message: Message): Buffer => {
  const { cursor, json } = message
  const id = cursor === undefined ? '' : `id: ${cursor}\n`
  const event = events.get(message) ?? Buffer.from(`${id}event: next\ndata: ${json}\n\n`)
  events.set(message, event)
  return event
}

const COMPLETE = 'event: complete\ndata:\n\n'

/** For a client that cannot keep up; the id of its last event is good everywhere. */
const SLOW = `event: error\ndata: ${JSON.stringify({
  message: 'slow consumer: resume with your last cursor',
  extensions: { code: 'SLOW_CONSUMER' },
})}\n\n`

export const createStreams = (options: StreamOptions): Streams => {
  const { keepAliveMs, errors } = options
  const open = new Set<() => void>()
  let isStopped = false

  const begin = (response: ServerResponse) => {
    // Until the connection ends: a length before each event would be a write more for each.
    response.shouldKeepAlive = false
    response.removeHeader('transfer-encoding')
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    })
    response.write(':\n\n')
    let missed = 0
    return setInterval(() => {
      missed = response.writableNeedDrain ? missed + 1 : 0
      if (missed === 0) response.write(':\n\n')
      if (missed >= PATIENCE) response.destroy()
    }, keepAliveMs)
  }

  const sinkOf = (response: ServerResponse, onEnd: () => void): Sink => ({
    send: (message) => {
      response.write(eventOf(message))
    },
    isReady: () => !response.writableNeedDrain,
    whenReady: (listener) => response.once('drain', listener),
    end: (reason) => {
      response.end(reason === 'complete' ? COMPLETE : SLOW)
      if (reason === 'slow') setTimeout(() => response.destroy(), END_MS).unref()
      onEnd()
    },
  })

  const stream = async (
    params: Params,
    request: IncomingMessage,
    response: ServerResponse,
    { client, signal }: { readonly client: Client; readonly signal: AbortSignal },
  ) => {
    const lastEventId = request.headers['last-event-id']
    const prepared = await prepare(options, params, {
      client,
      signal,
      ...(typeof lastEventId === 'string' && lastEventId !== '' ? { lastEventId } : {}),
    })
    const result =
      prepared.errors === undefined ? await prepared.run() : { errors: prepared.errors }
    if (signal.aborted) return
    if (!isLiveStream(result)) {
      response.end(`event: next\ndata: ${JSON.stringify(resultToJson(result))}\n\n${COMPLETE}`)
      return
    }
    const ended = Promise.withResolvers<void>()
    const leave = result.attach(sinkOf(response, ended.resolve))
    signal.addEventListener('abort', () => ended.resolve(), { once: true })
    await ended.promise
    leave()
  }

  return {
    handle: async (params, request, response, client) => {
      const gone = goneOf(response)
      if (gone.aborted) return
      const over = new AbortController()
      const end = () => over.abort(OVER)
      gone.addEventListener('abort', end, { once: true })
      const stopStream = () => {
        response.end()
        end()
      }
      open.add(stopStream)
      const heartbeat = begin(response)
      if (isStopped) stopStream()
      try {
        await stream(params, request, response, { client, signal: over.signal })
      } catch (error) {
        if (over.signal.aborted) return
        const result = { errors: [errors.mask(error)] }
        response.end(`event: next\ndata: ${JSON.stringify(resultToJson(result))}\n\n${COMPLETE}`)
      } finally {
        clearInterval(heartbeat)
        open.delete(stopStream)
        end()
      }
    },
    stop: () => {
      isStopped = true
      for (const stopStream of [...open]) stopStream()
    },
  }
}
