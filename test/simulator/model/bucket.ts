import type { Hex } from 'viem'
import type { Entry, Facts, Payout, Pool, Round } from './facts.ts'
import { isIn, type Scope, type Span, within } from './flows.ts'
import { named, type Place } from './history.ts'
import { distinct, MONEY, money, moneyOrNull, sum } from './render.ts'
import { type Interval, spanFrom, startsIn } from './time.ts'

const BUCKET = /* GraphQL */ `
  fragment bucket on Bucket {
    interval start token { address }
    entryCount wagered { ...money } fees { ...money } prizes { ...money } refunds { ...money }
    x402Count x402Amount { ...money } uniquePlayers newPlayers roundsDrawn rollovers
    prizePoolOpen { ...money } prizePoolHigh { ...money } prizePoolClose { ...money }
  }
  ${MONEY}
`

export const POOL_BUCKETS = /* GraphQL */ `
  query PoolBuckets($poolId: BigInt!, $interval: Interval!, $from: Timestamp!, $to: Timestamp!, $fillGaps: Boolean!) {
    pool(poolId: $poolId) {
      buckets(interval: $interval, from: $from, to: $to, fillGaps: $fillGaps) { ...bucket }
    }
  }
  ${BUCKET}
`

export const TOKEN_BUCKETS = /* GraphQL */ `
  query TokenBuckets($token: Address!, $interval: Interval!, $from: Timestamp!, $to: Timestamp!, $fillGaps: Boolean!) {
    tokenBuckets(token: $token, interval: $interval, from: $from, to: $to, fillGaps: $fillGaps) { ...bucket }
  }
  ${BUCKET}
`

export interface BucketQuestion extends Span {
  readonly interval: Interval
  readonly fillGaps: boolean
}

interface Amount {
  readonly amount: bigint
}
const total = (list: readonly Amount[]) => sum(list.map(({ amount }) => amount))

/** Everything that buckets count, of a pool or of all pools of a token. */
const contentsOf = (facts: Facts, scope: Scope) => {
  const ours = isIn(scope)
  const rounds = facts.rounds.filter((round) => ours({ round }))
  const poolIds = new Set(rounds.map(({ pool }) => pool.poolId))
  const ofKind = (kind: Payout['kind']) =>
    facts.payouts.filter((payout) => payout.kind === kind && ours(payout))
  const entries = facts.entries.filter(ours)
  const seen = new Set<Hex>()
  const firsts = entries.filter(({ player }) => !seen.has(player) && seen.add(player))
  return {
    entries,
    /** Each player's first entry. */
    firsts,
    fees: ofKind('FEE'),
    prizes: ofKind('PRIZE'),
    refunds: ofKind('REFUND'),
    draws: rounds.flatMap(({ drawn }) => drawn ?? []),
    rollovers: rounds.flatMap(({ finalized }) => (finalized?.outcome === 1 ? [finalized] : [])),
    payments: named(facts.events, 'X402PaymentSettled')
      .filter(({ args }) => poolIds.has(args.poolId))
      .map(({ args, at }) => ({ amount: args.amount, at })),
    openings: rounds.map(({ opened }) => ({ at: opened })),
  }
}

type Contents = ReturnType<typeof contentsOf>

const cut = (contents: Contents, span: Span): Contents => {
  const inside = <Item extends { readonly at: Place }>(list: readonly Item[]) =>
    list.filter(within(span))
  return {
    entries: inside<Entry>(contents.entries),
    firsts: inside<Entry>(contents.firsts),
    fees: inside<Payout>(contents.fees),
    prizes: inside<Payout>(contents.prizes),
    refunds: inside<Payout>(contents.refunds),
    draws: inside(contents.draws),
    rollovers: inside(contents.rollovers),
    payments: inside(contents.payments),
    openings: inside(contents.openings),
  }
}

const isEmpty = (contents: Contents) => Object.values(contents).every((list) => list.length === 0)

interface Level {
  readonly value: bigint
  readonly at: Place
}

/** What the prize pool of a pool's current round stood at, whenever it changed, in chain order. */
const levelsOf = ({ rounds }: Pool): readonly Level[] =>
  rounds
    .flatMap(({ carryIn, opened, points }: Round) => [
      { value: carryIn, at: opened },
      ...points.map(({ prizePool, at }) => ({ value: prizePool, at })),
    ])
    .toSorted((a, b) => a.at.block - b.at.block || a.at.logIndex - b.at.logIndex)

/**
 * The value when the span began, or the first one in it; the greatest that stood in it; the last. All null before the pool's
 * first round. Blocks of one time lie in one bucket, so chain order is the order in time.
 */
const prizePool = (levels: readonly Level[], span: Span) => {
  const before = levels.filter(({ at }) => at.timestamp < span.from).at(-1)
  const values = [...(before === undefined ? [] : [before]), ...levels.filter(within(span))].map(
    ({ value }) => value,
  )
  const ascending = values.toSorted((a, b) => (a < b ? -1 : 1))
  return { open: values[0], high: ascending.at(-1), close: values.at(-1) }
}

/** @param scope the pool, or the token, in whose buckets there is no prize pool */
const bucketsOf = (facts: Facts, scope: Scope, asked: BucketQuestion) => {
  const { interval, fillGaps } = asked
  const contents = contentsOf(facts, scope)
  const levels = scope.pool === undefined ? [] : levelsOf(scope.pool)
  const decimals = facts.pools.find(({ token }) => token === scope.token)?.decimals ?? 0
  const amount = (raw: bigint) => money(raw, { decimals })
  return startsIn(interval, asked).flatMap((start) => {
    const span = spanFrom(interval, start)
    const inside = cut(contents, span)
    if (!fillGaps && isEmpty(inside)) return []
    const { open, high, close } = prizePool(levels, span)
    return {
      interval,
      start,
      token: { address: scope.token },
      entryCount: inside.entries.length,
      wagered: amount(total(inside.entries)),
      fees: amount(total(inside.fees)),
      prizes: amount(total(inside.prizes)),
      refunds: amount(total(inside.refunds)),
      x402Count: inside.payments.length,
      x402Amount: amount(total(inside.payments)),
      uniquePlayers: distinct(inside.entries.map(({ player }) => player)),
      newPlayers: inside.firsts.length,
      roundsDrawn: inside.draws.length,
      rollovers: inside.rollovers.length,
      prizePoolOpen: moneyOrNull(open, { decimals }),
      prizePoolHigh: moneyOrNull(high, { decimals }),
      prizePoolClose: moneyOrNull(close, { decimals }),
    }
  })
}

export const poolBuckets = (facts: Facts, pool: Pool, asked: BucketQuestion) => ({
  pool: { buckets: bucketsOf(facts, { token: pool.token, pool }, asked) },
})

export const tokenBuckets = (facts: Facts, token: Hex, asked: BucketQuestion) => ({
  tokenBuckets: bucketsOf(facts, { token }, asked),
})
