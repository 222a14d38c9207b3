import { createHash } from 'node:crypto'
import { Worker } from 'node:worker_threads'
import { type Check, checks, type Facts } from '../../domain/Draw.ts'
import { type CacheSize, createCache } from '../cache.ts'

/**
 * Does draws again for every operation of this process. A proof takes milliseconds, so it is judged on a thread of its own, one after the
 * other; once for all who ask meanwhile; and the verdict is kept. It follows from the facts alone, the hash of the request's block among
 * them, so a reorganisation, which brings other facts, gets another verdict.
 */
export interface Judge {
  /**
   * The eight checks of a draw. What nobody waits for any more, by `signal`, is not begun.
   *
   * @throws BusyError
   */
  readonly checks: (facts: Facts, signal?: AbortSignal) => Promise<readonly Check[]>
  /** Draws that were judged on the thread so far. */
  readonly judged: () => number
  /** Of the verdicts that are kept. */
  readonly size: () => CacheSize
  /** Ends the thread; whoever waits gets an error. */
  readonly stop: () => Promise<void>
}

/** What the thread says of one draw. */
export type Judged =
  | { readonly checks: readonly Check[]; readonly error?: never }
  | { readonly checks?: never; readonly error: unknown }

/** So many draws wait to be judged that another one is refused. */
export class BusyError extends Error {
  override readonly name = 'BusyError'
}

export interface JudgeOptions {
  /** Memory of the verdicts that are kept. */
  readonly mostBytes?: number
  /** Draws that wait. */
  readonly mostWaiting?: number
}

interface Case {
  readonly key: string
  readonly facts: Facts
  readonly verdict: PromiseWithResolvers<readonly Check[]>
  /** How many have not gone away. */
  waiting: number
}

/** Measured: eight checks with their sentences. */
const VERDICT_BYTES = 3072

const WORKER = new URL('./worker.ts', import.meta.url)

const keyOf = (facts: Facts): string =>
  createHash('sha256')
    .update(JSON.stringify(facts, (_, value) => (typeof value === 'bigint' ? `${value}n` : value)))
    .digest('base64')

/** Without a proof there is nothing that takes long. */
const isLong = ({ fulfilment }: Facts) => fulfilment !== null && fulfilment.proof !== null

const over = () => new Error('The draw was not judged: the thread has ended')

export const createJudge = ({
  mostBytes = 16_777_216,
  mostWaiting = 2_000,
}: JudgeOptions = {}): Judge => {
  const kept = createCache<readonly Check[]>({ mostBytes, sizeOf: () => VERDICT_BYTES })
  /** Begun and waiting ones, in the order of asking. */
  const cases = new Map<string, Case>()
  let worker: Worker | undefined
  let current: Case | undefined
  let judged = 0
  let isStopped = false

  const close = (one: Case, { checks, error }: Judged) => {
    cases.delete(one.key)
    if (checks === undefined) one.verdict.reject(error)
    else {
      kept.set(one.key, checks)
      one.verdict.resolve(checks)
    }
  }

  const open = (): Worker => {
    const opened = new Worker(WORKER, { execArgv: [] })
    // An open thread alone does not keep the process alive.
    opened.unref()
    opened.on('message', (said: Judged) => {
      judged += 1
      if (current !== undefined) close(current, said)
      next()
    })
    // An error is followed by an exit.
    let cause: unknown
    opened.on('error', (error) => {
      cause = error
    })
    opened.on('exit', () => {
      if (worker !== opened) return
      worker = undefined
      if (current !== undefined) close(current, { error: cause ?? over() })
      if (!isStopped) next()
    })
    return opened
  }

  const next = () => {
    current = undefined
    const [first] = cases.values()
    if (first === undefined) return
    current = first
    worker ??= open()
    worker.postMessage(first.facts)
  }

  const wait = async (one: Case, signal: AbortSignal | undefined) => {
    one.waiting += 1
    const leave = () => {
      one.waiting -= 1
      if (one.waiting === 0 && one !== current)
        close(one, { error: new Error('Nobody waits for this draw any more') })
    }
    signal?.addEventListener('abort', leave)
    try {
      return await one.verdict.promise
    } finally {
      signal?.removeEventListener('abort', leave)
    }
  }

  return {
    judged: () => judged,
    size: kept.size,
    checks: async (facts, signal) => {
      if (!isLong(facts)) return checks(facts)
      const key = keyOf(facts)
      const known = kept.get(key)
      if (known !== undefined) return known
      const waiting = cases.get(key)
      if (waiting !== undefined) return wait(waiting, signal)
      if (isStopped) throw over()
      if (cases.size >= mostWaiting) throw new BusyError('Too many draws wait to be judged')
      const one = { key, facts, verdict: Promise.withResolvers<readonly Check[]>(), waiting: 0 }
      cases.set(key, one)
      if (current === undefined) next()
      return wait(one, signal)
    },
    stop: async () => {
      isStopped = true
      const ending = worker
      await ending?.terminate()
      for (const one of [...cases.values()]) close(one, { error: over() })
    },
  }
}
