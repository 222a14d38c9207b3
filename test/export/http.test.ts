import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, get, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { GraphQLError } from 'graphql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { exportTables } from '../../src/api/db/exportTables.ts'
import { createExportEndpoint } from '../../src/api/http/export.ts'
import { createWorld, insertEntries, type World } from './world.ts'

const ENTRIES = 100_000

let world: World
let server: Server
/** Snapshots opened so far, and whether the handler of each request is done. */
let opened = 0
const handled: Promise<unknown>[] = []

beforeAll(async () => {
  world = await createWorld()
  await insertEntries(world.tables, ENTRIES)
  const endpoint = createExportEndpoint({
    open: () => {
      opened += 1
      return world.open()
    },
    atOnce: 2,
    atOncePerHolder: 1,
    slowMs: 10_000,
  })
  server = createServer((request, response) => {
    const done = endpoint.handle(request, response, 'somebody').catch((error: unknown) => {
      if (!(error instanceof GraphQLError)) throw error
      response.writeHead(400).end(`${error.extensions.code}: ${error.message}`)
    })
    handled.push(done)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
})

afterAll(async () => {
  server?.close()
  await world?.stop()
})

const url = (path: string) => `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`

test.each(['csv', 'ndjson'] as const)(
  '%s over HTTP is the file that the command writes',
  async (format) => {
    const file = world.file(`http.${format}`)
    const { block, hash } = await world.export({ format, file })
    const response = await fetch(url(`/export/entries?format=${format}&atBlock=finalized`))
    expect(response.headers.get('x-block')).toBe(`${block} ${hash}`)
    expect(response.headers.get('content-type')).toContain(format)
    expect(Buffer.from(await response.arrayBuffer()).equals(await readFile(file))).toBe(true)
  },
)

test('an older block, and a small table', async () => {
  const response = await fetch(url('/export/pools?format=csv&atBlock=2&chain=31337'))
  expect(response.headers.get('x-block')).toBe('2 0xb2')
  const [, row] = (await response.text()).split('\r\n')
  expect(row?.split(',').slice(0, 3)).toEqual(['31337-1', '31337', '1'])
})

test('what cannot be asked for is an error', async () => {
  const ask = async (path: string) => (await fetch(url(path))).text()
  expect(await ask('/export/nothing')).toBe(
    'BAD_USER_INPUT: expected /export/ and one of entries, payouts, payments, rounds, pools',
  )
  expect(await ask('/export/entries?format=parquet')).toBe(
    'BAD_USER_INPUT: format: expected csv or ndjson',
  )
  expect(await ask('/export/entries?atBlock=-1')).toBe(
    'BAD_USER_INPUT: atBlock: expected a whole number',
  )
  expect(await ask('/export/entries?atBlock=101')).toBe(
    'BAD_USER_INPUT: block 101 is not indexed yet: the newest is 100',
  )
  expect(await ask('/export/entries?chain=5')).toBe('BAD_USER_INPUT: chain: expected one of 31337')
  // What is not understood is not passed over: the block would be another one.
  expect(await ask('/export/entries?at-block=5')).toBe(
    'BAD_USER_INPUT: at-block: expected format, atBlock or chain, each once',
  )
  expect(await ask('/export/entries?atBlock=5&atBlock=6')).toBe(
    'BAD_USER_INPUT: atBlock: expected format, atBlock or chain, each once',
  )
  expect(await ask('/export/some/entries')).toContain('BAD_USER_INPUT: expected /export/ and one')
})

const reading = (path: string): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => get(url(path), resolve).once('error', reject))

test('no more is read than the client takes, and nothing when it leaves', async () => {
  opened = 0
  const response = await reading('/export/entries?atBlock=99')
  response.pause()
  expect(await (await fetch(url('/export/pools'))).text()).toBe(
    'LIMIT_EXCEEDED: Too many exports are running',
  )
  const leaving = handled.at(-2)
  // As long as it still reads, give it as much time as the whole table takes.
  for (let before = -1; before !== opened; ) {
    before = opened
    await world.export({ file: world.file('meanwhile.csv') })
  }
  response.destroy()
  await leaving
  expect(opened).toBeLessThan(ENTRIES / exportTables.entries.pageRows)
  expect((await fetch(url('/export/pools'))).status).toBe(200)
})

test('before the first block it is not the client’s fault', async () => {
  await world.tables.clear()
  expect(await (await fetch(url('/export/entries'))).text()).toBe(
    'NOT_READY: No block is indexed yet',
  )
})
