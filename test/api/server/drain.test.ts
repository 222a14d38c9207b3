import { once } from 'node:events'
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, expect, test } from 'vitest'
import { createDrain, type Write } from '../../../src/api/http/drain.ts'

const stops: (() => unknown)[] = []
afterEach(() => {
  for (const stop of stops.splice(0)) stop()
})

/** What becomes of the next answer, and the request for it. */
const begin = async (
  send: (write: Write, response: ServerResponse) => Promise<void>,
  { slowMs = 10_000, before = async (_: ServerResponse): Promise<unknown> => undefined } = {},
) => {
  const drain = createDrain({ what: 'answers', atOnce: 1, atOncePerHolder: 1, slowMs })
  const outcome = Promise.withResolvers<unknown>()
  const server = createServer(async (_, response) => {
    await before(response)
    drain(response, 'somebody', (write) => send(write, response)).then(
      () => outcome.resolve('over'),
      outcome.resolve,
    )
  }).listen(0, '127.0.0.1')
  stops.push(() => server.close())
  await once(server, 'listening')
  const request = get({ port: (server.address() as AddressInfo).port })
  request.on('error', () => undefined)
  stops.push(() => request.destroy())
  return { outcome: outcome.promise, request }
}

const responseTo = async (request: ReturnType<typeof get>) =>
  ((await once(request, 'response')) as [IncomingMessage])[0]

test('what goes wrong half-way breaks the connection, and is told', async () => {
  const begun = Promise.withResolvers<void>()
  const { outcome, request } = await begin(async (write) => {
    await write('half')
    await begun.promise
    throw new Error('the database is gone')
  })
  const response = await responseTo(request)
  begun.resolve()
  await expect(text(response)).rejects.toThrow('aborted')
  expect(await outcome).toEqual(new Error('the database is gone'))
})

test('nothing is made for a client that has left before', async () => {
  let made = 0
  const { outcome, request } = await begin(
    async () => {
      made += 1
    },
    {
      before: async (response) => {
        request.destroy()
        await once(response, 'close')
      },
    },
  )
  expect([await outcome, made]).toEqual(['over', 0])
})

test('a client that takes nothing is cut off, which is no error', async () => {
  const { outcome, request } = await begin(
    async (write) => {
      for (;;) await write('x'.repeat(1_000_000))
    },
    { slowMs: 100 },
  )
  const response = await responseTo(request)
  response.pause()
  expect(await outcome).toBe('over')
})
