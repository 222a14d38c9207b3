import { readFile } from 'node:fs/promises'
import { assertValidSchema, parse, printSchema, validate } from 'graphql'
import { describe, expect, test } from 'vitest'
import { EXAMPLES } from '../../../src/api/graphql/examples.ts'
import { schema } from '../../../src/api/graphql/schema.ts'

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
