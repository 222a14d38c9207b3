import { afterAll, beforeAll, expect, test } from 'vitest'
import { digest } from '../support/digest.ts'
import { address, createGame, NATIVE } from '../support/game.ts'
import { createTables, type Tables } from '../support/tables.ts'

let tables: Tables
beforeAll(async () => {
  tables = await createTables()
})
afterAll(() => tables.stop())

const [A, B, C] = [address(1), address(2), address(3)]
const HOUR = 3600

/** Rounds that are settled late, rolled over, cancelled and sent back late, in two pools; saved after each step. */
const play = async (afterSave: (game: ReturnType<typeof createGame>) => void) => {
  await tables.clear()
  const game = createGame()
  const step = async (seconds: number, act: () => Promise<unknown>) => {
    await game.block(seconds)
    await act()
    await game.save(tables)
    afterSave(game)
  }
  await step(1, () => game.token(NATIVE, 'ETH', 18))
  await step(1, () => game.pool(1n, NATIVE))
  await step(1, () => game.pool(2n, NATIVE))
  for (let round = 1n; round <= 4n; round++) {
    await step(10, () => game.enter(1n, A, [7, 7]))
    await step(1, () => game.enter(1n, B, [7, 8], A, 'X402_DIRECT'))
    await step(1, () => game.enter(2n, C, [1]))
    await step(HOUR, () => game.close(1n))
    await step(1, () => game.draw(1n, round % 2n === 0n ? 7 : 9, 1, [A]))
    await step(1, () => game.cancel(2n, 'BELOW_MINIMUM'))
    await step(1, () => game.enter(1n, C, [3]))
    if (round % 2n === 0n) await step(1, () => game.settle(1n, round, 1000, [A]))
    await step(1, () => game.refund(2n, round))
  }
  await step(1, () => game.claim(A, NATIVE))
  return digest(tables.url)
}

test('a game that lets go of what is over leaves the same rows', async () => {
  const remembered: number[] = []
  const whole = await play(() => undefined)
  const forgetful = await play((game) => {
    game.forget()
    remembered.push(game.entries().length)
  })
  expect(forgetful).toEqual(whole)
  // 24 were placed.
  expect(Math.max(...remembered)).toBeLessThan(12)
})
