import type { Deployment } from '../../domain/Deployment.ts'
import type { Database } from '../db/database.ts'
import type { LiveTurn } from '../db/feed.ts'
import { type Head, stateOf } from '../db/head.ts'
import type { LooseReading } from '../db/loose.ts'
import type { Reader } from '../db/reader.ts'
import type { OpenFor } from '../db/readings.ts'
import type { OpenSnapshot, Snapshot } from '../db/snapshot.ts'
import type { Caller } from '../db/turns.ts'
import type { Judge } from '../draws/judge.ts'
import { type AnswerSize, createAnswerSize } from '../http/answerSize.ts'
import { createPacing, type Pacing } from '../http/pacing.ts'
import { createPace, type Pace } from '../pace.ts'
import type { Boards } from '../ranking/boards.ts'
import { NotReadyError, UserInputError } from './errors.ts'

export interface ContextOptions {
  /** The primary: it has the newest rows. */
  readonly database: Database
  /** Begins an operation's snapshot, never older than what anyone was told. */
  readonly openSnapshot: OpenFor
  /** Begins to read without a snapshot. Absent: always with one. */
  readonly openLoose?: ((caller: Caller) => LooseReading) | undefined
  /** The first one's chain is the default. */
  readonly deployments: readonly Deployment[]
  /** Version of this server. */
  readonly version: string
  /** Ends with the operation: the client went away. */
  readonly signal?: AbortSignal
  /** In whose share the operation counts; absent, it is the server's own. */
  readonly holder?: string | undefined
  /** Who takes its time on the event loop; absent, the holder. */
  readonly worker?: string | undefined
  /**
   * Resolves when the chain's head is not block `afterNumber` any more (or another head came, of whatever number), after
   * `timeoutMs`, or when `signal` aborts, whichever is first. A hint: whoever waits looks at the rows again.
   */
  readonly waitForHead?: (wait: HeadWait) => Promise<void>
  readonly probe?: Probe
  readonly boards: Boards
  readonly judge: Pick<Judge, 'checks'>
  /** Shared by all operations of the process; absent, the operation is alone. */
  readonly pace?: Pace
  /** Of an answer. */
  readonly mostBytes?: number
  /** For a subscription that is executed for those who listen. */
  readonly turn?: Partial<LiveTurn>
}

/** What is known beside the rows. Asked before the snapshot opens, so it may take its time. */
export interface Probe {
  /** The chain's newest block as its RPC says; null when it does not answer. */
  readonly chainHead?: (chainId: number) => Promise<ChainHead | null>
  /** Whether this head is new, by the clock. */
  readonly isReady?: (head: Head) => boolean
  /** Whether the chain's indexer is executing blocks again that it had already. */
  readonly isRewinding?: (chainId: number) => boolean
  /** Share of the backfill that is done, in basis points; null when unknown. */
  readonly backfillProgressBps?: (chainId: number) => Promise<number | null>
}

export interface ChainHead {
  readonly number: bigint
  /** Seconds. */
  readonly timestamp: number
}

export interface HeadWait {
  readonly chainId: number
  readonly afterNumber: number
  readonly timeoutMs: number
  readonly signal?: AbortSignal
}

/** One operation: what it reads, all of one state of the rows, and what it needs from outside. */
export interface Context {
  readonly options: ContextOptions
  /** How long the answer is so far. */
  readonly size: AnswerSize
  /** Lets others in where the answer is long. */
  readonly pacing: Pacing
  /** Opens the operation's one snapshot on first use: for reads that are shared with other operations. @throws NotReadyError */
  readonly snapshot: () => Promise<Snapshot>
  /** Reads rows of the operation's state. @throws NotReadyError */
  readonly db: () => Promise<Reader>
  /** Reads the newest rows, of whatever state: for what is done before the operation has one. */
  readonly newest: Reader
  /** The heads of what was read; undefined when nothing was. */
  readonly heads: () => ReadonlyMap<number, Head> | undefined
  /** What was read does not belong together: do it again with a snapshot. */
  readonly isTorn: () => boolean
  /** The snapshot opens only after this, so that nothing is held open while waiting. Call it before any `await`. */
  readonly openAfter: (wait: Promise<unknown>) => void
  /** Says that the answer depends on more than the rows of a block: the time, what a node says, what the auditor found. */
  readonly markVolatile: () => void
  readonly isVolatile: () => boolean
  /** The deployment of a chain, the default one when absent. @throws UserInputError for a chain without one */
  readonly deployment: (chainId: number | null | undefined) => Deployment
  /** The head of a chain that has a deployment. @throws NotReadyError */
  readonly head: (chainId: number) => Promise<Head>
  /** Ends the snapshot. Call it when the operation is done, whatever came of it. */
  readonly close: () => Promise<void>
}

/** A context serves one operation and is closed with it. */
export const createContext = (options: ContextOptions): Context => {
  const waits: Promise<unknown>[] = []
  let opening: Promise<OpenSnapshot> | undefined
  let isClosed = false
  let isVolatile = false
  let pinned: ReadonlyMap<number, Head> | undefined
  const { signal, holder } = options
  const caller: Caller = {
    ...(signal === undefined ? {} : { signal }),
    ...(holder === undefined ? {} : { holder }),
  }
  const loose = options.openLoose?.(caller)

  /** All root resolvers run before this goes on, so each can still ask for a wait, or for a snapshot. */
  const begin = async () => {
    await Promise.resolve()
    await Promise.allSettled(waits)
    if (isClosed) throw new Error('The operation is over')
  }
  const open = async () => {
    await begin()
    return options.openSnapshot(caller)
  }

  const snapshot = async () => {
    opening ??= open()
    const { snapshot } = await opening
    pinned = snapshot.heads
    if (pinned.size === 0) throw new NotReadyError()
    return snapshot
  }

  /** What was read before the snapshot is of another block. */
  const isSplit = () => {
    const seen = loose?.seen()
    return (
      seen !== undefined &&
      pinned !== undefined &&
      stateOf(seen.values()) !== stateOf(pinned.values())
    )
  }

  /** Without a snapshot unless there has to be one. */
  const reading = async (): Promise<Pick<LooseReading, 'db' | 'heads'>> => {
    if (loose !== undefined) {
      await begin()
      if (opening === undefined) return loose
    }
    const { db, heads } = await snapshot()
    return { db, heads: async () => heads }
  }

  return {
    options,
    size: createAnswerSize(options.mostBytes ?? Number.POSITIVE_INFINITY),
    pacing: createPacing(options.pace ?? createPace(), {
      ...caller,
      ...(options.worker === undefined ? {} : { holder: options.worker }),
    }),
    snapshot,
    db: async () => (await reading()).db,
    newest: options.database.for(caller).db,
    heads: () => pinned ?? loose?.seen(),
    isTorn: () => loose?.isTorn() === true || isSplit(),
    openAfter: (wait) => {
      waits.push(wait)
    },
    markVolatile: () => {
      isVolatile = true
    },
    isVolatile: () => isVolatile,
    deployment: (chainId) => {
      const found =
        chainId === null || chainId === undefined
          ? options.deployments[0]
          : options.deployments.find((deployment) => deployment.chainId === chainId)
      if (found === undefined) throw new UserInputError(`chainId: there is no game on ${chainId}`)
      return found
    },
    head: async (chainId) => {
      const heads = await (await reading()).heads()
      const head = heads.get(chainId)
      if (head === undefined) throw new NotReadyError()
      return head
    },
    close: async () => {
      isClosed = true
      loose?.close()
      const [opened] = await Promise.allSettled([opening])
      if (opened.status === 'fulfilled') await opened.value?.close()
    },
  }
}
