import { describe, expect, test } from 'vitest'
import type { Block } from '../../../src/api/db/blocks.ts'
import type { Head } from '../../../src/api/db/head.ts'
import { judge, MEMORY, type Told, tell, type Verdict } from '../../../src/api/live/rewind.ts'

const hash = (name: string): `0x${string}` => `0x${name}`

/** Blocks by name: 'a1 a2 b3' is block 3 of branch b on block 2 of branch a. */
const blocksOf = (names: string): readonly Block[] =>
  names
    .split(' ')
    .map((name, at, all) => ({
      number: Number(name.slice(1)),
      hash: hash(name),
      parentHash: hash(all[at - 1] ?? `a${Number(name.slice(1)) - 1}`),
      timestamp: 0,
    }))
    .reverse()

const headOf = (blocks: readonly Block[], finalizedNumber = 1): Head => {
  const [newest] = blocks
  if (newest === undefined) throw new Error('no blocks')
  return { ...newest, chainId: 1, finalizedNumber, buildId: '' }
}

const toldOf = (names: string): Told => tell(undefined, headOf(blocksOf(names)), blocksOf(names))

describe('judge', () => {
  const cases: readonly (readonly [string, string, string, Verdict])[] = [
    ['the same head', 'a1 a2 a3', 'a1 a2 a3', 'same'],
    ['one more', 'a1 a2 a3', 'a1 a2 a3 a4', 'forward'],
    ['many more, with gaps', 'a1 a2 a3', 'a3 a9', 'forward'],
    ['fewer', 'a1 a2 a3', 'a1 a2', 'rewinding'],
    ['fewer, then more again', 'a1 a2 a3 a4', 'a1 a2 a3', 'rewinding'],
    ['another at the same height', 'a1 a2 a3', 'a1 a2 b3', 'reorganised'],
    ['another below', 'a1 a2 a3 a4', 'a1 a2 b3', 'reorganised'],
    ['another below and higher', 'a1 a2 a3', 'a1 b2 b3 b4', 'reorganised'],
    ['another seen by its child only', 'a1 a2 a3', 'b3 b4', 'reorganised'],
  ]
  test.each(cases)('%s: %s, then %s: %s', (_, before, after, verdict) => {
    const blocks = blocksOf(after)
    expect(judge(toldOf(before), headOf(blocks), blocks)).toBe(verdict)
  })

  test('more that is final is worth telling; less is not', () => {
    const blocks = blocksOf('a1 a2 a3')
    expect(judge(toldOf('a1 a2 a3'), headOf(blocks, 2), blocks)).toBe('forward')
    expect(judge(toldOf('a1 a2 a3'), headOf(blocks, 0), blocks)).toBe('same')
  })
})

test('after a reorganisation the new hashes count, and those above the head are forgotten', () => {
  const blocks = blocksOf('a1 b2 b3')
  const told = tell(toldOf('a1 a2 a3 a4 a5'), headOf(blocks), blocks)
  expect([...told.hashes].sort(([one], [other]) => one - other)).toEqual([
    [0, hash('a0')],
    [1, hash('a1')],
    [2, hash('b2')],
    [3, hash('b3')],
  ])
})

test('memory is bounded', () => {
  const names = Array.from({ length: 3 * MEMORY }, (_, at) => `a${at + 1}`).join(' ')
  expect(toldOf(names).hashes.size).toBe(MEMORY)
})
