import type { FeedEvent, FeedMessage } from './message.ts'

export interface FoldOptions<Event extends object = object> {
  /** To begin with, in chain order: the page that a query answered. */
  readonly events?: Iterable<FeedEvent & Event>
  /** Keeps the newest. What an undo takes away is not filled up from below, so keep some more than are shown. */
  readonly limit?: number
}

export interface Fold<Event extends object = object> {
  /** Changes the events as the message says; applying it twice is applying it once. */
  readonly apply: (message: FeedMessage<Event>) => void
  /** By id, in chain order. */
  readonly events: ReadonlyMap<string, FeedEvent & Event>
}

/** Holds what the chain says while messages of the feed are applied in order. */
export const createFold = <Event extends object = object>(
  options: FoldOptions<Event> = {},
): Fold<Event> => {
  const { limit = Number.POSITIVE_INFINITY } = options
  const events = new Map<string, FeedEvent & Event>()

  const add = (added: Iterable<FeedEvent & Event>) => {
    for (const event of added) events.set(event.id, event)
    for (const id of events.keys()) {
      if (events.size <= limit) break
      events.delete(id)
    }
  }
  const undo = (toBlock: string) => {
    for (const [id, { tx }] of events)
      if (Number(tx.blockNumber) > Number(toBlock)) events.delete(id)
  }

  add(options.events ?? [])
  return {
    events,
    apply: (message) => {
      if (message.__typename === 'FeedAppend') add(message.events)
      else undo(message.toBlock)
    },
  }
}
