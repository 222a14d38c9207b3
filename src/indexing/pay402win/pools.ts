import * as schema from '../../../ponder.schema.ts'
import * as Id from '../../domain/Id.ts'
import * as PoolStats from '../../domain/PoolStats.ts'
import * as TokenText from '../../domain/TokenText.ts'
import { type Log, lower, placeOf, type Store } from '../store.ts'
import { insertToken } from '../tokens.ts'

export const poolCreated = async (store: Store, event: Log<'Pay402Win:PoolCreated'>) => {
  const place = await placeOf(store, event)
  const { args } = event
  const id = Id.pool(place.chainId, args.poolId)
  const token = lower(args.token)
  await store.db.insert(schema.pool).values({
    ...place,
    id,
    poolId: args.poolId,
    token,
    creator: lower(args.creator),
    entryFee: args.entryFee,
    feeBps: args.feeBps,
    feeRecipient: lower(args.feeRecipient),
    roundDuration: args.roundDuration,
    minEntries: args.minEntries,
    maxEntries: args.maxEntries,
    drawTimeout: args.drawTimeout,
    name: TokenText.printable(args.name),
  })
  await insertToken(store, token, args.tokenDecimals)
  await store.db
    .insert(schema.poolStats)
    .values(PoolStats.zero({ id, chainId: place.chainId, poolId: args.poolId }))
}
