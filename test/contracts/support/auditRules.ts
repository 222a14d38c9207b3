import { type Hex, zeroAddress, zeroHash } from 'viem'
import { expects, type Facts, fail, type State, same } from './auditState.ts'

const credit = (state: State, account: unknown, token: Hex, amount: bigint) => {
  const key = `${account} ${token}`
  state.credits.set(key, (state.credits.get(key) ?? 0n) + amount)
}
const flow = (state: State, token: Hex, amount: bigint) =>
  state.flows.set(token, (state.flows.get(token) ?? 0n) + amount)

/** A payment out: a Transfer before it when it is a delivered token, else a credit. */
const paidOut = (state: State, token: Hex, to: unknown, amount: bigint, isDelivered: unknown) => {
  if (isDelivered !== true) return credit(state, to, token, amount)
  flow(state, token, -amount)
  if (token !== zeroAddress) explain(state, token, state.game, to, amount)
}

/** Finds the Transfer that a payment must have made. */
export const explain = (state: State, token: Hex, from: unknown, to: unknown, value: bigint) => {
  const move = state.tx.moves.find(
    (each) =>
      !each.isExpected &&
      each.token === token &&
      each.from === from &&
      each.to === to &&
      each.value === value,
  )
  if (move === undefined) fail('a payment without its Transfer', { token, from, to, value })
  else move.isExpected = true
}

const poolOf = (state: State, poolId: bigint) =>
  state.pools.get(poolId) ?? fail('an unknown pool', { poolId })
const roundOf = (state: State, { poolId, roundId }: Facts) =>
  poolOf(state, poolId).rounds.get(roundId) ?? fail('an unknown round', { poolId, roundId })
