import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type ExecutionArgs, type ExecutionResult, GraphQLError } from 'graphql'
import { CloseCode, handleProtocols, makeServer } from 'graphql-ws'
import type { Logger } from 'pino'
import { type WebSocket, WebSocketServer } from 'ws'
import { isLiveStream, type LiveStream, type Sink } from '../live/sink.ts'
import type { Access, Client } from './access.ts'
import { apiError, type Errors, errorToJson, resultToJson } from './errors.ts'
import { writeFrame } from './frame.ts'
import { type GetEnveloped, prepare } from './operation.ts'
import { parseParams } from './params.ts'
import type { PersistedDocuments } from './persisted.ts'
import { createSlots } from './slots.ts'

export interface SocketsOptions {
  readonly getEnveloped: GetEnveloped
  readonly access: Access
  readonly errors: Errors
  readonly documents: PersistedDocuments
  readonly messageBytes: number
  readonly operationsPerSocket: number
  readonly connectionInitTimeoutMs: number
  readonly keepAliveMs: number
  /** A socket without an operation for so long is closed. */
  readonly idleMs: number
  readonly log: Logger
}

/** GraphQL over WebSocket: the protocol graphql-transport-ws. */
export interface Sockets {
  /** `onClosed` is called when the socket is gone, also when it never came to be. */
  readonly upgrade: (
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    given: { readonly address: string; readonly onClosed: () => void },
  ) => void
  /** Closes every socket with 1012 (service restart), spread over the time given. */
  readonly stop: (withinMs: number) => Promise<void>
}

interface Extra {
  /** By what came with `connection_init`, or else with the upgrade. */
  readonly identify: (init: Readonly<Record<string, unknown>> | undefined) => Promise<Client>
  /** Aborts when the socket is gone. */
  readonly gone: AbortSignal
  readonly line: Line
  readonly slots: ReturnType<typeof createSlots>
}

const RESTART = 1012

/** An answer, or the lifetime of a stream. */
type Outcome = ExecutionResult | AsyncGenerator<never, undefined>

/** Time between two clients that come back to the other replicas when this one stops. */
const MS_PER_RESTART = 2

/** What a client that does not read may leave in our memory before it is cut off. */
const MOST_BUFFERED_BYTES = 16 * 1024 * 1024

/** What a client that cannot keep up is told; its last cursor is good everywhere. */
const SLOW = { code: 4413, reason: 'slow consumer: resume with your last cursor' }

/** Nobody pays for a socket that asks nothing. */
const IDLE = { code: 4410, reason: 'idle: no operation' }

/** A client that does not read does not answer a close either. */
const CLOSE_MS = 5000

