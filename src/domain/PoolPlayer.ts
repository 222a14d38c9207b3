/** Membership of a player in a pool. */
export interface PoolPlayer {
  readonly id: string
  readonly chainId: number
  readonly poolId: bigint
  readonly address: `0x${string}`
  readonly entryCount: number
}

export const zero = (key: Omit<PoolPlayer, 'entryCount'>): PoolPlayer => ({ ...key, entryCount: 0 })

export const entryPlaced = (member: PoolPlayer): PoolPlayer => ({
  ...member,
  entryCount: member.entryCount + 1,
})
