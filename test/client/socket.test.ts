import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { createReader } from './world.ts'

/** What the API does only when it must, done by a server that does as it is told. */

const started: { stop: () => Promise<unknown> }[] = []

afterEach(async () => {
  for (const each of started.splice(0)) await each.stop()
})

const follow = (...options: Parameters<typeof createReader>) => {
  const reader = createReader(...options)
  started.push(reader)
  return reader
}

/** A server that accepts every connection and does with a subscription what the test says. */
const createServer = async (subscribed: (socket: WebSocket, after: unknown) => void) => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  let connections = 0
  const introductions: unknown[] = []
  server.on('connection', (socket) => {
    connections += 1
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as {
        type: string
        payload?: { variables: { after?: unknown } }
      }
      if (message.type === 'connection_init') {
        introductions.push(message)
        socket.send('{"type":"connection_ack"}')
      }
      if (message.type === 'subscribe') subscribed(socket, message.payload?.variables.after)
    })
  })
  started.push({
    stop: async () => {
      for (const socket of server.clients) socket.terminate()
      server.close()
      await once(server, 'close')
    },
  })
  const { port } = server.address() as AddressInfo
  return { url: `ws://127.0.0.1:${port}/graphql`, connections: () => connections, introductions }
}

describe('a socket', () => {
  test('is opened again after 4413, 1012 and other accidents, and not after 4403', async () => {
    const codes = [4413, 1012, 1000, 1001, 1011, 1013, 4408, 4500]
    const coming = [...codes]
    const server = await createServer((socket) => socket.close(coming.shift() ?? 4403, 'because'))
    const reader = follow({ url: server.url, transport: 'ws' })
    for (const code of codes)
      expect(await reader.status('waiting')).toMatchObject({
        reason: { code: `CLOSED_${code}`, message: 'because' },
      })
    expect(await reader.error()).toMatchObject({ code: 'CLOSED_4403', isFinal: true })
    expect(server.connections()).toBe(codes.length + 1)
  })

  test.each([1008, 1009, 4400, 4401, 4406, 4409, 4429])(
    'is not opened again after %i',
    async (code) => {
      const server = await createServer((socket) => socket.close(code))
      const reader = follow({ url: server.url, transport: 'ws' })
      expect(await reader.error()).toMatchObject({ code: `CLOSED_${code}`, isFinal: true })
      await reader.stop()
      expect(server.connections()).toBe(1)
    },
  )

  test('begins with the key that is right then, and without one when there is none', async () => {
    const init = { type: 'connection_init' }
    const server = await createServer((socket) => socket.close(1012))
    const keys = ['p402_first_key', 'p402_second_key', 'not a key']
    const reader = follow({ url: server.url, transport: 'ws', key: async () => keys.shift() ?? '' })
    expect(await reader.error()).toMatchObject({
      ...{ code: 'BAD_KEY', message: 'not a key of the API', isFinal: true },
    })
    const anybody = follow({ url: server.url, transport: 'ws' })
    await anybody.status('waiting')
    await anybody.stop()
    expect(server.introductions.slice(0, 3)).toEqual([
      { ...init, payload: { authorization: 'Bearer p402_first_key' } },
      { ...init, payload: { authorization: 'Bearer p402_second_key' } },
      init,
    ])
  })

  test('that brings more than the page can take is closed, and opened again where the handlers are', async () => {
    const [gate, closed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const head = { number: '1', hash: '0x', timestamp: 1, finalizedNumber: '1' }
    const feed = { __typename: 'FeedAppend', head, events: [] }
    const server = await createServer((socket, after) => {
      const first = after === undefined ? 1 : Number(after) + 1
      for (let number = first; number <= 1500; number++) {
        const payload = { data: { feed: { ...feed, cursor: String(number) } } }
        socket.send(JSON.stringify({ id: 'feed', type: 'next', payload }))
      }
      socket.once('close', () => closed.resolve())
    })
    const cursors: string[] = []
    const reader = follow({ url: server.url, transport: 'ws' }, async ({ cursor }) => {
      cursors.push(cursor)
      await gate.promise
    })
    await closed.promise
    gate.resolve()
    expect(await reader.status('waiting')).toMatchObject({ reason: { code: 'BEHIND' } })
    await expect.poll(reader.cursor).toBe('1500')
    expect(cursors).toEqual(Array.from({ length: 1500 }, (_, at) => String(at + 1)))
    expect(server.connections()).toBe(2)
  })
})
