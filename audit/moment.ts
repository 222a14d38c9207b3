import type { PublicClient } from 'viem'
import { identify } from '../src/api/db/audit.ts'
import type { Database } from '../src/api/db/database.ts'
import type { Head } from '../src/api/db/head.ts'
import type { Reader } from '../src/api/db/reader.ts'
import { openSnapshot } from '../src/api/db/snapshot.ts'
import type { Deployment } from '../src/domain/Deployment.ts'
import type { Ledger } from './ledger.ts'

/** What the checks of one chain share. */
export interface Audited {
  readonly client: PublicClient
  readonly database: Database
  readonly ledger: Ledger
  readonly deployment: Deployment
}

/** How far the indexer is, of one snapshot. */
export interface Moment {
  readonly head: Head
  readonly isReady: boolean
  readonly tablesId: string
}

/** Reads in one short snapshot. Nothing before the indexer's first block of the chain. */
export const inSnapshot = async <Value>(
  { database, deployment: { chainId } }: Audited,
  read: (db: Reader, moment: Moment) => Promise<Value>,
): Promise<Value | undefined> => {
  const { snapshot, close } = await openSnapshot(database)
  try {
    const head = snapshot.heads.get(chainId)
    if (head === undefined) return undefined
    return await read(snapshot.db, { head, ...(await identify(snapshot.db)) })
  } finally {
    await close()
  }
}

/** Calls at most once in so many milliseconds. */
export const createPace = (everyMs: number) => {
  let last = Number.NEGATIVE_INFINITY
  return {
    isDue: (withinMs = everyMs) => performance.now() - last >= withinMs,
    taken: () => {
      last = performance.now()
    },
  }
}
