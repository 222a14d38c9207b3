import type { ContractEventName, GetEventArgs, Hex } from 'viem'
import type { pay402WinAbi } from '../../../abis/Pay402Win.ts'
import type { paymentTokenAbi } from '../../../abis/PaymentToken.ts'
import type { vrfCoordinatorAbi } from '../../../abis/VrfCoordinator.ts'

/** What has to be known of a deployment to read its history. Addresses in any case. */
export interface Deployed {
  readonly chainId: number
  readonly address: string
  readonly startBlock: number
  readonly coordinator: string
  /** Tokens whose logs are read. The native coin has none. */
  readonly tokens: readonly string[]
}

/** Where a log stands, and the call that wrote it. Addresses and hashes in lower case. */
export interface Place {
  readonly block: number
  readonly blockHash: Hex
  /** The block's time, in seconds. */
  readonly timestamp: number
  readonly transaction: Hex
  readonly sender: Hex
  readonly input: Hex
  readonly logIndex: number
}

type EventOf<A extends typeof pay402WinAbi | typeof paymentTokenAbi | typeof vrfCoordinatorAbi> = {
  [Name in ContractEventName<A>]: {
    readonly name: Name
    /** The contract that wrote it. */
    readonly address: Hex
    readonly args: GetEventArgs<A, Name, { EnableUnion: false; IndexedOnly: false; Required: true }>
    readonly at: Place
  }
}[ContractEventName<A>]

/** A decoded log. Addresses in its arguments are in lower case. */
export type Event =
  | EventOf<typeof pay402WinAbi>
  | EventOf<typeof paymentTokenAbi>
  | EventOf<typeof vrfCoordinatorAbi>

/** Everything the chain says about a deployment up to its head, in chain order. */
export interface History {
  readonly chainId: number
  readonly game: Hex
  readonly head: { readonly number: number; readonly hash: Hex; readonly timestamp: number }
  readonly events: readonly Event[]
}

/** The events of one name, in chain order. */
export const named = <Name extends Event['name']>(events: readonly Event[], name: Name) =>
  events.filter((event): event is Extract<Event, { name: Name }> => event.name === name)
