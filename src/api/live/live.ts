import type { Logger } from 'pino'
import type { Database } from '../db/database.ts'
import { createDoorbell } from './doorbell.ts'
import { createHeads, type Heads } from './heads.ts'

export interface LiveOptions {
  readonly database: Database
  /** The primary's address: NOTIFY does not reach a replica. */
  readonly url: string
  readonly schema: string
  /** Between two looks when no bell rings. */
  readonly lookIntervalMs: number
  readonly rewindPatienceMs: number
  readonly log: Logger
}

/** The heads of all chains, looked at whenever the indexer rings and every `lookIntervalMs` anyway. */
export const createLive = (options: LiveOptions): Heads => {
  const { database, url, schema, lookIntervalMs, rewindPatienceMs, log } = options
  const heads = createHeads({
    database,
    intervalMs: lookIntervalMs,
    patienceMs: rewindPatienceMs,
    log,
  })
  const doorbell = createDoorbell({ url, schema, log, onRing: heads.look })
  return {
    ...heads,
    stop: async () => {
      await doorbell.stop()
      await heads.stop()
    },
  }
}
