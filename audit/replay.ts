import { type Hex, type PublicClient, zeroAddress } from 'viem'
import * as entries from '../src/indexing/pay402win/entries.ts'
import * as payouts from '../src/indexing/pay402win/payouts.ts'
import * as pools from '../src/indexing/pay402win/pools.ts'
import * as rounds from '../src/indexing/pay402win/rounds.ts'
import * as paymentToken from '../src/indexing/paymentToken.ts'
import type { Store } from '../src/indexing/store.ts'
import * as vrfCoordinator from '../src/indexing/vrfCoordinator.ts'
import type { CanonicalLog } from './canonical.ts'
import { type Header, headerOf, mapLimited } from './client.ts'
import { createMemory, type Memory } from './memory.ts'

const CHUNK = 500

interface Sent {
  readonly from: Hex
  readonly input: Hex
}

/** Events whose handlers look at the sender or the calldata of their transaction. */
const NEEDS_TRANSACTION: ReadonlySet<CanonicalLog['eventName']> = new Set([
  'AuthorizationUsed',
  'AuthorizationCanceled',
  'X402PaymentSettled',
  'RandomWordsFulfilled',
] as const)

/** A log as its handler sees it. */
const eventOf = <Args>(
  { args }: { args: Args },
  log: CanonicalLog,
  block: Header,
  sent?: Sent,
) => ({
  args,
  block,
  transaction: {
    hash: log.transactionHash,
    from: sent?.from ?? zeroAddress,
    input: sent?.input ?? ('0x' as const),
  },
  log: { logIndex: log.logIndex, address: log.address },
})

/** Hands a log to the indexer's own handler, as src/indexing/handlers.ts does. */
export const handle = (
  store: Store,
  log: CanonicalLog,
  block: Header,
  sent?: Sent,
): Promise<void> => {
  const event = <Args>(decoded: { args: Args }) => eventOf(decoded, log, block, sent)
  switch (log.eventName) {
    case 'PoolCreated':
      return pools.poolCreated(store, event(log))
    case 'RoundOpened':
      return rounds.roundOpened(store, event(log))
    case 'EntryPlaced':
      return entries.entryPlaced(store, event(log))
    case 'PrizePoolUpdated':
      return entries.prizePoolUpdated(store, event(log))
    case 'X402PaymentSettled':
      return entries.x402PaymentSettled(store, event(log))
    case 'RoundClosed':
      return rounds.roundClosed(store, event(log))
    case 'RandomnessRequested':
      return rounds.randomnessRequested(store, event(log))
    case 'RandomnessFulfilled':
      return rounds.randomnessFulfilled(store, event(log))
    case 'RoundDrawn':
      return rounds.roundDrawn(store, event(log))
    case 'PrizePaid':
      return payouts.prizePaid(store, event(log))
    case 'PrizeCarried':
      return rounds.prizeCarried(store, event(log))
    case 'ProtocolFeeCollected':
      return payouts.protocolFeeCollected(store, event(log))
    case 'RoundCancelled':
      return rounds.roundCancelled(store, event(log))
    case 'EntryRefunded':
      return payouts.entryRefunded(store, event(log))
    case 'RoundFinalized':
      return rounds.roundFinalized(store, event(log))
    case 'CreditClaimed':
      return payouts.creditClaimed(store, event(log))
    case 'Transfer':
      return paymentToken.transfer(store, event(log))
    case 'AuthorizationUsed':
      return paymentToken.authorizationUsed(store, event(log))
    case 'AuthorizationCanceled':
      return paymentToken.authorizationCanceled(store, event(log))
    case 'RandomWordsRequested':
      return vrfCoordinator.randomWordsRequested(store, event(log))
    case 'RandomWordsFulfilled':
      return vrfCoordinator.randomWordsFulfilled(store, event(log))
  }
}

/** A block was reorganised away between its logs and its header. */
export class MovedError extends Error {
  override readonly name = 'MovedError'
}

/** Calls as Ponder's client makes them. */
const createCall =
  (client: PublicClient, at: () => bigint): Store['client']['call'] =>
  ({ cache, ...request }) =>
    client.call(cache === 'immutable' ? request : { ...request, blockNumber: at() })

/**
 * The rows that the indexer's own handlers make of a chain's logs.
 *
 * @throws MovedError when the chain was reorganised meanwhile; InvariantError when a log cannot follow those before it.
 */
export const replay = async (
  client: PublicClient,
  chainId: number,
  logs: readonly CanonicalLog[],
): Promise<Memory> => {
  let current = 0n
  const memory = createMemory(
    chainId,
    createCall(client, () => current),
  )
  for (let from = 0; from < logs.length; from += CHUNK) {
    const some = logs.slice(from, from + CHUNK)
    const numbers = [...new Set(some.map(({ blockNumber }) => Number(blockNumber)))]
    const headers = await mapLimited(numbers, 100, (number) => headerOf(client, number))
    const headerBy = new Map(headers.map((header, at) => [numbers[at], header]))
    const hashes = new Set(
      some.flatMap((log) => (NEEDS_TRANSACTION.has(log.eventName) ? log.transactionHash : [])),
    )
    const sent = new Map(
      await mapLimited([...hashes], 100, async (hash) => {
        const { from, input } = await client.getTransaction({ hash })
        return [hash, { from, input }] as const
      }),
    )
    for (const log of some) {
      const header = headerBy.get(Number(log.blockNumber))
      if (header == null || header.hash !== log.blockHash)
        throw new MovedError(`block ${log.blockNumber} was reorganised away while it was read`)
      current = log.blockNumber
      await handle(memory.store, log, header, sent.get(log.transactionHash))
    }
  }
  return memory
}
