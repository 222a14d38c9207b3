import { RpcRequestError, toHex } from 'viem'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { NodeError } from '../../rpc/errors.ts'
import { createNode, type Node, type NodeOptions } from '../../rpc/node.ts'
import { type RpcSettings, settingsOf } from '../../rpc/settings.ts'
import {
  type Asked,
  blockOf,
  CHAIN,
  createScriptedNode,
  hashOf,
  logOf,
  type Script,
  type ScriptedNode,
} from './scripted.ts'

let first: ScriptedNode
let second: ScriptedNode
beforeEach(async () => {
  first = await createScriptedNode()
  second = await createScriptedNode()
})
afterEach(async () => {
  await first.stop()
  await second.stop()
})

const nodeOn = (options: NodeOptions = {}, settings: Partial<RpcSettings> = {}): Node =>
  createNode({ ...settingsOf(first.url), ...settings }, { chainId: CHAIN, ...options })

const block = (which: number | 'latest', isFull = false) => ({
  method: 'eth_getBlockByNumber',
  params: [which === 'latest' ? which : toHex(which), isFull],
})
const byHash = (number: number) => ({
  method: 'eth_getBlockByHash',
  params: [hashOf(number), true],
})
const logsOf = (from: number, to: number) => ({
  method: 'eth_getLogs',
  params: [{ address: '0x1', topics: [], fromBlock: toHex(from), toBlock: toHex(to) }],
})
const logs = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => logOf(from + at))

const error = (message: string, code = -32_000) => ({ error: { code, message } })
const failures = async (asked: Promise<unknown>) =>
  asked.then(
    () => 'an answer',
    (thrown: unknown) => (thrown instanceof NodeError ? thrown.failure : String(thrown)),
  )

/** So often as told, then well. */
const times = (
  count: number,
  script: (asked: Asked) => ReturnType<NonNullable<Script['answer']>>,
) => {
  let left = count
  return {
    answer: (asked: Asked) => {
      if (asked.method === 'eth_chainId' || left === 0) return undefined
      const bent = script(asked)
      if (bent !== undefined) left -= 1
      return bent
    },
  }
}

const BAD_BODIES: Readonly<Record<string, { status?: number; type?: string; body: string }>> = {
  'no body': { body: '' },
  'a page': { type: 'text/html', body: '<html>Just a moment…</html>' },
  'a page that says it is JSON': { body: '<html>Just a moment…</html>' },
  null: { body: 'null' },
  'an empty object': { body: '{}' },
  'half an answer': { body: '{"jsonrpc":"2.0","id":1,"resu' },
  'a list to one question': { body: '[]' },
  'an error of the server': { status: 500, body: 'Internal Server Error' },
  'no rights': { status: 403, type: 'text/html', body: '<html>Forbidden</html>' },
  'no page': { status: 404, body: 'Not Found' },
  'no method': { status: 405, body: 'Method Not Allowed' },
  'an error without a number': { body: '{"jsonrpc":"2.0","id":1,"error":"no"}' },
}
test.each(Object.keys(BAD_BODIES))('%s is no answer, and is asked for again', async (name) => {
  const { status = 200, type = 'application/json', body = '' } = BAD_BODIES[name] ?? {}
  let left = 2
  first.set({
    post: (_, response) => {
      if (left === 0) return false
      left -= 1
      response.writeHead(status, { 'content-type': type }).end(body)
      return true
    },
  })
  expect(await nodeOn().request(block(7))).toEqual(blockOf(7))
})

test.each([
  ['connections that break', (response: { destroy(): void }) => response.destroy()],
  ['answers that never come', () => undefined],
  [
    'answers that stop in the middle',
    (response: { writeHead(status: number, headers: object): { write(text: string): void } }) =>
      response.writeHead(200, { 'content-type': 'application/json' }).write('{"jsonrpc"'),
  ],
] as const)('%s are repeated', async (_, fail) => {
  let left = 1
  first.set({
    post: (__, response) => {
      if (left === 0) return false
      left -= 1
      fail(response as never)
      return true
    },
  })
  expect(await nodeOn({}, { timeoutMs: 200 }).request(block(7))).toEqual(blockOf(7))
})

