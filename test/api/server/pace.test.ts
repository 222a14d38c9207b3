import { expect, test } from 'vitest'
import { createPacing } from '../../../src/api/http/pacing.ts'
import { createPace } from '../../../src/api/pace.ts'

const loopTurn = () => new Promise((resolve) => setImmediate(resolve))
/** Work that cannot be interrupted. */
const workFor = (ms: number) => {
  for (const until = performance.now() + ms; performance.now() < until; );
}

test('long works take parts of the turns of the event loop, holder after holder', async () => {
  const pace = createPace()
  const order: string[] = []
  const work = async (holder: string) => {
    await pace.turn({ holder })
    order.push(holder)
    workFor(2)
  }
  const all = [...Array(6).fill('a'), 'b', 'b', 'c'].map(work)
  let turns = 0
  const done = Promise.all(all).then(() => true)
  while (!(await Promise.race([done, loopTurn().then(() => false)]))) turns += 1
  expect(order).toEqual(['a', 'b', 'c', 'a', 'b', 'a', 'a', 'a', 'a'])
  expect(turns).toBeGreaterThanOrEqual(7)
})

test('time that is left in a turn is used, and a new turn has time again', async () => {
  const pace = createPace()
  expect(pace.isSpent()).toBe(false)
  workFor(2)
  expect(pace.isSpent()).toBe(true)
  await loopTurn()
  await loopTurn()
  expect(pace.isSpent()).toBe(false)
})

test('nothing goes on for a caller who has gone', async () => {
  const pace = createPace()
  const gone = new AbortController()
  const order: string[] = []
  const wait = async (name: string, signal?: AbortSignal) => {
    await pace.turn({ holder: name, ...(signal && { signal }) })
    order.push(name)
  }
  void wait('gone', gone.signal)
  const stays = wait('stays')
  gone.abort('gone')
  await stays
  await loopTurn()
  expect(order).toEqual(['stays'])
})

test('a short answer is made at once; of a long one what is read below comes when all of it is there', async () => {
  const pacing = createPacing(createPace(), {})
  const numbers = Array.from({ length: 150 }, (_, at) => at)
  expect([...pacing.items(numbers.slice(0, 50))]).toEqual(numbers.slice(0, 50))
  let done = 0
  let doneWhenRead: number | undefined
  const all = [...pacing.items(numbers)].map(async (item) => {
    await item
    workFor(0.1)
    if (done === 0)
      pacing.whenAllCame(() => {
        doneWhenRead = done
      })
    done += 1
  })
  workFor(2)
  const more = [...pacing.items(numbers)]
  expect(more.filter((item) => item instanceof Promise).length).toBe(150)
  await Promise.all([...all, ...more])
  await loopTurn()
  expect(doneWhenRead).toBe(150)
})
