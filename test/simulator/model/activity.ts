import type { Hex } from 'viem'
import type { Facts } from './facts.ts'
import type { Event, Place } from './history.ts'
import { finality, TX, tx } from './render.ts'

const ACTIVITY = /* GraphQL */ `
  fragment activity on Activity {
    kind pool { poolId } round { pool { poolId } roundId } player { address } entry { entryId } payout { kind }
    payment { nonce } tx { ...tx } finality
  }
  ${TX}
`

export const ACTIVITIES = /* GraphQL */ `
  query Activities($from: BigInt!, $to: BigInt!) {
    activity(first: 1000, where: { blockNumber: { gte: $from, lte: $to } }) { edges { node { ...activity } } }
  }
  ${ACTIVITY}
`

export const PLAYER_HISTORY = /* GraphQL */ `
  query PlayerHistory($address: Address!) {
    player(address: $address) { history(first: 1000) { edges { node { ...activity } } } }
  }
  ${ACTIVITY}
`

const KINDS: Partial<Record<Event['name'], string>> = {
  PoolCreated: 'POOL_CREATED',
  RoundOpened: 'ROUND_OPENED',
  EntryPlaced: 'ENTRY_PLACED',
  RoundClosed: 'ROUND_CLOSED',
  RandomnessRequested: 'RANDOMNESS_REQUESTED',
  RoundDrawn: 'ROUND_DRAWN',
  PrizePaid: 'PRIZE_PAID',
  PrizeCarried: 'PRIZE_CARRIED',
  ProtocolFeeCollected: 'FEE_COLLECTED',
  RoundCancelled: 'ROUND_CANCELLED',
  EntryRefunded: 'ENTRY_REFUNDED',
  RoundFinalized: 'ROUND_FINALIZED',
  CreditClaimed: 'CREDIT_CLAIMED',
  X402PaymentSettled: 'X402_PAYMENT',
}

const PAYOUTS: Partial<Record<Event['name'], string>> = {
  PrizePaid: 'PRIZE',
  EntryRefunded: 'REFUND',
  ProtocolFeeCollected: 'FEE',
}

/** The round of a carried prize is the one it comes from. */
const roundIdOf = ({ args }: Event) =>
  'roundId' in args ? args.roundId : 'fromRoundId' in args ? args.fromRoundId : null

/** Whom it happened to. Whoever paid for others, took a fee or closed a round is nobody here. */
const accountOf = (event: Event): Hex | null => {
  switch (event.name) {
    case 'EntryPlaced':
    case 'X402PaymentSettled':
      return event.args.player
    case 'PrizePaid':
      return event.args.winner
    case 'EntryRefunded':
      return event.args.recipient
    case 'CreditClaimed':
      return event.args.account
    default:
      return null
  }
}

interface Fact {
  readonly account: Hex | null
  readonly at: Place
  readonly node: object
}

/**
 * Facts in chain order, each where its own log stands. An x402 payment stands at its settlement: money without an entry and
 * cancelled authorisations are no activity. A claim by an account that never played names no player.
 */
const activityOf = (facts: Facts, finalizedNumber: number): readonly Fact[] => {
  const players = new Set(facts.entries.map((entry) => entry.player))
  return facts.events.flatMap((event) => {
    const kind = KINDS[event.name]
    if (kind === undefined || event.address !== facts.game) return []
    const { args, at } = event
    const account = accountOf(event)
    const payout = PAYOUTS[event.name]
    const roundId = roundIdOf(event)
    const pool = 'poolId' in args ? { poolId: args.poolId.toString() } : null
    return {
      account,
      at,
      node: {
        kind,
        pool,
        round: pool === null || roundId === null ? null : { pool, roundId: roundId.toString() },
        player: account === null || !players.has(account) ? null : { address: account },
        entry: 'entryId' in args ? { entryId: args.entryId.toString() } : null,
        payout: payout === undefined ? null : { kind: payout },
        payment: event.name === 'X402PaymentSettled' ? { nonce: event.args.nonce } : null,
        tx: tx(facts.chainId, at),
        finality: finality(at, finalizedNumber),
      },
    }
  })
}

/** Of these blocks, both included; at most the first thousand. */
export const activities = (facts: Facts, from: number, to: number, finalizedNumber: number) => ({
  activity: {
    edges: activityOf(facts, finalizedNumber)
      .filter(({ at }) => at.block >= from && at.block <= to)
      .slice(0, 1000)
      .map(({ node }) => ({ node })),
  },
})

/** Newest first; at most a thousand. */
export const playerHistory = (facts: Facts, address: Hex, finalizedNumber: number) => ({
  player: {
    history: {
      edges: activityOf(facts, finalizedNumber)
        .filter(({ account }) => account === address)
        .toReversed()
        .slice(0, 1000)
        .map(({ node }) => ({ node })),
    },
  },
})
