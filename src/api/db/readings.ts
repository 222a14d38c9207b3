import type { Database } from './database.ts'
import { type LooseReading, openLoose } from './loose.ts'
import { createReplicaSnapshots, type ReplicaOptions } from './replica.ts'
import { type OpenSnapshot, openSnapshot } from './snapshot.ts'
import type { Caller } from './turns.ts'

/** Both ways to read rows of one state. Neither is older than what the primary had when it was asked for. */
export interface Readings {
  /** In a transaction: whatever is read, it is of one state. */
  readonly openSnapshot: OpenFor
  /** Without: a third of the round trips, and has to be done again when a block comes between. */
  readonly openLoose: (caller?: Caller) => LooseReading
}

/** Opens a snapshot for someone; for the server itself when it is not said for whom. */
export type OpenFor = (caller?: Caller) => Promise<OpenSnapshot>

/** Without a replica everything is read from the primary. */
export interface ReadingsOptions extends Omit<ReplicaOptions, 'replica'> {
  readonly replica: Database | undefined
}

export const createReadings = (options: ReadingsOptions): Readings => {
  const { primary, replica, newestHeads: expected } = options
  if (replica === undefined)
    return {
      openSnapshot: (caller = {}) => openSnapshot(primary.for(caller)),
      openLoose: (caller = {}) => openLoose({ database: primary.for(caller) }),
    }
  const snapshots = createReplicaSnapshots({ ...options, replica })
  return {
    openSnapshot: snapshots.open,
    openLoose: (caller = {}) =>
      openLoose(
        snapshots.isResting()
          ? { database: primary.for(caller) }
          : { database: replica.for(caller), expected },
      ),
  }
}
