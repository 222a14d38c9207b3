/** Membership of a player in a round. Money in base units of the pool's token. */
export interface RoundPlayer {
  readonly id: string
  readonly chainId: number
  readonly poolId: bigint
  readonly roundId: bigint
  readonly address: `0x${string}`
  readonly entryCount: number
  readonly winningEntries: number
  readonly wagered: bigint
  readonly won: bigint
  readonly refunded: bigint
}

export const zero = (
  key: Pick<RoundPlayer, 'id' | 'chainId' | 'poolId' | 'roundId' | 'address'>,
): RoundPlayer => ({
  ...key,
  entryCount: 0,
  winningEntries: 0,
  wagered: 0n,
  won: 0n,
  refunded: 0n,
})

export const entryPlaced = (
  member: RoundPlayer,
  event: { readonly amount: bigint },
): RoundPlayer => ({
  ...member,
  entryCount: member.entryCount + 1,
  wagered: member.wagered + event.amount,
})

export const prizePaid = (
  member: RoundPlayer,
  event: { readonly amount: bigint },
): RoundPlayer => ({
  ...member,
  winningEntries: member.winningEntries + 1,
  won: member.won + event.amount,
})

export const entryRefunded = (
  member: RoundPlayer,
  event: { readonly amount: bigint },
): RoundPlayer => ({ ...member, refunded: member.refunded + event.amount })
