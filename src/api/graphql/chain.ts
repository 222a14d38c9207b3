import type { Place } from '../db/place.ts'
import { builder } from './builder.ts'
import type { Context } from './context.ts'

/** LATEST or FINAL, by the block of a fact. */
export const finalityAt = async (context: Context, chainId: number, blockNumber: number) =>
  blockNumber <= (await context.head(chainId)).finalizedNumber ? 'FINAL' : 'LATEST'

/** The same for a fact. */
export const finalityOf = (context: Context, fact: Place) =>
  finalityAt(context, fact.chainId, fact.blockNumber)

const explorerUrl = (context: Context, { chainId, transactionHash }: Place) => {
  const url = context.options.deployments.find((each) => each.chainId === chainId)?.explorerUrl
  return url === undefined ? null : `${url}/tx/${transactionHash}`
}

export const TransactionRef = builder.objectRef<Place>('TransactionRef').implement({
  description: 'Where on the chain a fact stands: its transaction, its block and its log.',
  fields: (t) => ({
    chainId: t.exposeInt('chainId'),
    hash: t.expose('transactionHash', { type: 'Hex' }),
    blockNumber: t.expose('blockNumber', { type: 'BigInt' }),
    blockHash: t.expose('blockHash', { type: 'Hex' }),
    logIndex: t.exposeInt('logIndex'),
    timestamp: t.expose('timestamp', { type: 'Timestamp' }),
    explorerUrl: t.string({
      nullable: true,
      description: "The transaction's page in the chain's explorer, when one is configured.",
      resolve: (place, _, context) => explorerUrl(context, place),
    }),
  }),
})
