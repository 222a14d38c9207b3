import { expect, test } from 'vitest'
import { simulate } from '../simulator/simulate.ts'

test('whatever happens to the node, the database and the processes, every answer is right within a minute', async () => {
  const played = await simulate({ seed: 1, steps: 18, looks: 1, hasAccidents: true })
  expect(played.comparisons).toBeGreaterThan(500)
  expect(Object.keys(played.faults).length).toBeGreaterThan(4)
  expect(played.slowestRecoveryMs).toBeLessThan(60_000)
}, 600_000)
