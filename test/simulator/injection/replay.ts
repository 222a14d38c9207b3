import { zeroHash } from 'viem'
import type { Memory } from '../../../audit/memory.ts'
import * as entries from '../../../src/indexing/pay402win/entries.ts'
import * as payouts from '../../../src/indexing/pay402win/payouts.ts'
import * as pools from '../../../src/indexing/pay402win/pools.ts'
import * as rounds from '../../../src/indexing/pay402win/rounds.ts'
import * as paymentToken from '../../../src/indexing/paymentToken.ts'
import type { Store } from '../../../src/indexing/store.ts'
import * as vrfCoordinator from '../../../src/indexing/vrfCoordinator.ts'
import type { Event } from '../model/history.ts'

/** An event as its handler sees it. */
const logOf = <Args>({ args, at, address }: Pick<Event, 'at' | 'address'> & { args: Args }) => ({
  args,
  block: {
    number: BigInt(at.block),
    hash: at.blockHash,
    parentHash: zeroHash,
    timestamp: BigInt(at.timestamp),
  },
  transaction: { hash: at.transaction, from: at.sender, input: at.input },
  log: { logIndex: at.logIndex, address },
})

/** Hands an event to the indexer's own handler, as src/indexing/handlers.ts does. */
const handle = (store: Store, event: Event): Promise<void> => {
  switch (event.name) {
    case 'PoolCreated':
      return pools.poolCreated(store, logOf(event))
    case 'RoundOpened':
      return rounds.roundOpened(store, logOf(event))
    case 'EntryPlaced':
      return entries.entryPlaced(store, logOf(event))
    case 'PrizePoolUpdated':
      return entries.prizePoolUpdated(store, logOf(event))
    case 'X402PaymentSettled':
      return entries.x402PaymentSettled(store, logOf(event))
    case 'RoundClosed':
      return rounds.roundClosed(store, logOf(event))
    case 'RandomnessRequested':
      return rounds.randomnessRequested(store, logOf(event))
    case 'RandomnessFulfilled':
      return rounds.randomnessFulfilled(store, logOf(event))
    case 'RoundDrawn':
      return rounds.roundDrawn(store, logOf(event))
    case 'PrizePaid':
      return payouts.prizePaid(store, logOf(event))
    case 'PrizeCarried':
      return rounds.prizeCarried(store, logOf(event))
    case 'ProtocolFeeCollected':
      return payouts.protocolFeeCollected(store, logOf(event))
    case 'RoundCancelled':
      return rounds.roundCancelled(store, logOf(event))
    case 'EntryRefunded':
      return payouts.entryRefunded(store, logOf(event))
    case 'RoundFinalized':
      return rounds.roundFinalized(store, logOf(event))
    case 'CreditClaimed':
      return payouts.creditClaimed(store, logOf(event))
    case 'Transfer':
      return paymentToken.transfer(store, logOf(event))
    case 'AuthorizationUsed':
      return paymentToken.authorizationUsed(store, logOf(event))
    case 'AuthorizationCanceled':
      return paymentToken.authorizationCanceled(store, logOf(event))
    case 'RandomWordsRequested':
      return vrfCoordinator.randomWordsRequested(store, logOf(event))
    case 'RandomWordsFulfilled':
      return vrfCoordinator.randomWordsFulfilled(store, logOf(event))
  }
}

/** Fills the memory. Events in the order in which the indexer would see them. */
export const replay = async ({ store }: Memory, events: Iterable<Event>): Promise<void> => {
  for (const event of events) await handle(store, event)
}
