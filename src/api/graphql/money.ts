import { toDecimal } from '../../domain/Money.ts'
import { listTokens, type TokenRow } from '../db/token.ts'
import { builder } from './builder.ts'
import type { Context } from './context.ts'
import { TokenTextSource } from './enums.ts'
import { loadPool, loadToken } from './loaders.ts'
import { related, STATEMENT, tokens } from './price.ts'
import { Token } from './refs.ts'

interface OfPool {
  readonly chainId: number
  readonly poolId: bigint
}

/** An amount in base units of a pool's token, or of a token that is known by its address. */
export type MoneyShape = { readonly raw: bigint; readonly chainId: number } & (
  | { readonly poolId: bigint }
  | { readonly token: string }
)

/** Money of a pool; the token is looked up only when it is asked for. */
export const poolMoney = ({ chainId, poolId }: OfPool, raw: bigint): MoneyShape => ({
  raw,
  chainId,
  poolId,
})

/** The same, null when there is no amount. */
export const optionalPoolMoney = (of: OfPool, raw: bigint | null): MoneyShape | null =>
  raw === null ? null : poolMoney(of, raw)

export const tokenMoney = (chainId: number, token: string, raw: bigint): MoneyShape => ({
  raw,
  chainId,
  token,
})

export const tokenOf = async (context: Context, money: MoneyShape) =>
  loadToken(
    context,
    money.chainId,
    'token' in money ? money.token : (await loadPool(context, money)).token,
  )

/** No contract names the native coin, so its names are configuration, not facts of the chain. */
const nativeName = (
  { options }: Context,
  { chainId, isNative }: TokenRow,
  name: 'nativeSymbol' | 'nativeName',
) => (isNative ? options.deployments.find((each) => each.chainId === chainId)?.[name] : undefined)

Token.implement({
  description: 'What entries are paid in.',
  fields: (t) => ({
    chainId: t.exposeInt('chainId'),
    address: t.expose('address', {
      type: 'Address',
      description: "The zero address stands for the chain's native coin.",
    }),
    symbol: t.string({
      description:
        "What the token calls itself; the deployment's word for the native coin. Empty when a token has none, or when none could be read.",
      resolve: (token, _, context) => nativeName(context, token, 'nativeSymbol') ?? token.symbol,
    }),
    name: t.string({
      resolve: (token, _, context) => nativeName(context, token, 'nativeName') ?? token.name,
    }),
    textSource: t.expose('textSource', { type: TokenTextSource }),
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
      extensions: { complexity: 4 },
      resolve: async (money, _, context) =>
        toDecimal(money.raw, (await tokenOf(context, money)).decimals),
    }),
    token: t.field({
      type: Token,
      extensions: related,
      resolve: (money, _, context) => tokenOf(context, money),
    }),
  }),
})

builder.queryFields((t) => ({
  tokens: t.field({
    type: [Token],
    description: 'Every token that a pool takes, chain by chain.',
    extensions: { complexity: 5, statement: 4 * STATEMENT, multiplier: tokens },
    resolve: async (_, __, context) => listTokens(await context.db()),
  }),
}))
