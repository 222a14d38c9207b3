import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ExecutionResult } from 'graphql'
import type { Hub } from '../live/hub.ts'
import { type Errors, resultToJson } from './errors.ts'
import { type GetEnveloped, prepare } from './operation.ts'
import type { Params } from './params.ts'

export interface StreamOptions {
  readonly getEnveloped: GetEnveloped
  readonly errors: Errors
  readonly hub: Pick<Hub, 'serialised'>
  readonly keepAliveMs: number
}

/** Answers operations as event streams: GraphQL over SSE, distinct connections mode. */
export interface Streams {
  readonly handle: (
    params: Params,
    request: IncomingMessage,
    response: ServerResponse,
  ) => Promise<void>
  /** Ends every stream without `complete`, so that its client comes back. */
  readonly stop: () => void
}

/** A client that has not read for so many heartbeats is cut off. */
const PATIENCE = 5

const isIterable = (
  result: ExecutionResult | AsyncIterable<ExecutionResult>,
): result is AsyncIterable<ExecutionResult> => Symbol.asyncIterator in result

export const createStreams = (options: StreamOptions): Streams => {
  const { hub, keepAliveMs, errors } = options
  const open = new Set<() => void>()

  const begin = (response: ServerResponse) => {
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

  const send = async (response: ServerResponse, result: ExecutionResult, signal: AbortSignal) => {
    const json = hub.serialised(result) ?? JSON.stringify(resultToJson(result))
    if (!response.write(`event: next\ndata: ${json}\n\n`) && !signal.aborted)
      await once(response, 'drain', { signal })
  }

  const stream = async (params: Params, response: ServerResponse, signal: AbortSignal) => {
    const prepared = await prepare(options, params, signal)
    const result =
      prepared.errors === undefined ? await prepared.run() : { errors: prepared.errors }
    if (!isIterable(result)) return send(response, result, signal)
    const states = result[Symbol.asyncIterator]()
    // Returning the iterator is what gives the subscription back, also while it waits for the next state.
    signal.addEventListener('abort', () => states.return?.(), { once: true })
    if (signal.aborted) await states.return?.()
    for (let next = await states.next(); next.done !== true; next = await states.next())
      await send(response, next.value, signal)
  }

  return {
    handle: async (params, request, response) => {
      const gone = new AbortController()
      const leave = () => gone.abort()
      const stopStream = () => {
        response.end()
        gone.abort()
      }
      response.once('close', leave)
      open.add(stopStream)
      const heartbeat = begin(response)
      try {
        await stream(params, response, gone.signal)
        if (!gone.signal.aborted) response.end('event: complete\ndata:\n\n')
      } catch (error) {
        if (gone.signal.aborted) return
        const result = { errors: [errors.mask(error)] }
        response.end(
          `event: next\ndata: ${JSON.stringify(resultToJson(result))}\n\nevent: complete\ndata:\n\n`,
        )
      } finally {
        clearInterval(heartbeat)
        open.delete(stopStream)
        gone.abort()
        if (request.destroyed) response.destroy()
      }
    },
    stop: () => {
      for (const stopStream of [...open]) stopStream()
    },
  }
}
