import { expect, it } from 'vitest'
import { entries, payouts } from './entry.ts'
import { player } from './player.ts'
import { tokenTotals } from './totals.ts'
import { ANN, account, createWritten, DOLLAR, MONDAY, NATIVE } from './written.ts'

const ROUNDS = { one: [1n, 1n], two: [2n, 1n], three: [3n, 1n] } as const

/** Credits of two pools of a token, one of another token, and one after the claim. */
const written = createWritten()
written.at(MONDAY)
written.pool(1n)
written.pool(2n)
written.pool(3n, DOLLAR)
written.enter(ROUNDS.one, ANN, [7, 7], 180n)
written.enter(ROUNDS.two, ANN, [1, 2], 180n)
written.enter(ROUNDS.three, ANN, [7], 90n)
written.close(ROUNDS.one)
written.close(ROUNDS.three)
written.draw(ROUNDS.one, 7, 90n, 2n)
written.fee(ROUNDS.one, 20n, false)
written.prize(ROUNDS.one, ANN, 1n, 90n, false)
written.draw(ROUNDS.three, 7, 90n, 1n)
written.fee(ROUNDS.three, 10n)
written.prize(ROUNDS.three, ANN, 5n, 90n, false)
written.finalize(ROUNDS.three, 0)
written.cancel(ROUNDS.two)
written.refund(ROUNDS.two, ANN, 3n, false)
written.at(MONDAY + 1)
written.claim(ANN, 190n)
written.at(MONDAY + 2)
written.prize(ROUNDS.one, ANN, 2n, 90n, false)
written.finalize(ROUNDS.one, 0)
const facts = written.facts()

it('one claim closes the credits of every pool of its token that stood before it', () => {
  expect(
    payouts(facts, 1, 3, 1).payouts.edges.map(({ node }) => [
      node.kind,
      node.round.pool.poolId,
      node.entry?.entryId ?? null,
      node.state,
      node.claimTx?.blockNumber ?? null,
      node.finality,
    ]),
  ).toEqual([
    ['FEE', '1', null, 'CREDITED', null, 'FINAL'],
    ['PRIZE', '1', '1', 'CLAIMED', '2', 'FINAL'],
    ['FEE', '3', null, 'DELIVERED', null, 'FINAL'],
    ['PRIZE', '3', '5', 'CREDITED', null, 'FINAL'],
    ['REFUND', '2', '3', 'CLAIMED', '2', 'FINAL'],
    ['PRIZE', '1', '2', 'CREDITED', null, 'LATEST'],
  ])
  expect(entries(facts, 1n, 5n, 1).entries.edges.map(({ node }) => node.status)).toEqual([
    'WON_CLAIMED',
    'WON_CREDITED',
    'REFUND_CLAIMED',
    'REFUND_PENDING',
    'WON_CREDITED',
  ])
})

it('credited less claimed is claimable, and a claim moves no profit', () => {
  // Wagered 400; won 180, refunded 100; 100 to be sent back.
  expect(player(facts, ANN, NATIVE).player).toMatchObject({
    winningEntries: 3,
    roundsWon: 2,
    balance: {
      credited: { raw: '280' },
      claimed: { raw: '190' },
      claimable: { raw: '90' },
      netProfit: { raw: '-120' },
      receivable: { raw: '100' },
      realizedNetProfit: { raw: '-20' },
      feesPaid: { raw: '30' },
      winRateBps: 10_000,
    },
  })
  expect(player(facts, account(0xfee), NATIVE)).toEqual({ player: null })
})

it('the contract owes stakes to send back and credits, the fee’s included', () => {
  // 100 to send back, 90 credited to ANN, 20 to the fee's recipient.
  expect(tokenTotals(facts).tokenTotals).toMatchObject([
    { token: { address: NATIVE }, locked: { raw: '210' }, rounds: 4, pools: 2, entries: 4 },
    { token: { address: DOLLAR }, locked: { raw: '90' }, rounds: 2, pools: 1, players: 1 },
  ])
})
