import type { GraphQLError } from 'graphql'
import { type CacheSize, createCache } from '../cache.ts'
import type { Purse } from '../live/schedule.ts'
import type { Client } from './access.ts'
import { apiError } from './errors.ts'

/** Counts what each client's operations cost in this process, a minute at a time. */
export interface Meter extends Purse {
  /** Why the operation is refused; undefined when it is within the budget. Once it is used up nothing is answered until its minute is over. */
  readonly charge: (client: Client, cost: number) => Promise<GraphQLError | undefined>
  /** Counts an operation that was refused because of what it says. @param bytes length of what had to be read */
  readonly chargeMistake: (client: Client, bytes: number) => void
  /** Why nothing of this client is even read: it has used up its budget, so many times. */
  readonly refusal: (client: Client, times: number) => GraphQLError | undefined
  readonly size: () => CacheSize
}

/** What it costs to read a request and to refuse it: a quarter of a millisecond, in the units of the prices. */
const MISTAKE_COST = 100
/** Of a text that was read in vain. */
const BYTES_PER_COST = 20

const WINDOW_MS = 60_000

/** Some hundred thousand clients a minute; beyond them, who has asked for nothing the longest begins anew. */
const MOST_BYTES = 33_554_432
const ACCOUNT_BYTES = 64

interface Account {
  spent: number
  /** When the minute is over. */
  readonly until: number
}

export const createMeter = (): Meter => {
  const accounts = createCache<Account>({ mostBytes: MOST_BYTES, sizeOf: () => ACCOUNT_BYTES })

  const accountOf = (holder: string, now: number): Account => {
    const known = accounts.get(holder)
    if (known !== undefined && known.until > now) return known
    const account = { spent: 0, until: now + WINDOW_MS }
    accounts.set(holder, account)
    return account
  }

  const refusal = ({ holder, budget }: Client, times: number) => {
    const now = performance.now()
    const account = accountOf(holder, now)
    if (account.spent <= budget.costPerMinute * times) return undefined
    const msBeforeNext = Math.ceil(account.until - now)
    return apiError(
      'LIMIT_EXCEEDED',
      `The operations of a minute may cost ${budget.costPerMinute}; wait for the next one`,
      429,
      {
        retryAfterMs: msBeforeNext,
        headers: { 'retry-after': String(Math.ceil(msBeforeNext / 1000)) },
      },
    )
  }

  const spend = ({ holder }: Client, cost: number) => {
    accountOf(holder, performance.now()).spent += Math.max(1, cost)
  }

  return {
    size: accounts.size,
    restMs: ({ holder, budget }) => {
      const now = performance.now()
      const { spent, until } = accountOf(holder, now)
      return spent <= budget.costPerMinute ? 0 : until - now
    },
    spend: ({ holder }, cost) => {
      accountOf(holder, performance.now()).spent += cost
    },
    refusal,
    charge: async (client, cost) => {
      spend(client, cost)
      return refusal(client, 1)
    },
    chargeMistake: (client, bytes) =>
      spend(client, MISTAKE_COST + Math.ceil(bytes / BYTES_PER_COST)),
  }
}
