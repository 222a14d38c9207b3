import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createOperations, type Operations } from '../../support/operation.ts'
import { writeStory } from '../../support/story.ts'
import { createTables, type Tables } from '../../support/tables.ts'

const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8')
const fenced = [...readme.matchAll(/```graphql\n(.*?)```/gs)].map(([, text]) => text ?? '')
const inCurl = [...readme.matchAll(/-d '(\{"query":.*?\})'/g)].map(
  ([, body]) => (JSON.parse(body ?? '') as { query: string }).query,
)

let tables: Tables
let operations: Operations

beforeAll(async () => {
  tables = await createTables()
  operations = createOperations(tables)
  await writeStory(tables)
})
afterAll(async () => {
  await operations.stop()
  await tables.stop()
})

test('the README has operations to paste', () => {
  expect([fenced.length, inCurl.length]).toEqual([3, 3])
})

test.each([...fenced, ...inCurl])('%s', async (text) => {
  const { errors } = await operations.run(text)
  expect(errors).toBeUndefined()
})
