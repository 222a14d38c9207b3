import { GraphQLError } from 'graphql'
import type { Logger } from 'pino'
import type { OpenSnapshot, Snapshot } from '../../db/snapshot.ts'
import type { Heads } from '../heads.ts'
import { begin, extend, type Timeline } from './timeline.ts'

/** The rows are not those that were told last. */
export class StaleError extends GraphQLError {
  override readonly name = 'StaleError'

  constructor() {
    super('The rows are not those of the head', { extensions: { code: 'NOT_READY' } })
  }
}

export interface TimelinesOptions {
  readonly heads: Heads
  readonly openSnapshot: () => Promise<OpenSnapshot>
  readonly log: Logger
}

/** The timeline of each chain, kept at the head that was told last. */
export interface Timelines {
  /** As this snapshot shows it. @throws StaleError when its head is not the one that was told last. */
  readonly at: (chainId: number, snapshot: Snapshot) => Promise<Timeline>
  /** At the head that was told last, read if need be; undefined when the rows show another one, or cannot be read. */
  readonly current: (chainId: number) => Promise<Timeline | undefined>
  /** As it was read last. */
  readonly newest: (chainId: number) => Timeline | undefined
}

export const createTimelines = ({ heads, openSnapshot, log }: TimelinesOptions): Timelines => {
  const timelines = new Map<number, Timeline>()
  /** One after the other, each from the one before. */
  const extending = new Map<number, Promise<unknown>>()
  const refreshing = new Map<number, Promise<Timeline>>()

  const at: Timelines['at'] = async (chainId, snapshot) => {
    if (!(await heads.confirm(snapshot.heads))) throw new StaleError()
    const head = snapshot.heads.get(chainId)
    const work = async () => {
      const told = heads.current().get(chainId)
      if (head === undefined || told?.hash !== head.hash || heads.isRewinding())
        throw new StaleError()
      const before = timelines.get(chainId)
      const after =
        before === undefined
          ? await begin(snapshot.db, head)
          : await extend(snapshot.db, before, head)
      timelines.set(chainId, after)
      return after
    }
    const turn = (extending.get(chainId) ?? Promise.resolve()).then(work, work)
    extending.set(
      chainId,
      turn.catch(() => undefined),
    )
    return turn
  }

  const refresh = async (chainId: number): Promise<Timeline> => {
    const { snapshot, close } = await openSnapshot()
    try {
      return await at(chainId, snapshot)
    } finally {
      await close()
    }
  }

  return {
    at,
    newest: (chainId) => timelines.get(chainId),
    current: async (chainId) => {
      const known = timelines.get(chainId)
      const told = heads.current().get(chainId)
      const isCurrent =
        told?.hash === known?.head.hash && told?.finalizedNumber === known?.head.finalizedNumber
      if (told === undefined || isCurrent) return known
      const reading = refreshing.get(chainId) ?? refresh(chainId)
      refreshing.set(chainId, reading)
      try {
        return await reading
      } catch (error) {
        if (!(error instanceof StaleError)) log.warn({ err: error }, 'the feed cannot be read')
        return undefined
      } finally {
        refreshing.delete(chainId)
      }
    },
  }
}
