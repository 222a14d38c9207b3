import type { Caller } from './db/turns.ts'

/**
 * Divides the event loop between long works: together they take no more than `BUDGET_MS` of each turn, holder after holder, so that whoever
 * asks for little is answered between two parts of what another asks for.
 */
export interface Pace {
  /** Whether long works have had their time of this turn. */
  readonly isSpent: () => boolean
  /** Resolves in a turn that has time, when whatever was resolved before has been worked off. Never resolves for a caller who has gone. */
  readonly turn: (caller?: Caller) => Promise<void>
}

/** Of each turn of the event loop. A turn that has nothing else to do is over at once. */
const BUDGET_MS = 1

interface Waiting {
  readonly resume: () => void
  readonly signal: AbortSignal | undefined
}

export const createPace = (): Pace => {
  /** By holder, the next one first. The server's own work has no name. */
  const waiting = new Map<string, Waiting[]>()
  /** When the time of the present turn is over; undefined when nobody has asked in it. */
  let until: number | undefined
  let isGranting = false

  const take = (): Waiting | undefined => {
    for (const [holder, queue] of waiting) {
      const next = queue.shift()
      waiting.delete(holder)
      if (queue.length > 0) waiting.set(holder, queue)
      if (next !== undefined && next.signal?.aborted !== true) return next
    }
    return undefined
  }

  /** One after another, each with all that follows from it: a tick that a promise asks for comes when no promise is left to be worked off. */
  const grant = () => {
    isGranting = until !== undefined && performance.now() < until
    const next = isGranting ? take() : undefined
    isGranting = next !== undefined
    if (next === undefined) return
    next.resume()
    queueMicrotask(() => process.nextTick(grant))
  }

  const begin = () => {
    until = performance.now() + BUDGET_MS
    setImmediate(end)
  }

  const end = () => {
    until = undefined
    if (waiting.size > 0) open()
  }

  const open = () => {
    if (until === undefined) begin()
    if (isGranting) return
    isGranting = true
    process.nextTick(grant)
  }

  return {
    isSpent: () => {
      if (until === undefined) begin()
      return performance.now() >= (until ?? 0)
    },
    turn: ({ holder = '', signal } = {}) =>
      new Promise((resume) => {
        const queue = waiting.get(holder) ?? []
        queue.push({ resume, signal })
        waiting.set(holder, queue)
        open()
      }),
  }
}
