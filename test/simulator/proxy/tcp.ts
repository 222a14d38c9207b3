import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { asksForEncryption, createFrames, type Frame, isCommitted } from './frames.ts'

/** Stands between a client and its PostgreSQL, and harms what passes. */
export interface TcpProxy {
  /** Where clients connect, on loopback. */
  readonly port: number
  /** How many connections there are now. */
  connections(): number
  /**
   * The next commit, of any connection, is done by the server, but its client never learns that: the answer is swallowed and
   * the connection is gone. Resolves when that has happened.
   */
  loseNextCommitReply(): Promise<void>
  /** Drops every connection, in the middle of whatever it does. */
  cut(): void
  /**
   * The connections of now fall silent for good: what is sent on them is lost, and neither side learns when the other is gone. New ones
   * are as always.
   */
  freeze(): void
  /** Nothing passes, either way, for so long. Resolves when it flows again. */
  stall(milliseconds: number): Promise<void>
  stop(): Promise<void>
}

/** Forwards to a PostgreSQL on loopback. */
export const createTcpProxy = async ({ port }: { readonly port: number }): Promise<TcpProxy> => {
  const pairs = new Set<readonly [client: Socket, server: Socket]>()
  const frozen = new Set<readonly [client: Socket, server: Socket]>()
  const thieves: (() => void)[] = []
  let flowing: Promise<void> = Promise.resolve()

  const server = createServer((client) => {
    client.setNoDelay(true)
    const upstream = connect({ port, host: '127.0.0.1', noDelay: true })
    const pair = [client, upstream] as const
    const end = () => {
      if (frozen.has(pair)) return
      pairs.delete(pair)
      client.destroy()
      upstream.destroy()
    }
    pairs.add(pair)
    const frames = createFrames()
    const receive = (frame: Frame) => {
      const thief = isCommitted(frame) ? thieves.shift() : undefined
      if (thief === undefined) return client.write(frame.bytes)
      end()
      return thief()
    }
    const pass = (from: Socket, forward: (chunk: Buffer) => void) => {
      let queue = Promise.resolve()
      from.on('data', (chunk: Buffer) => {
        queue = queue
          .then(() => flowing)
          .then(() => (frozen.has(pair) ? undefined : forward(chunk)))
      })
      from.on('close', () => {
        queue = queue.then(() => flowing).then(end)
      })
      from.on('error', end)
    }
    pass(client, (chunk) => {
      if (asksForEncryption(chunk)) frames.expectByte()
      if (!upstream.destroyed) upstream.write(chunk)
    })
    pass(upstream, (chunk) => {
      for (const frame of frames.push(chunk)) if (!client.destroyed) receive(frame)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  const cut = () => {
    frozen.clear()
    for (const sockets of pairs) for (const socket of sockets) socket.destroy()
    pairs.clear()
  }
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => pairs.size,
    loseNextCommitReply: () => new Promise((resolve) => thieves.push(resolve)),
    cut,
    freeze: () => {
      for (const pair of pairs) frozen.add(pair)
    },
    stall: (milliseconds) => {
      const until = new Promise<void>((resolve) => setTimeout(resolve, milliseconds))
      flowing = Promise.all([flowing, until]).then(() => undefined)
      return flowing
    },
    stop: async () => {
      const closed = once(server, 'close')
      server.close()
      cut()
      await closed
    },
  }
}
