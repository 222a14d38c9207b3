import type { NodeError } from './errors.ts'

type Log = (message: string, facts: Readonly<Record<string, unknown>>) => void

const EVERY_MS = 60_000
/** A block that is not there yet is no fault of the node, as long as it comes. */
const QUIET = 'GONE'

/** Says of failing nodes what fails, once a minute for each node and kind of failure, with how often it did. */
export const createFailureReport = (
  log: Log,
  facts: Readonly<Record<string, unknown>> = {},
): ((error: NodeError) => void) => {
  const said = new Map<string, { at: number; since: number }>()
  return ({ failure, host, shortMessage }) => {
    if (failure === QUIET) return
    const key = `${host} ${failure}`
    const before = said.get(key) ?? { at: Number.NEGATIVE_INFINITY, since: 0 }
    before.since += 1
    said.set(key, before)
    const now = performance.now()
    if (now - before.at < EVERY_MS) return
    log(shortMessage, { ...facts, failure, host, failures: before.since })
    before.at = now
    before.since = 0
  }
}
