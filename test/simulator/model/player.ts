import type { Hex } from 'viem'
import type { Entry, Facts, Payout } from './facts.ts'
import { ALWAYS, type Statement, statements } from './flows.ts'
import { bps, distinct, intBps, MONEY, money, roundRef, sum } from './render.ts'

const BALANCE = /* GraphQL */ `
  fragment balance on PlayerToken {
    token { address decimals }
    wagered { ...money } won { ...money } refunded { ...money } feesPaid { ...money }
    pending { ...money } receivable { ...money } netProfit { ...money } realizedNetProfit { ...money }
    credited { ...money } claimed { ...money } claimable { ...money }
    biggestWin { ...money } biggestWinRound { pool { poolId } roundId } roiBps winRateBps
  }
  ${MONEY}
`

export const PLAYER = /* GraphQL */ `
  query Player($address: Address!, $token: Address!) {
    player(address: $address) {
      address firstSeenAt lastSeenAt entryCount roundsEntered roundsWon winningEntries poolsEntered
      balances { ...balance }
      balance(token: $token) { ...balance }
    }
  }
  ${BALANCE}
`

/** The first thousand. */
export const PLAYERS = /* GraphQL */ `
  query Players {
    players(first: 1000, orderBy: [{ field: ADDRESS }]) {
      totalCount
      edges { node {
        address firstSeenAt lastSeenAt entryCount roundsEntered roundsWon winningEntries poolsEntered
      } }
    }
  }
`

interface Played {
  readonly facts: Facts
  readonly entries: readonly Entry[]
  /** Prizes and refunds. */
  readonly payouts: readonly Payout[]
}

const playedBy = (facts: Facts, player: Hex): Played => ({
  facts,
  entries: facts.entries.filter((entry) => entry.player === player),
  payouts: facts.payouts.filter(({ entry }) => entry?.player === player),
})

const prizesOf = (payouts: readonly Payout[]) => payouts.filter(({ kind }) => kind === 'PRIZE')

/**
 * A player is seen when an entry is placed for them, or a prize or refund paid to them, as on a leaderboard: a claim does not
 * count, nor paying for others. Rounds and entries are won when the prize is paid (or credited), not when they are drawn.
 */
const profileOf = (player: Hex, { entries, payouts }: Played) => ({
  address: player,
  firstSeenAt: entries[0]?.at.timestamp,
  lastSeenAt: Math.max(...[...entries, ...payouts].map(({ at }) => at.timestamp)),
  entryCount: entries.length,
  roundsEntered: distinct(entries.map(({ round }) => round)),
  roundsWon: distinct(prizesOf(payouts).map(({ round }) => round)),
  winningEntries: prizesOf(payouts).length,
  poolsEntered: distinct(entries.map(({ round }) => round.pool)),
})

/**
 * Credits are the account's in that token, whatever they are for: a fee that could not be delivered to somebody who also plays
 * is part of what one claim takes, so it is part of what is credited.
 */
const creditsOf = (facts: Facts, account: Hex, token: Hex) => {
  const credited = sum(
    facts.payouts
      .filter((at) => !at.isDelivered && at.recipient === account && at.round.pool.token === token)
      .map(({ amount }) => amount),
  )
  const claimed = sum(
    facts.claims
      .filter((claim) => claim.account === account && claim.token === token)
      .map(({ amount }) => amount),
  )
  return { credited, claimed, claimable: credited - claimed }
}

const balanceOf = (played: Played, player: Hex, token: Hex, statement: Statement) => {
  const inToken = ({ round }: Entry | Payout) => round.pool.token === token
  const entries = played.entries.filter(inToken)
  const decimals = entries[0]?.round.pool.decimals ?? 0
  const refunded = played.payouts.filter(({ kind }) => kind === 'REFUND').filter(inToken)
  const fees =
    sum(entries.map(({ feeAmount }) => feeAmount)) -
    sum(refunded.map(({ entry }) => entry?.feeAmount ?? 0n))
  const { credited, claimed, claimable } = creditsOf(played.facts, player, token)
  const drawn = entries.filter(({ round }) => round.drawn !== undefined)
  const drawnRounds = distinct(drawn.map(({ round }) => round))
  const amount = (raw: bigint) => money(raw, { decimals })
  return {
    token: { address: token, decimals },
    wagered: amount(statement.wagered),
    won: amount(statement.won),
    refunded: amount(statement.refunded),
    feesPaid: amount(fees),
    pending: amount(statement.pending),
    receivable: amount(statement.receivable),
    netProfit: amount(statement.netProfit),
    realizedNetProfit: amount(statement.realizedNetProfit),
    credited: amount(credited),
    claimed: amount(claimed),
    claimable: amount(claimable),
    biggestWin: amount(statement.biggestWin),
    biggestWinRound: statement.biggestWinRound && roundRef(statement.biggestWinRound),
    roiBps: intBps(statement.roiBps),
    winRateBps: bps(BigInt(statement.wins), BigInt(drawnRounds)),
  }
}

/** Tokens in which the player has an entry, by address. */
const tokensOf = ({ entries }: Played) =>
  [...new Set(entries.map(({ round }) => round.pool.token))].sort()

/** A player is an address for which an entry was placed; any other one is null. */
export const player = (facts: Facts, address: Hex, token: Hex) => {
  const played = playedBy(facts, address)
  if (played.entries.length === 0) return { player: null }
  const balances = tokensOf(played).flatMap((at) => {
    const statement = statements(facts, { token: at }, ALWAYS).find((of) => of.player === address)
    return statement === undefined ? [] : balanceOf(played, address, at, statement)
  })
  const balance = balances.find((at) => at.token.address === token) ?? null
  return { player: { ...profileOf(address, played), balances, balance } }
}

/** Every player, by address. */
export const playersOf = (facts: Facts): readonly Hex[] =>
  [...new Set(facts.entries.map((entry) => entry.player))].sort()

export const players = (facts: Facts) => {
  const addresses = playersOf(facts)
  return {
    players: {
      totalCount: addresses.length,
      edges: addresses
        .slice(0, 1000)
        .map((address) => ({ node: profileOf(address, playedBy(facts, address)) })),
    },
  }
}
