import fc from 'fast-check'
import { expect, test } from 'vitest'
import { countBefore, edit, find, fromSorted, slice } from '../../../src/api/ranking/tree.ts'

const compare = (a: number, b: number) => a - b
const sorted = (items: Iterable<number>) => [...items].sort(compare)
const all = (tree: ReturnType<typeof fromSorted<number>>) => slice(tree, 0, tree.size)

const changes = fc.array(
  fc.record({
    add: fc.uniqueArray(fc.integer({ min: 0, max: 3_000 }), { maxLength: 400 }),
    /** Shares of the items that are there. */
    remove: fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { maxLength: 400 }),
  }),
  { maxLength: 12 },
)

test('a tree is a sorted list, edit after edit, and an edit leaves the tree before it alone', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 0, max: 3_000 }), { maxLength: 2_000 }),
      changes,
      (start, edits) => {
        let items = new Set(start)
        let tree = fromSorted(sorted(items), compare)
        const history = [{ tree, expected: sorted(items) }]
        for (const { add, remove } of edits) {
          const present = sorted(items)
          const removed = [
            ...new Set(
              remove.flatMap((share) => present[Math.floor(share * present.length)] ?? []),
            ),
          ]
          const left = new Set(present.filter((item) => !removed.includes(item)))
          const added = add.filter((item) => !left.has(item))
          tree = edit(tree, removed, added)
          items = new Set([...left, ...added])
          history.push({ tree, expected: sorted(items) })
        }
        for (const { tree: each, expected } of history) {
          expect(each.size).toBe(expected.length)
          expect(all(each)).toEqual(expected)
        }
      },
    ),
    { numRuns: 60 },
  )
})

test('places, items at places and items by value agree with the list', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 0, max: 9_000 }), { minLength: 1, maxLength: 5_000 }),
      fc.uniqueArray(fc.integer({ min: 0, max: 9_000 }), { maxLength: 500 }),
      fc.array(fc.integer({ min: -10, max: 9_010 }), { maxLength: 50 }),
      (start, more, probes) => {
        const added = more.filter((item) => !start.includes(item))
        const tree = edit(fromSorted(sorted(start), compare), [], added)
        const list = sorted([...start, ...added])
        for (const value of probes) {
          expect(countBefore(tree, (item) => item - value)).toBe(
            list.filter((item) => item < value).length,
          )
          expect(find(tree, (item) => item - value)).toBe(list.find((item) => item === value))
          const place = Math.max(0, value)
          expect(slice(tree, place, 7)).toEqual(list.slice(place, place + 7))
        }
      },
    ),
    { numRuns: 100 },
  )
})

test('emptied and filled again', () => {
  const items = Array.from({ length: 10_000 }, (_, at) => at)
  const full = fromSorted(items, compare)
  const empty = edit(full, items, [])
  expect([empty.size, all(empty)]).toEqual([0, []])
  expect(all(edit(empty, [], items.toReversed()))).toEqual(items)
  expect(all(full)).toEqual(items)
})

test('an item that is not there cannot be taken away', () => {
  expect(() => edit(fromSorted([1, 3], compare), [2], [])).toThrow('There is no such item')
})
