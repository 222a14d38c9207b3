import { expect, test } from 'vitest'
import { BusyError, GoneError } from '../../../src/api/db/errors.ts'
import { createTurns, type Turns } from '../../../src/api/db/turns.ts'

/** Takes a turn for a holder, and notes when it comes. */
const createAsker = (turns: Turns) => {
  const order: string[] = []
  const ends = new Map<string, () => void>()
  return {
    order,
    ask: async (holder: string | undefined, name: string, signal?: AbortSignal) => {
      const end = await turns.take({
        ...(holder === undefined ? {} : { holder }),
        ...(signal === undefined ? {} : { signal }),
      })
      order.push(name)
      ends.set(name, end)
    },
    /** Ends a turn, and lets those come whose turn it is then. */
    end: async (name: string) => {
      ends.get(name)?.()
      await Promise.resolve()
      await Promise.resolve()
    },
  }
}

test("a holder's hundredth caller comes after another's first, and the server's own work before both", async () => {
  const turns = createTurns({ most: 2, mostOfClients: 1, mostPerHolder: 1 })
  const { ask, end, order } = createAsker(turns)
  const all = Array.from({ length: 100 }, (_, at) => ask('a', `a${at}`))
  all.push(ask('b', 'b0'), ask('b', 'b1'), ask('c', 'c0'))
  await all[0]
  await ask(undefined, 'own0')
  all.push(ask(undefined, 'own1'))
  expect(order).toEqual(['a0', 'own0'])
  await end('a0')
  expect(order.at(-1)).toBe('own1')
  await end('own0')
  for (let at = 2; at < 9; at += 1) await end(order.at(-1) ?? '')
  expect(order.slice(3)).toEqual(['a1', 'b0', 'c0', 'a2', 'b1', 'a3', 'a4', 'a5'])
})

test('no holder has all of the turns, and no client has those of the server', async () => {
  const turns = createTurns({ most: 4, mostOfClients: 3, mostPerHolder: 2 })
  const { ask, order } = createAsker(turns)
  for (const at of [0, 1, 2, 3]) void ask('a', `a${at}`)
  for (const at of [0, 1]) void ask('b', `b${at}`)
  await ask(undefined, 'own')
  expect(order).toEqual(['a0', 'a1', 'b0', 'own'])
  expect(turns.size()).toEqual({ running: 4, waiting: 3 })
})

test('a caller that is gone leaves the queue at once, and one that was gone never enters it', async () => {
  const turns = createTurns({ most: 1, mostOfClients: 1, mostPerHolder: 1 })
  const { ask, end, order } = createAsker(turns)
  await ask('a', 'a0')
  const gone = new AbortController()
  const leaving = [ask('a', 'a1', gone.signal), ask('b', 'b0', gone.signal)]
  const staying = ask('a', 'a2')
  expect(turns.size().waiting).toBe(3)
  gone.abort('gone')
  for (const one of [...leaving, ask('c', 'c0', gone.signal)])
    await expect(one).rejects.toBeInstanceOf(GoneError)
  expect(turns.size().waiting).toBe(1)
  await end('a0')
  await staying
  expect(order).toEqual(['a0', 'a2'])
})

test('a queue that is full refuses at once, and says whose share is used up', async () => {
  const turns = createTurns({
    ...{ most: 1, mostOfClients: 1, mostPerHolder: 1 },
    ...{ waiting: 3, waitingPerHolder: 2 },
  })
  const { ask } = createAsker(turns)
  await ask('a', 'a0')
  for (const at of [1, 2]) void ask('a', `a${at}`)
  await expect(turns.take({ holder: 'a' })).rejects.toMatchObject({ isOwnShare: true })
  void ask('b', 'b0')
  const refused: unknown = await turns.take({ holder: 'c' }).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(BusyError)
  expect(refused).toMatchObject({ isOwnShare: false, retryAfterMs: 1000 })
})

test('who would wait for longer than it may is refused at once', async () => {
  const turns = createTurns({ most: 1, mostOfClients: 1, mostPerHolder: 1, patienceMs: 30 })
  const { ask, end } = createAsker(turns)
  await ask('a', 'a0')
  const next = ask('a', 'a1')
  const until = performance.now() + 40
  await expect.poll(() => performance.now()).toBeGreaterThan(until)
  await end('a0')
  await next
  // Its turns have lasted for more than 30 ms; nothing is known of another's.
  await expect(turns.take({ holder: 'a' })).rejects.toBeInstanceOf(BusyError)
  void ask('b', 'b0')
  expect(turns.size()).toEqual({ running: 1, waiting: 1 })
})

test('a caller that works for long takes several turns of its holder, and one of all', async () => {
  const turns = createTurns({ most: 8, mostOfClients: 8, mostPerHolder: 4 })
  const order: string[] = []
  const take = async (holder: string, name: string, share: number) => {
    const end = await turns.take({ holder, share })
    order.push(name)
    return end
  }
  const long = await take('a', 'long', 0.9)
  void take('a', 'longer', 1)
  void take('a', 'light', 0)
  for (const at of [0, 1, 2, 3]) void take('b', `b${at}`, 0.01)
  await Promise.resolve()
  expect(order).toEqual(['long', 'b0', 'b1', 'b2', 'b3'])
  long()
  await Promise.resolve()
  await Promise.resolve()
  expect(order.slice(5)).toEqual(['longer'])
  expect(turns.size()).toEqual({ running: 5, waiting: 1 })
})
