/** One address on one chain, as the beneficiary of entries. Times in seconds of block time. */
export interface Player {
  readonly id: string
  readonly chainId: number
  readonly address: `0x${string}`
  readonly firstSeenAt: number
  /** The newest entry, prize or refund. */
  readonly lastSeenAt: number
  readonly entryCount: number
  readonly roundsEntered: number
  readonly roundsWon: number
  readonly winningEntries: number
  readonly poolsEntered: number
}

export const zero = (
  key: Pick<Player, 'id' | 'chainId' | 'address'>,
  firstSeenAt: number,
): Player => ({
  ...key,
  firstSeenAt,
  lastSeenAt: firstSeenAt,
  entryCount: 0,
  roundsEntered: 0,
  roundsWon: 0,
  winningEntries: 0,
  poolsEntered: 0,
})

/** EntryPlaced for this player. */
export const entryPlaced = (
  player: Player,
  event: {
    readonly timestamp: number
    readonly isNewRound: boolean
    readonly isNewPool: boolean
  },
): Player => ({
  ...player,
  lastSeenAt: event.timestamp,
  entryCount: player.entryCount + 1,
  roundsEntered: player.roundsEntered + (event.isNewRound ? 1 : 0),
  poolsEntered: player.poolsEntered + (event.isNewPool ? 1 : 0),
})

/** PrizePaid to this player. */
export const prizePaid = (
  player: Player,
  event: { readonly timestamp: number; readonly isNewWin: boolean },
): Player => ({
  ...player,
  lastSeenAt: event.timestamp,
  winningEntries: player.winningEntries + 1,
  roundsWon: player.roundsWon + (event.isNewWin ? 1 : 0),
})

/** EntryRefunded to this player. */
export const entryRefunded = (player: Player, event: { readonly timestamp: number }): Player => ({
  ...player,
  lastSeenAt: event.timestamp,
})
