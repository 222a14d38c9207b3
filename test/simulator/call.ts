import { type Abi, encodeFunctionData, type Hex } from 'viem'
import type { Chain } from '../support/chain.ts'
import type { Case } from './cases/names.ts'

/** A transaction that somebody means to send. It can be sent again after a reorganisation, as it is. */
export interface Call {
  readonly from: Hex
  readonly to: Hex
  readonly data: Hex
  readonly value: bigint
  readonly gas: bigint
  /** What it is, for people. */
  readonly name: string
  /** The case that it plays when it is refused, of which no log tells. */
  readonly refusedAs?: Case
}

/** Calldata of a function. */
export const encode = (abi: Abi, functionName: string, args: readonly unknown[] = []): Hex =>
  encodeFunctionData({ abi, functionName, args })

/** Hands a transaction to the chain, which holds it for the next block. Returns its hash. */
export const queue = ({ client }: Chain, { from, to, data, value, gas }: Call): Promise<Hex> =>
  client.sendTransaction({
    ...{ account: from, chain: null, to, data, value, gas },
    ...{ maxFeePerGas: 10n ** 10n, maxPriorityFeePerGas: 0n },
  })
