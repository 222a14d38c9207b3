import type { ExecutionArgs, ExecutionResult } from 'graphql'
import { type CacheSize, createCache, textBytes } from '../cache.ts'
import { stateOf } from '../db/head.ts'
import type { NewestHeads } from '../db/newestHeads.ts'
import { operationKey } from '../live/operation.ts'
import { apiError, resultToJson, retryAfter } from './errors.ts'
import type { Execution } from './execute.ts'

/** A result that Yoga sends as the text it has already. */
export interface Answer extends ExecutionResult {
  readonly stringify?: () => string
}

export interface AnswersOptions {
  readonly newestHeads: NewestHeads
  /** What may be kept, keys and all. 0 keeps nothing. */
  readonly mostBytes: number
}

/** How long a kept answer waits for the database to say that it is still the newest. */
const HEADS_MS = 1000

const LATE = Symbol('late')

/** What comes within the time, or `LATE`. */
const inTime = async <T>(work: Promise<T>): Promise<T | typeof LATE> => {
  const late = Promise.withResolvers<typeof LATE>()
  const timer = setTimeout(() => late.resolve(LATE), HEADS_MS)
  try {
    return await Promise.race([work, late.promise])
  } finally {
    clearTimeout(timer)
  }
}

/**
 * Keeps the answers of one state of the rows, for as long as it is the newest. Each answer that is given again is first compared with
 * the heads that the database has at that moment, so nobody is shown an older block after a newer one, whichever process
 * told it. A database that does not say so within a second is too busy, or gone: then the operation is refused, because to ask it
 * for more would not help, and an answer that may be too old is never given. Errors, and what does not follow from the rows of a
 * block alone, are never kept.
 */
export interface Answers {
  readonly answer: (args: ExecutionArgs, execute: () => Promise<Execution>) => Promise<Answer>
  readonly size: () => CacheSize
}

/** An answer as its text alone: its objects would take many times the room. Who needs them reads them from the text again. */
const answerOf = (json: string): Answer => ({
  get data() {
    return (JSON.parse(json) as { readonly data: NonNullable<Answer['data']> }).data
  },
  stringify: () => json,
})

const tooBusy = () =>
  apiError('OVERLOADED', 'The database is too busy to answer', undefined, retryAfter(HEADS_MS))

export const createAnswers = ({ newestHeads, mostBytes }: AnswersOptions): Answers => {
  const kept = createCache<string>({ mostBytes, sizeOf: textBytes })
  let state = ''

  const keep = (key: string, { result, heads, isVolatile }: Execution): Answer => {
    if (heads === undefined || isVolatile || result.errors !== undefined) return result
    const json = JSON.stringify(resultToJson(result))
    const readAt = stateOf(heads.values())
    if (readAt !== state) kept.clear()
    state = readAt
    kept.set(key, json)
    return { ...result, stringify: () => json }
  }

  return {
    answer: async (args, execute) => {
      if (mostBytes === 0) return (await execute()).result
      const key = operationKey(args)
      if (kept.get(key) !== undefined) {
        const now = await inTime(newestHeads().then(stateOf, () => undefined))
        if (now === LATE) return { errors: [tooBusy()] }
        const known = now === state ? kept.get(key) : undefined
        if (known !== undefined) return answerOf(known)
      }
      return keep(key, await execute())
    },
    size: kept.size,
  }
}
