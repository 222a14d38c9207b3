import SchemaBuilder from '@pothos/core'
import type { Context } from './context.ts'
import {
  parseAddress,
  parseBigInt,
  parseCursor,
  parseDecimal,
  parseHex,
  parsers,
  parseTimestamp,
  parseUInt32,
} from './scalars.ts'

interface Scalar<Input, Output = Input> {
  Input: Input
  Output: Output
}

/** Fields are non-null unless they say otherwise. */
export const builder = new SchemaBuilder<{
  Context: Context
  DefaultFieldNullability: false
  Scalars: {
    ID: Scalar<string>
    BigInt: Scalar<bigint, bigint | number>
    Address: Scalar<string>
    Hex: Scalar<string>
    Timestamp: Scalar<number>
    UInt32: Scalar<number>
    Cursor: Scalar<string>
    Decimal: Scalar<string>
  }
}>({ defaultFieldNullability: false })

builder.scalarType('BigInt', {
  description:
    'A whole number of any size, written as a decimal string. Money is in base units of its token: wei for 18 decimals.',
  serialize: (value) => value.toString(),
  ...parsers(parseBigInt),
})
builder.scalarType('Address', {
  description:
    '20 bytes as lower-case 0x hex. Taken in any case; mixed case with a wrong EIP-55 checksum is BAD_USER_INPUT.',
  serialize: (value) => value,
  ...parsers(parseAddress),
})
builder.scalarType('Hex', {
  description: '32 bytes, or any whole number of bytes, as lower-case 0x hex.',
  serialize: (value) => value,
  ...parsers(parseHex),
})
builder.scalarType('Timestamp', {
  description:
    'Seconds since 1970-01-01 UTC as a JSON number. Always the time of a block, never of a clock of the server.',
  serialize: (value) => value,
  ...parsers(parseTimestamp),
})
builder.scalarType('UInt32', {
  description: 'A whole number from 0 to 4294967295 as a JSON number. An Int ends at half of that.',
  serialize: (value) => value,
  ...parsers(parseUInt32),
})
builder.scalarType('Cursor', {
  description:
    'Opaque. A place in a list, or a head to go on from. Good on every replica, before and after a restart.',
  serialize: (value) => value,
  ...parsers(parseCursor),
})
builder.scalarType('Decimal', {
  description: 'An exact decimal number as a string, in whole tokens where it is money: "0.003".',
  serialize: (value) => value,
  ...parsers(parseDecimal),
})

builder.queryType({ description: 'Every field of one operation is answered from one block: head.' })
