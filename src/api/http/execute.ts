import { type ExecutionArgs, type ExecutionResult, execute } from 'graphql'
import type { Logger } from 'pino'
import type { LiveTurn } from '../db/feed.ts'
import type { Head } from '../db/head.ts'
import type { Turns } from '../db/turns.ts'
import type { HeadWait } from '../live/heads.ts'
import type { Pace } from '../pace.ts'
import type { AnswerSize } from './answerSize.ts'
import { apiError, type Errors } from './errors.ts'

/** What the execution of one operation gives its resolvers, and takes back when it is over. */
export interface OperationContext {
  /** Of what was read; undefined when nothing was. */
  readonly heads: () => ReadonlyMap<number, Head> | undefined
  /** What was read does not belong together. Never with `isPinned`. */
  readonly isTorn: () => boolean
  readonly isVolatile: () => boolean
  readonly size: Pick<AnswerSize, 'isTooLong'>
  readonly close: () => Promise<void>
}

export interface Scope {
  /** Read everything from one snapshot, from the start. */
  readonly isPinned: boolean
  /** Aborts when the operation is over, when its time is up and when its client has gone. */
  readonly signal: AbortSignal
  /** In whose share it counts; absent, it is the server's own. */
  readonly holder?: string | undefined
  /** Who takes its time on the event loop: the holder, or the one who listens. */
  readonly worker?: string | undefined
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
  /** Of the operations of clients. One that waits for a block has none meanwhile. */
  readonly turns: Turns
  readonly pace: Pace
  /** Of each operation, waiting for its turn included; time spent waiting for a block does not count. */
  readonly timeoutMs: number
  readonly errors: Errors
  readonly log: Logger
}

export type Execute = (
  args: ExecutionArgs,
  given?: {
    readonly signal?: AbortSignal | undefined
    readonly holder?: string
    /** Of the dearest operation that the client may ask for: 0 to 1. */
    readonly share?: number
    readonly turn?: Partial<LiveTurn>
    /** The one who listens, when it is not executed for many. */
    readonly listener?: string | undefined
  },
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

const TOO_LONG: Execution = {
  result: {
    errors: [
      apiError(
        'QUERY_TOO_COMPLEX',
        'The answer is longer than may be sent; ask for fewer fields or smaller pages',
      ),
    ],
  },
  heads: undefined,
  isVolatile: true,
}

/** Says that nothing went wrong; an `abort()` without a reason makes an error with its stack each time. */
const OVER = 'the operation is over'

/** An operation's place among those that run. */
const createPlace = (take: () => Promise<() => void>) => {
  let leave: (() => void) | undefined
  let coming: Promise<void> = Promise.resolve()
  let asides = 0
  let isOver = false
  const come = async () => {
    leave = await take()
    if (isOver) leave()
  }
  return {
    come,
    /** Gives the place to another while this waits for something that is not work. */
    aside: async <T>(promise: Promise<T>): Promise<T> => {
      asides += 1
      if (asides === 1) leave?.()
      try {
        return await promise
      } finally {
        asides -= 1
        if (asides === 0) coming = come()
        await coming
      }
    },
    end: () => {
      isOver = true
      leave?.()
    },
  }
}

/**
 * Runs an operation when it is its turn, with a context of its own that is closed when it is done, late or abandoned: then nothing of it
 * waits or runs any more. It runs again, on a snapshot, when a block came between what it read. Subscriptions run like queries: the
 * answer is their present state.
 */
export const createExecutor = (options: ExecutorOptions): Execute => {
  const { openContext, waitForHead, turns, pace, timeoutMs, errors, log } = options

  return async (
    args,
    { signal: clientSignal, holder, share = 0, turn = {}, listener = holder } = {},
  ) => {
    const over = new AbortController()
    const { signal } = over
    const late = Promise.withResolvers<ExecutionResult>()
    let isLate = false
    const giveUp = () => {
      isLate = true
      late.resolve({
        errors: [apiError('TIMEOUT', `No answer within ${timeoutMs} ms; ask for less`)],
      })
    }
    const clock = createClock(timeoutMs, giveUp)
    clientSignal?.addEventListener('abort', giveUp, { signal })
    if (clientSignal?.aborted === true) giveUp()
    const place = createPlace(async () =>
      holder === undefined ? () => undefined : turns.take({ holder, signal, share }),
    )

    const attempt = async (isPinned: boolean): Promise<Execution> => {
      const context = openContext({
        ...{ isPinned, turn, signal, holder, worker: listener },
        waitForHead: (wait) => place.aside(clock.pauseWhile(waitForHead({ ...wait, signal }))),
      })
      const run = async () => {
        if (pace.isSpent()) await pace.turn({ signal, ...(listener && { holder: listener }) })
        return execute({ ...args, contextValue: context })
      }
      try {
        const result = await Promise.race([run(), late.promise])
        if (context.isTorn() && !isLate) {
          // Who waits for a connection must not hold one.
          await context.close()
          return await attempt(true)
        }
        if (context.size.isTooLong()) return TOO_LONG
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
      const refused = await Promise.race([place.come(), late.promise])
      if (refused !== undefined)
        return { result: errors.maskResult(refused), heads: undefined, isVolatile: true }
      return await attempt(false)
    } catch (error) {
      return { result: { errors: [errors.mask(error)] }, heads: undefined, isVolatile: true }
    } finally {
      clock.stop()
      over.abort(OVER)
      place.end()
    }
  }
}