const NONSENSE: readonly (readonly [string, Asked['method'] | object, unknown])[] = [
  ['no newest block', block('latest'), null],
  ['a block of another number', block(7), blockOf(8)],
  ['a block of another hash', byHash(7), blockOf(8)],
  ['a block without transactions', block(7, true), { ...blockOf(7), transactions: undefined }],
  [
    'the header of a block that has some',
    block(7, true),
    { ...blockOf(7), transactionsRoot: hashOf(9) },
  ],
  ['logs that are null', logsOf(5, 6), null],
  ['logs that are an object', logsOf(5, 6), {}],
  ['logs outside the range', logsOf(5, 6), [logOf(7)]],
]
test.each(NONSENSE)('%s: is asked for again', async (_, asked, result) => {
  first.set(times(2, ({ method }) => (method === 'eth_blockNumber' ? undefined : { result })))
  const well = await nodeOn().request(asked as Asked)
  first.set({})
  const node = nodeOn({ unknownMs: 5_000 })
  first.set(times(2, ({ method }) => (method === 'eth_blockNumber' ? undefined : { result })))
  const answer = await node.request(asked as Asked)
  // A header without its transactions may be all that a chain has: who does not wait takes it.
  if (result !== null && !Array.isArray(result) && 'transactionsRoot' in (result as object))
    expect(well).toEqual(result)
  else expect(well).toEqual(answer)
  expect(answer).toEqual(
    Array.isArray(well)
      ? logs(5, 6)
      : { ...blockOf((asked as Asked).params[0] === 'latest' ? 10_000 : 7) },
  )
})

test.each([['header not found'], ['unknown block']])(
  'a block by its hash is asked for until the node has it: %s',
  async (message) => {
    first.set(
      times(4, ({ method }) => (method === 'eth_getBlockByHash' ? error(message) : undefined)),
    )
    expect(await nodeOn({ unknownMs: 5_000 }).request(byHash(7))).toEqual(blockOf(7))
    first.set(
      times(4, ({ method }) => (method === 'eth_getBlockByHash' ? { result: null } : undefined)),
    )
    expect(await nodeOn({ unknownMs: 5_000 }).request(byHash(7))).toEqual(blockOf(7))
  },
)

test('a block that was reorganised away is not waited for', async () => {
  const node = nodeOn({ unknownMs: 60_000, patienceMs: 60_000 })
  expect(await node.request(block(7))).toEqual(blockOf(7))
  first.set({
    answer: ({ method, params }) =>
      method === 'eth_getBlockByHash'
        ? error('header not found')
        : method === 'eth_getBlockByNumber'
          ? { result: blockOf(Number(params[0]), 1) }
          : undefined,
  })
  expect(await failures(node.request(byHash(7)))).toBe('GONE')
})

test('no logs of a block whose bloom filter has some are asked for again', async () => {
  const node = nodeOn({ unknownMs: 5_000 })
  const busy = { ...blockOf(7), logsBloom: `0x${'0'.repeat(511)}1` }
  first.set({
    answer: ({ method }) => (method === 'eth_getBlockByNumber' ? { result: busy } : undefined),
  })
  await node.request(block(7))
  let left = 3
  first.set({
    answer: ({ method }) => {
      if (method !== 'eth_getLogs') return undefined
      left -= 1
      return { result: left > 0 ? [] : [logOf(7)] }
    },
  })
  const asked = { method: 'eth_getLogs', params: [{ blockHash: hashOf(7) }] }
  expect(await node.request(asked)).toEqual([logOf(7)])
})

test('what the chain says of a call is said at once', async () => {
  first.set(times(1, () => error('execution reverted: POOL_CLOSED', 3)))
  const call = nodeOn().request({ method: 'eth_call', params: [{}, 'latest'] })
  await expect(call).rejects.toThrow(RpcRequestError)
  expect(first.posts.flat().filter(({ method }) => method === 'eth_call')).toHaveLength(1)
})

