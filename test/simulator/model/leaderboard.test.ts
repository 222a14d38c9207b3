import { describe, expect, it } from 'vitest'
import type { Facts } from './facts.ts'
import { type Board, neighbours, rank, ranking } from './leaderboard.ts'
import { ANN, account, BOB, CAT, createWritten, DAY, DOLLAR, MONDAY, NATIVE } from './written.ts'

const FIRST = [1n, 1n] as const
const SECOND = [1n, 2n] as const

const board = (facts: Facts, asked: Partial<Board> = {}) =>
  ranking(facts, { token: NATIVE, metric: 'REALIZED_NET_PROFIT', window: 'ALL_TIME', ...asked })
const values = (rows: ReturnType<typeof ranking>) =>
  rows.map(({ rank: place, player, value }) => [place, player.address, value])

describe('a prize of yesterday’s entry', () => {
  const written = createWritten()
  written.at(MONDAY + DAY - 10)
  written.pool(1n)
  written.enter(FIRST, ANN, [7, 7], 180n)
  written.enter(FIRST, BOB, [8], 270n)
  written.close(FIRST)
  written.at(MONDAY + DAY)
  written.draw(FIRST, 7, 135n, 2n)
  written.prize(FIRST, ANN, 1n, 135n)
  written.at(MONDAY + 2 * DAY - 1)
  written.prize(FIRST, ANN, 2n, 135n)
  written.enter(SECOND, CAT, [1], 90n)
  const facts = written.facts()

  it('counts today, and the stake yesterday', () => {
    expect(values(board(facts, { window: 'DAY' }))).toEqual([
      [1, ANN, '270'],
      [2, CAT, '0'],
    ])
    expect(values(board(facts, { window: 'DAY', at: MONDAY }))).toEqual([
      [1, BOB, '-100'],
      [2, ANN, '-200'],
    ])
  })
  it('is one win, of the sum', () => {
    const [first] = board(facts, { window: 'DAY', metric: 'WINS' })
    expect(first).toMatchObject({ wins: 1, biggestWin: { raw: '270' }, entryCount: 0 })
  })
  it('has no return on a stake of nothing', () => {
    expect(values(board(facts, { window: 'DAY', metric: 'ROI', minEntries: 0 }))).toEqual([])
    expect(values(board(facts, { window: 'WEEK', metric: 'ROI', minEntries: 1 }))).toEqual([
      [1, ANN, '3500'],
      [2, BOB, '-10000'],
    ])
  })
  it('needs five entries for a return unless told otherwise, and none for the rest', () => {
    expect(board(facts, { metric: 'ROI' })).toEqual([])
    expect(values(board(facts, { window: 'DAY', minEntries: 1 }))).toEqual([[1, CAT, '0']])
  })
  it('is listed in that day when asked for later, and in no other', () => {
    expect(board(facts, { window: 'DAY', at: MONDAY + DAY, metric: 'WINS' })[0]?.wins).toBe(1)
    expect(board(facts, { window: 'DAY', at: MONDAY + 2 * DAY })).toEqual([])
  })
})

it('one round paid on two days is a win and a part of the sum on each of them', () => {
  const written = createWritten()
  written.at(MONDAY)
  written.pool(1n)
  written.enter(FIRST, ANN, [7, 7], 180n)
  written.draw(FIRST, 7, 90n, 2n)
  written.prize(FIRST, ANN, 1n, 90n)
  written.at(MONDAY + DAY)
  written.prize(FIRST, ANN, 2n, 90n)
  const facts = written.facts()
  const row = (asked: Partial<Board>) => board(facts, { metric: 'BIGGEST_WIN', ...asked })[0]
  expect(row({ window: 'DAY', at: MONDAY })).toMatchObject({ value: '90', wins: 1 })
  expect(row({ window: 'DAY' })).toMatchObject({ value: '90', wins: 1 })
  expect(row({ window: 'WEEK' })).toMatchObject({ value: '180', wins: 1 })
  expect(row({})).toMatchObject({ value: '180', wins: 1 })
})

it('what is pending, unpaid or not sent back is no loss, and no base of a return', () => {
  const written = createWritten()
  written.at(MONDAY)
  written.pool(1n)
  written.pool(2n)
  written.enter(FIRST, ANN, [7, 8], 180n)
  written.enter([2n, 1n], ANN, [1, 2], 180n)
  written.close(FIRST)
  written.draw(FIRST, 7, 180n, 1n)
  written.cancel([2n, 1n])
  written.refund([2n, 1n], ANN, 3n)
  written.enter(SECOND, ANN, [5], 90n)
  const facts = written.facts()
  // Wagered 500, refunded 100; 100 open, 100 to be sent back, 180 to be paid: -400 + 100 + 280 on a base of 200.
  expect(board(facts)[0]).toMatchObject({
    realizedNetProfit: { raw: '-20', decimal: '-0.2' },
    wagered: { raw: '500' },
    roiBps: -1000,
    wins: 0,
    biggestWin: { raw: '0' },
  })
  // In pool 1 alone: 300 wagered, 100 open, 180 to be paid.
  const [pool] = facts.pools
  if (pool === undefined) throw new Error('no pool')
  expect(board(facts, { pool })[0]).toMatchObject({ value: '-20', entryCount: 3, roiBps: -1000 })
  expect(board(facts, { token: DOLLAR })).toEqual([])
})

describe('ties', () => {
  const written = createWritten()
  written.at(MONDAY)
  written.pool(1n)
  written.pool(2n, DOLLAR)
  // DAN was seen first, in another token; EVE and FAY in one second.
  const [dan, eve, fay] = [account(0xff), account(0xe0), account(0xf0)]
  written.enter([2n, 1n], dan, [1])
  written.at(MONDAY + 1)
  written.enter(FIRST, fay, [1])
  written.enter(FIRST, eve, [1])
  written.enter(FIRST, BOB, [1, 2])
  written.enter(FIRST, dan, [1])
  written.enter(FIRST, ANN, [1])
  const rows = board(written.facts())

  it('share a rank; who wagered more, came first, has the lower address stands higher', () => {
    expect(values(rows)).toEqual([
      [1, BOB, '0'],
      [1, dan, '0'],
      [1, ANN, '0'],
      [1, eve, '0'],
      [1, fay, '0'],
    ])
  })
  it('leave a gap below', () => {
    const listed = board(written.facts(), { metric: 'WAGERED' })
    expect(listed.map(({ rank: place }) => place)).toEqual([1, 2, 2, 2, 2])
  })
  it('count the rows above and below, not the ranks', () => {
    const addresses = neighbours(rows, ANN, 1).neighbours.map(({ player }) => player.address)
    expect(addresses).toEqual([dan, ANN, eve])
    expect(neighbours(rows, CAT, 1).neighbours).toEqual([])
    expect(neighbours(rows, BOB, 2).neighbours).toHaveLength(3)
    expect(rank(rows, CAT)).toEqual({ player: { rank: null } })
    expect(rank(rows, ANN).player.rank).toMatchObject({ rank: 1 })
  })
})