/** The protocol's library ends operations; their messages go to the socket without it, serialised once for all sockets. */
const lifetime = (
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

/** One client's socket, and who waits for it to take more. */
interface Line {
  readonly socket: WebSocket
  readonly sinkOf: (id: string) => (onEnd: () => void) => Sink
}

const createLine = (socket: WebSocket, connection: Duplex): Line => {
  const waiting: (() => void)[] = []
  connection.on('drain', () => {
    for (const listener of waiting.splice(0)) listener()
  })
  return {
    socket,
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

export const createSockets = (options: SocketsOptions): Sockets => {
  const { access, log, keepAliveMs, errors } = options
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: options.messageBytes,
    perMessageDeflate: false,
    // An operation that was completed is over before the next message may take its id.
    allowSynchronousEvents: false,
    handleProtocols,
  })
  const prepared = new WeakMap<ExecutionArgs, () => Promise<Outcome>>()

  const run = async (args: ExecutionArgs) => {
    const start = prepared.get(args)
    prepared.delete(args)
    if (start === undefined) throw new Error('The operation was not prepared')
    return start()
  }

  const protocol = makeServer<Record<string, unknown>, Extra>({
    connectionInitWaitTimeout: options.connectionInitTimeoutMs,
    onConnect: async ({ connectionParams, extra }) => {
      try {
        await extra.identify(connectionParams)
        return true
      } catch (error) {
        if (error instanceof GraphQLError && error.extensions.code === 'UNAUTHENTICATED')
          return false
        throw error
      }
    },
    onSubscribe: async ({ connectionParams, extra }, id, payload) => {
      const release = extra.slots.take('')
      if (release === undefined)
        return [
          apiError(
            'LIMIT_EXCEEDED',
            `At most ${options.operationsPerSocket} operations run on one socket`,
          ),
        ]
      try {
        const client = await extra.identify(connectionParams)
        const {
          errors: refused,
          args,
          run: start,
        } = await prepare(options, parseParams(payload, options.documents), {
          client,
          signal: extra.gone,
        })
        if (refused !== undefined) {
          release()
          return refused
        }
        // The library keeps these, and the message, as long as the operation lasts: nothing of the request is in them.
        Object.assign(payload, { query: '', variables: undefined })
        const { schema, document, operationName } = args
        const kept: ExecutionArgs = { schema, document, operationName: operationName ?? null }
        prepared.set(kept, async () => {
          try {
            const result = await start()
            if (isLiveStream(result)) return lifetime(result, extra.line.sinkOf(id), release)
            release()
            return result
          } catch (error) {
            release()
            return { errors: [errors.mask(error)] }
          }
        })
        return kept
      } catch (error) {
        release()
        return [errors.mask(error)]
      }
    },
    execute: run,
    subscribe: run,
    onNext: (_context, _id, _payload, _args, result) => resultToJson(result),
    onError: (_context, _id, _payload, problems) =>
      problems.map((error) =>
        errorToJson(error instanceof GraphQLError ? error : errors.mask(error)),
      ),
  })
  const accept = (socket: WebSocket, connection: Duplex, identify: Extra['identify']) => {
    const gone = new AbortController()
    const fail = (error: unknown) => {
      if (error instanceof Error && error.message.startsWith('Unexpected message of type'))
        return socket.close(CloseCode.BadRequest, 'A message that only a server sends')
      log.error({ err: error }, 'WebSocket message failed')
      socket.close(CloseCode.InternalServerError, 'Internal server error')
    }
    const slots = createSlots(options.operationsPerSocket)
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        send: (data) =>
          new Promise((resolve, reject) => {
            if (socket.readyState !== socket.OPEN) return resolve()
            socket.send(data, (error) => (error ? reject(error) : resolve()))
          }),
        close: (code, reason) => socket.close(code, reason),
        onMessage: (take) =>
          socket.on('message', (data) => {
            if (socket.readyState === socket.OPEN) take(String(data)).catch(fail)
          }),
      },
      {
        identify,
        gone: gone.signal,
        line: createLine(socket, connection),
        slots,
      },
    )

    let isAlive = true
    let busyAt = performance.now()
    const heartbeat = setInterval(() => {
      const now = performance.now()
      if (slots.count('') > 0) busyAt = now
      if (now - busyAt > options.idleMs) return socket.close(IDLE.code, IDLE.reason)
      if (!isAlive || socket.bufferedAmount > MOST_BUFFERED_BYTES) return socket.terminate()
      isAlive = false
      socket.ping()
    }, keepAliveMs)
    socket.on('pong', () => {
      isAlive = true
    })
    // The library closes the socket with the code that fits: 1009 for a message too big, 1002, 1007.
    socket.on('error', (error) => log.debug({ err: error }, 'WebSocket error'))
    socket.once('close', (code, reason) => {
      clearInterval(heartbeat)
      gone.abort()
      closed(code, String(reason)).catch((error: unknown) =>
        log.error({ err: error }, 'WebSocket not cleaned up'),
      )
    })
  }

  return {
    upgrade: (request, socket, head, { address, onClosed }) => {
      const { authorization } = request.headers
      socket.once('close', onClosed)
      socket.on('error', (error) => log.debug({ err: error }, 'connection error'))
      server.handleUpgrade(request, socket, head, (client) =>
        accept(client, socket, (init) =>
          access.identify(init?.authorization ?? authorization, address),
        ),
      )
    },
    stop: async (withinMs) => {
      const spread = Math.min(withinMs * 0.8, server.clients.size * MS_PER_RESTART)
      const slices = [...server.clients].map(async (socket) => {
        const closed = once(socket, 'close')
        const slice = setTimeout(
          () => socket.close(RESTART, 'Service restart'),
          Math.random() * spread,
        )
        const cut = setTimeout(() => socket.terminate(), withinMs)
        await closed
        clearTimeout(slice)
        clearTimeout(cut)
      })
      await Promise.all(slices)
    },
  }
}