test('a node of another chain is never used', async () => {
  first.set({ answer: ({ method }) => (method === 'eth_chainId' ? { result: '0x1' } : undefined) })
  await expect(nodeOn().request(block(7))).rejects.toThrow(/is one of chain 1, not of 402/)
  const both = nodeOn({}, { urls: [first.url, second.url] })
  second.set(times(1, () => ({ result: { ...blockOf(7), timestamp: '0x5' } })))
  expect(await both.request(block(7))).toEqual({ ...blockOf(7), timestamp: '0x5' })
})

test('where one address fails, the next one answers; who compares begins with the second', async () => {
  const urls = [first.url, second.url]
  first.set({ post: (_, response) => response.writeHead(503).end() && true })
  expect(await nodeOn({}, { urls }).request(block(7))).toEqual(blockOf(7))
  const before = first.posts.length
  expect(await nodeOn({ first: 1 }, { urls }).request(block(7))).toEqual(blockOf(7))
  expect(first.posts).toHaveLength(before)
})

test('while nothing answers, a persistent one waits; it gives up what fails while the rest is answered', async () => {
  let isDown = true
  first.set({
    post: (_, response) => isDown && response.writeHead(500).end() && true,
    answer: ({ method }) => (method === 'eth_getBlockByHash' ? error('internal error') : undefined),
  })
  const node = nodeOn({ isPersistent: true, patienceMs: 100 })
  const failed = failures(node.request(byHash(7)))
  const waiting = node.request(block(7))
  expect(
    await Promise.race([failed, failures(nodeOn({ patienceMs: 300 }).request(block(7)))]),
  ).toBe('UNREACHABLE')
  isDown = false
  expect(await waiting).toEqual(blockOf(7))
  expect(await failed).toBe('ERROR')
})

test.each([
  [429, { 'retry-after': '0' }],
  [503, {}],
  [429, { 'retry-after': new Date(0).toUTCString() }],
])('%i is waited out', async (status, headers) => {
  let left = 2
  first.set({
    post: (_, response) => {
      if (left === 0) return false
      left -= 1
      response.writeHead(status, headers).end('{"error":"slow down"}')
      return true
    },
  })
  expect(await nodeOn().request(block(7))).toEqual(blockOf(7))
})

const span = ({ params }: Asked) => {
  const { fromBlock, toBlock } = params[0] as { fromBlock: string; toBlock: string }
  return Number(toBlock) - Number(fromBlock) + 1
}
test.each([
  ['in words that nobody knows', 'das ist zu viel'],
  ['in known words', 'range 5000 exceeds limit of 100'],
  ['as one that is busy', 'no backend is currently healthy to serve traffic'],
])('a range that is too wide is read in parts: refused %s', async (_, message) => {
  first.set({
    answer: (asked) =>
      asked.method === 'eth_getLogs' && span(asked) > 100 ? error(message) : undefined,
  })
  const node = nodeOn({ patienceMs: 100 })
  expect(await node.request(logsOf(1, 1_000))).toEqual(logs(1, 1_000))
  const before = first.posts.length
  expect(await node.request(logsOf(1, 1_000))).toEqual(logs(1, 1_000))
  // What was learned is kept: some refusals at most, to find out whether more is possible by now.
  expect(first.posts.length - before).toBeLessThan(25)
})

test('a range whose answer is too long, or never comes, is read in parts', async () => {
  first.set({})
  const small = nodeOn({}, { answerBytes: 20_000 })
  expect(await small.request(logsOf(1, 300))).toEqual(logs(1, 300))
  first.set({
    post: (asked, response) => {
      const [one] = asked
      if (one?.method !== 'eth_getLogs' || span(one) <= 10) return false
      return response.destroy() && true
    },
  })
  expect(await nodeOn().request(logsOf(1, 30))).toEqual(logs(1, 30))
})

