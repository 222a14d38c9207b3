import { type Abi, type Hex, type Log, type PublicActions, parseEventLogs } from 'viem'
import { pay402WinAbi } from '../../../abis/Pay402Win.ts'
import { paymentTokenAbi } from '../../../abis/PaymentToken.ts'
import { vrfCoordinatorAbi } from '../../../abis/VrfCoordinator.ts'
import type { Deployed, Event, History, Place } from './history.ts'

type Reader = Pick<PublicActions, 'getBlock' | 'getLogs'>

const lower = (value: string) => value.toLowerCase() as Hex

/** A name given by a pool's creator stays as it is; every other text in an event is hexadecimal. */
const lowerArgs = (args: object) =>
  Object.fromEntries(
    Object.entries(args).map(([key, value]) => [
      key,
      typeof value === 'string' && key !== 'name' ? lower(value) : value,
    ]),
  )

/**
 * Raw logs as events, in chain order; logs of other events are left out.
 * @param placeOf the transaction and block of a log
 */
export const decode = (
  deployed: Deployed,
  logs: readonly Log<bigint, number, false>[],
  placeOf: (log: Log<bigint, number, false>) => Place,
): Event[] => {
  const abis = new Map<string, Abi>([
    ...deployed.tokens.map((token) => [lower(token), paymentTokenAbi] as const),
    [lower(deployed.coordinator), vrfCoordinatorAbi],
    [lower(deployed.address), pay402WinAbi],
  ])
  return logs
    .toSorted((a, b) => Number(a.blockNumber - b.blockNumber) || a.logIndex - b.logIndex)
    .flatMap((log) =>
      parseEventLogs({ abi: abis.get(lower(log.address)) ?? [], logs: [log] }).map(
        ({ eventName, args }) =>
          ({
            name: eventName,
            address: lower(log.address),
            args: lowerArgs(args ?? {}),
            at: placeOf(log),
          }) as Event,
      ),
    )
}

/**
 * The canonical logs from the deployment's start to the head. Every Transfer of its tokens is read: which one an
 * authorisation paid for is decided among all of them, not only among those of the game.
 * @throws when the chain changes while it is read.
 */
export const readHistory = async (client: Reader, deployed: Deployed): Promise<History> => {
  const head = await client.getBlock()
  const logs = await client.getLogs({
    address: [deployed.address, deployed.coordinator, ...deployed.tokens].map(lower),
    fromBlock: BigInt(deployed.startBlock),
    toBlock: head.number,
  })
  const numbers = [...new Set(logs.map(({ blockNumber }) => blockNumber))]
  const places = new Map<string, Omit<Place, 'logIndex'>>()
  for (const blockNumber of numbers) {
    const block = await client.getBlock({ blockNumber, includeTransactions: true })
    for (const { hash, from, input } of block.transactions)
      places.set(hash, {
        block: Number(block.number),
        blockHash: lower(block.hash),
        timestamp: Number(block.timestamp),
        transaction: lower(hash),
        sender: lower(from),
        input: lower(input),
      })
  }
  const placeOf = ({ transactionHash, logIndex, blockHash }: Log<bigint, number, false>) => {
    const place = places.get(transactionHash)
    if (place?.blockHash !== blockHash) throw new Error('the chain changed while it was read')
    return { ...place, logIndex }
  }
  return {
    chainId: deployed.chainId,
    game: lower(deployed.address),
    head: {
      number: Number(head.number),
      hash: lower(head.hash),
      timestamp: Number(head.timestamp),
    },
    events: decode(deployed, logs, placeOf),
  }
}
