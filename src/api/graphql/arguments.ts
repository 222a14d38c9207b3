import * as Id from '../../domain/Id.ts'
import type { Context } from './context.ts'
import { UserInputError } from './errors.ts'

/** The largest uint256. */
const MAX_ID = 2n ** 256n - 1n

/** An id that the contract could have given. @throws UserInputError */
export const contractId = (name: string, id: bigint): bigint => {
  if (id >= 0n && id <= MAX_ID) return id
  throw new UserInputError(`${name}: expected a whole number from 0 to 2^256 - 1`)
}

interface RoundArgs {
  readonly chainId?: number | null | undefined
  readonly poolId: bigint
  readonly roundId: bigint
}

/** The id of the round that the arguments name. @throws UserInputError */
export const roundIdOf = (context: Context, { chainId, poolId, roundId }: RoundArgs): string =>
  Id.round(
    context.deployment(chainId).chainId,
    contractId('poolId', poolId),
    contractId('roundId', roundId),
  )

/** 32 bytes. @throws UserInputError */
export const transactionHash = (hash: string): string => {
  if (hash.length === 66) return hash
  throw new UserInputError('hash: expected 32 bytes')
}
