import { expect, test } from 'vitest'
import { createEventParser } from '../../client/events.ts'
import { createFold, type FeedMessage } from '../../client/index.ts'

const head = { number: '9', hash: '0x', timestamp: 1, finalizedNumber: '0' }
const event = (id: string, block: number) => ({ id, tx: { blockNumber: String(block) } })
const append = (...events: ReturnType<typeof event>[]): FeedMessage => ({
  __typename: 'FeedAppend',
  cursor: 'c',
  head,
  events,
})
const undo = (toBlock: number, ...removed: string[]): FeedMessage => ({
  __typename: 'FeedUndo',
  cursor: 'c',
  head,
  toBlock: String(toBlock),
  removed,
})
const folded = (messages: readonly FeedMessage[], options = {}) => {
  const fold = createFold(options)
  for (const message of messages) fold.apply(message)
  return [...fold.events.keys()]
}

test.each<[string, readonly FeedMessage[], object, readonly string[]]>([
  ['nothing', [], {}, []],
  ['what came, in order', [append(event('b', 1), event('a', 2))], {}, ['b', 'a']],
  ['what it began with first', [append(event('b', 2))], { events: [event('a', 1)] }, ['a', 'b']],
  ['a message twice is once', [append(event('a', 1)), append(event('a', 1))], {}, ['a']],
  [
    'an undo takes blocks above, whether it names the events or not',
    [append(event('a', 9), event('b', 10), event('c', 11)), undo(9, 'c')],
    {},
    ['a'],
  ],
  [
    'what comes again comes last',
    [append(event('a', 1), event('b', 2)), undo(1, 'b'), append(event('c', 2), event('b', 3))],
    {},
    ['a', 'c', 'b'],
  ],
  [
    'the newest stay',
    [append(event('a', 1), event('b', 2)), append(event('c', 3))],
    { limit: 2 },
    ['b', 'c'],
  ],
  [
    'an undo is not filled up',
    [append(event('a', 1), event('b', 2), event('c', 3)), undo(2, 'c')],
    { limit: 2 },
    ['b'],
  ],
])('a fold has %s', (_, messages, options, expected) => {
  expect(folded(messages, options)).toEqual(expected)
})

test.each([1, 2, 3, 7, 1000])('an event stream is read in pieces of %i', (size) => {
  const text =
    ':\n\nid: c\nevent: next\ndata: {"a":1}\n\n:\r\n\r\nevent: next\r\ndata:one\r\ndata: two\r\n\r\nevent: complete\ndata:\n\ndata: alone\n\nevent: cut'
  const parse = createEventParser()
  const events = []
  for (let at = 0; at < text.length; at += size) events.push(...parse(text.slice(at, at + size)))
  expect(events).toEqual([
    { event: 'next', data: '{"a":1}' },
    { event: 'next', data: 'one\ntwo' },
    { event: 'complete', data: '' },
    { event: 'message', data: 'alone' },
  ])
})
