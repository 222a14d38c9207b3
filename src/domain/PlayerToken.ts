/** Flows of one player in one token, in base units, each dated by its own log. */
export interface PlayerToken {
  readonly id: string
  readonly chainId: number
  readonly address: `0x${string}`
  readonly token: `0x${string}`
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
): PlayerToken => ({
  ...key,
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
  flows: PlayerToken,
  event: { readonly amount: bigint; readonly feeAmount: bigint },
): PlayerToken => ({
  ...flows,
  wagered: flows.wagered + event.amount,
  feesPaid: flows.feesPaid + event.feeAmount,
})

/** PrizePaid, delivered or credited alike. `wonInRound` is the sum over this round so far, this prize included. */
export const prizePaid = (
  flows: PlayerToken,
  event: {
    readonly amount: bigint
    readonly poolId: bigint
    readonly roundId: bigint
    readonly wonInRound: bigint
  },
): PlayerToken => {
  const isBiggest = event.wonInRound > flows.biggestWin
  return {
    ...flows,
    won: flows.won + event.amount,
    biggestWin: isBiggest ? event.wonInRound : flows.biggestWin,
    biggestWinPoolId: isBiggest ? event.poolId : flows.biggestWinPoolId,
    biggestWinRoundId: isBiggest ? event.roundId : flows.biggestWinRoundId,
  }
}

/** EntryRefunded, delivered or credited alike: the whole stake comes back, its fee included. */
export const entryRefunded = (
  flows: PlayerToken,
  event: { readonly amount: bigint; readonly feeAmount: bigint },
): PlayerToken => ({
  ...flows,
  refunded: flows.refunded + event.amount,
  feesPaid: flows.feesPaid - event.feeAmount,
})
