import { parentPort } from 'node:worker_threads'
import { checks, type Facts } from '../../domain/Draw.ts'
import type { Judged } from './judge.ts'

/** The thread that judges draws: facts come in, their checks go out, one draw at a time. */

const judged = (facts: Facts): Judged => {
  try {
    return { checks: checks(facts) }
  } catch (error) {
    return { error }
  }
}

parentPort?.on('message', (facts: Facts) => parentPort?.postMessage(judged(facts)))
