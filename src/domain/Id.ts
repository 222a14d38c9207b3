/**
 * Primary keys of the tables. Text, chain first, parts joined by `-`; never parsed, because every part is a column too.
 * Each follows from an event's own values, so that Ponder can prefetch the row.
 */

/** A pool, or the counters of one. */
export const pool = (chainId: number, poolId: bigint) => `${chainId}-${poolId}`

/** A round of a pool. */
export const round = (chainId: number, poolId: bigint, roundId: bigint) =>
  `${chainId}-${poolId}-${roundId}`

/** An entry. `entryId` counts over all pools of the contract. */
export const entry = (chainId: number, entryId: bigint) => `${chainId}-${entryId}`

/** Any other fact, by the place of its log. */
export const fact = (chainId: number, blockNumber: number | bigint, logIndex: number) =>
  `${chainId}-${blockNumber}-${logIndex}`

/** A block. */
export const block = (chainId: number, number: number | bigint) => `${chainId}-${number}`

/** A token; the zero address is the native coin. `address` in lower case. */
export const token = (chainId: number, address: string) => `${chainId}-${address}`

/** A player: one address on one chain. `address` in lower case. */
export const player = (chainId: number, address: string) => `${chainId}-${address}`

/** One account's money in one token. Both addresses in lower case. */
export const accountToken = (chainId: number, account: string, token: string) =>
  `${chainId}-${account}-${token}`

/** A player's membership of a round. */
export const roundPlayer = (chainId: number, poolId: bigint, roundId: bigint, address: string) =>
  `${chainId}-${poolId}-${roundId}-${address}`

/** A player's membership of a pool. */
export const poolPlayer = (chainId: number, poolId: bigint, address: string) =>
  `${chainId}-${poolId}-${address}`

/** One number of a pool. */
export const poolNumber = (chainId: number, poolId: bigint, number: number) =>
  `${chainId}-${poolId}-${number}`

/** One hour of a pool, counted from the epoch. */
export const poolHour = (chainId: number, poolId: bigint, hour: number) =>
  `${chainId}-${poolId}-${hour}`

/** What an event broke, by the place of its log; one event may break several. */
export const issue = (fact: string, invariant: string) => `${fact}-${invariant}`

/** An x402 payment. Both addresses in lower case. */
export const payment = (chainId: number, token: string, authorizer: string, nonce: string) =>
  `${chainId}-${token}-${authorizer}-${nonce}`
