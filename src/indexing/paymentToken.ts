import { type Context, ponder } from 'ponder:registry'
import schema from 'ponder:schema'
import { lower, placeOf } from './store.ts'

ponder.on('PaymentToken:Transfer', async ({ event, context }) => {
  await context.db.insert(schema.tokenTransfer).values({
    ...(await placeOf(context, event)),
    token: lower(event.log.address),
    sender: lower(event.args.from),
    recipient: lower(event.args.to),
    value: event.args.value,
  })
})

const insertAuthorization = async (
  context: Context,
  event: Parameters<typeof placeOf>[1] & {
    readonly log: { readonly address: `0x${string}` }
    readonly transaction: { readonly from: `0x${string}` }
    readonly args: { readonly authorizer: `0x${string}`; readonly nonce: `0x${string}` }
  },
  kind: 'USED' | 'CANCELED',
) => {
  await context.db.insert(schema.tokenAuthorization).values({
    ...(await placeOf(context, event)),
    token: lower(event.log.address),
    kind,
    authorizer: lower(event.args.authorizer),
    nonce: event.args.nonce,
    sender: lower(event.transaction.from),
  })
}

ponder.on('PaymentToken:AuthorizationUsed', ({ event, context }) =>
  insertAuthorization(context, event, 'USED'),
)

ponder.on('PaymentToken:AuthorizationCanceled', ({ event, context }) =>
  insertAuthorization(context, event, 'CANCELED'),
)
