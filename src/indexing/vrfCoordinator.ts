import { ponder } from 'ponder:registry'
import schema from 'ponder:schema'
import { lower, placeOf } from './store.ts'

ponder.on('VrfCoordinator:RandomWordsRequested', async ({ event, context }) => {
  const { args } = event
  await context.db.insert(schema.randomWordsRequested).values({
    ...(await placeOf(context, event)),
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
})

ponder.on('VrfCoordinator:RandomWordsFulfilled', async ({ event, context }) => {
  const { args } = event
  await context.db.insert(schema.randomWordsFulfilled).values({
    ...(await placeOf(context, event)),
    coordinator: lower(event.log.address),
    requestId: args.requestId,
    outputSeed: args.outputSeed,
    subId: args.subId,
    payment: args.payment,
    success: args.success,
  })
})
