import { type Hex, HttpRequestError, RpcRequestError, zeroAddress } from 'viem'
import { expect, test } from 'vitest'
import { createMemory } from '../../audit/memory.ts'
import * as schema from '../../ponder.schema.ts'
import type { Store } from '../../src/indexing/store.ts'
import { insertToken } from '../../src/indexing/tokens.ts'

type Call = Store['client']['call']

const TOKEN: Hex = `0x${'70'.repeat(20)}`
const word = (value: number) => value.toString(16).padStart(64, '0')
/** A call that succeeded and was answered with bytes32. */
const part = (text: string) =>
  `${word(1)}${word(32)}${Buffer.from(text)
    .toString('hex')
    .padEnd(2 * 1088, '0')}`
const ANSWER: Hex = `0x${part('USD')}${part('Dollar')}`

const refused = (message: string, code = -32000) => {
  throw new RpcRequestError({ body: {}, error: { code, message }, url: 'http://node' })
}
const unreachable = () => {
  throw new HttpRequestError({ url: 'http://node' })
}

const read = async (call: Call) => {
  const { store, rows } = createMemory(1, call)
  await insertToken(store, TOKEN, 6)
  const { symbol, name, textSource } = [...rows(schema.token).values()][0] ?? {}
  return { symbol, name, textSource }
}

test('as of the block, where the node has its state', async () => {
  expect(await read(async ({ cache }) => ({ data: cache === undefined ? ANSWER : '0x' }))).toEqual({
    ...{ symbol: 'USD', name: 'Dollar', textSource: 'BLOCK' },
  })
})

test.each([
  'missing trie node 60bb94a56bc9305766a3adf8605816333ec946f1c452c2913f8ba6a8cefff1c8 (path ) <nil>',
  'header not found',
  'historical state is not available',
  'state 0x1234 is not available, not found',
  'BlockOutOfRangeError: block height is 8 but requested was 1',
  'distance to target block exceeds maximum proof window',
  'required historical state unavailable (reexec=128)',
  'pruned',
  'words that nobody has seen yet',
])('as of the newest block, where the node says: %s', async (message) => {
  const call: Call = async ({ cache }) =>
    cache === undefined ? refused(message) : { data: ANSWER }
  expect(await read(call)).toEqual({ symbol: 'USD', name: 'Dollar', textSource: 'LATEST' })
})

const NOTHING = { symbol: '', name: '', textSource: 'UNKNOWN' }

test('as of no block, where the node has an answer to other calls only', async () => {
  const call: Call = async ({ to }) => (to === zeroAddress ? {} : refused('not for you'))
  expect(await read(call)).toEqual(NOTHING)
  // Where it cannot run code that has no address, or answers something else.
  expect(await read(async () => ({ data: '0x' }))).toEqual(NOTHING)
})

test('as of no block, where the node has no eth_call', async () => {
  expect(await read(async () => refused('the method does not exist', -32601))).toEqual(NOTHING)
})

test('a node that does not answer stops the block, which is then indexed again', async () => {
  await expect(read(async () => unreachable())).rejects.toThrow(HttpRequestError)
  const call: Call = async ({ cache }) => (cache === undefined ? refused('pruned') : unreachable())
  await expect(read(call)).rejects.toThrow(HttpRequestError)
})

test('the native coin is not asked', async () => {
  const { store, rows } = createMemory(1, async () => unreachable())
  await insertToken(store, zeroAddress, 18)
  expect([...rows(schema.token).values()]).toMatchObject([{ textSource: 'CONFIGURATION' }])
})
