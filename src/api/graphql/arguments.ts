import { UserInputError } from './errors.ts'

/** The largest uint256. */
const MAX_ID = 2n ** 256n - 1n

/** An id that the contract could have given. @throws UserInputError */
export const contractId = (name: string, id: bigint): bigint => {
  if (id >= 0n && id <= MAX_ID) return id
  throw new UserInputError(`${name}: expected a whole number from 0 to 2^256 - 1`)
}

/** 32 bytes. @throws UserInputError */
export const transactionHash = (hash: string): string => {
  if (hash.length === 66) return hash
  throw new UserInputError('hash: expected 32 bytes')
}
