import fc from 'fast-check'
import {
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLOutputType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { schema } from '../../../src/api/graphql/schema.ts'
import { ANN, writeStory } from '../../support/story.ts'
import { createTables, type Tables } from '../../support/tables.ts'
import { type Api, createApi } from '../server/world.ts'

/** Whatever is sent to any field of the schema, nothing goes wrong on our side. */

let tables: Tables
let api: Api

beforeAll(async () => {
  tables = await createTables()
  await writeStory(tables)
  api = await createApi(tables, schema, { MAX_COST: '1000000000' })
})
afterAll(async () => {
  await api.stop()
  await tables.stop()
})

const TEXTS = [
  '',
  '0',
  '-0',
  '007',
  '1e5',
  '0x',
  ANN,
  ANN.toUpperCase(),
  '\0',
  'a\0b',
  '\ud800',
  '\udfff',
  '😀',
  '%_\\',
  "'; --",
  '__proto__',
  'Pool:31337-1',
  'Activity:1-9-9',
  'x'.repeat(3000),
  '{1,2}',
  'NaN',
  'Infinity',
]
const NUMBERS = [
  0,
  -0,
  1,
  -1,
  1.5,
  25,
  1001,
  2 ** 31 - 1,
  2 ** 31,
  -(2 ** 31),
  2 ** 53 - 1,
  2 ** 53,
  1e11 - 1,
  1e11,
  1.7e9,
  1e21,
  1e308,
]
const DIGITS = [
  2n ** 31n,
  2n ** 63n - 1n,
  2n ** 63n,
  2n ** 64n,
  2n ** 256n - 1n,
  2n ** 256n,
  10n ** 78n - 1n,
  -(10n ** 78n) + 1n,
  10n ** 90n,
].map(String)
const HEX = ['0x00', `0x${'00'.repeat(20)}`, `0x${'ff'.repeat(32)}`, `0x${'ab'.repeat(1024)}`]
const CURSORS = [
  [1, 'pools', 'chainId,poolId', '31337', '1'],
  [1, 'pools', 'chainId,poolId', '1e9', {}],
  [[[]]],
  '',
].map((content) => Buffer.from(JSON.stringify(content)).toString('base64url'))

const anything = fc.oneof(
  fc.constantFrom(...TEXTS, ...NUMBERS, ...DIGITS, ...HEX, ...CURSORS, true, false, null),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom<unknown>([], {}, [[1]], { toString: 1 }, JSON.parse('{"__proto__":{"eq":1}}')),
)

/** Often of the right kind, so that it is read further than by its type. */
const SUITED: Readonly<Record<string, readonly unknown[]>> = {
  Int: NUMBERS,
  Float: NUMBERS,
  Timestamp: NUMBERS,
  BigInt: [...NUMBERS, ...DIGITS, '1', '2'],
  Address: [ANN, `0x${'00'.repeat(20)}`, ...HEX],
  Hex: HEX,
  Cursor: CURSORS,
  Decimal: DIGITS,
  String: TEXTS,
  ID: TEXTS,
  Boolean: [true, false],
}

const valuesOf = (type: GraphQLInputType, depth: number): fc.Arbitrary<unknown> => {
  if (isNonNullType(type)) return valuesOf(type.ofType, depth)
  if (isListType(type))
    return fc.oneof(
      { weight: 6, arbitrary: fc.array(valuesOf(type.ofType, depth + 1), { maxLength: 3 }) },
      { weight: 1, arbitrary: valuesOf(type.ofType, depth) },
    )
  if (isEnumType(type))
    return fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom(...type.getValues().map(({ name }) => name)) },
      { weight: 1, arbitrary: anything },
    )
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields())
    if (depth > 4) return fc.constant({})
    return fc
      .shuffledSubarray(fields, { maxLength: Math.min(3, fields.length) })
      .chain((chosen) =>
        fc.record(
          Object.fromEntries(chosen.map((field) => [field.name, valuesOf(field.type, depth + 1)])),
        ),
      )
  }
  return fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...(SUITED[getNamedType(type).name] ?? TEXTS)) },
    { weight: 1, arbitrary: anything },
  )
}

/** What needs no argument, a few levels down. */
const selectionOf = (type: GraphQLOutputType, depth: number): string => {
  const named = getNamedType(type)
  if (!isObjectType(named)) return 'getFields' in named ? '{ __typename }' : ''
  const fields = Object.values(named.getFields()).filter(
    ({ args }) => !args.some(({ type: of }) => isNonNullType(of)),
  )
  const shown = fields
    .filter(({ type: of }) => depth > 0 || !('getFields' in getNamedType(of)))
    .filter(({ name }) => !['explorerUrl'].includes(name))
    .slice(0, 8)
    .map((field) => `${field.name} ${selectionOf(field.type, depth - 1)}`)
  return `{ __typename ${shown.join(' ')} }`
}

const operationOf = (field: GraphQLField<unknown, unknown>, index: number) =>
  fc.subarray(field.args.filter(({ type }) => !isNonNullType(type))).chain((optional) => {
    const args = field.args.filter((arg) => isNonNullType(arg.type) || optional.includes(arg))
    return fc.record({
      declared: fc.constant(args.map(({ name, type }) => `$${name}${index}: ${type}`)),
      text: fc.constant(
        `f${index}: ${field.name}${args.length === 0 ? '' : `(${args.map(({ name }) => `${name}: $${name}${index}`).join()})`} ${selectionOf(field.type, 2)}`,
      ),
      variables: fc.record(
        Object.fromEntries(args.map(({ name, type }) => [`${name}${index}`, valuesOf(type, 0)])),
      ),
    })
  })

test('whatever is sent, nothing goes wrong on our side', async () => {
  const fields = Object.values(schema.getQueryType()?.getFields() ?? {})
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...fields).chain((field) => operationOf(field, 0)),
      async ({ declared, text, variables }) => {
        const response = await fetch(api.url, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({
            query: `query ${declared.length === 0 ? '' : `(${declared.join()})`} { ${text} }`,
            variables,
          }),
        })
        const { errors = [] } = (await response.json()) as {
          errors?: { message: string; extensions: { code: string } }[]
        }
        const ours = errors.filter(({ extensions }) => extensions.code === 'INTERNAL_SERVER_ERROR')
        expect([response.status, ours]).toEqual([200, []])
      },
    ),
    { numRuns: 300 },
  )
})
