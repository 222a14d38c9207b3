import * as schema from '../../ponder.schema.ts'
import * as Vrf from '../domain/Vrf.ts'
import { type Log, lower, placeOf, type Store } from './store.ts'

export const randomWordsRequested = async (
  store: Store,
  event: Log<'VrfCoordinator:RandomWordsRequested'>,
) => {
  const { args } = event
  await store.db.insert(schema.randomWordsRequested).values({
    ...(await placeOf(store, event)),
    coordinator: lower(event.log.address),
    keyHash: args.keyHash,
    requestId: args.requestId,
    preSeed: args.preSeed,
    subId: args.subId,
    minimumRequestConfirmations: args.minimumRequestConfirmations,
    callbackGasLimit: args.callbackGasLimit,
    numWords: args.numWords,
    sender: lower(args.sender),
  })
}

export const randomWordsFulfilled = async (
  store: Store,
  event: Log<'VrfCoordinator:RandomWordsFulfilled'>,
) => {
  const { args, transaction } = event
  const proof = Vrf.fulfilmentIn(transaction.input, args.requestId)
  await store.db.insert(schema.randomWordsFulfilled).values({
    ...(await placeOf(store, event)),
    coordinator: lower(event.log.address),
    requestId: args.requestId,
    outputSeed: args.outputSeed,
    subId: args.subId,
    payment: args.payment,
    success: args.success,
    proof: proof && Vrf.encodeProof(proof),
  })
}
