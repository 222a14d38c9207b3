import type { ExecutionArgs, ExecutionResult } from 'graphql'
import { stateOf } from '../db/head.ts'
import type { NewestHeads } from '../db/newestHeads.ts'
import { operationKey } from '../live/operation.ts'
import { resultToJson } from './errors.ts'
import type { Execution } from './execute.ts'

/** A result that Yoga sends as the text it has already. */
export interface Answer extends ExecutionResult {
  readonly stringify?: () => string
}

export interface AnswersOptions {
  readonly newestHeads: NewestHeads
  /** What may be kept, by the length of the answers. 0 keeps nothing. */
  readonly mostBytes: number
}

/**
 * Keeps the answers of one state of the rows, for as long as it is the newest. Each answer that is given again is first compared with
 * the heads that the database has at that moment, so nobody is shown an older block after a newer one, whichever process
 * told it. Errors, and what does not follow from the rows of a block alone, are never kept.
 */
export interface Answers {
  readonly answer: (args: ExecutionArgs, execute: () => Promise<Execution>) => Promise<Answer>
}

export const createAnswers = ({ newestHeads, mostBytes }: AnswersOptions): Answers => {
  const kept = new Map<string, Answer>()
  let state = ''
  let bytes = 0

  const forget = () => {
    kept.clear()
    bytes = 0
  }

  const keep = (key: string, { result, heads, isVolatile }: Execution): Answer => {
    if (heads === undefined || isVolatile || result.errors !== undefined) return result
    const json = JSON.stringify(resultToJson(result))
    const answer = { ...result, stringify: () => json }
    const readAt = stateOf(heads.values())
    if (readAt !== state) forget()
    state = readAt
    if (bytes + json.length > mostBytes) return answer
    bytes += json.length
    kept.set(key, answer)
    return answer
  }

  return {
    answer: async (args, execute) => {
      if (mostBytes === 0) return (await execute()).result
      const key = operationKey(args)
      if (kept.has(key)) {
        const now = await newestHeads().then(stateOf, () => undefined)
        const known = now === state ? kept.get(key) : undefined
        if (known !== undefined) return known
      }
      return keep(key, await execute())
    },
  }
}
