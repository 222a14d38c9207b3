import { newestHeader } from './client.ts'
import { type Audited, createPace, inSnapshot } from './moment.ts'

const INVARIANT = 'STALLED'
const ASK_MS = 5_000
/** A backfill may take its time over one batch. */
const BACKFILL_PATIENCE = 10
/** So many starts without a block in between are crashes. */
const STARTS = 4

export interface FollowingOptions {
  /** How long the chain may move on without the indexer, in ms. */
  readonly stallMs: number
  /** How often the indexer was started. */
  readonly starts: () => number
}

/** Whether the indexer follows the chain: its head stands while the chain's goes on, or it starts again and again. */
export const createFollowingCheck = (audited: Audited, { stallMs, starts }: FollowingOptions) => {
  const { client, ledger, deployment } = audited
  const { chainId } = deployment
  const id = `${chainId}-${INVARIANT}`
  const pace = createPace(ASK_MS)
  let moved = { name: '', at: performance.now(), starts: starts() }
  let isOpen: boolean | undefined

  return async (): Promise<boolean> => {
    const moment = await inSnapshot(audited, async (_, each) => each)
    const name = moment === undefined ? 'none' : `${moment.head.number} ${moment.head.hash}`
    isOpen ??= (await ledger.open(chainId, INVARIANT)).length > 0
    if (name !== moved.name) {
      const isFirst = moved.name === ''
      moved = { ...moved, name, at: performance.now(), starts: starts() }
      if (isFirst || !isOpen || moment === undefined) return true
      await ledger.resolve([id], moment.head.timestamp)
      isOpen = false
      return true
    }
    const crashes = starts() - moved.starts
    const patience = moment?.isReady === true ? stallMs : stallMs * BACKFILL_PATIENCE
    const isLate = performance.now() - moved.at >= patience
    if ((!isLate && crashes < STARTS) || !pace.isDue()) return true
    pace.taken()
    const newest = await newestHeader(client)
    const at = moment?.head.number ?? 0
    if (newest.number <= BigInt(at)) return true
    await ledger.report([
      {
        ...{ id, chainId, invariant: INVARIANT, scope: `chain ${chainId}` },
        expected: `block ${newest.number}`,
        actual: `block ${at}${crashes > 0 ? `, started ${crashes} times since` : ''}`,
        ...{ blockNumber: at, timestamp: Number(newest.timestamp) },
      },
    ])
    isOpen = true
    return true
  }
}
