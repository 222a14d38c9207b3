import { type ExecutionArgs, type ExecutionResult, execute } from 'graphql'
import type { Logger } from 'pino'
import type { LiveTurn } from '../db/feed.ts'
import type { Head } from '../db/head.ts'
import type { HeadWait } from '../live/heads.ts'
import { apiError, type Errors } from './errors.ts'

/** What the execution of one operation gives its resolvers, and takes back when it is over. */
export interface OperationContext {
  /** Of what was read; undefined when nothing was. */
  readonly heads: () => ReadonlyMap<number, Head> | undefined
  /** What was read does not belong together. Never with `isPinned`. */
  readonly isTorn: () => boolean
  readonly isVolatile: () => boolean
  readonly close: () => Promise<void>
}

export interface Scope {
  /** Read everything from one snapshot, from the start. */
  readonly isPinned: boolean
  /** Aborts when the operation is over, when its time is up and when its client has gone. */
  readonly signal: AbortSignal
  readonly waitForHead: (wait: HeadWait) => Promise<void>
  /** For a subscription that is executed for those who listen. */
  readonly turn?: Partial<LiveTurn>
}

export interface Execution {
  /** Its errors are masked. */
  readonly result: ExecutionResult
  /** Of the rows that were read; undefined when none were. */
  readonly heads: ReadonlyMap<number, Head> | undefined
  /** The answer may be another one at the same heads. */
  readonly isVolatile: boolean
}

export interface ExecutorOptions {
  readonly openContext: (scope: Scope) => OperationContext
  readonly waitForHead: (wait: HeadWait) => Promise<void>
  /** Of each operation; time spent waiting for a block does not count. */
  readonly timeoutMs: number
  readonly errors: Errors
  readonly log: Logger
}

export type Execute = (
  args: ExecutionArgs,
  given?: { readonly signal?: AbortSignal | undefined; readonly turn?: Partial<LiveTurn> },
) => Promise<Execution>

/** Calls `onExpired` after so much time in which nobody has paused it. */
const createClock = (timeoutMs: number, onExpired: () => void) => {
  let left = timeoutMs
  let since = performance.now()
  let pauses = 0
  let timer = setTimeout(onExpired, left)
  return {
    pauseWhile: async <T>(promise: Promise<T>): Promise<T> => {
      if (pauses === 0) {
        clearTimeout(timer)
        left -= performance.now() - since
      }
      pauses += 1
      try {
        return await promise
      } finally {
        pauses -= 1
        if (pauses === 0) {
          since = performance.now()
          timer = setTimeout(onExpired, Math.max(left, 0))
        }
      }
    },
    stop: () => {
      pauses = Number.POSITIVE_INFINITY
      clearTimeout(timer)
    },
  }
}

/** Says that nothing went wrong; an `abort()` without a reason makes an error with its stack each time. */
const OVER = 'the operation is over'

/**
 * Runs an operation, with a context of its own that is closed when it is done, late or abandoned. It runs again, on a snapshot, when a
 * block came between what it read. Subscriptions run like queries: the answer is their present state.
 */
export const createExecutor = (options: ExecutorOptions): Execute => {
  const { openContext, waitForHead, timeoutMs, errors, log } = options

  return async (args, { signal: clientSignal, turn = {} } = {}) => {
    const over = new AbortController()
    const late = Promise.withResolvers<ExecutionResult>()
    let isLate = false
    const giveUp = () => {
      isLate = true
      late.resolve({
        errors: [apiError('TIMEOUT', `No answer within ${timeoutMs} ms; ask for less`)],
      })
    }
    const clock = createClock(timeoutMs, giveUp)
    clientSignal?.addEventListener('abort', giveUp, { signal: over.signal })
    if (clientSignal?.aborted === true) giveUp()

    const attempt = async (isPinned: boolean): Promise<Execution> => {
      const context = openContext({
        ...{ isPinned, turn, signal: over.signal },
        waitForHead: (wait) => clock.pauseWhile(waitForHead({ ...wait, signal: over.signal })),
      })
      const run = async () => execute({ ...args, contextValue: context })
      try {
        const result = await Promise.race([run(), late.promise])
        if (context.isTorn() && !isLate) {
          // Who waits for a connection must not hold one.
          await context.close()
          return await attempt(true)
        }
        return {
          result: errors.maskResult(result),
          heads: result.data ? context.heads() : undefined,
          isVolatile: context.isVolatile(),
        }
      } finally {
        context.close().catch((error: unknown) => log.warn({ err: error }, 'reading not ended'))
      }
    }
    try {
      return await attempt(false)
    } catch (error) {
      return { result: { errors: [errors.mask(error)] }, heads: undefined, isVolatile: true }
    } finally {
      clock.stop()
      over.abort(OVER)
    }
  }
}
