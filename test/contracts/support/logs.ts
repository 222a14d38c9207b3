import {
  type Abi,
  decodeEventLog,
  getAddress,
  type Hex,
  type Log as RawLog,
  toEventSelector,
} from 'viem'
import { localDollarAbi } from '../../../abis/LocalDollar.ts'
import { pay402WinAbi } from '../../../abis/Pay402Win.ts'
import { vrfCoordinatorMockAbi } from '../../../abis/VrfCoordinatorMock.ts'

/** A decoded log. `name` carries its source unless that is the game: `dollar.Transfer`. */
export interface Log {
  readonly name: string
  readonly address: Hex
  readonly args: Readonly<Record<string, unknown>>
}

/** What one transaction did. */
export interface Tx {
  readonly hash: Hex
  readonly timestamp: bigint
  readonly gasUsed: bigint
  readonly logs: readonly Log[]
}

const all: Abi = [...pay402WinAbi, ...localDollarAbi, ...vrfCoordinatorMockAbi]
/** Each event by its first topic: to look for it in all of them is most of the work of a long test. */
const abis = new Map<Hex | undefined, Abi>(
  all.flatMap((item) => (item.type === 'event' ? [[toEventSelector(item), [item]]] : [])),
)

/** @param sources names of addresses; the empty name is the game's. A log of any other address is an error. */
export const decodeLogs = (
  logs: readonly Pick<RawLog, 'address' | 'data' | 'topics'>[],
  sources: ReadonlyMap<string, string>,
): readonly Log[] =>
  logs.map(({ address, data, topics }) => {
    const source = sources.get(address.toLowerCase())
    if (source === undefined) throw new Error(`a log of ${address}, which nobody named`)
    const abi = abis.get(topics[0])
    if (abi === undefined) throw new Error(`an event of ${address} that nobody knows: ${topics[0]}`)
    const { eventName, args } = decodeEventLog({ abi, data, topics })
    if (eventName === undefined || Array.isArray(args)) throw new Error('a log without names')
    return {
      name: source === '' ? eventName : `${source}.${eventName}`,
      address: getAddress(address),
      args: { ...args },
    }
  })

/** Names and values in the order of the chain: what tests compare. */
export const story = ({ logs }: Tx) => logs.map(({ name, args }) => [name, args] as const)

/** The names alone. */
export const names = ({ logs }: Tx) => logs.map(({ name }) => name)