test('one block that is refused is refused', async () => {
  first.set({
    answer: ({ method }) => (method === 'eth_getLogs' ? error('das ist zu viel') : undefined),
  })
  expect(await failures(nodeOn({ patienceMs: 100 }).request(logsOf(1, 8)))).toBe('ERROR')
})

test('logs of blocks that the node does not have yet are not taken for none', async () => {
  let head = 8
  first.set({
    answer: ({ method }) => (method === 'eth_blockNumber' ? { result: toHex(head++) } : undefined),
  })
  expect(await nodeOn({ unknownMs: 5_000 }).request(logsOf(1, 10))).toEqual(logs(1, 10))
  head = 8
  expect(await failures(nodeOn().request(logsOf(1, 10)))).toBe('GONE')
})

test('logs are in chain order, each once', async () => {
  const mixed = [logOf(6), logOf(5, 16), logOf(5, 9), logOf(6)]
  first.set({ answer: ({ method }) => (method === 'eth_getLogs' ? { result: mixed } : undefined) })
  expect(await nodeOn().request(logsOf(5, 6))).toEqual([logOf(5, 9), logOf(5, 16), logOf(6)])
})

test.each([
  [
    'one error instead of a list',
    200,
    { error: { code: -32_007, message: 'batch limit exceeded' } },
  ],
  ['status 500', 500, { message: 'Batch of more than 3 requests are not allowed', code: 31 }],
  ['status 413', 413, {}],
  ['an empty list', 200, []],
])('batches are as small as the node takes them: %s', async (_, status, body) => {
  first.set({
    post: (asked, response, isBatch) => {
      if (!isBatch || asked.length <= 3) return false
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
      return true
    },
  })
  const node = nodeOn()
  const all = () => Promise.all(Array.from({ length: 20 }, (__, at) => node.request(block(at + 1))))
  const expected = Array.from({ length: 20 }, (__, at) => blockOf(at + 1))
  expect(await all()).toEqual(expected)
  const before = first.posts.length
  expect(await all()).toEqual(expected)
  expect(first.posts.slice(before).every(({ length }) => length <= 3)).toBe(true)
})

test('an answer that is missing in a batch is asked for by itself', async () => {
  first.set({
    post: (asked, response, isBatch) => {
      if (!isBatch) return false
      const replies = asked
        .slice(1)
        .map(({ id, params }) => ({ id, result: blockOf(Number(params[0])) }))
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(replies.toReversed()))
      return true
    },
  })
  const node = createNode(first.url)
  const asked = [3, 4, 5].map((number) => node.request(block(number)))
  expect(await Promise.all(asked)).toEqual([3, 4, 5].map((number) => blockOf(number)))
})

test('an error says no more of an address than its host', async () => {
  const secret = 'c0ffee5ecre7'
  const { host } = new URL(first.url)
  const url = `http://user:${secret}@${host}/v3/${secret}?key=${secret}`
  const thrown: unknown[] = []
  for (const script of [
    { post: (_: unknown, response: { destroy(): unknown }) => response.destroy() !== undefined },
    { answer: () => error('internal error') },
    { answer: () => error('execution reverted') },
    { answer: () => ({ result: 7 }) },
  ] as readonly Script[]) {
    first.set(script)
    const node = createNode(url, { patienceMs: 1, onFailure: (each) => thrown.push(each) })
    await node
      .request({ method: 'eth_call', params: [] })
      .catch((each: unknown) => thrown.push(each))
  }
  await first.stop()
  const gone = createNode(url, { patienceMs: 1 })
  await gone.request(block(1)).catch((each: unknown) => thrown.push(each))
  first = await createScriptedNode()
  expect(thrown.length).toBeGreaterThan(6)
  const text = thrown.map((each) => `${JSON.stringify(each)} ${inspectAll(each)}`).join('\n')
  expect(text).toContain(host)
  expect(text).not.toContain(secret)
})

const inspectAll = (thrown: unknown): string =>
  thrown instanceof Error ? `${thrown.stack} ${thrown.message} ${inspectAll(thrown.cause)}` : ''
