import * as schema from '../../ponder.schema.ts'
import { type Log, lower, placeOf, type Store } from './store.ts'

export const transfer = async (
  store: Store,
  event: Log<'PaymentToken:Transfer' | 'PayoutToken:Transfer'>,
) => {
  await store.db.insert(schema.tokenTransfer).values({
    ...(await placeOf(store, event)),
    token: lower(event.log.address),
    sender: lower(event.args.from),
    recipient: lower(event.args.to),
    value: event.args.value,
  })
}

const insertAuthorization = async (
  store: Store,
  event: Log<'PaymentToken:AuthorizationUsed' | 'PaymentToken:AuthorizationCanceled'>,
  kind: 'USED' | 'CANCELED',
) => {
  await store.db.insert(schema.tokenAuthorization).values({
    ...(await placeOf(store, event)),
    token: lower(event.log.address),
    kind,
    authorizer: lower(event.args.authorizer),
    nonce: event.args.nonce,
    sender: lower(event.transaction.from),
  })
}

export const authorizationUsed = (store: Store, event: Log<'PaymentToken:AuthorizationUsed'>) =>
  insertAuthorization(store, event, 'USED')

export const authorizationCanceled = (
  store: Store,
  event: Log<'PaymentToken:AuthorizationCanceled'>,
) => insertAuthorization(store, event, 'CANCELED')
