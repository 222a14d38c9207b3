/** One player in one pool. Money in base units of the pool's token, each flow dated by its own log. */
export interface PoolPlayer {
  readonly id: string
  readonly chainId: number
  readonly poolId: bigint
  readonly address: `0x${string}`
  readonly lastEntryAt: number
  readonly entryCount: number
  readonly roundsWon: number
  readonly wagered: bigint
  readonly won: bigint
  readonly refunded: bigint
  /** The largest sum taken from one round. */
  readonly biggestWin: bigint
}

export const zero = (
  key: Pick<PoolPlayer, 'id' | 'chainId' | 'poolId' | 'address'>,
  lastEntryAt: number,
): PoolPlayer => ({
  ...key,
  lastEntryAt,
  entryCount: 0,
  roundsWon: 0,
  wagered: 0n,
  won: 0n,
  refunded: 0n,
  biggestWin: 0n,
})

export const entryPlaced = (
  player: PoolPlayer,
  event: { readonly amount: bigint; readonly timestamp: number },
): PoolPlayer => ({
  ...player,
  lastEntryAt: event.timestamp,
  entryCount: player.entryCount + 1,
  wagered: player.wagered + event.amount,
})

/** PrizePaid. `wonInRound` is the sum over this round so far, this prize included. */
export const prizePaid = (
  player: PoolPlayer,
  event: { readonly amount: bigint; readonly isNewWin: boolean; readonly wonInRound: bigint },
): PoolPlayer => {
  const isBiggest = event.wonInRound > player.biggestWin
  return {
    ...player,
    roundsWon: player.roundsWon + (event.isNewWin ? 1 : 0),
    won: player.won + event.amount,
    biggestWin: isBiggest ? event.wonInRound : player.biggestWin,
  }
}

export const entryRefunded = (
  player: PoolPlayer,
  event: { readonly amount: bigint },
): PoolPlayer => ({ ...player, refunded: player.refunded + event.amount })
