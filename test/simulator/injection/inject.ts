import { createMemory, type Memory } from '../../../audit/memory.ts'
import * as schema from '../../../ponder.schema.ts'
import { createRandom } from '../../../stack/players/random.ts'
import { isReconciled, isSame } from './books.ts'
import { type Fault, kindsOf } from './kinds.ts'
import { replay } from './replay.ts'
import type { Stream } from './stream.ts'

/** What became of a fault. STOPPED: an error. REPORTED: a row of integrityIssue. */
export type Outcome = 'STOPPED' | 'REPORTED' | 'RECONCILIATION' | 'MISSED' | 'NOTHING_CHANGED'

export interface Instance {
  readonly kind: string
  readonly outcome: Outcome
  /** The error or the invariants that noticed it. */
  readonly by: string
  readonly fault: Fault
}

const issuesOf = (memory: Memory) => [...memory.rows(schema.integrityIssue).values()]

/** @throws when the stream is not valid by the handlers' own measure. */
export const replayValid = async (stream: Stream): Promise<Memory> => {
  const memory = createMemory(stream.chainId)
  await replay(memory, stream.events)
  const [issue] = issuesOf(memory)
  if (issue !== undefined)
    throw new Error(`${issue.scope}: ${issue.invariant}, ${issue.expected}, ${issue.actual}`)
  return memory
}

const judge = async (
  memory: Memory,
  { from, to, events }: Fault,
  stream: Stream,
  valid: Memory,
): Promise<Pick<Instance, 'outcome' | 'by'>> => {
  try {
    for (const event of [...events, ...stream.events.slice(to)]) {
      await replay(memory, [event])
      const issues = issuesOf(memory)
      if (issues.length > 0)
        return {
          outcome: 'REPORTED',
          by: [...new Set(issues.map(({ invariant }) => invariant))].join(' '),
        }
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return { outcome: 'STOPPED', by: `${error.name}: ${error.message.split('\n')[0]} (${from})` }
  }
  if (isSame(memory, valid)) return { outcome: 'NOTHING_CHANGED', by: '' }
  return { outcome: isReconciled(memory, stream) ? 'MISSED' : 'RECONCILIATION', by: '' }
}

/** Breaks the stream in every way, `times` each, one fault at a time, and tells what the handlers make of it. */
export const inject = async (
  stream: Stream,
  { seed, times, share }: { seed: number; times: number; share: number },
): Promise<readonly Instance[]> => {
  const random = createRandom(seed)
  const valid = await replayValid(stream)
  const planned = kindsOf(stream.events, share)
    .flatMap(({ name, make }) => {
      const faults: Fault[] = []
      for (let tried = 0; faults.length < times && tried < times * 8; tried++) {
        const fault = make(random)
        if (fault !== undefined) faults.push(fault)
      }
      return faults.map((fault) => ({ kind: name, fault }))
    })
    .sort((a, b) => a.fault.from - b.fault.from)

  const instances: Instance[] = []
  const memory = createMemory(stream.chainId)
  let at = 0
  for (const { kind, fault } of planned) {
    await replay(memory, stream.events.slice(at, fault.from))
    at = fault.from
    instances.push({ kind, fault, ...(await judge(memory.fork(), fault, stream, valid)) })
  }
  return instances
}
