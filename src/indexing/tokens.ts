import { BaseError, type Hex, zeroAddress } from 'viem'
import * as schema from '../../ponder.schema.ts'
import * as Id from '../domain/Id.ts'
import * as TokenText from '../domain/TokenText.ts'
import type { Store } from './store.ts'

/** Once for each token, never per entry. The native coin's words are the deployment's, which the API knows. */
export const insertToken = async (store: Store, address: Hex, decimals: number) => {
  const id = Id.token(store.chain.id, address)
  if ((await store.db.find(schema.token, { id })) !== null) return
  const isNative = address === zeroAddress
  await store.db.insert(schema.token).values({
    id,
    chainId: store.chain.id,
    address,
    ...(isNative ? { ...NOTHING, textSource: 'CONFIGURATION' } : await readText(store, address)),
    decimals,
    isNative,
  })
}

const NOTHING: TokenText.TokenText = { symbol: '', name: '' }

type Text = Pick<typeof schema.token.$inferInsert, 'symbol' | 'name' | 'textSource'>

/**
 * As of the event's block, so that the same chain gives the same tables. Most nodes drop old states, each with its own words for that:
 * then as of the newest block. A node that has no answer to that either, but answers another call, leaves the token without text.
 *
 * @throws what the client throws when the node does not answer: the block is indexed later
 */
const readText = async ({ client }: Store, token: Hex): Promise<Text> => {
  const data = TokenText.question(token)
  const ask = async (at: { readonly cache?: 'immutable' }) =>
    TokenText.answer((await client.call({ data, ...at })).data)
  try {
    return { ...(await ask({})), textSource: 'BLOCK' }
  } catch {
    // The token cannot make the call fail.
  }
  try {
    return { ...(await ask(NEWEST)), textSource: 'LATEST' }
  } catch {
    await expectNode(client)
    return { ...NOTHING, textSource: 'UNKNOWN' }
  }
}

/** Ponder's word for the newest block. It keeps the answer for good. */
const NEWEST = { cache: 'immutable' } as const

/** A call that every node can answer. */
const expectNode = async (client: Store['client']): Promise<void> => {
  try {
    await client.call({ to: zeroAddress, data: '0x', ...NEWEST })
  } catch (error) {
    if (!isRefusal(error)) throw error
  }
}

/** The codes of JSON-RPC for a method that a node does not have. */
const isRefusal = (error: unknown) =>
  error instanceof BaseError &&
  error.walk(
    (cause) =>
      cause instanceof Error && 'code' in cause && [-32601, -32004].includes(Number(cause.code)),
  ) !== null
