import { once } from 'node:events'
import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

/** What the driver knows of where it connects to. */
export interface Address {
  readonly host: readonly string[]
  readonly port: readonly number[]
  readonly path?: unknown
  readonly ssl?: unknown
}

/** The sockets of one session. They can be cut: the driver itself only says goodbye, which a silent peer never hears. */
export interface Wires {
  /** @throws when it is not open in time */
  readonly open: (address: Address) => Promise<Socket>
  /**
   * Asks the server, by a connection of its own, to stop what the session runs. Resolves when it has been told: the server closes that
   * connection once the session has the signal.
   */
  readonly cancel: (address: Address, key: BackendKey) => Promise<void>
  /** Ends all of them without a word. */
  readonly cut: () => void
}

/** By which a server knows a session. */
interface BackendKey {
  readonly pid: number
  readonly secret: number
}

/** How long it may take to connect. */
export const CONNECT_MS = 5000
/** Of TCP: after which an idle peer is asked for a sign of life. */
export const KEEP_ALIVE_MS = 10_000
/** How long a request to stop may take. */
const CANCEL_MS = 2000

const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f])
const CANCEL_CODE = 80877102
const YES = 'S'.charCodeAt(0)

const cancelRequest = ({ pid, secret }: BackendKey): Buffer => {
  const message = Buffer.alloc(16)
  message.writeInt32BE(16, 0)
  message.writeInt32BE(CANCEL_CODE, 4)
  message.writeUInt32BE(pid, 8)
  message.writeUInt32BE(secret, 12)
  return message
}

export const createWires = (): Wires => {
  const sockets = new Set<Socket>()
  let opened = 0

  const open: Wires['open'] = ({ host: hosts, port: ports, path }) =>
    new Promise((resolve, reject) => {
      const [host = '', port = 0] = [hosts[opened % hosts.length], ports[opened % ports.length]]
      opened += 1
      const socket = typeof path === 'string' ? connect(path) : connect(port, host)
      // The driver compares the certificate with this name.
      Object.assign(socket, { host, port })
      sockets.add(socket)
      const timer = setTimeout(
        () => socket.destroy(new Error(`No connection in ${CONNECT_MS} ms`)),
        CONNECT_MS,
      )
      socket.once('error', reject)
      socket.once('close', () => {
        sockets.delete(socket)
        clearTimeout(timer)
        reject(new Error('The connection was closed'))
      })
      socket.once('connect', () => {
        clearTimeout(timer)
        socket.off('error', reject)
        socket.setNoDelay(true)
        socket.setKeepAlive(true, KEEP_ALIVE_MS)
        resolve(socket)
      })
    })

  /** As the driver does it for a session. */
  const secure = async (socket: Socket, { ssl }: Address): Promise<Socket> => {
    if (!ssl) return socket
    socket.write(SSL_REQUEST)
    const [answer] = await once(socket, 'data')
    if (answer[0] !== YES) {
      if (ssl === 'prefer') return socket
      throw new Error('The server does not encrypt')
    }
    const { host } = socket as Socket & { host: string }
    const secured = connectTls({
      socket,
      ...(isIP(host) ? {} : { servername: host }),
      ...(['require', 'allow', 'prefer'].includes(String(ssl))
        ? { rejectUnauthorized: false }
        : {}),
      ...(typeof ssl === 'object' ? ssl : {}),
    })
    await once(secured, 'secureConnect')
    return secured
  }

  return {
    open,
    cancel: async (address, key) => {
      const socket = await open(address)
      const timer = setTimeout(() => socket.destroy(), CANCEL_MS)
      // It is closed either way; `once` has the error when it matters.
      socket.on('error', () => undefined)
      try {
        const stream = await secure(socket, address)
        stream.on('error', () => undefined)
        stream.resume()
        const closed = once(stream, 'close')
        stream.write(cancelRequest(key))
        await closed
      } finally {
        clearTimeout(timer)
        socket.destroy()
      }
    },
    cut: () => {
      for (const socket of sockets) socket.destroy()
    },
  }
}
