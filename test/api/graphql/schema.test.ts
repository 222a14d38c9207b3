import { readFile } from 'node:fs/promises'
import {
  assertValidSchema,
  getNullableType,
  getOperationAST,
  getVariableValues,
  isListType,
  isObjectType,
  parse,
  printSchema,
  validate,
} from 'graphql'
import { describe, expect, test } from 'vitest'
import { EXAMPLES } from '../../../src/api/graphql/examples.ts'
import { schema } from '../../../src/api/graphql/schema.ts'
import { operationCost } from '../../../src/api/http/cost.ts'

test('the schema is valid', () => {
  assertValidSchema(schema)
})

test('schema.graphql is what the types print (npm run schema writes it)', async () => {
  const file = new URL('../../../src/api/graphql/schema.graphql', import.meta.url)
  expect(await readFile(file, 'utf8')).toBe(`${printSchema(schema)}\n`)
})

describe('examples', () => {
  test.each(EXAMPLES)('$name is valid', ({ name, text }) => {
    const document = parse(text)
    expect(validate(schema, document)).toEqual([])
    expect(document.definitions).toMatchObject([{ name: { value: name } }])
  })

  test('a dozen and more, a subscription among them', () => {
    expect(EXAMPLES.length).toBeGreaterThanOrEqual(12)
    expect(EXAMPLES.some(({ text }) => text.includes('\nsubscription '))).toBe(true)
  })
})

const fields = Object.values(schema.getTypeMap()).flatMap((type) =>
  isObjectType(type) && !type.name.startsWith('__')
    ? Object.values(type.getFields()).map((field) => ({ type, field }))
    : [],
)

test('every list says how many it holds: by the size of its page, or by itself', () => {
  const silent = fields.filter(
    ({ field: { type, args, extensions } }) =>
      isListType(getNullableType(type)) &&
      !args.some(({ name }) => name === 'first' || name === 'last') &&
      extensions.multiplier === undefined,
  )
  expect(silent.map(({ type, field }) => `${type.name}.${field.name}`)).toEqual([])
})

test('every price is a number from 0 on, whatever is known of the tables', () => {
  const most = Number.MAX_SAFE_INTEGER
  for (const rows of [0, 1, 1e3, 1e9]) {
    const pricing = {
      ...{ args: { from: 0, to: 1e6, span: 5, interval: 'DAY' }, page: 25, selects: () => true },
      statistics: { rows: () => rows, most: () => rows },
    }
    for (const { type, field } of fields)
      for (const name of ['complexity', 'statement', 'multiplier', 'most']) {
        const priced: unknown = field.extensions[name]
        const price = typeof priced === 'function' ? priced(pricing) : (priced ?? 0)
        const isPrice = typeof price === 'number' && price >= 0 && (price < most || name === 'most')
        if (!isPrice) throw new Error(`${type.name}.${field.name}: ${name} is ${price}`)
      }
  }
})

/** Some weeks of a busy game. */
const SIZES: Readonly<Record<string, number>> = {
  ...{ token: 3, pool: 10, pool_stats: 10, round: 2_000, round_opened: 2_000 },
  ...{ entry: 20_000, payout: 4_000, player_token: 2_000, pool_player: 6_000 },
  ...{ round_player: 16_000, credit: 100, pool_hour: 8_000, x402_payment_settled: 1_000 },
  ...{ token_authorization: 1_000, token_transfer: 1_000 },
}
const statistics = {
  rows: (table: string) => SIZES[table] ?? 2_000,
  most: (table: string, column: string) =>
    Math.ceil(
      (SIZES[table] ?? 2_000) / ({ round_id: 500, player: 500, address: 500 }[column] ?? 5),
    ),
}

const operationsOf = async (file: string) => {
  const text = await readFile(new URL(`../../../${file}`, import.meta.url), 'utf8')
  const blocks = [...text.matchAll(/```graphql\n([\s\S]*?)```/g)].map(([, block]) => block ?? '')
  const inline = [...text.matchAll(/"query":"((?:[^"\\]|\\.)*)"/g)].map(([, query]) =>
    JSON.parse(`"${query}"`),
  )
  const quoted = [...text.matchAll(/(?:query: '|gql`|query: `|'query',\s+`)([^'`]+)['`]/g)].map(
    ([, query]) => (query ?? '').replace(/\$\{FIELDS\}/, 'number player { address }'),
  )
  return [...blocks, ...inline, ...quoted]
}

describe('what the documents show costs less than half of what anybody may ask for', () => {
  const cost = (text: string) => {
    const document = parse(text)
    expect(validate(schema, document)).toEqual([])
    const operation = getOperationAST(document)
    if (!operation) throw new Error('no operation')
    const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], {
      poolId: '1',
    })
    return operationCost(schema, document, operation, coerced ?? {}, statistics)
  }

  test.each(EXAMPLES)('the example $name', ({ text }) => {
    expect(cost(text)).toBeLessThan(50_000)
  })

  test.each([
    ['README.md', 7],
    ['docs/frontend.md', 6],
  ])('%s', async (file, count) => {
    const texts = await operationsOf(file)
    expect(texts.length).toBeGreaterThanOrEqual(count)
    for (const text of texts) expect([text, cost(text) < 50_000]).toEqual([text, true])
  })
})
