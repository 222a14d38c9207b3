/** What one writes first: Yoga's `createPubSub` and graphql-ws as documented, one execution for each subscriber. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buildSchema, execute, type GraphQLSchema, subscribe } from 'graphql'
import { useServer } from 'graphql-ws/use/ws'
import { createPubSub, createYoga } from 'graphql-yoga'
import { WebSocketServer } from 'ws'

const pubSub = createPubSub<{ state: [Record<string, unknown>] }>()
let newest: Record<string, unknown> = {}

/** Fields that give what the root value has under their names. */
const schema: GraphQLSchema = buildSchema(process.env.BENCH_SDL ?? '')
const root = schema.getSubscriptionType()?.getFields().livePool
if (root === undefined) throw new Error('the schema has no livePool')
root.subscribe = async function* states() {
  yield newest
  yield* pubSub.subscribe('state')
}
root.resolve = (state: Record<string, unknown>) => state.livePool

const server = createServer(createYoga({ schema, logging: false }))
const sockets = new WebSocketServer({ server, path: '/graphql', perMessageDeflate: false })
useServer({ schema, execute, subscribe }, sockets)
process.on('message', (json: string) => {
  newest = (JSON.parse(json) as { data: Record<string, unknown> }).data
  pubSub.publish('state', newest)
})
process.on('disconnect', () => process.exit())
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
