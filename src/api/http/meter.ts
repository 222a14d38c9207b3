import type { GraphQLError } from 'graphql'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import type { Client } from './access.ts'
import { apiError } from './errors.ts'

/** Counts what each client's operations cost in this process, a minute at a time. */
export interface Meter {
  /** Why the operation is refused; undefined when it is within the budget. Once it is used up nothing is answered until its minute is over. */
  readonly charge: (client: Client, cost: number) => Promise<GraphQLError | undefined>
}

const WINDOW_SECONDS = 60

export const createMeter = (): Meter => {
  // The library counts and forgets; how much is too much differs from client to client.
  const spent = new RateLimiterMemory({ points: 0, duration: WINDOW_SECONDS })
  return {
    charge: async ({ holder, budget }, cost) => {
      const { consumedPoints, msBeforeNext } = await spent.penalty(holder, Math.max(1, cost))
      if (consumedPoints <= budget.costPerMinute) return undefined
      return apiError(
        'LIMIT_EXCEEDED',
        `The operations of a minute may cost ${budget.costPerMinute}; wait for the next one`,
        429,
        {
          retryAfterMs: msBeforeNext,
          headers: { 'retry-after': String(Math.ceil(msBeforeNext / 1000)) },
        },
      )
    },
  }
}
