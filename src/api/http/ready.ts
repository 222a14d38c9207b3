import type { Heads } from '../live/heads.ts'

/** Longer than this without an answer of the database, and the head is not known any more. */
const SILENCE_MS = 10_000

/**
 * Whether this replica should get requests: the database answers, and each chain's head is fresh, which is to say its
 * block is young or it changed lately (a quiet local chain, a chain whose clock was moved). Not while the indexer rewinds.
 */
export const readiness = (heads: Heads, chainIds: readonly number[], maxAgeSeconds: number) => {
  const health = heads.health()
  const now = Date.now() / 1000
  const chains = chainIds.map((chainId) => {
    const head = health.heads.get(chainId)
    return head === undefined
      ? { chainId }
      : {
          chainId,
          number: head.number,
          hash: head.hash,
          ageSeconds: Math.round(now - head.timestamp),
        }
  })
  const isFresh = ({ ageSeconds }: { ageSeconds?: number }) =>
    ageSeconds !== undefined &&
    (ageSeconds <= maxAgeSeconds || health.changedMsAgo <= maxAgeSeconds * 1000)
  const isReachable = health.lookedMsAgo <= SILENCE_MS
  return {
    ready: isReachable && !health.isRewinding && chains.every(isFresh),
    database: isReachable ? 'answers' : 'silent',
    rewinding: health.isRewinding,
    chains,
  }
}
