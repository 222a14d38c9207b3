/** One player in one token, over its pools. Money in base units, each flow dated by its own log. Times in seconds. */
export interface PlayerToken {
  readonly id: string
  readonly chainId: number
  readonly address: `0x${string}`
  readonly token: `0x${string}`
  readonly firstSeenAt: number
  /** The newest entry, prize or refund. */
  readonly lastSeenAt: number
  readonly lastEntryAt: number
  readonly entryCount: number
  readonly poolsEntered: number
  readonly roundsEntered: number
  readonly roundsWon: number
  readonly winningEntries: number
  readonly wagered: bigint
  readonly won: bigint
  readonly refunded: bigint
  /** Fees of the entries that were not refunded: a cancelled round returns its fees. */
  readonly feesPaid: bigint
  /** The largest sum taken from one round. */
  readonly biggestWin: bigint
  readonly biggestWinPoolId: bigint | null
  readonly biggestWinRoundId: bigint | null
}

export const zero = (
  key: Pick<PlayerToken, 'id' | 'chainId' | 'address' | 'token'>,
  firstSeenAt: number,
): PlayerToken => ({
  ...key,
  firstSeenAt,
  lastSeenAt: firstSeenAt,
  lastEntryAt: firstSeenAt,
  entryCount: 0,
  poolsEntered: 0,
  roundsEntered: 0,
  roundsWon: 0,
  winningEntries: 0,
  wagered: 0n,
  won: 0n,
  refunded: 0n,
  feesPaid: 0n,
  biggestWin: 0n,
  biggestWinPoolId: null,
  biggestWinRoundId: null,
})

/** EntryPlaced: the stake counts at once, whoever paid it. */
export const entryPlaced = (
  player: PlayerToken,
  event: {
    readonly amount: bigint
    readonly feeAmount: bigint
    readonly timestamp: number
    readonly isNewRound: boolean
    readonly isNewPool: boolean
  },
): PlayerToken => ({
  ...player,
  lastSeenAt: event.timestamp,
  lastEntryAt: event.timestamp,
  entryCount: player.entryCount + 1,
  poolsEntered: player.poolsEntered + (event.isNewPool ? 1 : 0),
  roundsEntered: player.roundsEntered + (event.isNewRound ? 1 : 0),
  wagered: player.wagered + event.amount,
  feesPaid: player.feesPaid + event.feeAmount,
})

/** PrizePaid, delivered or credited alike. `wonInRound` is the sum over this round so far, this prize included. */
export const prizePaid = (
  player: PlayerToken,
  event: {
    readonly amount: bigint
    readonly timestamp: number
    readonly poolId: bigint
    readonly roundId: bigint
    readonly isNewWin: boolean
    readonly wonInRound: bigint
  },
): PlayerToken => {
  const isBiggest = event.wonInRound > player.biggestWin
  return {
    ...player,
    lastSeenAt: event.timestamp,
    winningEntries: player.winningEntries + 1,
    roundsWon: player.roundsWon + (event.isNewWin ? 1 : 0),
    won: player.won + event.amount,
    biggestWin: isBiggest ? event.wonInRound : player.biggestWin,
    biggestWinPoolId: isBiggest ? event.poolId : player.biggestWinPoolId,
    biggestWinRoundId: isBiggest ? event.roundId : player.biggestWinRoundId,
  }
}

/** EntryRefunded, delivered or credited alike. */
export const entryRefunded = (
  player: PlayerToken,
  event: { readonly amount: bigint; readonly feeAmount: bigint; readonly timestamp: number },
): PlayerToken => ({
  ...player,
  lastSeenAt: event.timestamp,
  refunded: player.refunded + event.amount,
  feesPaid: player.feesPaid - event.feeAmount,
})
