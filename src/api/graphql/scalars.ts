import { Kind, type ValueNode } from 'graphql'
import { getAddress } from 'viem'
import { UserInputError } from './errors.ts'

type Parse<T> = (value: unknown, node?: ValueNode) => T

/** A scalar's input, from variables and from literals alike. Scalars are never lists or objects. */
export const parsers = <T>(parse: Parse<T>) => ({
  parseValue: (value: unknown) => parse(value),
  parseLiteral: (node: ValueNode): T => {
    switch (node.kind) {
      case Kind.INT:
        return parse(
          Number.isSafeInteger(Number(node.value)) ? Number(node.value) : node.value,
          node,
        )
      case Kind.FLOAT:
        return parse(Number(node.value), node)
      case Kind.STRING:
      case Kind.BOOLEAN:
        return parse(node.value, node)
      default:
        return parse(undefined, node)
    }
  },
})

const INTEGER = /^-?\d{1,78}$/
const HEX = /^0x([0-9a-fA-F]{2})*$/
const ADDRESS = /^0x[0-9a-fA-F]{40}$/
const CURSOR = /^[A-Za-z0-9_-]{1,2000}$/
const MAX_HEX = 2 + 2 * 1024

/** Whole numbers of up to 78 digits, as text or as a number that a float holds exactly. */
export const parseBigInt: Parse<bigint> = (value, node) => {
  if (typeof value === 'string' && INTEGER.test(value)) return BigInt(value)
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value)
  throw new UserInputError('BigInt: expected a whole number of at most 78 digits', node)
}

const isWrongChecksum = (address: string) =>
  /[a-f]/.test(address.slice(2)) &&
  /[A-F]/.test(address.slice(2)) &&
  getAddress(address.toLowerCase() as `0x${string}`) !== address

/** 20 bytes; mixed case must be the checksum of EIP-55. */
export const parseAddress: Parse<string> = (value, node) => {
  if (typeof value !== 'string' || !ADDRESS.test(value))
    throw new UserInputError('Address: expected 20 bytes of 0x hex', node)
  if (isWrongChecksum(value))
    throw new UserInputError('Address: the checksum of EIP-55 does not match', node)
  return value.toLowerCase()
}

export const parseHex: Parse<string> = (value, node) => {
  if (typeof value === 'string' && value.length <= MAX_HEX && HEX.test(value))
    return value.toLowerCase()
  throw new UserInputError('Hex: expected whole bytes of 0x hex', node)
}

/** The year 5138. Later times are milliseconds, taken for seconds. */
const TOO_LATE = 100_000_000_000

export const parseTimestamp: Parse<number> = (value, node) => {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    throw new UserInputError('Timestamp: expected seconds since 1970 as a whole number', node)
  if (value < TOO_LATE) return value
  throw new UserInputError('Timestamp: expected seconds since 1970, not milliseconds', node)
}

export const parseUInt32: Parse<number> = (value, node) => {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 32)
    return value
  throw new UserInputError('UInt32: expected a whole number from 0 to 4294967295', node)
}

export const parseCursor: Parse<string> = (value, node) => {
  if (typeof value === 'string' && CURSOR.test(value)) return value
  throw new UserInputError('Cursor: expected a cursor that this API gave', node)
}

export const parseDecimal: Parse<string> = (value, node) => {
  if (typeof value === 'string' && /^-?\d{1,78}(\.\d{1,78})?$/.test(value)) return value
  throw new UserInputError('Decimal: expected a decimal number as a string', node)
}
