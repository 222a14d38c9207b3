import type { Hex } from 'viem'
import type { Event, History, Place } from './history.ts'

export interface Pool {
  readonly poolId: bigint
  readonly token: Hex
  readonly decimals: number
  readonly creator: Hex
  readonly entryFee: bigint
  readonly feeBps: number
  readonly feeRecipient: Hex
  readonly roundDuration: number
  readonly minEntries: number
  readonly maxEntries: number
  readonly drawTimeout: number
  readonly name: string
  readonly at: Place
  readonly rounds: Round[]
}

export interface Draw {
  readonly winningNumber: number
  readonly winningEntryCount: bigint
  readonly prizePool: bigint
  readonly prizePerEntry: bigint
  readonly carryOut: bigint
  readonly at: Place
}

/** What happened to a round, filled in as its events pass. */
export interface Round {
  readonly pool: Pool
  readonly roundId: bigint
  readonly opensAt: number
  readonly closesAt: number
  readonly carryIn: bigint
  readonly opened: Place
  readonly entries: Entry[]
  readonly points: { readonly prizePool: bigint; readonly entryCount: bigint; readonly at: Place }[]
  closed?: Place
  requested?: {
    readonly requestId: bigint
    readonly coordinator: Hex
    readonly keyHash: Hex
    readonly at: Place
  }
  fulfilled?: { readonly randomWord: bigint; readonly at: Place }
  drawn?: Draw
  cancelled?: { readonly reason: number; readonly at: Place }
  finalized?: { readonly outcome: number; readonly at: Place }
  /** Prizes, refunds and the fee, in chain order. */
  readonly payouts: Payout[]
  /** Every log that names the round. */
  readonly places: Place[]
}

export interface Entry {
  readonly entryId: bigint
  readonly round: Round
  readonly player: Hex
  readonly payer: Hex
  readonly number: number
  readonly amount: bigint
  readonly feeAmount: bigint
  readonly method: number
  readonly paymentRef: Hex
  readonly at: Place
  payout?: Payout
}

export interface Payout {
  readonly kind: 'PRIZE' | 'REFUND' | 'FEE'
  readonly round: Round
  readonly recipient: Hex
  readonly entry: Entry | null
  readonly amount: bigint
  readonly isDelivered: boolean
  readonly at: Place
  claim?: Place
}

export interface Claim {
  readonly account: Hex
  readonly token: Hex
  readonly amount: bigint
  readonly at: Place
}

/** The events of a history, put where they belong. Nothing is summed yet. Lists are in chain order. */
export interface Facts extends History {
  readonly pools: readonly Pool[]
  readonly rounds: readonly Round[]
  readonly entries: readonly Entry[]
  readonly payouts: readonly Payout[]
  readonly claims: readonly Claim[]
}

const found = <Value>(value: Value | undefined, what: string): Value => {
  if (value === undefined) throw new Error(`no such ${what}`)
  return value
}

/** @throws when an event names a pool, round or entry that no event made. */
export const factsOf = (history: History): Facts => {
  const pools: Pool[] = []
  const rounds: Round[] = []
  const entries: Entry[] = []
  const payouts: Payout[] = []
  const claims: Claim[] = []

  const poolOf = (poolId: bigint) =>
    found(
      pools.find((pool) => pool.poolId === poolId),
      `pool ${poolId}`,
    )
  const roundOf = ({ poolId, roundId }: { poolId: bigint; roundId: bigint }) =>
    found(
      poolOf(poolId).rounds.find((round) => round.roundId === roundId),
      `round ${poolId}-${roundId}`,
    )
  const entryOf = (round: Round, entryId: bigint) =>
    found(
      round.entries.find((entry) => entry.entryId === entryId),
      `entry ${entryId}`,
    )
  const pay = (payout: Payout) => {
    payouts.push(payout)
    payout.round.payouts.push(payout)
    if (payout.entry !== null) payout.entry.payout = payout
  }

  const apply = (event: Event) => {
    const { at } = event
    if ('poolId' in event.args && 'roundId' in event.args && event.name !== 'RoundOpened')
      roundOf(event.args).places.push(at)
    switch (event.name) {
      case 'PoolCreated': {
        const { tokenDecimals, ...args } = event.args
        pools.push({ ...args, decimals: tokenDecimals, at, rounds: [] })
        return
      }
      case 'RoundOpened': {
        const { poolId, roundId, opensAt, closesAt, carryIn } = event.args
        const pool = poolOf(poolId)
        const times = { opensAt: Number(opensAt), closesAt: Number(closesAt) }
        const lists = { entries: [], points: [], payouts: [], places: [at] }
        const round = { pool, roundId, ...times, carryIn, opened: at, ...lists }
        pool.rounds.push(round)
        rounds.push(round)
        return
      }
      case 'EntryPlaced': {
        const { poolId, roundId, paymentMethod, ...args } = event.args
        const round = roundOf({ poolId, roundId })
        const entry = { ...args, method: paymentMethod, round, at }
        round.entries.push(entry)
        entries.push(entry)
        return
      }
      case 'PrizePoolUpdated': {
        const { prizePool, entryCount } = event.args
        roundOf(event.args).points.push({ prizePool, entryCount, at })
        return
      }
      case 'RoundClosed':
        roundOf(event.args).closed = at
        return
      case 'RandomnessRequested': {
        const { requestId, coordinator, keyHash } = event.args
        roundOf(event.args).requested = { requestId, coordinator, keyHash, at }
        return
      }
      case 'RandomnessFulfilled':
        roundOf(event.args).fulfilled = { randomWord: event.args.randomWord, at }
        return
      case 'RoundDrawn':
        roundOf(event.args).drawn = { ...event.args, at }
        return
      case 'RoundCancelled':
        roundOf(event.args).cancelled = { reason: event.args.reason, at }
        return
      case 'RoundFinalized':
        roundOf(event.args).finalized = { outcome: event.args.outcome, at }
        return
      case 'PrizePaid': {
        const { winner: recipient, entryId, amount, delivered: isDelivered } = event.args
        const round = roundOf(event.args)
        const entry = entryOf(round, entryId)
        return pay({ kind: 'PRIZE', round, recipient, entry, amount, isDelivered, at })
      }
      case 'EntryRefunded': {
        const { recipient, entryId, amount, delivered: isDelivered } = event.args
        const round = roundOf(event.args)
        const entry = entryOf(round, entryId)
        return pay({ kind: 'REFUND', round, recipient, entry, amount, isDelivered, at })
      }
      case 'ProtocolFeeCollected': {
        const { recipient, amount, delivered: isDelivered } = event.args
        const round = roundOf(event.args)
        return pay({ kind: 'FEE', round, recipient, entry: null, amount, isDelivered, at })
      }
      case 'CreditClaimed': {
        const { account, token, amount } = event.args
        claims.push({ account, token, amount, at })
        // A claim takes the whole credit, so it closes all that is credited to the account in that token.
        for (const payout of payouts)
          if (
            payout.recipient === account &&
            payout.round.pool.token === token &&
            !payout.isDelivered &&
            payout.claim === undefined
          )
            payout.claim = at
      }
    }
  }
  for (const event of history.events) apply(event)
  return { ...history, pools, rounds, entries, payouts, claims }
}
