import type { Hex } from 'viem'

export interface Asked {
  readonly method: string
  readonly params?: unknown
}

interface RawLog {
  readonly blockHash: Hex
  readonly blockNumber: Hex
  readonly logIndex: Hex
}

interface RawBlock {
  readonly hash: Hex
  readonly number: Hex
  readonly logsBloom?: Hex
  readonly transactionsRoot?: Hex
  readonly transactions?: readonly unknown[]
}

/** The root of no transactions. */
const EMPTY_ROOT = '0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421'

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isHex = (value: unknown): value is Hex =>
  typeof value === 'string' && /^0x[0-9a-f]*$/i.test(value)

export const paramsOf = ({ params }: Asked): readonly unknown[] =>
  Array.isArray(params) ? params : []

/** A range of blocks by number, both ends included; nothing for logs of one block by its hash or for a tag. */
export const rangeAsked = (
  asked: Asked,
): { readonly from: number; readonly to: number } | undefined => {
  const [filter] = paramsOf(asked)
  if (asked.method !== 'eth_getLogs' || !isObject(filter)) return undefined
  const { fromBlock, toBlock } = filter
  return isHex(fromBlock) && isHex(toBlock)
    ? { from: Number(fromBlock), to: Number(toBlock) }
    : undefined
}

/** The block that is asked for by its hash. */
export const hashAsked = (asked: Asked): Hex | undefined => {
  const [first] = paramsOf(asked)
  const hash = asked.method === 'eth_getLogs' && isObject(first) ? first.blockHash : first
  return /^eth_get(Logs|Block.*)$/.test(asked.method) && isHex(hash) && hash.length === 66
    ? hash
    : undefined
}

const problemOfLogs = (asked: Asked, result: unknown): string | undefined => {
  if (!Array.isArray(result)) return 'logs that are no list'
  const hash = hashAsked(asked)?.toLowerCase()
  const range = rangeAsked(asked)
  for (const log of result as readonly unknown[]) {
    if (!isObject(log) || !isHex(log.blockHash) || !isHex(log.blockNumber) || !isHex(log.logIndex))
      return 'a log without block or index'
    if (!Array.isArray(log.topics) || !isHex(log.data)) return 'a log without topics or data'
    if (hash !== undefined && log.blockHash.toLowerCase() !== hash) return 'a log of another block'
    const number = Number(log.blockNumber)
    if (range !== undefined && (number < range.from || number > range.to))
      return 'a log of a block outside the range'
  }
  return undefined
}

const problemOfBlock = (asked: Asked, result: unknown): string | undefined => {
  const [which, isFull] = paramsOf(asked)
  if (result === null) return isHex(which) ? undefined : 'no newest block'
  if (!isObject(result)) return 'a block that is none'
  const { hash, number, transactions } = result
  if (!isHex(hash) || !isHex(number) || !isHex(result.parentHash) || !isHex(result.timestamp))
    return 'a block without number, hash, parent or time'
  if (asked.method === 'eth_getBlockByHash' && hash.toLowerCase() !== String(which).toLowerCase())
    return 'another block than was asked for'
  if (asked.method === 'eth_getBlockByNumber' && isHex(which) && Number(number) !== Number(which))
    return 'another block than was asked for'
  if (isFull !== true) return undefined
  if (!Array.isArray(transactions)) return 'a block without transactions'
  return transactions.some((each) => !isObject(each) || each.blockHash !== hash)
    ? 'transactions of another block'
    : undefined
}

/** Why an answer cannot be one to this question, in words that follow "the node gave". */
export const problemOf = (asked: Asked, result: unknown): string | undefined => {
  switch (asked.method) {
    case 'eth_chainId':
    case 'eth_blockNumber':
    case 'eth_call':
    case 'eth_getBalance':
    case 'eth_getCode':
      return isHex(result) ? undefined : 'no hexadecimal number'
    case 'eth_getLogs':
      return problemOfLogs(asked, result)
    case 'eth_getBlockByNumber':
    case 'eth_getBlockByHash':
      return problemOfBlock(asked, result)
    case 'eth_getBlockReceipts':
      return Array.isArray(result) ? undefined : 'receipts that are no list'
    default:
      return undefined
  }
}

/**
 * Why an answer is probably not the right one yet: a node that has a block's header may still lack its transactions and logs. Some
 * chains are so for ever.
 *
 * @param hasLogs whether the block that is asked for by its hash has logs
 */
export const doubtOf = (asked: Asked, result: unknown, hasLogs: boolean): string | undefined => {
  if (asked.method === 'eth_getLogs') {
    const [filter] = paramsOf(asked)
    const isWhole = isObject(filter) && filter.address === undefined && filter.topics === undefined
    return hasLogs && isWhole && Array.isArray(result) && result.length === 0
      ? 'no logs of a block that has some'
      : undefined
  }
  if (!/^eth_getBlockBy/.test(asked.method) || !isObject(result)) return undefined
  const { transactions, transactionsRoot: root } = result as Partial<RawBlock>
  return paramsOf(asked)[1] === true &&
    transactions?.length === 0 &&
    isHex(root) &&
    root !== EMPTY_ROOT &&
    BigInt(root) !== 0n
    ? 'a block without its transactions'
    : undefined
}

/** Whether a block has logs, by its bloom filter; nothing when it does not say. */
export const bloomOf = (
  result: unknown,
): { hash: Hex; number: number; hasLogs: boolean } | undefined => {
  if (!isObject(result) || !isHex(result.hash) || !isHex(result.number)) return undefined
  const { logsBloom } = result as Partial<RawBlock>
  return {
    hash: result.hash,
    number: Number(result.number),
    hasLogs: isHex(logsBloom) && /[1-9a-f]/i.test(logsBloom.slice(2)),
  }
}

/** Logs in chain order, each once. */
export const ordered = <Log>(logs: readonly Log[]): readonly Log[] => {
  const raw = logs as readonly unknown[] as readonly RawLog[]
  const place = ({ blockNumber, logIndex }: RawLog) =>
    [Number(blockNumber), Number(logIndex)] as const
  const byPlace = new Map(raw.map((log) => [`${log.blockHash} ${Number(log.logIndex)}`, log]))
  return [...byPlace.values()].sort((a, b) => {
    const [first, second] = [place(a), place(b)]
    return first[0] - second[0] || first[1] - second[1]
  }) as readonly unknown[] as readonly Log[]
}
