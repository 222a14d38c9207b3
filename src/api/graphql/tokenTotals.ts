import { listTokenTotals, type TokenTotalsRow } from '../db/tokenTotals.ts'
import { builder } from './builder.ts'
import { loadToken } from './loaders.ts'
import { Money, tokenMoney } from './money.ts'
import { related, tokenTotals } from './price.ts'
import { Token } from './refs.ts'

const TokenTotals = builder.objectRef<TokenTotalsRow>('TokenTotals').implement({
  description: 'All pools of one token together.',
  fields: (t) => {
    const sum = (raw: (totals: TokenTotalsRow) => bigint, description?: string) =>
      t.field({
        type: Money,
        ...(description === undefined ? {} : { description }),
        resolve: (totals) => tokenMoney(totals.chainId, totals.token, raw(totals)),
      })
    return {
      token: t.field({
        type: Token,
        extensions: related,
        resolve: ({ chainId, token }, _, context) => loadToken(context, chainId, token),
      }),
      wagered: sum(({ wagered }) => wagered),
      feesCollected: sum(({ feesCollected }) => feesCollected),
      prizesWon: sum(({ prizesWon }) => prizesWon, 'Delivered or credited.'),
      refunded: sum(({ refunded }) => refunded, 'Delivered or credited.'),
      locked: sum(
        ({ locked }) => locked,
        'What the contract owes: prize pools and fees of running rounds, prizes, refunds and credits.',
      ),
      players: t.exposeInt('players', { description: 'Distinct players with an entry.' }),
      pools: t.exposeInt('pools'),
      rounds: t.exposeInt('rounds'),
      entries: t.exposeInt('entries'),
    }
  },
})

builder.queryFields((t) => ({
  tokenTotals: t.field({
    type: [TokenTotals],
    description: 'Every token that a pool takes, in the order of their addresses.',
    extensions: tokenTotals,
    args: { chainId: t.arg.int() },
    resolve: async (_, { chainId }, context) =>
      listTokenTotals(await context.db(), context.deployment(chainId).chainId),
  }),
}))
