import { BaseError, ExecutionRevertedError, toFunctionSelector, zeroAddress } from 'viem'
import * as schema from '../../../ponder.schema.ts'
import * as Id from '../../domain/Id.ts'
import * as PoolStats from '../../domain/PoolStats.ts'
import * as TokenText from '../../domain/TokenText.ts'
import { type Log, lower, placeOf, type Store } from '../store.ts'

const SYMBOL = toFunctionSelector('symbol()')
const NAME = toFunctionSelector('name()')

/**
 * A token's own text, or null: a token may revert, answer bytes32, or have neither function. A failing RPC is
 * another matter and stops the block, so that the same chain always gives the same tables.
 */
const read = async ({ client }: Store, to: `0x${string}`, data: `0x${string}`) => {
  try {
    return TokenText.decode((await client.call({ to, data })).data)
  } catch (error) {
    const isRevert =
      error instanceof BaseError &&
      error.walk((cause) => cause instanceof ExecutionRevertedError) !== null
    if (isRevert) return null
    throw error
  }
}

/** Once per pool created, never per entry. The native coin's names are the deployment's, which the API knows. */
const insertToken = async (store: Store, address: `0x${string}`, decimals: number) => {
  const id = Id.token(store.chain.id, address)
  if ((await store.db.find(schema.token, { id })) !== null) return
  const isNative = address === zeroAddress
  await store.db.insert(schema.token).values({
    id,
    chainId: store.chain.id,
    address,
    symbol: (isNative ? null : await read(store, address, SYMBOL)) ?? '',
    name: (isNative ? null : await read(store, address, NAME)) ?? '',
    decimals,
    isNative,
  })
}

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
