import { InputError } from './errors.ts'

/** A place on a chain to go on from. It says nothing of the server that wrote it. */
export interface ChainPlace {
  readonly chainId: number
  /** The game's contract. */
  readonly contract: string
  readonly number: number
  readonly hash: string
  /** The last log of the block that is behind the reader; null: the whole block is. */
  readonly logIndex: number | null
  /** What was final when this was written; never above `number`. */
  readonly finalizedNumber: number
}

/** Raise it when old cursors can no longer be read. */
const VERSION = 2
const KIND = 'head'

export const encodeHeadCursor = (place: ChainPlace): string =>
  Buffer.from(
    JSON.stringify([
      VERSION,
      KIND,
      place.chainId,
      place.contract,
      place.number,
      place.hash,
      place.logIndex,
      place.finalizedNumber,
    ]),
  ).toString('base64url')

const parse = (cursor: string): unknown => {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
  } catch {
    return undefined
  }
}

/** Chain ids and places of logs are in columns of 31 bits. */
const MOST_SMALL = 2 ** 31 - 1

const isCount = (value: unknown, most = Number.MAX_SAFE_INTEGER): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= most
const isHex = (value: unknown, bytes: number): value is string =>
  typeof value === 'string' && value.length === 2 + 2 * bytes && /^0x[0-9a-f]*$/.test(value)

/** Exactly what `encodeHeadCursor` writes. @throws InputError when it is not a cursor of a head or of the feed. */
export const decodeHeadCursor = (cursor: string): ChainPlace => {
  const content = parse(cursor)
  const [version, kind, chainId, contract, number, hash, logIndex, finalizedNumber]: unknown[] =
    Array.isArray(content) ? content : []
  if (
    version === VERSION &&
    kind === KIND &&
    isCount(chainId, MOST_SMALL) &&
    isHex(contract, 20) &&
    isCount(number) &&
    isHex(hash, 32) &&
    (logIndex === null || isCount(logIndex, MOST_SMALL)) &&
    isCount(finalizedNumber) &&
    finalizedNumber <= number
  ) {
    const place = { chainId, contract, number, hash, logIndex, finalizedNumber }
    if (encodeHeadCursor(place) === cursor) return place
  }
  throw new InputError('not a cursor of a head or of the feed')
}