type Rule = (state: State, event: Facts) => void
/** What each log of the game must look like after what was before it. */
export const rules: Readonly<Record<string, Rule>> = {
  PoolCreated: (state, event) => {
    same('poolId contiguous', event.poolId, BigInt(state.pools.size + 1))
    state.pools.set(event.poolId, { ...event, rounds: new Map() })
  },
  RoundOpened: (state, event) => {
    const pool = poolOf(state, event.poolId)
    same('15: roundId contiguous', event.roundId, BigInt(pool.rounds.size + 1))
    same('opened now', event.opensAt, state.tx.timestamp)
    same('closes after the duration', event.closesAt, event.opensAt + BigInt(pool.roundDuration))
    const before = pool.rounds.get(event.roundId - 1n)
    if (before !== undefined)
      expects('16: opened too early', before, 'DRAWN', 'SETTLED', 'ROLLED_OVER', 'CANCELLED')
    same('8: carryIn', event.carryIn, before?.carried ?? 0n)
    same('8: carryOut was carried', before?.carryOut ?? 0n, event.carryIn)
    pool.rounds.set(event.roundId, {
      ...{ poolId: event.poolId, roundId: event.roundId, status: 'OPEN', closesAt: event.closesAt },
      ...{ carryIn: event.carryIn, prizePool: event.carryIn, gross: 0n, feeAccrued: 0n },
      ...{ entries: new Map(), paid: new Set(), refunded: new Set(), isFinal: false },
      ...{ winners: 0, prizePerEntry: 0n, prizes: 0n, refunds: 0n, carryOut: 0n },
    })
  },
  EntryPlaced: (state, event) => {
    const pool = poolOf(state, event.poolId)
    const round = roundOf(state, event)
    expects('4: an entry into a round that is not open', round, 'OPEN')
    if (state.tx.timestamp >= round.closesAt) fail('an entry too late', event)
    state.entryCount += 1n
    same('15: entryId contiguous', event.entryId, state.entryCount)
    if (event.number < 1 || event.number > 402) fail('a number out of range', event)
    same('1: amount', event.amount, pool.entryFee)
    same('2: feeAmount', event.feeAmount, (event.amount * BigInt(pool.feeBps)) / 10_000n)
    same('18: NATIVE', event.paymentMethod === 0, pool.token === zeroAddress)
    same('18: paymentRef', event.paymentRef !== zeroHash, event.paymentMethod >= 2)
    const { run } = state
    if (run === undefined) state.run = { ...event, firstEntryId: event.entryId, count: 1n }
    else {
      for (const key of ['poolId', 'roundId', 'player', 'payer', 'paymentMethod', 'paymentRef'])
        same(`17: ${key} of one call`, event[key], run[key])
      run.count += 1n
    }
    round.entries.set(event.entryId, { player: event.player, number: event.number })
    round.gross += event.amount
    round.feeAccrued += event.feeAmount
    round.prizePool += event.amount - event.feeAmount
    flow(state, pool.token, event.amount)
  },
  PrizePoolUpdated: (state, event) => {
    const pool = poolOf(state, event.poolId)
    const round = roundOf(state, event)
    const run = state.run ?? fail('17: PrizePoolUpdated without entries', event)
    same('17: its round', `${event.poolId}/${event.roundId}`, `${run.poolId}/${run.roundId}`)
    same('3: prizePool', event.prizePool, round.prizePool)
    same('3: entryCount', event.entryCount, BigInt(round.entries.size))
    same('reason', event.reason, 0)
    if (pool.token !== zeroAddress)
      explain(state, pool.token, run.payer, state.game, pool.entryFee * run.count)
    if (run.paymentMethod === 2) state.settling = run
    state.run = undefined
  },
  X402PaymentSettled: (state, event) => {
    const pool = poolOf(state, event.poolId)
    const run = state.settling ?? fail('14: a settlement without entries', event)
    for (const key of ['poolId', 'roundId', 'player', 'payer', 'firstEntryId'])
      same(`14: ${key}`, event[key], run[key])
    same('14: nonce', event.nonce, run.paymentRef)
    same('14: token', event.token, pool.token)
    same('14: entryCount', event.entryCount, run.count)
    same('14: amount', event.amount, pool.entryFee * run.count)
    const index = state.tx.used.findIndex(
      ({ authorizer, nonce }) => authorizer === event.payer && nonce === event.nonce,
    )
    if (index < 0) fail('14: no AuthorizationUsed', event)
    state.tx.used.splice(index, 1)
    state.settling = undefined
  },
  RoundClosed: (state, event) => {
    const pool = poolOf(state, event.poolId)
    const round = roundOf(state, event)
    expects('16: closed', round, 'OPEN')
    const count = round.entries.size
    if (count < Math.max(1, pool.minEntries)) fail('closed with too few entries', round)
    if (state.tx.timestamp < round.closesAt && count < pool.maxEntries) fail('closed early', round)
    same('4: entryCount', event.entryCount, BigInt(count))
    same('4: prizePool', event.prizePool, round.prizePool)
    same('4: feeAccrued', event.feeAccrued, round.feeAccrued)
    round.status = 'DRAWING'
  },
  'coordinator.RandomWordsRequested': (state, event) => {
    if (event.sender === state.game) state.tx.requested.push(event.requestId)
  },
  RandomnessRequested: (state, event) => {
    const round = roundOf(state, event)
    expects('16: requested', round, 'DRAWING')
    same('15: one request a round', round.requestId, undefined)
    if (state.requests.has(event.requestId)) fail('15: one round a request', event)
    same('the coordinator’s request', state.tx.requested.pop(), event.requestId)
    state.requests.add(event.requestId)
    round.requestId = event.requestId
  },
  RandomnessFulfilled: (state, event) => {
    const round = roundOf(state, event)
    expects('16: fulfilled', round, 'DRAWING')
    same('18: its request', event.requestId, round.requestId)
    same('5: winningNumber', BigInt(event.winningNumber), (event.randomWord % 402n) + 1n)
    round.status = 'FULFILLED'
    round.winningNumber = event.winningNumber
  },
  RoundDrawn: (state, event) => {
    const round = roundOf(state, event)
    expects('18: drawn', round, 'FULFILLED')
    same('5: the same number', event.winningNumber, round.winningNumber)
    const on = [...round.entries.values()].filter(({ number }) => number === round.winningNumber)
    const count = BigInt(on.length)
    same('6: winningEntryCount', event.winningEntryCount, count)
    same('6: prizePool', event.prizePool, round.prizePool)
    round.prizePerEntry = count === 0n ? 0n : round.prizePool / count
    round.carryOut = round.prizePool - round.prizePerEntry * count
    same('6: prizePerEntry', event.prizePerEntry, round.prizePerEntry)
    same('6: carryOut', event.carryOut, round.carryOut)
    round.status = 'DRAWN'
    round.winners = on.length
  },
  ProtocolFeeCollected: (state, event) => {
    const pool = poolOf(state, event.poolId)
    const round = roundOf(state, event)
    expects('10: a fee', round, 'DRAWN')
    if (round.paid.size > 0) fail('the fee after a prize', round)
    same('10: once', round.fees, undefined)
    if (event.amount === 0n) fail('10: a fee of nothing', event)
    same('10: amount', event.amount, round.feeAccrued)
    same('10: recipient', event.recipient, pool.feeRecipient)
    round.fees = event.amount
    paidOut(state, pool.token, event.recipient, event.amount, event.delivered)
  },
  PrizePaid: (state, event) => {
    const pool = poolOf(state, event.poolId)
    const round = roundOf(state, event)
    expects('16: a prize', round, 'DRAWN')
    const entry = round.entries.get(event.entryId) ?? fail('7: not an entry of the round', event)
    same('7: its number', entry.number, round.winningNumber)
    same('7: its player', event.winner, entry.player)
    same('7: amount', event.amount, round.prizePerEntry)
    if (round.paid.has(event.entryId)) fail('7: paid twice', event)
    round.paid.add(event.entryId)
    round.prizes += event.amount
    paidOut(state, pool.token, event.winner, event.amount, event.delivered)
  },
  PrizeCarried: (state, event) => {
    const round = roundOf(state, { ...event, roundId: event.fromRoundId })
    const reason = { ROLLED_OVER: 0, DRAWN: 1, SETTLED: 1, CANCELLED: 2 }[round.status as string]
    same('8: reason', event.reason, reason)
    same('8: toRound', event.toRoundId, event.fromRoundId + 1n)
    same('8: once', round.carried, undefined)
    same('8: amount', event.amount, round.carryOut)
    if (event.amount === 0n) fail('8: carried nothing', event)
    round.carried = event.amount
  },
  RoundCancelled: (state, event) => {
    const pool = poolOf(state, event.poolId)
    const round = roundOf(state, event)
    const count = round.entries.size
    if (event.reason === 2) expects('16: timed out', round, 'DRAWING')
    else {
      expects('16: cancelled', round, 'OPEN')
      same('reason', event.reason, count === 0 ? 0 : 1)
      if (count >= Math.max(1, pool.minEntries)) fail('cancelled with enough entries', round)
    }
    same('9: entryCount', event.entryCount, BigInt(count))
    same('9: refundable', event.refundable, round.gross)
    round.status = 'CANCELLED'
    round.carryOut = round.carryIn
  },
  EntryRefunded: (state, event) => {
    const pool = poolOf(state, event.poolId)
    const round = roundOf(state, event)
    expects('16: a refund', round, 'CANCELLED')
    const entry = round.entries.get(event.entryId) ?? fail('9: not an entry of the round', event)
    same('9: its player', event.recipient, entry.player)
    same('9: amount', event.amount, pool.entryFee)
    if (round.refunded.has(event.entryId)) fail('9: refunded twice', event)
    round.refunded.add(event.entryId)
    round.refunds += event.amount
    paidOut(state, pool.token, event.recipient, event.amount, event.delivered)
  },
  RoundFinalized: (state, event) => {
    const round = roundOf(state, event)
    if (round.isFinal) fail('18: final twice', round)
    if (round.status === 'CANCELLED') same('11: outcome', event.outcome, 2)
    else {
      expects('16: final', round, 'DRAWN')
      same('11: outcome', event.outcome, round.winners === 0 ? 1 : 0)
      round.status = round.winners === 0 ? 'ROLLED_OVER' : 'SETTLED'
    }
    same('18: all paid', round.paid.size, round.winners)
    same('11: prizesTotal', event.prizesTotal, round.prizes)
    same('11: refundsTotal', event.refundsTotal, round.refunds)
    same('11: feeTotal', event.feeTotal, round.fees ?? 0n)
    same('11: carryOut', event.carryOut, round.carryOut)
    const out = event.prizesTotal + event.refundsTotal + event.feeTotal + event.carryOut
    same('11: gross + carryIn', round.gross + round.carryIn, out)
    round.isFinal = true
  },
  CreditClaimed: (state, event) => {
    const amount = state.credits.get(`${event.account} ${event.token}`) ?? 0n
    if (amount === 0n) fail('13: no credit', event)
    same('13: the whole credit', event.amount, amount)
    credit(state, event.account, event.token, -amount)
    flow(state, event.token, -amount)
    state.tx.claims.push(event)
  },
}
