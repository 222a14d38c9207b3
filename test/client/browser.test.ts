import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { stripTypeScriptTypes } from 'node:module'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createInbox } from '../api/server/client.ts'
import { type Browser, createBrowser } from '../support/browser.ts'
import { createTables, type Tables } from '../support/tables.ts'
import { exampleAt } from './examples.ts'
import { createRelay, type Relay } from './relay.ts'
import { createWorld, type World } from './world.ts'

/** Examples of docs/frontend.md in a real browser, on a page of another origin than the API's. */

const PAGE = `<!doctype html><link rel="icon" href="data:," />
<script type="importmap">{"imports":{"pay402win-indexer/client":"/client/index.ts","eventsource":"/eventsource.ts"}}</script>
<script type="module" src="/example.ts"></script>`

/** The page with one example, and the client kit as modules with their types taken off. */
const createSite = async (example: () => string) => {
  const contentOf = async (path: string): Promise<string> => {
    if (path === '/') return PAGE
    if (path === '/eventsource.ts') return 'export const { EventSource } = globalThis'
    if (path === '/example.ts') return stripTypeScriptTypes(example())
    const file = new URL(`../..${path}`, import.meta.url)
    return stripTypeScriptTypes(await readFile(file, 'utf8'))
  }
  const server = createServer((request, response) => {
    const path = request.url ?? '/'
    contentOf(path).then(
      (content) => {
        const type = path === '/' ? 'text/html' : 'text/javascript'
        response.setHeader('content-type', `${type}; charset=utf-8`).end(content)
      },
      () => response.writeHead(404).end(),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

let tables: Tables
let world: World
let browser: Browser
let site: Awaited<ReturnType<typeof createSite>>
let relay: Relay
let example = ''

beforeAll(async () => {
  tables = await createTables()
  world = createWorld(tables)
  browser = await createBrowser()
  site = await createSite(() => example)
})
afterEach(async () => {
  await relay.stop()
  await world.stop()
})
afterAll(async () => {
  await site.stop()
  await browser.stop()
  await tables.stop()
})

test.each([
  ['A list that stays right', 'ws'],
  ['A list that stays right', 'sse'],
  ['EventSource alone', ''],
])('%s %s', async (heading, transport) => {
  const { facts } = world
  await world.begin()
  const api = await world.api({ CORS_ORIGINS: site.origin })
  relay = await createRelay(() => api.server.port)
  example = exampleAt(heading, relay.url).replace("transport: 'ws'", `transport: '${transport}'`)

  const { page } = await browser.page()
  const lines = createInbox<string>(30_000)
  page.on('console', (message) => {
    if (message.text().startsWith('numbers')) lines.put(message.text())
  })
  await page.goto(site.origin)
  expect(await lines.next()).toBe('numbers')
  await expect.poll(() => api.server.live().clients).toBe(1)
  await facts.mine(2, { picks: [{ number: 7 }] })
  expect(await lines.next()).toBe('numbers 7')
  await facts.mine(3, { picks: [{ number: 8 }] })
  expect(await lines.next()).toBe('numbers 7 8')
  relay.cut()
  await facts.revertTo(2)
  await facts.mine(3, { branch: 'b', onto: 'a', picks: [{ number: 80 }] })
  await facts.mine(4, { branch: 'b', picks: [{ number: 9 }] })
  let line = ''
  while (line !== 'numbers 7 80 9') line = await lines.next()
  expect(relay.connections()).toBeGreaterThan(1)
  await page.context().close()
  await expect.poll(() => api.server.live().clients).toBe(0)
})
