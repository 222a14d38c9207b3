import type { Logger } from 'pino'
import type { Database } from './database.ts'
import { type LooseReading, openLoose } from './loose.ts'
import { createNewestHeads } from './newestHeads.ts'
import { createReplicaSnapshots } from './replica.ts'
import { type OpenSnapshot, openSnapshot } from './snapshot.ts'

/** Both ways to read rows of one state. Neither is older than what the primary had when it was asked for. */
export interface Readings {
  /** In a transaction: whatever is read, it is of one state. */
  readonly openSnapshot: () => Promise<OpenSnapshot>
  /** Without: a third of the round trips, and has to be done again when a block comes between. */
  readonly openLoose: () => LooseReading
}

export interface ReadingsOptions {
  readonly primary: Database
  /** A streaming replica of the same database, to read from. */
  readonly replica?: Database | undefined
  /** How long a replica that is behind is waited for. */
  readonly patienceMs: number
  readonly log: Logger
}

export const createReadings = ({
  primary,
  replica,
  patienceMs,
  log,
}: ReadingsOptions): Readings => {
  if (replica === undefined)
    return {
      openSnapshot: () => openSnapshot(primary),
      openLoose: () => openLoose({ database: primary }),
    }
  const expected = createNewestHeads(primary)
  const snapshots = createReplicaSnapshots({ primary, replica, patienceMs, log })
  return {
    openSnapshot: snapshots.open,
    openLoose: () =>
      openLoose(snapshots.isResting() ? { database: primary } : { database: replica, expected }),
  }
}
