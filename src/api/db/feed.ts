import type { ActivityRow } from './activity.ts'
import type { Head } from './head.ts'
import type { Snapshot } from './snapshot.ts'

/** These happened, in this order. `head` is the block that the message brings its reader to. */
export interface FeedAppend {
  readonly kind: 'append'
  readonly head: Head
  readonly events: readonly ActivityRow[]
}

/** The chain was reorganised: what is above `toBlock` did not happen. `removed` are ids of facts. */
export interface FeedUndo {
  readonly kind: 'undo'
  readonly head: Head
  readonly toBlock: number
  readonly removed: readonly string[]
}

export type FeedMessage = FeedAppend | FeedUndo

/** Who is where on a leaderboard, by address. */
export type Ranks = ReadonlyMap<string, number>

/** What a subscription knows beyond its rows, while it is executed for those who listen. */
export interface LiveTurn {
  /** The feed's next message, as this snapshot shows it. */
  readonly nextMessage: (snapshot: Snapshot) => Promise<FeedMessage>
  /**
   * Takes the ranks that are shown now and where in the answer their moves go, and gives the ranks that were shown last;
   * undefined when these are the first.
   */
  readonly compareRanks: (shown: Ranks, path: readonly (string | number)[]) => Ranks | undefined
}
