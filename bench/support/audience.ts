import type { Arrival, Orders, Word } from './listener.ts'
import { startTalker } from './talker.ts'

/** Subscribers of one server, in a process of their own. */
export interface Audience {
  readonly size: number
  /** Until everyone has another message; times count from `since`. */
  readonly next: (since: number) => Promise<Arrival>
  /** Everyone goes at once. */
  readonly leave: () => Promise<void>
  readonly stop: () => Promise<void>
}

/** Everyone has joined, and has the first message, when it resolves. */
export const createAudience = async (orders: Orders): Promise<Audience> => {
  const { ask, stop } = await startTalker<Word>('listener.ts')
  let messages = 1
  try {
    await ask({ type: 'join', orders })
  } catch (error) {
    await stop()
    throw error
  }
  return {
    size: orders.count,
    next: (since) => {
      messages += 1
      return ask<Arrival>({ type: 'await', messages, since })
    },
    leave: () => ask({ type: 'leave' }),
    stop,
  }
}
