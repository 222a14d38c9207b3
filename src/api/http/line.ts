import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import type { LiveStream, Sink } from '../live/sink.ts'
import { writeFrame } from './frame.ts'

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
 * @param release called once or more, when the operation is over.
 */
export const lifetime = (
  stream: LiveStream,
  sinkOf: (onEnd: () => void) => Sink,
  release: () => void,
): AsyncGenerator<never, undefined> => {
  const ended = Promise.withResolvers<IteratorResult<never, undefined>>()
  const done = { value: undefined, done: true } as const
  let leave: (() => void) | undefined
  const end = async () => {
    leave?.()
    release()
    ended.resolve(done)
    return done
  }
  const lasting: AsyncGenerator<never, undefined> = {
    next: () => {
      leave ??= stream.attach(
        sinkOf(() => {
          release()
          ended.resolve(done)
        }),
      )
      return ended.promise
    },
    return: end,
    throw: async (error) => {
      await end()
      throw error
    },
    [Symbol.asyncIterator]: () => lasting,
    [Symbol.asyncDispose]: async () => {
      await end()
    },
  }
  return lasting
}
