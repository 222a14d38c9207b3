import type { Database } from './database.ts'
import { type LooseReading, openLoose } from './loose.ts'
import { createReplicaSnapshots, type ReplicaOptions } from './replica.ts'
import { type OpenSnapshot, openSnapshot } from './snapshot.ts'

/** Both ways to read rows of one state. Neither is older than what the primary had when it was asked for. */
export interface Readings {
  /** In a transaction: whatever is read, it is of one state. */
  readonly openSnapshot: () => Promise<OpenSnapshot>
  /** Without: a third of the round trips, and has to be done again when a block comes between. */
  readonly openLoose: () => LooseReading
}

/** Without a replica everything is read from the primary. */
export interface ReadingsOptions extends Omit<ReplicaOptions, 'replica'> {
  readonly replica: Database | undefined
}

export const createReadings = (options: ReadingsOptions): Readings => {
  const { primary, replica, newestHeads: expected } = options
  if (replica === undefined)
    return {
      openSnapshot: () => openSnapshot(primary),
      openLoose: () => openLoose({ database: primary }),
    }
  const snapshots = createReplicaSnapshots({ ...options, replica })
  return {
    openSnapshot: snapshots.open,
    openLoose: () =>
      openLoose(snapshots.isResting() ? { database: primary } : { database: replica, expected }),
  }
}
