import type { GraphQLError } from 'graphql'
import type { Limits } from '../config.ts'
import type { Client } from './access.ts'
import { apiError } from './errors.ts'
import { createNetworkSlots, createSlots } from './slots.ts'

/** Who may have a subscription, of those that there may be in all. */
export interface Seats {
  /** Takes one until the signal aborts. Why there is none, otherwise. */
  readonly take: (client: Client, until: AbortSignal) => GraphQLError | undefined
}

const refused = (whose: string) =>
  apiError('LIMIT_EXCEEDED', `Too many subscriptions${whose} are open; try again later`)

export const createSeats = (limits: Limits): Seats => {
  const all = createSlots(limits.subscriptions)
  const byNetwork = createNetworkSlots(limits.subscriptionsPerAddress)
  const byKey = createSlots(limits.subscriptionsPerKey)
  return {
    take: ({ role, holder }, until) => {
      if (role === 'anonymous' && !byNetwork.take(holder, until)) return refused(' of this address')
      if (role !== 'anonymous' && !byKey.take(holder, until)) return refused(' of this key')
      return all.take('', until) ? undefined : refused('')
    },
  }
}
