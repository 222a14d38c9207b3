import { type Context, ponder } from 'ponder:registry'
import schema from 'ponder:schema'
import { BaseError, ExecutionRevertedError, toFunctionSelector, zeroAddress } from 'viem'
import * as Id from '../../domain/Id.ts'
import * as PoolStats from '../../domain/PoolStats.ts'
import * as Round from '../../domain/Round.ts'
import * as TokenText from '../../domain/TokenText.ts'
import { lower, placeOf, updatePoolStats } from '../store.ts'

const SYMBOL = toFunctionSelector('symbol()')
const NAME = toFunctionSelector('name()')

/**
 * A token's own text, or null: a token may revert, answer bytes32, or have neither function. A failing RPC is
 * another matter and stops the block, so that the same chain always gives the same tables.
 */
const read = async ({ client }: Context, to: `0x${string}`, data: `0x${string}`) => {
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
const insertToken = async (context: Context, address: `0x${string}`, decimals: number) => {
  const id = Id.token(context.chain.id, address)
  if ((await context.db.find(schema.token, { id })) !== null) return
  const isNative = address === zeroAddress
  await context.db.insert(schema.token).values({
    id,
    chainId: context.chain.id,
    address,
    symbol: (isNative ? null : await read(context, address, SYMBOL)) ?? '',
    name: (isNative ? null : await read(context, address, NAME)) ?? '',
    decimals,
    isNative,
  })
}

ponder.on('Pay402Win:PoolCreated', async ({ event, context }) => {
  const place = await placeOf(context, event)
  const { args } = event
  const id = Id.pool(place.chainId, args.poolId)
  const token = lower(args.token)
  await context.db.insert(schema.pool).values({
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
  await insertToken(context, token, args.tokenDecimals)
  await context.db
    .insert(schema.poolStats)
    .values(PoolStats.zero({ id, chainId: place.chainId, poolId: args.poolId }))
})

ponder.on('Pay402Win:RoundOpened', async ({ event, context }) => {
  const place = await placeOf(context, event)
  const opened = {
    ...place,
    poolId: event.args.poolId,
    roundId: event.args.roundId,
    opensAt: Number(event.args.opensAt),
    closesAt: Number(event.args.closesAt),
    carryIn: event.args.carryIn,
  }
  await context.db.insert(schema.roundOpened).values(opened)
  await context.db
    .insert(schema.round)
    .values(Round.opened({ ...opened, id: Id.round(place.chainId, opened.poolId, opened.roundId) }))
  await updatePoolStats(context, 'RoundOpened', opened, (stats) =>
    PoolStats.roundOpened(stats, opened),
  )
})
