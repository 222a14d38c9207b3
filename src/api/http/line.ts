import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import type { LiveStream, Sink } from '../live/sink.ts'
import { writeFrame } from './frame.ts'
import { OVER } from './operations.ts'

/** What a client that cannot keep up is told; its last cursor is good everywhere. */
const SLOW = { code: 4413, reason: 'slow consumer: resume with your last cursor' }

/** A client that does not read does not answer a close either. */
const CLOSE_MS = 5000

/** One client's socket, and who waits for it to take more. */
export interface Line {
  /** Where the messages of the operation `id` go. */
  readonly sinkOf: (id: string) => (onEnd: () => void) => Sink
}

/** @param connection what `socket` writes to. */
export const createLine = (socket: WebSocket, connection: Duplex): Line => {
  const waiting: (() => void)[] = []
  connection.on('drain', () => {
    for (const listener of waiting.splice(0)) listener()
  })
  return {
    sinkOf: (id) => {
      const start = Buffer.from(`{"id":${JSON.stringify(id)},"type":"next","payload":`)
      return (onEnd) => ({
        send: (message) => {
          if (socket.readyState === socket.OPEN) writeFrame(connection, start, message)
        },
        isReady: () => !connection.writableNeedDrain,
        whenReady: (listener) => {
          waiting.push(listener)
        },
        end: (reason) => {
          if (reason === 'complete') return onEnd()
          socket.close(SLOW.code, SLOW.reason)
          setTimeout(() => socket.terminate(), CLOSE_MS).unref()
        },
      })
    },
  }
}

/**
 * An operation as the protocol's library knows it, which ends it. Its messages go to the socket without the library,
 * serialised once for all sockets.
 *
 * @param over aborted when the operation is over, by whoever ends it.
 */
export const lifetime = (
  stream: LiveStream,
  sinkOf: (onEnd: () => void) => Sink,
  over: AbortController,
): AsyncGenerator<never, undefined> => {
  const { signal } = over
  const ended = Promise.withResolvers<IteratorResult<never, undefined>>()
  const done = { value: undefined, done: true } as const
  let leave: (() => void) | undefined
  const end = () => over.abort(OVER)
  const finish = () => {
    leave?.()
    ended.resolve(done)
  }
  signal.addEventListener('abort', finish, { once: true })
  const lasting: AsyncGenerator<never, undefined> = {
    next: () => {
      if (!signal.aborted) leave ??= stream.attach(sinkOf(end))
      // It may have ended while it began.
      if (signal.aborted) finish()
      return ended.promise
    },
    return: async () => {
      end()
      return done
    },
    throw: async (error) => {
      end()
      throw error
    },
    [Symbol.asyncIterator]: () => lasting,
    [Symbol.asyncDispose]: async () => end(),
  }
  return lasting
}
