/** Attempts at something that fails on our side: later each time, and not for ever. */
export interface BackOff {
  /** How long to wait before the next attempt, in milliseconds; undefined: give it up. */
  readonly failed: () => number | undefined
  readonly succeeded: () => void
  /** False between a failure and the next attempt. */
  readonly isDue: () => boolean
}

const MOST_ATTEMPTS = 5

/** @param firstMs before the second attempt; each further one waits twice as long. */
export const createBackOff = (firstMs: number): BackOff => {
  let failures = 0
  let dueAt = 0
  return {
    failed: () => {
      failures += 1
      if (failures >= MOST_ATTEMPTS) return undefined
      const ms = firstMs * 2 ** (failures - 1)
      dueAt = performance.now() + ms
      return ms
    },
    succeeded: () => {
      failures = 0
      dueAt = 0
    },
    // Timers may come a moment early.
    isDue: () => performance.now() >= dueAt - 2,
  }
}
