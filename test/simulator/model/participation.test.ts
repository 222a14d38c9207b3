import { expect, it } from 'vitest'
import { participation } from './participation.ts'
import { player } from './player.ts'
import { ANN, BOB, CAT, createWritten, MONDAY, NATIVE } from './written.ts'

const FIRST = [1n, 1n] as const

const createPlayed = () => {
  const written = createWritten()
  written.at(MONDAY)
  written.pool(1n)
  written.enter(FIRST, ANN, [402, 402, 3], 270n)
  written.enter(FIRST, BOB, [402], 360n)
  const of = (address: typeof ANN) => {
    const [round] = written.facts().rounds
    if (round === undefined) throw new Error('no round')
    return participation(round, address).participation
  }
  return { ...written, of }
}

it('a prize is projected as the mean of what each number held would bring', () => {
  const { of } = createPlayed()
  // 402: a third of 360, twice; 3: all of it.
  expect(of(ANN)).toMatchObject({
    entries: [{ entryId: '1' }, { entryId: '2' }, { entryId: '3' }],
    numbers: [3, 402],
    wagered: { raw: '300' },
    winChance: '0.00497512',
    projectedPrize: { raw: '300' },
  })
  expect(of(BOB)).toMatchObject({ winChance: '0.00248756', projectedPrize: { raw: '120' } })
  expect(of(CAT)).toMatchObject({ numbers: [], winChance: '0', projectedPrize: { raw: '0' } })
})

it('after the draw it is what was won, after a cancellation nothing', () => {
  const played = createPlayed()
  played.close(FIRST)
  played.draw(FIRST, 402, 120n, 3n)
  expect(played.of(ANN).projectedPrize.raw).toBe('240')
  const cancelled = createPlayed()
  cancelled.cancel(FIRST)
  expect(cancelled.of(ANN).projectedPrize.raw).toBe('0')
})

it('the chance is rounded to the nearest place', () => {
  const written = createWritten()
  written.at(MONDAY)
  written.pool(1n)
  written.enter(FIRST, ANN, [1, 2, 3])
  const [round] = written.facts().rounds
  // 3 / 402 = 0.0074626865…
  expect(round && participation(round, ANN).participation.winChance).toBe('0.00746269')
})

it('who is paid is seen, who claims is not', () => {
  const played = createPlayed()
  played.draw(FIRST, 402, 120n, 3n)
  played.at(MONDAY + 5)
  played.prize(FIRST, ANN, 1n, 120n, false)
  played.at(MONDAY + 9)
  played.claim(ANN, 120n)
  expect(player(played.facts(), ANN, NATIVE).player).toMatchObject({
    firstSeenAt: MONDAY,
    lastSeenAt: MONDAY + 5,
    roundsWon: 1,
    winningEntries: 1,
    balance: { winRateBps: 10_000, biggestWin: { raw: '120' } },
  })
})
