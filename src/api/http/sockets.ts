import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { CloseCode, handleProtocols } from 'graphql-ws'
import type { Logger } from 'pino'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Access } from './access.ts'
import { networkOf } from './address.ts'
import { authorizationIn } from './credentials.ts'
import type { Door } from './door.ts'
import { connectionGone } from './gone.ts'
import { createLine } from './line.ts'
import { createOperations } from './operations.ts'
import { createProtocol, type Peer, type ProtocolOptions } from './protocol.ts'

export interface SocketsOptions extends ProtocolOptions {
  readonly access: Access
  readonly door: Door
  readonly messageBytes: number
  readonly keepAliveMs: number
  /** A socket without an operation for so long is closed. */
  readonly idleMs: number
  readonly log: Logger
}

/** GraphQL over WebSocket: the protocol graphql-transport-ws. */
export interface Sockets {
  readonly upgrade: (
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    address: string,
  ) => void
  /** Closes every socket with 1012 (service restart), spread over the time given. */
  readonly stop: (withinMs: number) => Promise<void>
}

const RESTART = 1012

/** Time between two clients that come back to the other replicas when this one stops. */
const MS_PER_RESTART = 2

/** What a client that does not read may leave in our memory before it is cut off. */
const MOST_BUFFERED_BYTES = 16 * 1024 * 1024

/** Of a client that is gone. One may be late because this process is. */
const PINGS = 2

/** Nobody pays for a socket that asks nothing. */
const IDLE = { code: 4410, reason: 'idle: no operation' }

export const createSockets = (options: SocketsOptions): Sockets => {
  const { access, door, log, keepAliveMs } = options
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: options.messageBytes,
    perMessageDeflate: false,
    // An operation that was completed is over before the next message may take its id.
    allowSynchronousEvents: false,
    handleProtocols,
  })
  const protocol = createProtocol(options)

  const accept = (
    socket: WebSocket,
    connection: Duplex,
    network: string,
    identify: Peer['identify'],
  ) => {
    const fail = (error: unknown) => {
      if (error instanceof Error && error.message.startsWith('Unexpected message of type'))
        return socket.close(CloseCode.BadRequest, 'A message that only a server sends')
      log.error({ err: error }, 'WebSocket message failed')
      socket.close(CloseCode.InternalServerError, 'Internal server error')
    }
    const operations = createOperations(options.operationsPerSocket, connectionGone(connection))
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
            const admit = () => {
              if (socket.readyState !== socket.OPEN) return
              take(String(data)).catch(fail)
              operations.drop()
            }
            const wait = door.enter(network)
            if (wait === undefined) return admit()
            // Nothing more is read of a client whose message waits.
            socket.pause()
            void wait.then(() => {
              socket.resume()
              admit()
            })
          }),
      },
      {
        identify,
        line: createLine(socket, connection),
        operations,
        refuse: (code, reason) => socket.close(code, reason),
      },
    )

    let unanswered = 0
    let busyAt = performance.now()
    const heartbeat = setInterval(() => {
      const now = performance.now()
      if (operations.count() > 0) busyAt = now
      if (now - busyAt > options.idleMs) return socket.close(IDLE.code, IDLE.reason)
      if (unanswered >= PINGS || socket.bufferedAmount > MOST_BUFFERED_BYTES)
        return socket.terminate()
      unanswered += 1
      socket.ping()
    }, keepAliveMs)
    socket.on('pong', () => {
      unanswered = 0
    })
    // The library closes the socket with the code that fits: 1009 for a message too big, 1002, 1007.
    socket.on('error', (error) => log.debug({ err: error }, 'WebSocket error'))
    socket.once('close', (code, reason) => {
      clearInterval(heartbeat)
      closed(code, String(reason)).catch((error: unknown) =>
        log.error({ err: error }, 'WebSocket not cleaned up'),
      )
    })
  }

  return {
    upgrade: (request, socket, head, address) => {
      const { authorization } = request.headers
      socket.on('error', (error) => log.debug({ err: error }, 'connection error'))
      server.handleUpgrade(request, socket, head, (client) =>
        accept(client, socket, networkOf(address), (init) =>
          access.identify(authorizationIn(init) ?? authorization, address),
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
