import { type Address, concatHex, encodeFunctionData, getAddress, type Hex, toHex } from 'viem'
import { expect, it } from 'vitest'
import { pay402WinAbi } from '../../../abis/Pay402Win.ts'
import { nonceOf, type Purpose } from './nonce.ts'
import { paymentsOf, x402Payments } from './payment.ts'
import { ANN, account, BOB, CAT, createWritten, DOLLAR, GAME, MONDAY, NATIVE } from './written.ts'

const SALT = toHex(5, { size: 32 })
const nonce = (index: number) => toHex(index, { size: 32 })
const PURPOSE: Purpose = {
  ...{ chainId: 31_337, game: GAME, poolId: 1n, roundId: 1n, player: BOB, numbers: [7, 8] },
}

const callOf = (payer: Hex, salt: Hex) => {
  const address = (value: Hex): Address => getAddress(value)
  return encodeFunctionData({
    abi: pay402WinAbi,
    functionName: 'enterWithAuthorization',
    args: [1n, 1n, address(payer), address(BOB), [7, 8], 0n, 9n, salt, '0x1234'],
  })
}

const createPaid = () => {
  const written = createWritten()
  written.at(MONDAY)
  written.pool(1n, DOLLAR)
  const authorize = (authorizer: Hex, index: Hex) =>
    written.log('AuthorizationUsed', { authorizer, nonce: index }, DOLLAR)
  const transfer = (from: Hex, to: Hex, value: bigint, token = DOLLAR) =>
    written.log('Transfer', { from, to, value }, token)
  /** Two entries of ANN's for BOB. */
  const settle = (index: Hex, amount = 200n, firstEntryId = 1n) => {
    const payment = { payer: ANN, method: 2, paymentRef: index }
    written.enter([1n, 1n], BOB, [7, 8], 180n, payment)
    written.log('X402PaymentSettled', {
      ...{ poolId: 1n, roundId: 1n, payer: ANN, nonce: index, player: BOB, token: DOLLAR },
      ...{ facilitator: account(1), amount, firstEntryId, entryCount: 2n },
    })
  }
  const rows = (finalizedNumber: number) =>
    x402Payments(written.facts(), 0, 99, finalizedNumber).x402Payments.edges.map(({ node }) => node)
  return { ...written, authorize, transfer, settle, rows }
}

it('an authorisation pairs with the next transfer of its token from its authorizer', () => {
  const paid = createPaid()
  paid.at(MONDAY + 1)
  paid.authorize(ANN, nonce(1))
  paid.transfer(BOB, GAME, 1n)
  paid.transfer(ANN, GAME, 2n, NATIVE)
  paid.transfer(ANN, GAME, 3n)
  paid.transfer(ANN, GAME, 4n)
  // To somebody else, and by chance to the game as well.
  paid.call()
  paid.authorize(ANN, nonce(2))
  paid.transfer(ANN, CAT, 5n)
  paid.transfer(ANN, GAME, 6n)
  // In another transaction.
  paid.call()
  paid.authorize(ANN, nonce(3))
  paid.call()
  paid.transfer(ANN, GAME, 7n)
  expect(paymentsOf(paid.facts()).map((payment) => [payment.nonce, payment.amount])).toEqual([
    [nonce(1), 3n],
  ])
})

it.each([
  ['at top level', callOf(ANN, SALT), true],
  [
    'within another call',
    concatHex(['0x12345678', callOf(CAT, nonce(9)), callOf(ANN, SALT)]),
    true,
  ],
  ['with another salt', callOf(ANN, nonce(9)), false],
  ['of another payer', callOf(CAT, SALT), null],
  ['that is not there', '0x12345678', null],
] as const)('a nonce is recomputed with the salt of the call %s', (_, input, verified) => {
  const paid = createPaid()
  paid.at(MONDAY + 1)
  paid.call(input)
  const index = nonceOf(PURPOSE, SALT)
  paid.authorize(ANN, index)
  paid.transfer(ANN, GAME, 200n)
  paid.settle(index)
  expect(paid.rows(1)).toMatchObject([
    {
      ...{ linkStatus: 'LINKED', nonceVerified: verified, authorizer: ANN, payTo: GAME },
      ...{ amount: { raw: '200' }, player: { address: BOB }, facilitator: account(0xfac) },
      entries: [{ entryId: '1' }, { entryId: '2' }],
      finality: 'LATEST',
    },
  ])
})

it.each([
  ['another amount', 199n, 200n, 1n],
  ['another transfer', 200n, 201n, 1n],
  ['other entries', 200n, 200n, 2n],
])('a settlement of %s is a mismatch', (_, settled, transferred, firstEntryId) => {
  const paid = createPaid()
  paid.authorize(ANN, nonce(1))
  paid.transfer(ANN, GAME, transferred)
  paid.settle(nonce(1), settled, firstEntryId)
  expect(paid.rows(1)[0]).toMatchObject({ linkStatus: 'MISMATCH' })
})

it('money without an entry is pending until it is final, then an orphan; a cancelled nonce is no money', () => {
  const paid = createPaid()
  paid.at(MONDAY + 1)
  paid.authorize(ANN, nonce(1))
  paid.transfer(ANN, GAME, 50n)
  paid.log('AuthorizationCanceled', { authorizer: ANN, nonce: nonce(2) }, DOLLAR)
  const statusAt = (finalizedNumber: number) =>
    paid.rows(finalizedNumber).map(({ linkStatus, amount }) => [linkStatus, amount.raw])
  expect(statusAt(1)).toEqual([
    ['PENDING', '50'],
    ['CANCELLED', '0'],
  ])
  expect(statusAt(2)).toEqual([
    ['ORPHAN', '50'],
    ['CANCELLED', '0'],
  ])
})

it('several payments of one transaction are told apart', () => {
  const paid = createPaid()
  for (const [index, first] of [
    [1, 1n],
    [2, 3n],
  ] as const) {
    paid.authorize(ANN, nonce(index))
    paid.transfer(ANN, GAME, 200n)
    paid.settle(nonce(index), 200n, first)
  }
  expect(paid.rows(0).map(({ linkStatus, entries }) => [linkStatus, entries])).toEqual([
    ['LINKED', [{ entryId: '1' }, { entryId: '2' }]],
    ['LINKED', [{ entryId: '3' }, { entryId: '4' }]],
  ])
})
