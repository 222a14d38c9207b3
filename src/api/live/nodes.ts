import type { Deployment } from '../../domain/Deployment.ts'
import { isReplaced } from '../db/integrity.ts'
import type { Reader } from '../db/reader.ts'
import { indexedTo } from '../db/serving.ts'
import type { ChainHeads } from './chainHead.ts'
import type { Heads } from './heads.ts'

/** Asks a chain's node, and says for how many seconds none has answered: infinite when none ever did. Null for a chain without one. */
export const createNodeSilence =
  (chainHeads: ChainHeads, addresses: ReadonlyMap<number, unknown>) =>
  async (chainId: number): Promise<number | null> => {
    if (!addresses.has(chainId)) return null
    await chainHeads.newest(chainId)
    const answeredAt = chainHeads.last(chainId)?.answeredAt ?? Number.NEGATIVE_INFINITY
    return Math.max(0, (Date.now() - answeredAt) / 1000)
  }

const KEPT_MS = 1_000

/** Whether final blocks of a chain were replaced. Anybody may ask, so the answer is kept for a second. */
export const createReplacedWatch = (db: Reader): ((chainId: number) => Promise<boolean>) => {
  const asked = new Map<number, { readonly at: number; readonly answer: Promise<boolean> }>()
  return (chainId) => {
    const known = asked.get(chainId)
    if (known !== undefined && performance.now() - known.at < KEPT_MS) return known.answer
    // A database that does not answer is what `/ready` speaks of.
    const answer = isReplaced(db, chainId).catch(() => false)
    asked.set(chainId, { at: performance.now(), answer })
    return answer
  }
}

export interface ProgressOptions {
  readonly db: Reader
  readonly heads: Pick<Heads, 'health'>
  readonly chainHeads: ChainHeads
  readonly deployments: readonly Pick<Deployment, 'chainId' | 'startBlock'>[]
}

const ALL_BPS = 10_000

/** Share of a chain's blocks since the contract's first that is indexed, in basis points; null when the node does not say how many there are. */
export const createProgress =
  ({ db, heads, chainHeads, deployments }: ProgressOptions) =>
  async (chainId: number): Promise<number | null> => {
    if (heads.health().serving === 'SERVED') return ALL_BPS
    const [newest, indexed] = await Promise.all([
      chainHeads.newest(chainId),
      indexedTo(db, chainId),
    ])
    const start = deployments.find((each) => each.chainId === chainId)?.startBlock
    if (newest === null || indexed === undefined || start === undefined) return null
    const total = Math.max(1, Number(newest.number) - start)
    return Math.min(ALL_BPS - 1, Math.max(0, Math.floor(((indexed - start) / total) * ALL_BPS)))
  }
