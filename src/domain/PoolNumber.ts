/** One number in one pool, over all rounds. Money in base units of the pool's token. */
export interface PoolNumber {
  readonly id: string
  readonly chainId: number
  readonly poolId: bigint
  readonly number: number
  readonly entryCount: number
  readonly wagered: bigint
  readonly timesDrawn: number
  /** Draws of it that somebody won. */
  readonly timesHit: number
  readonly prizesWon: bigint
  /** Which of the pool's draws, counted from 1, it came up in last; null if it never did. */
  readonly lastDraw: number | null
  /** The most draws between two times it came up. */
  readonly longestGap: number
  /** The newest round with an entry on it, how many entries, and the sum of their ids. */
  readonly roundId: bigint
  readonly roundEntryCount: number
  readonly roundEntryIdSum: bigint
}

export const zero = (
  key: Pick<PoolNumber, 'id' | 'chainId' | 'poolId' | 'number'>,
): PoolNumber => ({
  ...key,
  entryCount: 0,
  wagered: 0n,
  timesDrawn: 0,
  timesHit: 0,
  prizesWon: 0n,
  lastDraw: null,
  longestGap: 0,
  roundId: 0n,
  roundEntryCount: 0,
  roundEntryIdSum: 0n,
})

/** What a round has on the number: nothing, when the newest entry on it is another round's. */
export const inRound = (number: PoolNumber, roundId: bigint) =>
  number.roundId === roundId
    ? { entryCount: number.roundEntryCount, entryIdSum: number.roundEntryIdSum }
    : { entryCount: 0, entryIdSum: 0n }

export const entryPlaced = (
  number: PoolNumber,
  event: { readonly roundId: bigint; readonly entryId: bigint; readonly amount: bigint },
): PoolNumber => {
  const before = inRound(number, event.roundId)
  return {
    ...number,
    entryCount: number.entryCount + 1,
    wagered: number.wagered + event.amount,
    roundId: event.roundId,
    roundEntryCount: before.entryCount + 1,
    roundEntryIdSum: before.entryIdSum + event.entryId,
  }
}

/** RoundDrawn with this number, the pool's draw number `draw`, counted from 1. */
export const drawn = (
  number: PoolNumber,
  event: { readonly draw: number; readonly winningEntryCount: bigint },
): PoolNumber => ({
  ...number,
  timesDrawn: number.timesDrawn + 1,
  timesHit: number.timesHit + (event.winningEntryCount > 0n ? 1 : 0),
  lastDraw: event.draw,
  longestGap:
    number.lastDraw === null
      ? number.longestGap
      : Math.max(number.longestGap, event.draw - number.lastDraw - 1),
})

/** PrizePaid in a round that drew this number. */
export const prizePaid = (number: PoolNumber, event: { readonly amount: bigint }): PoolNumber => ({
  ...number,
  prizesWon: number.prizesWon + event.amount,
})

/** Draws since it last came up, and the longest such wait, the present one included; null if it never came up. */
export const gaps = (
  number: Pick<PoolNumber, 'lastDraw' | 'longestGap'>,
  drawnRounds: number,
): { readonly gap: number; readonly longestGap: number } | null => {
  if (number.lastDraw === null) return null
  const gap = drawnRounds - number.lastDraw
  return { gap, longestGap: Math.max(gap, number.longestGap) }
}
