import { serverAudits } from 'graphql-http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTables, type Tables } from '../../support/tables.ts'
import { testSchema } from './schema.ts'
import { type Api, createApi, createChain } from './world.ts'

let tables: Tables
let api: Api

beforeAll(async () => {
  tables = await createTables()
  await createChain(tables).begin()
  api = await createApi(tables, testSchema)
})
afterAll(async () => {
  await api.stop()
  await tables.stop()
})

test('GraphQL over HTTP: every audit, and with that 13 of 13 MUST', async () => {
  const results = await Promise.all(
    serverAudits({ url: api.url }).map(async (audit) => {
      const result = await audit.fn()
      return { name: audit.name, status: result.status }
    }),
  )
  expect(results.filter(({ status }) => status !== 'ok')).toEqual([])
  expect(results.filter(({ name }) => name.startsWith('MUST'))).toHaveLength(13)
  expect(results).toHaveLength(61)
})
