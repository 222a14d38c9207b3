import { BaseError, type PublicClient } from 'viem'
import { pause } from '../process.ts'

/** What a turn may know of the block that it answers. Times in seconds. */
export interface Tick {
  readonly number: bigint
  readonly timestamp: bigint
  /** Aborted by `stop`: begin nothing new. */
  readonly signal: AbortSignal
}

/** Turns that follow the chain until they are stopped. */
export interface Turns {
  /** The newest block whose turn is over; -1 before the first. */
  playedUntil(): bigint
  /** Begins no further turn, and waits for what the current one has under way. */
  stop(): Promise<void>
}

const LOOK_MS = 200

const firstLine = (text: string) => text.split('\n')[0] ?? ''

/** What an error says, in a line; viem's messages go on with the whole request. */
export const lineOf = (error: unknown): string => {
  if (!(error instanceof BaseError)) return firstLine(String(error))
  const { shortMessage, details } = error
  return [...new Set([shortMessage, details].map(firstLine))].filter(Boolean).join(' ')
}

/**
 * Takes a turn for each new block, one after the other; blocks that pass during a turn are skipped, and a block that a
 * reorganisation puts in another's place is new. A turn that throws is over: `fail` hears of it, once while it repeats.
 *
 * @param lookMs how often it looks for a new block.
 */
export const eachBlock = (
  client: PublicClient,
  turn: (tick: Tick) => Promise<void>,
  fail: (failure: string) => void,
  lookMs = LOOK_MS,
): Turns => {
  const ending = new AbortController()
  const { signal } = ending
  let lastHash = ''
  let lastFailure = ''
  let played = -1n

  const look = async () => {
    const { number, hash, timestamp } = await client.getBlock()
    if (hash === lastHash || signal.aborted) return
    lastHash = hash
    try {
      await turn({ number, timestamp, signal })
    } finally {
      played = number
    }
    lastFailure = ''
  }

  const follow = async () => {
    while (!signal.aborted) {
      try {
        await look()
      } catch (error) {
        const failure = lineOf(error)
        if (!signal.aborted && failure !== lastFailure) fail(failure)
        lastFailure = failure
      }
      await pause(lookMs, signal)
    }
  }
  const over = follow()
  return {
    playedUntil: () => played,
    stop: async () => {
      ending.abort()
      await over
    },
  }
}
