import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import { hashInRows } from './blocks.ts'
import type { Database } from './database.ts'
import { GoneError } from './errors.ts'
import type { Head } from './head.ts'
import type { NewestHeads } from './newestHeads.ts'
import { type OpenSnapshot, openSnapshot, type Snapshot } from './snapshot.ts'
import type { Caller } from './turns.ts'

export interface ReplicaOptions {
  readonly primary: Database
  /** Of the primary. */
  readonly newestHeads: NewestHeads
  /** A streaming replica of the same database. */
  readonly replica: Database
  /** How long a replica that is behind is waited for. */
  readonly patienceMs: number
  readonly log: Logger
}

export interface ReplicaSnapshots {
  readonly open: (caller?: Caller) => Promise<OpenSnapshot>
  /** The replica is left alone for now. */
  readonly isResting: () => boolean
}

/** A replica that failed is left alone for so long. */
const REST_MS = 1000
const LOOK_MS = 5

/** Has every block that the primary had. */
const hasReached = async ({ db, heads }: Snapshot, wanted: readonly Head[]): Promise<boolean> => {
  for (const { chainId, number, hash } of wanted) {
    const head = heads.get(chainId)
    if (head === undefined || head.number < number) return false
    const there = head.number === number ? head.hash : await hashInRows(db, chainId, number)
    if (there !== hash) return false
  }
  return true
}

/**
 * Opens snapshots on a replica that are never older than what the primary had when they were asked for, so that nobody who was
 * told of a block, by whatever process, is answered without it. A replica that is behind is waited for; one that stays behind, or
 * fails, is passed over. The heads of the primary are asked for once by all who come at the same time.
 */
export const createReplicaSnapshots = (options: ReplicaOptions): ReplicaSnapshots => {
  const { primary, newestHeads, replica, patienceMs, log } = options
  let restUntil = Number.NEGATIVE_INFINITY

  const openReplica = async (
    wanted: readonly Head[],
    caller: Caller,
  ): Promise<OpenSnapshot | undefined> => {
    const deadline = performance.now() + patienceMs
    for (;;) {
      const opened = await openSnapshot(replica.for(caller))
      if (await hasReached(opened.snapshot, wanted)) return opened
      await opened.close()
      if (performance.now() >= deadline) return undefined
      await delay(LOOK_MS)
    }
  }

  const isResting = () => performance.now() < restUntil

  const open = async (caller: Caller = {}) => {
    if (isResting()) return openSnapshot(primary.for(caller))
    const wanted = await newestHeads()
    try {
      const opened = await openReplica(wanted, caller)
      if (opened !== undefined) return opened
      log.warn({ patienceMs }, 'the replica is behind; the primary answers')
    } catch (error) {
      if (error instanceof GoneError) throw error
      log.warn({ err: error }, 'the replica failed; the primary answers')
    }
    restUntil = performance.now() + REST_MS
    return openSnapshot(primary.for(caller))
  }

  return { open, isResting }
}
