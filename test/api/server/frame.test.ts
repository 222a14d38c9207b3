import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { writeFrame } from '../../../src/api/http/frame.ts'

/** A client, and the connection on which a server writes to it. */
const connect = async () => {
  const server = createServer()
  const sockets = new WebSocketServer({ noServer: true })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const accepted = once(server, 'upgrade').then(([request, connection, head]) => {
    sockets.handleUpgrade(request, connection, head, () => undefined)
    return connection as Duplex
  })
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
  await once(client, 'open')
  return {
    client,
    connection: await accepted,
    stop: async () => {
      client.terminate()
      server.close()
      await once(server, 'close')
    },
  }
}

test('frames of every length arrive whole, in order, and as text', async () => {
  const { client, connection, stop } = await connect()
  const start = '{"id":"ä\\"1","payload":'
  const around = Buffer.byteLength(start) + 1
  // Where the header grows, and where the text is shared instead of copied.
  const lengths = [0, 125, 126, 127, 1000, 1024, 65_535, 65_536, 200_000]
  const texts = [
    ...lengths.map((length) => 'x'.repeat(Math.max(0, length - around))),
    '"ß, 漢字, 🎲"',
    '🎲'.repeat(300),
  ]
  const arrived: string[] = []
  const all = new Promise<void>((resolve) => {
    client.on('message', (data, isBinary) => {
      expect(isBinary).toBe(false)
      if (arrived.push(String(data)) === 2 * texts.length) resolve()
    })
  })
  // Each twice: the second time its text is encoded already.
  for (const json of texts) {
    const message = { json }
    for (let time = 0; time < 2; time++) writeFrame(connection, Buffer.from(start), message)
  }
  await all
  expect(arrived).toEqual(texts.flatMap((json) => [`${start}${json}}`, `${start}${json}}`]))
  await stop()
})
