import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createOperations, type Operations } from '../../support/operation.ts'
import { writeStory } from '../../support/story.ts'
import { createTables, type Tables } from '../../support/tables.ts'

let tables: Tables
let operations: Operations

beforeAll(async () => {
  tables = await createTables()
  operations = createOperations(tables)
  await writeStory(tables)
})

afterAll(async () => {
  await operations.stop()
  await tables.stop()
})

beforeEach(() => operations.statements.clear())

/** Statements that an operation takes. */
const count = async (text: string) => {
  await operations.ask(text)
  return operations.statements.list().length
}

test.each([
  ['the head alone', '{ head { number } }', 1],
  ['a list', '{ pools { edges { node { name } } } }', 1],
  [
    'a list below a list',
    '{ pools { edges { node { rounds(first: 3) { edges { node { status } } } } } } }',
    2,
  ],
  [
    'four levels',
    '{ pools { edges { node { rounds { edges { node { entries(first: 2) { edges { node { player { address } } } } } } } } } } }',
    4,
  ],
  ['a count only when asked for', '{ pools { totalCount edges { node { name } } } }', 2],
  [
    'counts below a list',
    '{ pools { edges { node { rounds { totalCount } entries { totalCount } } } } }',
    5,
  ],
  [
    'money of many rows, their tokens once',
    '{ rounds { edges { node { prizePool { decimal } gross { decimal token { symbol } } } } } }',
    3,
  ],
  [
    'the same list with two sets of arguments',
    '{ pools { edges { node { a: rounds(first: 1) { edges { node { id } } } b: rounds(last: 1) { edges { node { id } } } } } } }',
    3,
  ],
  [
    'what became of many entries: rounds, payouts, claims',
    '{ entries { edges { node { status payout { state claimTx { hash } } } } } }',
    4,
  ],
  [
    'parts of many rounds',
    '{ rounds { edges { node { openedTx { hash } closedTx { hash } drawnTx { hash } distinctNumbers coverageBps finality prizePoolHistory { at } } } } }',
    4,
  ],
  [
    'balances of many players: flows, stakes, credits',
    '{ players { edges { node { balances { wagered { raw } pending { raw } realizedNetProfit { raw } roiBps claimable { raw } } } } } }',
    4,
  ],
  [
    'activity with what it points to',
    '{ activity { edges { node { pool { name } round { status } player { address } entry { number } payout { kind } } } } }',
    6,
  ],
  [
    'history of many players',
    '{ players { edges { node { history(first: 2) { edges { node { kind } } } } } } }',
    2,
  ],
  [
    'live pools: pools, counters, rounds, entries',
    'subscription { livePools { head { number } pool { name } round { status } participants lastEntries { number } } }',
    4,
  ],
])('%s', async (_, text, expected) => {
  expect(await count(text)).toBe(expected)
})

test('rows that a page has read are not read again', async () => {
  expect(
    await count(
      '{ rounds { edges { node { pool { rounds { edges { node { pool { name } } } } } } } } }',
    ),
  ).toBe(3)
})
