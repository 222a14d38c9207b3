import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createTables, type Tables } from '../support/tables.ts'
import { checkExamples, EXAMPLES, runExample } from './examples.ts'
import { createRelay, type Relay } from './relay.ts'
import { createWorld, type World } from './world.ts'

/** The examples of docs/frontend.md, each as a program of its own with the real libraries. */

let tables: Tables
let world: World
let api: Awaited<ReturnType<World['api']>>
let relay: Relay
const running: { stop: () => Promise<unknown> }[] = []

const run = async (heading: string) => {
  const program = await runExample(heading, relay.url)
  running.push(program)
  return program
}

beforeAll(async () => {
  tables = await createTables()
  world = createWorld(tables)
})
afterAll(() => tables.stop())
beforeEach(async () => {
  await world.begin()
  api = await world.api()
  relay = await createRelay(() => api.server.port)
})
afterEach(async () => {
  for (const each of running.splice(0)) await each.stop()
  await relay.stop()
  await world.stop()
})

const moveServer = async () => {
  const before = api
  api = await world.api()
  relay.cut()
  await before.stop()
}

test('there are four of them', () => {
  expect([...EXAMPLES.keys()]).toEqual([
    'A list that stays right',
    'urql',
    'Apollo Client',
    'EventSource alone',
  ])
})

test('they are well typed', async () => {
  expect(await checkExamples()).toBe('')
})

test.each(['A list that stays right', 'Apollo Client'])('%s', async (heading) => {
  const { facts } = world
  await facts.mine(2, { picks: [{ number: 7 }] })
  await expect.poll(() => api.heads.current().values().next().value?.number).toBe(2)
  const program = await run(heading)
  expect(await program.next('numbers')).toBe('numbers 7')
  await facts.mine(3, { picks: [{ number: 8 }] })
  expect(await program.next('numbers')).toBe('numbers 7 8')
  await facts.revertTo(2)
  await facts.mine(3, { branch: 'b', onto: 'a', picks: [{ number: 80 }] })
  // Who watches a cache may see the undo and what follows it as one change.
  let line = await program.next('numbers')
  if (line === 'numbers 7') line = await program.next('numbers')
  expect(line).toBe('numbers 7 80')
  await moveServer()
  await facts.mine(4, { branch: 'b', picks: [{ number: 9 }] })
  expect(await program.next('numbers')).toBe('numbers 7 80 9')
  expect(program.complaints()).toBe('')
})

test.each(['urql', 'Apollo Client'])('%s: a pool', async (heading) => {
  const program = await run(heading)
  expect(await program.next('prize')).toBe('prize 0')
  await world.mine(2, { prizePool: 10n ** 18n })
  expect(await program.next('prize')).toBe('prize 1')
  await moveServer()
  await world.mine(3, { prizePool: 2n * 10n ** 18n })
  while ((await program.next('prize')) !== 'prize 2');
  expect(program.complaints()).toBe('')
})

test('EventSource alone', async () => {
  const { facts } = world
  const program = await run('EventSource alone')
  expect(await program.next('numbers')).toBe('numbers')
  await facts.mine(2, { picks: [{ number: 7 }] })
  expect(await program.next('numbers')).toBe('numbers 7')
  await facts.mine(3, { picks: [{ number: 8 }] })
  expect(await program.next('numbers')).toBe('numbers 7 8')
  await moveServer()
  await facts.revertTo(2)
  await facts.mine(3, { branch: 'b', onto: 'a', picks: [{ number: 80 }] })
  await facts.mine(4, { branch: 'b', picks: [{ number: 9 }] })
  while ((await program.next('numbers')) !== 'numbers 7 80 9');
  expect(program.complaints()).toBe('')
})
