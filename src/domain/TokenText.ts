import { concat, type Hex, hexToBytes, numberToHex, pad, toFunctionSelector } from 'viem'

/** What a token calls itself. Empty when it has no such word, or one that cannot be read. */
export interface TokenText {
  readonly symbol: string
  readonly name: string
}

const SELECTORS = [toFunctionSelector('symbol()'), toFunctionSelector('name()')] as const

/** Of a word; what comes after them is cut. */
const MAX_TEXT_BYTES = 1_024
/** Of an answer: offset, length and text. */
const MAX_ANSWER_BYTES = 64 + MAX_TEXT_BYTES
/** What each of the two calls may use. Usual tokens take less than a twentieth. */
const GAS = 1_000_000
/** Whether the call succeeded, how many bytes it answered, and the first of them. */
const PART_BYTES = 64 + MAX_ANSWER_BYTES
/** Memory before the parts: the selector that is sent. */
const SCRATCH = 32

const push2 = (value: number) => concat(['0x61', numberToHex(value, { size: 2 })])

/** Calls one function and leaves its part at `at` in memory. */
const callTo = (token: Hex, selector: Hex, at: number): Hex =>
  concat([
    ...['0x7f', pad(selector, { dir: 'right', size: 32 }), '0x600052'], // memory[0] = selector
    ...['0x600060006004600073', token], // 0, 0, 4, 0, token
    ...['0x62', numberToHex(GAS, { size: 3 }), '0xfa'], // staticcall
    ...[push2(at), '0x52'], // memory[at] = success
    ...['0x3d', push2(at + 32), '0x52'], // memory[at + 32] = returndatasize
    ...[push2(MAX_ANSWER_BYTES), '0x3d18', push2(MAX_ANSWER_BYTES), '0x3d1002'], // (max ^ size) * (size < max)
    ...[push2(MAX_ANSWER_BYTES), '0x18'], // ^ max: the smaller of the two
    ...['0x6000', push2(at + 64), '0x3e'], // returndatacopy(at + 64, 0, …)
  ] as Hex[])

/**
 * Code that asks a token for its symbol and name and answers with both, for an `eth_call` without an address (it runs as the code
 * that creates a contract would). The token runs inside of it: whatever it does, however it fails and however much it returns, this call
 * succeeds with a short answer. So an error of the node is never the token's, and no node's wording of a failure has to be known.
 */
export const question = (token: Hex): Hex =>
  concat([
    ...SELECTORS.map((selector, part) => callTo(token, selector, SCRATCH + part * PART_BYTES)),
    ...[push2(SELECTORS.length * PART_BYTES), '0x6020f3'], // return(32, …)
  ] as Hex[])

/** PostgreSQL's text cannot hold NUL, and nobody can read it. */
export const printable = (text: string): string => text.replaceAll('\0', '\uFFFD')

/** Bytes that are no UTF-8 become U+FFFD. Where the text was cut, half a character is left out. */
const decodeBytes = (bytes: Uint8Array, isCut: boolean): string =>
  printable(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes, { stream: isCut }))

const wordAt = (bytes: Uint8Array, at: number): number =>
  bytes.subarray(at, at + 32).reduce((sum, byte) => sum * 256 + byte, 0)

/** A string as the standard says, or bytes32 as some old tokens answer. `size`: of the whole answer, of which `bytes` are the first. */
const textIn = (bytes: Uint8Array, size: number): string => {
  if (size === 32) {
    const end = bytes.findLastIndex((byte) => byte !== 0) + 1
    return decodeBytes(bytes.subarray(0, end), false)
  }
  const offset = wordAt(bytes, 0)
  if (size < 64 || offset + 32 > bytes.length) return ''
  const length = wordAt(bytes, offset)
  const from = offset + 32
  if (from + length > size) return ''
  const kept = bytes.subarray(from, from + Math.min(length, MAX_TEXT_BYTES))
  return decodeBytes(kept, kept.length < length)
}

/** What the question was answered with. @throws Error when it is no answer to it */
export const answer = (data: Hex | undefined): TokenText => {
  const bytes = hexToBytes(data ?? '0x')
  if (bytes.length !== SELECTORS.length * PART_BYTES)
    throw new Error(`a token's texts: ${bytes.length} bytes are no answer`)
  const [symbol = '', name = ''] = SELECTORS.map((_, index) => {
    const part = bytes.subarray(index * PART_BYTES, (index + 1) * PART_BYTES)
    const size = wordAt(part, 32)
    return wordAt(part, 0) === 1
      ? textIn(part.subarray(64, 64 + Math.min(size, MAX_ANSWER_BYTES)), size)
      : ''
  })
  return { symbol, name }
}
