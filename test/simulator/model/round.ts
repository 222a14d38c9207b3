import type { Facts, Payout, Pool, Round } from './facts.ts'
import { everyNumber, NUMBERS } from './number.ts'
import {
  distinct,
  floorDiv,
  MONEY,
  money,
  moneyOrNull,
  poolRef,
  sum,
  TX,
  tx,
  txOrNull,
} from './render.ts'
import {
  phaseOf,
  prizePoolOf,
  roundFinality,
  statusOf,
  unpaid,
  unrefunded,
  winningEntries,
} from './status.ts'

const CANCEL_REASONS = ['NO_ENTRIES', 'BELOW_MINIMUM', 'DRAW_TIMEOUT']

const ROUND = /* GraphQL */ `
  fragment round on Round {
    pool { poolId } roundId status phase opensAt closesAt
    carryIn { ...money } gross { ...money } feeAccrued { ...money } prizePool { ...money } carryOut { ...money }
    feeCollected { ...money } prizesPaid { ...money } prizesDelivered { ...money } refunded { ...money }
    entryCount uniquePlayers distinctNumbers
    winningNumber winningEntryCount winnerCount prizePerEntry { ...money }
    payoutsPending refundsPending cancelReason coverageBps
    openedTx { ...tx } closedTx { ...tx } drawnTx { ...tx } finalizedTx { ...tx }
    finality
  }
  ${MONEY}
  ${TX}
`

/** A pool's rounds, 1000 at a time, after the round with the id given. */
export const POOL_ROUNDS = /* GraphQL */ `
  query PoolRounds($poolId: BigInt!, $after: BigInt!) {
    pool(poolId: $poolId) {
      rounds(first: 1000, where: { roundId: { gt: $after } }, orderBy: [{ field: ROUND_ID }]) {
        edges { node { ...round } }
      }
    }
  }
  ${ROUND}
`

/** The long lists of one round. */
export const ROUND_CELLS = /* GraphQL */ `
  query RoundCells($poolId: BigInt!, $roundId: BigInt!) {
    round(poolId: $poolId, roundId: $roundId) {
      numbers { number entryCount distinctPlayers projectedPrize { ...money } expectedValue { ...money } }
      prizePoolHistory { at prizePool { ...money } entryCount }
      lastPoints: prizePoolHistory(last: 3) { at prizePool { ...money } entryCount }
    }
  }
  ${MONEY}
`

const total = ({ payouts }: Round, which: (payout: Payout) => boolean) =>
  sum(payouts.filter(which).map(({ amount }) => amount))

/**
 * - winnerCount: distinct players who hold the winning number, paid or not; like everything about the outcome null before the draw.
 * - closedTx: RoundClosed, or the cancellation of a round that was never closed.
 * - carryOut: once drawn what the draw says, once cancelled what had been carried in; null before.
 * - feeAccrued and prizePool stay as the last entry left them, also when the round is cancelled.
 */
const roundOf = (facts: Facts, round: Round, finalizedNumber: number) => {
  const { pool, entries, drawn, cancelled } = round
  const { chainId } = facts
  const numbers = distinct(entries.map(({ number }) => number))
  return {
    pool: poolRef(pool),
    roundId: round.roundId.toString(),
    status: statusOf(round),
    phase: phaseOf(round, facts.head.timestamp),
    opensAt: round.opensAt,
    closesAt: round.closesAt,
    carryIn: money(round.carryIn, pool),
    gross: money(sum(entries.map(({ amount }) => amount)), pool),
    feeAccrued: money(sum(entries.map(({ feeAmount }) => feeAmount)), pool),
    prizePool: money(prizePoolOf(round), pool),
    carryOut: moneyOrNull(drawn?.carryOut ?? (cancelled && round.carryIn), pool),
    feeCollected: money(
      total(round, ({ kind }) => kind === 'FEE'),
      pool,
    ),
    prizesPaid: money(
      total(round, ({ kind }) => kind === 'PRIZE'),
      pool,
    ),
    prizesDelivered: money(
      total(round, ({ kind, isDelivered }) => kind === 'PRIZE' && isDelivered),
      pool,
    ),
    refunded: money(
      total(round, ({ kind }) => kind === 'REFUND'),
      pool,
    ),
    entryCount: entries.length,
    uniquePlayers: distinct(entries.map(({ player }) => player)),
    distinctNumbers: numbers,
    winningNumber: drawn?.winningNumber ?? null,
    winningEntryCount: drawn === undefined ? null : winningEntries(round).length,
    winnerCount:
      drawn === undefined ? null : distinct(winningEntries(round).map(({ player }) => player)),
    prizePerEntry: moneyOrNull(drawn?.prizePerEntry, pool),
    payoutsPending: unpaid(round).length,
    refundsPending: unrefunded(round).length,
    cancelReason: cancelled === undefined ? null : CANCEL_REASONS[cancelled.reason],
    coverageBps: Math.floor((numbers * 10_000) / NUMBERS),
    openedTx: tx(chainId, round.opened),
    closedTx: txOrNull(chainId, round.closed ?? cancelled?.at),
    drawnTx: txOrNull(chainId, drawn?.at),
    finalizedTx: txOrNull(chainId, round.finalized?.at),
    finality: roundFinality(round, finalizedNumber),
  }
}

export const poolRounds = (facts: Facts, pool: Pool, after: bigint, finalizedNumber: number) => ({
  pool: {
    rounds: {
      edges: pool.rounds
        .filter(({ roundId }) => roundId > after)
        .slice(0, 1000)
        .map((round) => ({ node: roundOf(facts, round, finalizedNumber) })),
    },
  },
})

/** What one more entry on the number would be worth if it were drawn, whatever the round's status. */
const cellOf = (round: Round, number: number) => {
  const { pool } = round
  const entries = round.entries.filter((entry) => entry.number === number)
  const fee = (pool.entryFee * BigInt(pool.feeBps)) / 10_000n
  const prize = (prizePoolOf(round) + pool.entryFee - fee) / BigInt(entries.length + 1)
  return {
    number,
    entryCount: entries.length,
    distinctPlayers: distinct(entries.map(({ player }) => player)),
    projectedPrize: money(prize, pool),
    expectedValue: money(floorDiv(prize - pool.entryFee * BigInt(NUMBERS), BigInt(NUMBERS)), pool),
  }
}

/** One point for each entering call, oldest first; the newest hundred unless told otherwise. */
export const roundCells = (round: Round) => {
  const points = round.points.map(({ prizePool, entryCount, at }) => ({
    at: at.timestamp,
    prizePool: money(prizePool, round.pool),
    entryCount: Number(entryCount),
  }))
  return {
    round: {
      numbers: everyNumber.map((number) => cellOf(round, number)),
      prizePoolHistory: points.slice(-100),
      lastPoints: points.slice(-3),
    },
  }
}
