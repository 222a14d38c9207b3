import type { Hex } from 'viem'
import type { Facts } from './facts.ts'
import { isIn } from './flows.ts'
import { distinct, MONEY, money, sum } from './render.ts'
import { isUndecided, prizePoolOf, unpaid, unrefunded } from './status.ts'

export const TOKEN_TOTALS = /* GraphQL */ `
  query TokenTotals {
    tokenTotals {
      token { chainId address decimals }
      wagered { ...money } feesCollected { ...money } prizesWon { ...money } refunded { ...money } locked { ...money }
      players pools rounds entries
    }
  }
  ${MONEY}
`

/** Tokens with a pool, by address. */
export const tokensOf = ({ pools }: Facts): readonly Hex[] =>
  [...new Set(pools.map(({ token }) => token))].sort()

/**
 * What the contract owes in a token: prize pools and fees of rounds OPEN or DRAWING, unpaid prizes, stakes to send back, and
 * credits.
 */
export const liabilities = (facts: Facts, token: Hex): bigint => {
  const rounds = facts.rounds.filter(({ pool }) => pool.token === token)
  const open = rounds.filter(isUndecided)
  const fees = open.flatMap(({ entries }) => entries.map(({ feeAmount }) => feeAmount))
  const prizes = rounds.flatMap((round) =>
    unpaid(round).map(() => round.drawn?.prizePerEntry ?? 0n),
  )
  const stakes = rounds.flatMap((round) => unrefunded(round).map(({ amount }) => amount))
  const credited = facts.payouts
    .filter(isIn({ token }))
    .filter(({ isDelivered }) => !isDelivered)
    .map(({ amount }) => amount)
  const claimed = facts.claims.filter((claim) => claim.token === token).map(({ amount }) => amount)
  return sum([...open.map(prizePoolOf), ...fees, ...prizes, ...stakes, ...credited]) - sum(claimed)
}

/** Sums over the pools of a token. `locked` is what the contract owes in it. */
const totalsOf = (facts: Facts, token: Hex) => {
  const ours = isIn({ token })
  const pools = facts.pools.filter((pool) => pool.token === token)
  const entries = facts.entries.filter(ours)
  const paid = (kind: string) =>
    sum(
      facts.payouts
        .filter((payout) => payout.kind === kind && ours(payout))
        .map(({ amount }) => amount),
    )
  const decimals = pools[0]?.decimals ?? 0
  const amount = (raw: bigint) => money(raw, { decimals })
  return {
    token: { chainId: facts.chainId, address: token, decimals },
    wagered: amount(sum(entries.map((entry) => entry.amount))),
    feesCollected: amount(paid('FEE')),
    prizesWon: amount(paid('PRIZE')),
    refunded: amount(paid('REFUND')),
    locked: amount(liabilities(facts, token)),
    players: distinct(entries.map(({ player }) => player)),
    pools: pools.length,
    rounds: pools.flatMap(({ rounds }) => rounds).length,
    entries: entries.length,
  }
}

export const tokenTotals = (facts: Facts) => ({
  tokenTotals: tokensOf(facts).map((token) => totalsOf(facts, token)),
})
