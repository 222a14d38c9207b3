import { expect } from 'vitest'
import {
  createFeed,
  type FeedAppend,
  type FeedError,
  type FeedOptions,
  type FeedStatus,
  type FeedUndo,
} from '../../client/index.ts'
import { schema } from '../../src/api/graphql/schema.ts'
import { createFacts } from '../api/live/facts.ts'
import { createInbox } from '../api/server/client.ts'
import { type Api, createApi, createChain } from '../api/server/world.ts'
import type { Tables } from '../support/tables.ts'

export interface Entry {
  readonly kind: string
  readonly number: number | null
}

export type Message = FeedAppend<Entry> | FeedUndo

/** As block and number. */
export const namesOf = (events: Iterable<FeedAppend<Entry>['events'][number]>) =>
  [...events].map(({ tx, number }) => `${tx.blockNumber}:${number}`)

/** APIs over the same tables, one after the other or side by side, each on a free port unless told. */
export const createWorld = (tables: Tables) => {
  const apis: Api[] = []
  const { begin, mine } = createChain(tables)
  return {
    facts: createFacts(tables),
    begin,
    mine,
    api: async (variables: Record<string, string> = {}) => {
      const api = await createApi(tables, schema, { LOOK_INTERVAL_MS: '200', ...variables })
      apis.push(api)
      await expect.poll(() => api.heads.current().size).toBe(1)
      return {
        ...api,
        stop: async () => {
          apis.splice(apis.indexOf(api), 1)
          await api.stop()
        },
      }
    },
    stop: async () => {
      for (const api of apis.splice(0)) await api.stop()
    },
  }
}

export type World = ReturnType<typeof createWorld>

/** A feed with all that it tells, as it tells it; `handle` is what the page does with a message. */
export const createReader = (
  options: Pick<FeedOptions, 'url' | 'transport'> & Partial<FeedOptions<Entry>>,
  handle: (message: Message) => unknown = () => undefined,
) => {
  const messages = createInbox<Message>()
  const statuses = createInbox<FeedStatus>()
  const errors = createInbox<FeedError>()
  const ids: string[] = []
  const take = async (message: Message) => {
    await handle(message)
    if (message.__typename === 'FeedAppend') ids.push(...message.events.map(({ id }) => id))
    messages.put(message)
  }
  const feed = createFeed<Entry>({
    select: 'kind number',
    retry: { firstMs: 20, mostMs: 100 },
    ...options,
    onAppend: take,
    onUndo: take,
    onStatus: statuses.put,
    onError: errors.put,
  })
  return {
    ...feed,
    next: messages.next,
    unread: messages.unread,
    /** Reads until events up to this head were told. */
    reach: async (number: number) => {
      for (;;) {
        const message = await messages.next()
        if (message.__typename === 'FeedAppend' && message.head.number === String(number))
          return message
      }
    },
    status: async <State extends FeedStatus['state']>(state: State) => {
      for (;;) {
        const status = await statuses.next()
        if (status.state === state) return status as Extract<FeedStatus, { state: State }>
      }
    },
    error: errors.next,
    /** Ids of all events that were told, as often as they were. */
    ids,
  }
}

export type Reader = ReturnType<typeof createReader>
