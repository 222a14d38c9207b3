import type { Facts, Payout, Pool } from './facts.ts'
import { distinct, MONEY, money, roundRef, sum } from './render.ts'
import { isUndecided, statusOf } from './status.ts'

export const POOLS = /* GraphQL */ `
  query Pools {
    pools(first: 1000, orderBy: [{ field: POOL_ID }]) {
      totalCount
      edges { node {
        chainId poolId name creator feeBps feeRecipient roundDuration minEntries maxEntries drawTimeout createdAt
        token { chainId address decimals isNative }
        entryFee { ...money }
        currentRound { roundId }
        stats {
          entryCount uniquePlayers roundCount drawnRounds settledRounds rolledOverRounds cancelledRounds rolloverStreak
          wagered { ...money } contributed { ...money } feesCollected { ...money } feesAccruedOpen { ...money }
          prizesWon { ...money } prizesDelivered { ...money } refunded { ...money }
          biggestPrize { ...money } biggestPrizeRound { pool { poolId } roundId } biggestPrizePlayer { address }
          lastWinningNumber lastDrawAt
        }
      } }
    }
  }
  ${MONEY}
`

export const isNative = (token: string) => /^0x0{40}$/.test(token)

/**
 * The largest sum one player took from one round, by prizes in chain order, null without one. A sum can grow prize by prize;
 * the first to reach the largest keeps it.
 */
export const biggestOf = (prizes: readonly Payout[]) => {
  const sums = new Map<string, bigint>()
  let biggest: { readonly amount: bigint; readonly prize: Payout } | null = null
  for (const prize of prizes) {
    const { round, recipient } = prize
    const key = `${round.pool.poolId}-${round.roundId}-${recipient}`
    const amount = (sums.get(key) ?? 0n) + prize.amount
    sums.set(key, amount)
    if (biggest === null || amount > biggest.amount) biggest = { amount, prize }
  }
  return biggest
}

/**
 * Rounds in a row that nobody won, up to the last draw. A draw with winners ends the row at once, paid or not; cancelled
 * rounds neither lengthen nor end it.
 */
const streakOf = ({ rounds }: Pool) =>
  rounds.reduce((streak, { drawn }) => {
    if (drawn === undefined) return streak
    return drawn.winningEntryCount === 0n ? streak + 1 : 0
  }, 0)

/**
 * Rounds are counted by their status now (a round drawn and not all paid is neither settled nor rolled over; one cancelled
 * counts before its refunds are done). feesCollected is what was handed over or credited to the fee's recipient.
 */
const statsOf = (facts: Facts, pool: Pool) => {
  const ours = ({ round }: { readonly round: { readonly pool: Pool } }) => round.pool === pool
  const entries = facts.entries.filter(ours)
  const payouts = facts.payouts.filter(ours)
  const total = (kind: Payout['kind'], which: (payout: Payout) => boolean = () => true) =>
    sum(payouts.filter((at) => at.kind === kind && which(at)).map(({ amount }) => amount))
  const having = (status: string) => pool.rounds.filter((at) => statusOf(at) === status).length
  const open = pool.rounds.filter(isUndecided).flatMap((round) => round.entries)
  const draws = pool.rounds.flatMap(({ drawn }) => drawn ?? [])
  const biggest = biggestOf(payouts.filter(({ kind }) => kind === 'PRIZE'))
  const last = draws.at(-1)
  return {
    entryCount: entries.length,
    uniquePlayers: distinct(entries.map(({ player }) => player)),
    roundCount: pool.rounds.length,
    drawnRounds: draws.length,
    settledRounds: having('SETTLED'),
    rolledOverRounds: having('ROLLED_OVER'),
    cancelledRounds: having('CANCELLED'),
    rolloverStreak: streakOf(pool),
    wagered: money(sum(entries.map(({ amount }) => amount)), pool),
    contributed: money(sum(entries.map(({ amount, feeAmount }) => amount - feeAmount)), pool),
    feesCollected: money(total('FEE'), pool),
    feesAccruedOpen: money(sum(open.map(({ feeAmount }) => feeAmount)), pool),
    prizesWon: money(total('PRIZE'), pool),
    prizesDelivered: money(
      total('PRIZE', ({ isDelivered }) => isDelivered),
      pool,
    ),
    refunded: money(total('REFUND'), pool),
    biggestPrize: biggest && money(biggest.amount, pool),
    biggestPrizeRound: biggest && roundRef(biggest.prize.round),
    biggestPrizePlayer: biggest && { address: biggest.prize.recipient },
    lastWinningNumber: last?.winningNumber ?? null,
    lastDrawAt: last?.at.timestamp ?? null,
  }
}

/** The round opened last; a pool has no other one open or drawing. */
const currentRoundOf = ({ rounds }: Pool) => {
  const current = rounds.at(-1)
  return current === undefined ? null : { roundId: current.roundId.toString() }
}

const poolOf = (facts: Facts, pool: Pool) => ({
  chainId: facts.chainId,
  poolId: pool.poolId.toString(),
  // PostgreSQL holds no NUL: the API shows U+FFFD for it.
  name: pool.name.replaceAll('\0', '\uFFFD'),
  creator: pool.creator,
  feeBps: pool.feeBps,
  feeRecipient: pool.feeRecipient,
  roundDuration: pool.roundDuration,
  minEntries: pool.minEntries,
  maxEntries: pool.maxEntries,
  drawTimeout: pool.drawTimeout,
  createdAt: pool.at.timestamp,
  token: {
    chainId: facts.chainId,
    address: pool.token,
    decimals: pool.decimals,
    isNative: isNative(pool.token),
  },
  entryFee: money(pool.entryFee, pool),
  currentRound: currentRoundOf(pool),
  stats: statsOf(facts, pool),
})

export const pools = (facts: Facts) => ({
  pools: {
    totalCount: facts.pools.length,
    edges: facts.pools.map((pool) => ({ node: poolOf(facts, pool) })),
  },
})
