import { expect, test } from 'vitest'
import { rangeOf, saysBusy, saysGone, saysReverted } from '../../rpc/wording.ts'

/** Errors of `eth_getLogs` for 5,000 blocks, as providers and nodes word them, and how many blocks each allows. */
const RANGES: readonly (readonly [text: string, blocks: number | undefined])[] = [
  ['range 5000 exceeds limit of 100', 100],
  ['invalid params {"error_id":"0","payload":"range 5000 is bigger than range limit 100"}', 100],
  ['block range is larger than max block range, block range = 5000, max block range = 100', 100],
  ['maximum [from, to] blocks distance: 99', 99],
  ['query exceeds max block range 1000', 1_000],
  ['exceed max block range: 2000', 2_000],
  ['exceed maximum block range: 50', 50],
  ['eth_getLogs is limited to a 10,000 range', undefined],
  ['eth_getLogs is limited to a 1,000 range', 1_000],
  ['eth_getLogs is limited to 1024 block range. Please check the parameter requirements', 1_024],
  ['eth_getLogs range is too large, max is 1k blocks', 1_000],
  ['block range is too wide (maximum 2000)', 2_000],
  ['Block range too large: maximum allowed is 500 blocks', 500],
  ['block range greater than 2000 max', 2_000],
  ['block range exceeds 1000', 1_000],
  ['Block range limit exceeded. See more details at https://docs.example.org/', undefined],
  ['requested too many blocks from 1 to 5001, maximum is set to 2048', 2_048],
  ['Maximum allowed number of requested blocks is 800', 800],
  ['You can make eth_getLogs requests with up to a 2000 block range', 2_000],
  [
    'Under the Free tier plan, you can make eth_getLogs requests with up to a 10 block range. Based on your parameters, this block range should work: [0x1, 0xa]',
    10,
  ],
  ['query returned more than 10000 results. Try with this block range [0x1, 0x3e8].', 1_000],
  ['Log response size exceeded. this block range should work: [0x10, 0x73]', 100],
  ['requested range exceeds the range allowed for your plan (5000 > 300)', 300],
  ['Please limit the query to at most 1000 blocks', 1_000],
  ['eth_getLogs block range should be less than 400', 400],
  ['the range must be less than or equal to 1_000 blocks', 1_000],
  ['query must be smaller than size 1024', 1_024],
  ['exceeds the max block range of 3000', 3_000],
  ['block range too large (5000), limited to 1000', 1_000],
  ['range is too large', undefined],
  ['query returned more than 10000 results', undefined],
  ['response size should not be greater than 10000000 bytes', undefined],
  ['query timeout exceeded', undefined],
]

test.each(RANGES)('%s', (text, blocks) => {
  expect(rangeOf(text, 5_000)).toBe(blocks)
})

test.each([
  [-32_000, 'header not found', 'gone'],
  [-32_000, 'unknown block', 'gone'],
  [-32_000, 'block not found', 'gone'],
  [-32_001, 'Unable to find block: could not find block', 'gone'],
  [-32_000, 'header for hash not found', 'gone'],
  [
    -32_602,
    'one of the blocks specified in filter (fromBlock, toBlock or blockHash) cannot be found',
    'gone',
  ],
  [-32_000, 'block with hash 0x12 not found', 'gone'],
  [-32_000, 'requested block is beyond the head', 'gone'],
  [-32_005, 'daily request count exceeded, request rate limited', 'busy'],
  [429, 'Too Many Requests', 'busy'],
  [-32_029, 'exceeded compute units per second capacity', 'busy'],
  [-32_000, 'Your app has exceeded its monthly capacity limit', 'busy'],
  [-32_011, 'no backend is currently healthy to serve traffic', 'busy'],
  [3, 'execution reverted: POOL_CLOSED', 'reverted'],
  [-32_000, 'execution reverted', 'reverted'],
  [-32_015, 'VM execution error.', 'reverted'],
  [-32_000, 'invalid opcode: INVALID', 'reverted'],
  [-32_000, 'out of gas', 'reverted'],
  [-32_603, 'Internal error', 'something'],
  [-32_000, 'missing trie node', 'something'],
  [-32_601, 'the method does not exist/is not available', 'something'],
] as const)('%i %s is %s', (code, message, kind) => {
  const said = saysGone(message)
    ? 'gone'
    : saysBusy(code, message)
      ? 'busy'
      : saysReverted(code, message)
        ? 'reverted'
        : 'something'
  expect(said).toBe(kind)
})
