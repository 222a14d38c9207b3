import { type Context, ponder } from 'ponder:registry'
import { block } from './blocks.ts'
import * as entries from './pay402win/entries.ts'
import * as payouts from './pay402win/payouts.ts'
import * as pools from './pay402win/pools.ts'
import * as rounds from './pay402win/rounds.ts'
import * as paymentToken from './paymentToken.ts'
import type { Store } from './store.ts'
import * as vrfCoordinator from './vrfCoordinator.ts'

/** Which event goes to which handler: the table of contents of this folder. */

const on =
  <Event>(handler: (store: Store, event: Event) => Promise<unknown>) =>
  async ({ event, context }: { event: Event; context: Context }) => {
    await handler(context, event)
  }

ponder.on('Block:block', on(block))

ponder.on('Pay402Win:PoolCreated', on(pools.poolCreated))
ponder.on('Pay402Win:RoundOpened', on(rounds.roundOpened))
ponder.on('Pay402Win:EntryPlaced', on(entries.entryPlaced))
ponder.on('Pay402Win:PrizePoolUpdated', on(entries.prizePoolUpdated))
ponder.on('Pay402Win:X402PaymentSettled', on(entries.x402PaymentSettled))
ponder.on('Pay402Win:RoundClosed', on(rounds.roundClosed))
ponder.on('Pay402Win:RandomnessRequested', on(rounds.randomnessRequested))
ponder.on('Pay402Win:RandomnessFulfilled', on(rounds.randomnessFulfilled))
ponder.on('Pay402Win:RoundDrawn', on(rounds.roundDrawn))
ponder.on('Pay402Win:PrizePaid', on(payouts.prizePaid))
ponder.on('Pay402Win:PrizeCarried', on(rounds.prizeCarried))
ponder.on('Pay402Win:ProtocolFeeCollected', on(payouts.protocolFeeCollected))
ponder.on('Pay402Win:RoundCancelled', on(rounds.roundCancelled))
ponder.on('Pay402Win:EntryRefunded', on(payouts.entryRefunded))
ponder.on('Pay402Win:RoundFinalized', on(rounds.roundFinalized))
ponder.on('Pay402Win:CreditClaimed', on(payouts.creditClaimed))

ponder.on('PaymentToken:Transfer', on(paymentToken.transfer))
ponder.on('PayoutToken:Transfer', on(paymentToken.transfer))
ponder.on('PaymentToken:AuthorizationUsed', on(paymentToken.authorizationUsed))
ponder.on('PaymentToken:AuthorizationCanceled', on(paymentToken.authorizationCanceled))

ponder.on('VrfCoordinator:RandomWordsRequested', on(vrfCoordinator.randomWordsRequested))
ponder.on('VrfCoordinator:RandomWordsFulfilled', on(vrfCoordinator.randomWordsFulfilled))
