import { type Hex, type PublicClient, pad, parseEventLogs, toEventSelector } from 'viem'
import { pay402WinAbi } from '../abis/Pay402Win.ts'
import { paymentTokenAbi } from '../abis/PaymentToken.ts'
import { vrfCoordinatorAbi } from '../abis/VrfCoordinator.ts'
import type { Deployment } from '../src/domain/Deployment.ts'
import { getLogs, topicOf } from './logs.ts'

const abi = [...pay402WinAbi, ...paymentTokenAbi, ...vrfCoordinatorAbi] as const

const selectors = (of: readonly { readonly type: string; readonly name?: string }[]) =>
  new Map(
    of.flatMap((item) =>
      item.type === 'event'
        ? [[item.name ?? '', toEventSelector(item as Parameters<typeof toEventSelector>[0])]]
        : [],
    ),
  )
const GAME = selectors(pay402WinAbi)
const TOKEN = selectors(paymentTokenAbi)
const COORDINATOR = selectors(vrfCoordinatorAbi)

const of = (map: ReadonlyMap<string, Hex>, name: string): Hex => {
  const selector = map.get(name)
  if (selector === undefined) throw new Error(`no event ${name}`)
  return selector
}

/** The logs that the indexer reads of a deployment: what ponder.config.ts filters by. */
const filtersOf = ({ address, tokens, coordinator, subscriptionId }: Deployment) => {
  const game = pad(address, { size: 32 })
  const transfer = of(TOKEN, 'Transfer')
  const authorizations = [of(TOKEN, 'AuthorizationUsed'), of(TOKEN, 'AuthorizationCanceled')]
  const fulfilled = of(COORDINATOR, 'RandomWordsFulfilled')
  return [
    { address, topics: [[...GAME.values()]] },
    ...(tokens.length === 0
      ? []
      : [
          { address: tokens, topics: [transfer, null, game] },
          { address: tokens, topics: [transfer, game] },
          { address: tokens, topics: [authorizations] },
        ]),
    { address: coordinator, topics: [of(COORDINATOR, 'RandomWordsRequested'), null, null, game] },
    {
      address: coordinator,
      topics:
        subscriptionId === undefined ? [fulfilled] : [fulfilled, null, topicOf(subscriptionId)],
    },
  ] as const
}

const decode = (logs: Awaited<ReturnType<typeof getLogs>>) => parseEventLogs({ abi, logs })

/** A log of the chain, decoded. */
export type CanonicalLog = ReturnType<typeof decode>[number]

/** Every log of a deployment that the indexer has to have in a range of blocks, both ends included, in chain order. */
export const readLogs = async (
  client: PublicClient,
  deployment: Deployment,
  fromBlock: number,
  toBlock: number,
  logsRange?: number,
): Promise<readonly CanonicalLog[]> => {
  const range = { fromBlock: BigInt(fromBlock), toBlock: BigInt(toBlock) }
  const found = await Promise.all(
    filtersOf(deployment).map((filter) => getLogs(client, { ...filter, ...range }, logsRange)),
  )
  // A transfer from the game to itself passes two filters.
  const byPlace = new Map(
    decode(found.flat()).map((log) => [`${log.blockNumber} ${log.logIndex}`, log]),
  )
  return [...byPlace.values()].sort(
    (a, b) => Number(a.blockNumber - b.blockNumber) || a.logIndex - b.logIndex,
  )
}
