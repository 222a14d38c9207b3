/** A block as the API names it. Numbers of blocks are text, as GraphQL's BigInt is. */
export interface FeedHead {
  readonly number: string
  readonly hash: string
  /** Unix seconds. */
  readonly timestamp: number
  /** Blocks up to this one will not be reorganised away. */
  readonly finalizedNumber: string
}

/** What every event has, whatever else is selected: enough to know it again, and to take it back. */
export interface FeedEvent {
  readonly id: string
  readonly tx: { readonly blockNumber: string }
}

/** These happened, in this order. May be empty: then only the head has moved. */
export interface FeedAppend<Event extends object = object> {
  readonly __typename: 'FeedAppend'
  readonly cursor: string
  readonly head: FeedHead
  readonly events: readonly (FeedEvent & Event)[]
}

/** The chain was reorganised: no event of a block above `toBlock` happened. */
export interface FeedUndo {
  readonly __typename: 'FeedUndo'
  readonly cursor: string
  readonly head: FeedHead
  readonly toBlock: string
  /** Ids of the events that go, as far as the server knows them. `toBlock` is what counts. */
  readonly removed: readonly string[]
}

export type FeedMessage<Event extends object = object> = FeedAppend<Event> | FeedUndo

/** The arguments of `Subscription.feed`, without `after`. */
export interface FeedVariables {
  /** An ActivityFilter, such as `{ kind: { in: ['ENTRY_PLACED'] } }`. */
  readonly where?: Readonly<Record<string, unknown>>
  /** From the contract's first block on, instead of from now on. Not together with `after`. */
  readonly fromStart?: boolean
  /** FINAL: later, but nothing is ever undone. */
  readonly finality?: 'LATEST' | 'FINAL'
  readonly chainId?: number
}

/** The subscription, with `select` beside the fields that a reader of the feed cannot do without. */
export const feedDocument = (select: string): string => /* GraphQL */ `
  subscription Feed(
    $where: ActivityFilter
    $after: Cursor
    $fromStart: Boolean! = false
    $finality: Finality! = LATEST
    $chainId: Int
  ) {
    feed(
      where: $where
      after: $after
      fromStart: $fromStart
      finality: $finality
      chainId: $chainId
    ) {
      __typename
      ... on FeedAppend {
        cursor
        head { number hash timestamp finalizedNumber }
        events { id tx { blockNumber } ${select} }
      }
      ... on FeedUndo {
        cursor
        head { number hash timestamp finalizedNumber }
        toBlock
        removed
      }
    }
  }
`
