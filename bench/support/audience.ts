import { execPath } from 'node:process'
import { fileURLToPath } from 'node:url'
import { spawnChild } from '../../stack/process.ts'
import type { Arrival, Orders, Word } from './listener.ts'

/** Subscribers of one server, in a process of their own. */
export interface Audience {
  readonly size: number
  /** Until everyone has another message; times count from `since`. */
  readonly next: (since: number) => Promise<Arrival>
  /** Everyone goes at once. */
  readonly leave: () => Promise<void>
  readonly stop: () => Promise<void>
}

const program = fileURLToPath(new URL('listener.ts', import.meta.url))

/** Everyone has joined, and has the first message, when it resolves. */
export const createAudience = async (orders: Orders): Promise<Audience> => {
  const child = await spawnChild(execPath, [program], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const ask = <Answer>(word: Word): Promise<Answer> =>
    new Promise((resolve, reject) => {
      child.process.once('message', (said: { answer?: Answer; error?: string }) =>
        said.error === undefined ? resolve(said.answer as Answer) : reject(new Error(said.error)),
      )
      child.process.send(word)
    })
  let messages = 1
  try {
    await ask({ type: 'join', orders })
  } catch (error) {
    await child.stop()
    throw error
  }
  return {
    size: orders.count,
    next: (since) => {
      messages += 1
      return ask<Arrival>({ type: 'await', messages, since })
    },
    leave: () => ask({ type: 'leave' }),
    stop: () => child.stop(),
  }
}
