import { constants, setPriority } from 'node:os'
import { platform } from 'node:process'
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

// The thread that answers requests goes first. Elsewhere than on Linux this would be about the whole process.
if (platform === 'linux') setPriority(constants.priority.PRIORITY_BELOW_NORMAL)

parentPort?.on('message', (facts: Facts) => parentPort?.postMessage(judged(facts)))
