import { expect, test } from 'vitest'
import { simulateLive } from '../simulator/live/simulateLive.ts'

test('whoever listens through kills, cuts and reorganisations has what a fresh query has', async () => {
  const { comparisons, messages } = await simulateLive({
    ...{ seed: 3, steps: 16, listeners: 60, storm: 400 },
  })
  expect(comparisons).toBeGreaterThan(500)
  expect(messages).toBeGreaterThan(500)
})
