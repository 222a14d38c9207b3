import { ponder } from 'ponder:registry'
import { insertBlock } from './store.ts'

ponder.on('Block:block', async ({ event, context }) => {
  await insertBlock(context, event.block)
})
