import { expect, test } from 'vitest'
import { simulate } from '../simulator/simulate.ts'

test.concurrent.each([1, 2, 3])(
  'game %i: every answer is the model’s, live tables are those of a fresh sync',
  async (seed) => {
    const { comparisons, counts } = await simulate({ seed, steps: 24, looks: 1 })
    expect(comparisons).toBeGreaterThan(500)
    expect(counts.entries).toBeGreaterThan(20)
  },
)
