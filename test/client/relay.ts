import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** The network between a client and the API: connections that can be cut, or go silent, and a server that can be exchanged. */
export const createRelay = async (target: () => number) => {
  const sockets = new Set<Socket>()
  let connections = 0
  let isSilent = false
  const keep = (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('close', () => sockets.delete(socket))
    return socket
  }
  const pass = (from: Socket, to: Socket) => {
    from.on('data', (bytes) => {
      if (isSilent || to.write(bytes)) return
      from.pause()
      to.once('drain', () => from.resume())
    })
    from.once('close', () => to.destroy())
  }
  const server = createServer((near) => {
    connections += 1
    const far = keep(connect(target(), '127.0.0.1'))
    pass(keep(near), far)
    pass(far, near)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    /** How many were made so far. */
    connections: () => connections,
    cut,
    /** What is sent is lost, and nobody is told. */
    silence: (silent: boolean) => {
      isSilent = silent
    },
    /** Takes no more connections. */
    refuse: () => {
      server.close()
    },
    stop: async () => {
      server.close()
      cut()
      if (server.listening) await once(server, 'close')
    },
  }
}

export type Relay = Awaited<ReturnType<typeof createRelay>>
