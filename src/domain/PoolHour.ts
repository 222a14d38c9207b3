import type { Firsts } from './Bucket.ts'

/** What one UTC hour brought to a pool. Money in base units of the pool's token, each flow dated by its own log. */
export interface PoolHour {
  readonly id: string
  readonly chainId: number
  readonly poolId: bigint
  /** Hours since the epoch. */
  readonly hour: number
  readonly entryCount: number
  readonly wagered: bigint
  readonly fees: bigint
  readonly prizes: bigint
  readonly refunds: bigint
  readonly x402Count: number
  readonly x402Amount: bigint
  readonly roundsDrawn: number
  readonly rollovers: number
  /** Players whose first entry in the pool, and whose first of the hour, day, week, lies here. */
  readonly newPlayers: number
  readonly hourPlayers: number
  readonly dayPlayers: number
  readonly weekPlayers: number
  /** The same among all pools of the token. */
  readonly tokenNewPlayers: number
  readonly tokenHourPlayers: number
  readonly tokenDayPlayers: number
  readonly tokenWeekPlayers: number
  /** The greatest and the last prize pool that an event of the hour left; null when none changed it. */
  readonly prizePoolHigh: bigint | null
  readonly prizePoolClose: bigint | null
}

export const zero = (key: Pick<PoolHour, 'id' | 'chainId' | 'poolId' | 'hour'>): PoolHour => ({
  ...key,
  entryCount: 0,
  wagered: 0n,
  fees: 0n,
  prizes: 0n,
  refunds: 0n,
  x402Count: 0,
  x402Amount: 0n,
  roundsDrawn: 0,
  rollovers: 0,
  newPlayers: 0,
  hourPlayers: 0,
  dayPlayers: 0,
  weekPlayers: 0,
  tokenNewPlayers: 0,
  tokenHourPlayers: 0,
  tokenDayPlayers: 0,
  tokenWeekPlayers: 0,
  prizePoolHigh: null,
  prizePoolClose: null,
})

const one = (is: boolean) => (is ? 1 : 0)

const stand = (hour: PoolHour, prizePool: bigint): PoolHour => ({
  ...hour,
  prizePoolHigh:
    hour.prizePoolHigh === null || prizePool > hour.prizePoolHigh ? prizePool : hour.prizePoolHigh,
  prizePoolClose: prizePool,
})

/** RoundOpened: the prize pool is now what was carried in. */
export const roundOpened = (hour: PoolHour, event: { readonly carryIn: bigint }): PoolHour =>
  stand(hour, event.carryIn)

/** EntryPlaced. `prizePool` is the round's with this entry. */
export const entryPlaced = (
  hour: PoolHour,
  event: {
    readonly amount: bigint
    readonly prizePool: bigint
    readonly inPool: Firsts
    readonly inToken: Firsts
  },
): PoolHour => ({
  ...stand(hour, event.prizePool),
  entryCount: hour.entryCount + 1,
  wagered: hour.wagered + event.amount,
  newPlayers: hour.newPlayers + one(event.inPool.ever),
  hourPlayers: hour.hourPlayers + one(event.inPool.hour),
  dayPlayers: hour.dayPlayers + one(event.inPool.day),
  weekPlayers: hour.weekPlayers + one(event.inPool.week),
  tokenNewPlayers: hour.tokenNewPlayers + one(event.inToken.ever),
  tokenHourPlayers: hour.tokenHourPlayers + one(event.inToken.hour),
  tokenDayPlayers: hour.tokenDayPlayers + one(event.inToken.day),
  tokenWeekPlayers: hour.tokenWeekPlayers + one(event.inToken.week),
})

interface Amount {
  readonly amount: bigint
}

/** X402PaymentSettled. */
export const x402PaymentSettled = (hour: PoolHour, { amount }: Amount): PoolHour => ({
  ...hour,
  x402Count: hour.x402Count + 1,
  x402Amount: hour.x402Amount + amount,
})

export const feeCollected = (hour: PoolHour, { amount }: Amount): PoolHour => ({
  ...hour,
  fees: hour.fees + amount,
})

export const prizePaid = (hour: PoolHour, { amount }: Amount): PoolHour => ({
  ...hour,
  prizes: hour.prizes + amount,
})

export const entryRefunded = (hour: PoolHour, { amount }: Amount): PoolHour => ({
  ...hour,
  refunds: hour.refunds + amount,
})

export const roundDrawn = (hour: PoolHour): PoolHour => ({
  ...hour,
  roundsDrawn: hour.roundsDrawn + 1,
})

/** RoundFinalized with the outcome ROLLED_OVER. */
export const rolledOver = (hour: PoolHour): PoolHour => ({
  ...hour,
  rollovers: hour.rollovers + 1,
})
