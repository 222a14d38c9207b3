import type { Deployment } from '../../domain/Deployment.ts'
import type { Head } from '../db/head.ts'
import type { Heads } from '../live/heads.ts'

/** Longer than this without an answer of the database, and it counts as silent. */
const SILENCE_MS = 10_000

export interface ProbeOptions {
  readonly heads: Pick<Heads, 'health'>
  readonly deployments: readonly Pick<Deployment, 'chainId'>[]
  /** Whether the boards that are read at start have been. */
  readonly areBoardsRead?: () => boolean
  /** Seconds since a node last told the chain's newest block; null when none is asked. */
  readonly nodeSilence?: (chainId: number) => Promise<number | null>
  /** Whether blocks that were final have been replaced, which the tables still hold. */
  readonly isReplaced?: (chainId: number) => Promise<boolean>
}

/** What `/ready` and `/fresh` answer. */
export interface Probes {
  /**
   * Whether this process can answer: the database answers, the schema has rows that are served, and the boards are read. It says nothing
   * about the chain, or about the indexer: those are the same for every process, so no balancer should choose between processes by them.
   */
  readonly ready: () => { readonly ready: boolean }
  /**
   * Whether the data are new, by the clock and not by what a node calls new: each head was mined at most `maxAgeSeconds` ago, a node has
   * answered as lately, the indexer is not reading the history, nor blocks that it had already, and no final block was replaced.
   */
  readonly fresh: (maxAgeSeconds: number) => Promise<{ readonly fresh: boolean }>
}

/** What an operation is told of its head. */
export const createProbe = (heads: Pick<Heads, 'health'>, maxAgeSeconds: number) => {
  const isRewinding = (chainId: number) => heads.health().rewinding.has(chainId)
  return {
    isRewinding,
    isReady: (head: Head) =>
      heads.health().serving === 'SERVED' &&
      !isRewinding(head.chainId) &&
      isYoung(head, maxAgeSeconds),
  }
}

/** Whether a head was mined so lately. A head of the future is one of a chain whose clock was moved. */
const isYoung = (head: Head, maxAgeSeconds: number): boolean =>
  Date.now() / 1000 - head.timestamp <= maxAgeSeconds

export const createProbes = (options: ProbeOptions): Probes => {
  const { heads, deployments, areBoardsRead = () => true } = options
  const { nodeSilence = async () => null, isReplaced = async () => false } = options

  const freshnessOf = async (chainId: number, maxAgeSeconds: number) => {
    const [silence, replaced] = await Promise.all([nodeSilence(chainId), isReplaced(chainId)])
    const { heads: told, rewinding } = heads.health()
    const head = told.get(chainId)
    const fresh =
      head !== undefined &&
      isYoung(head, maxAgeSeconds) &&
      !rewinding.has(chainId) &&
      (silence ?? 0) <= maxAgeSeconds &&
      !replaced
    return {
      ...{ chainId, fresh, rewinding: rewinding.has(chainId), finalBlocksReplaced: replaced },
      ...(silence === null
        ? {}
        : { nodeAnsweredSecondsAgo: Number.isFinite(silence) ? Math.round(silence) : null }),
      ...(head === undefined
        ? {}
        : {
            ...{ number: head.number, hash: head.hash },
            ageSeconds: Math.round(Date.now() / 1000 - head.timestamp),
          }),
    }
  }

  return {
    ready: () => {
      const { lookedMsAgo, serving } = heads.health()
      const isReachable = lookedMsAgo <= SILENCE_MS
      const boards = areBoardsRead()
      return {
        ready: isReachable && serving === 'SERVED' && boards,
        database: isReachable ? 'answers' : 'silent',
        schema: serving,
        boards: boards ? 'read' : 'being read',
      }
    },
    fresh: async (maxAgeSeconds) => {
      const chains = await Promise.all(
        deployments.map(({ chainId }) => freshnessOf(chainId, maxAgeSeconds)),
      )
      const { serving, lookedMsAgo } = heads.health()
      const isKnown = serving === 'SERVED' && lookedMsAgo <= SILENCE_MS
      const fresh = isKnown && chains.every((chain) => chain.fresh)
      return { fresh, schema: serving, maxAgeSeconds, chains }
    },
  }
}
