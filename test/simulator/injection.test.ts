import { expect, test } from 'vitest'
import { reasonFor } from './injection/beyond.ts'
import { isReconciled } from './injection/books.ts'
import { type Instance, inject, replayValid } from './injection/inject.ts'
import { resultsOf, shareOf, tableOf } from './injection/result.ts'
import { playStream } from './injection/stream.ts'

const STEPS = 120
/** Faults of each kind in each stream. */
const TIMES = 3
/** Of a stream's end, left as it is. */
const SHARE = 0.25

test('a fault in a valid stream of events is noticed', { timeout: 300_000 }, async () => {
  const instances: Instance[] = []
  for (const seed of [1, 2, 3]) {
    const stream = await playStream(seed, STEPS)
    expect(isReconciled(await replayValid(stream), stream)).toBe(true)
    instances.push(...(await inject(stream, { seed, times: TIMES, share: SHARE })))
  }
  const results = resultsOf(instances)
  const game = shareOf(results, 'GAME')
  const others = shareOf(results, 'OTHERS')
  process.stdout.write(
    `${tableOf(results)}\n${instances.length} faults. Kinds in the game's logs: ${JSON.stringify(game)}; in others': ${JSON.stringify(others)}\n`,
  )
  const missed = results.filter(({ kind, isCaught }) => !isCaught && reasonFor(kind) === undefined)
  expect(missed).toEqual([])
  expect(game.kinds).toBeGreaterThan(200)
  expect(game.caught / game.kinds).toBeGreaterThan(0.86)
})
