import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client'
import { GraphQLWsLink } from '@apollo/client/link/subscriptions'
import { isObjectType, OperationTypeNode } from 'graphql'
import { createClient } from 'graphql-ws'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { keys, typePolicies } from '../../client/index.ts'
import { schema } from '../../src/api/graphql/schema.ts'
import { createTables, type Tables } from '../support/tables.ts'
import { createWorld, type World } from './world.ts'

/** What the client package tells normalised caches, with the real library and the real server. */

let tables: Tables
let world: World

beforeAll(async () => {
  tables = await createTables()
  world = createWorld(tables)
})
afterAll(() => tables.stop())
beforeEach(() => world.begin())
afterEach(() => world.stop())

test('every object without an id is a part of the one above it', () => {
  const { Query, Subscription, ...types } = schema.getTypeMap()
  const parts = Object.values(types).filter(
    (type) => isObjectType(type) && !type.name.startsWith('__') && !('id' in type.getFields()),
  )
  const names = parts.map(({ name }) => name).toSorted()
  expect(Object.keys(typePolicies).toSorted()).toEqual(names)
  expect(Object.keys(keys).toSorted()).toEqual(names)
})

test('components that select different fields of one object ask once each, also beside a live query', async () => {
  const api = await world.api()
  const url = api.server.url
  let requests = 0
  const sockets = createClient({ url: url.replace(/^http/, 'ws'), webSocketImpl: WebSocket })
  const client = new ApolloClient({
    cache: new InMemoryCache({ typePolicies }),
    link: ApolloLink.split(
      ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
      new GraphQLWsLink(sockets),
      new HttpLink({
        uri: url,
        fetch: (address, options) => {
          requests += 1
          return fetch(address, options)
        },
      }),
    ),
  })
  const shown = new Map<string, unknown>()
  const component = (name: string, fields: string) =>
    client
      .watchQuery({
        query: gql`{ head { number ${name === 'left' ? 'hash' : 'timestamp'} } pool(poolId: "1") { id ${fields} } }`,
      })
      .subscribe(({ data, dataState }) => {
        if (dataState === 'complete') shown.set(name, data)
      })
  const left = component('left', 'stats { entryCount } currentRound { id prizePool { raw } }')
  const right = component(
    'right',
    'stats { uniquePlayers } currentRound { id prizePool { decimal } }',
  )
  await expect.poll(() => shown.size).toBe(2)
  const first = requests

  let messages = 0
  const live = client
    .subscribe({
      query: gql`subscription {
        livePool(poolId: "1") { head { number } pool { id stats { drawnRounds } } round { id prizePool { token { symbol } decimal } } }
      }`,
    })
    .subscribe(() => {
      messages += 1
    })
  await expect.poll(() => messages).toBe(1)
  for (let number = 2; number <= 6; number++) {
    await world.mine(number, { prizePool: BigInt(number) * 10n ** 18n })
    await expect.poll(() => messages).toBe(number)
  }
  // The subscription's values are shown by who asked for them before, without asking again.
  await expect
    .poll(() => shown.get('right'))
    .toMatchObject({ pool: { currentRound: { prizePool: { decimal: '6' } } } })
  expect(requests).toBe(first)
  expect(first).toBeLessThanOrEqual(4)

  for (const one of [left, right, live]) one.unsubscribe()
  await sockets.dispose()
  client.stop()
})
