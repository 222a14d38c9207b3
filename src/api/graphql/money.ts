import * as Id from '../../domain/Id.ts'
import { toDecimal } from '../../domain/Money.ts'
import { listTokens } from '../db/token.ts'
import { builder } from './builder.ts'
import type { Context } from './context.ts'
import { expectRow, poolById, tokenById } from './loaders.ts'
import { Token } from './refs.ts'

/** An amount in base units of a pool's token, or of a token that is known by its address. */
export type MoneyShape = { readonly raw: bigint; readonly chainId: number } & (
  | { readonly poolId: bigint }
  | { readonly token: string }
)

/** Money of a pool; the token is looked up only when it is asked for. */
export const poolMoney = (
  of: { readonly chainId: number; readonly poolId: bigint },
  raw: bigint,
): MoneyShape => ({ raw, chainId: of.chainId, poolId: of.poolId })

/** The same, absent when there is no amount. */
export const optionalPoolMoney = (
  of: { readonly chainId: number; readonly poolId: bigint },
  raw: bigint | null,
): MoneyShape | null => (raw === null ? null : poolMoney(of, raw))

export const tokenMoney = (chainId: number, token: string, raw: bigint): MoneyShape => ({
  raw,
  chainId,
  token,
})

export const loadToken = async (context: Context, chainId: number, address: string) => {
  const id = Id.token(chainId, address)
  return expectRow(await tokenById(context).load(id), id)
}

export const loadPool = async (context: Context, chainId: number, poolId: bigint) => {
  const id = Id.pool(chainId, poolId)
  return expectRow(await poolById(context).load(id), id)
}

const tokenOf = async (context: Context, money: MoneyShape) =>
  loadToken(
    context,
    money.chainId,
    'token' in money ? money.token : (await loadPool(context, money.chainId, money.poolId)).token,
  )

Token.implement({
  description: 'What entries are paid in.',
  fields: (t) => ({
    chainId: t.exposeInt('chainId'),
    address: t.expose('address', {
      type: 'Address',
      description: "The zero address stands for the chain's native coin.",
    }),
    symbol: t.exposeString('symbol'),
    name: t.exposeString('name'),
    decimals: t.exposeInt('decimals'),
    isNative: t.exposeBoolean('isNative'),
  }),
})

export const Money = builder.objectRef<MoneyShape>('Money').implement({
  description: 'An amount of one token. Amounts of different tokens are never added up.',
  fields: (t) => ({
    raw: t.field({ type: 'BigInt', description: 'In base units.', resolve: (money) => money.raw }),
    decimal: t.field({
      type: 'Decimal',
      description: 'In whole tokens, exactly.',
      resolve: async (money, _, context) =>
        toDecimal(money.raw, (await tokenOf(context, money)).decimals),
    }),
    token: t.field({ type: Token, resolve: (money, _, context) => tokenOf(context, money) }),
  }),
})

builder.queryFields((t) => ({
  tokens: t.field({
    type: [Token],
    description: 'Every token that a pool takes.',
    extensions: { multiplier: 10 },
    resolve: async (_, __, context) => [...(await listTokens(await context.db()))],
  }),
}))
