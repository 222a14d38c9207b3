import { expect, test } from 'vitest'
import { createDoor } from '../../../src/api/http/door.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

test('one request of each network is let in a turn, whoever sends more', async () => {
  const door = createDoor()
  const order: string[] = []
  const come = (network: string, name: string) => {
    const wait = door.enter(network)
    if (wait === undefined) order.push(name)
    else void wait.then(() => order.push(name))
  }
  for (const name of ['a1', 'a2', 'a3', 'a4']) come('a', name)
  for (const name of ['b1', 'b2']) come('b', name)
  expect(order).toEqual(['a1', 'b1'])
  await turn()
  come('c', 'c1')
  come('b', 'b3')
  expect(order).toEqual(['a1', 'b1', 'a2', 'b2', 'c1'])
  await turn()
  await turn()
  expect(order.toSorted()).toEqual(['a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'b3', 'c1'])
  expect(order.indexOf('b3')).toBeLessThan(order.indexOf('a4'))
})

test('a network is forgotten once nothing of it waits', async () => {
  const door = createDoor()
  expect(door.enter('a')).toBeUndefined()
  await turn()
  expect(door.enter('a')).toBeUndefined()
})
