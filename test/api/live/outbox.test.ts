import { expect, test } from 'vitest'
import { createLimiter } from '../../../src/api/live/limiter.ts'
import { createOutbox } from '../../../src/api/live/outbox.ts'

const create = () => {
  let gone = 0
  const outbox = createOutbox<string>(
    (one, other) => one === other,
    () => {
      gone += 1
    },
  )
  return { ...outbox, gone: () => gone }
}

test('a slow reader gets the newest state only', async () => {
  const { push, states } = create()
  for (const state of ['a', 'b', 'c']) push(state)
  expect(await states.next()).toEqual({ value: 'c', done: false })
})

test('what the reader has already is not given again, even after something that it never took', async () => {
  const { push, states } = create()
  push('a')
  await states.next()
  push('b')
  push('a')
  const next = states.next()
  push('c')
  expect(await next).toEqual({ value: 'c', done: false })
})

test('the state on its way still arrives when the stream ends', async () => {
  const { push, end, states, gone } = create()
  push('a')
  end()
  push('b')
  expect(await states.next()).toEqual({ value: 'a', done: false })
  expect(gone()).toBe(0)
  expect(await states.next()).toEqual({ value: undefined, done: true })
  expect(gone()).toBe(1)
})

test('leaving ends a read that waits, once', async () => {
  const { states, gone } = create()
  const next = states.next()
  await states.return(undefined)
  await states.return(undefined)
  expect(await next).toEqual({ value: undefined, done: true })
  expect(gone()).toBe(1)
})

test('a limiter runs so many at once, in order, whatever fails', async () => {
  const limit = createLimiter(2)
  const started: number[] = []
  const gates = Array.from({ length: 4 }, () => Promise.withResolvers<void>())
  const tasks = gates.map(({ promise }, at) =>
    limit(async () => {
      started.push(at)
      await promise
    }),
  )
  expect(started).toEqual([0, 1])
  gates[0]?.reject(new Error('failed'))
  await expect(tasks[0]).rejects.toThrow('failed')
  for (const { resolve } of gates) resolve()
  await Promise.allSettled(tasks)
  expect(started).toEqual([0, 1, 2, 3])
})
