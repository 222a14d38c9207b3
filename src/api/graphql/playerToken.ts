import * as Id from '../../domain/Id.ts'
import * as Stakes from '../../domain/Stakes.ts'
import {
  creditsById,
  listPlayerTokens,
  type PlayerKey,
  type PlayerTokenRow,
  playerTokensById,
} from '../db/player.ts'
import { listRoundsDrawn, listStakes } from '../db/stakes.ts'
import { BPS_LIMIT, toIntBps } from './bps.ts'
import { builder } from './builder.ts'
import type { Context } from './context.ts'
import { createLoader } from './loader.ts'
import { loadRound, loadToken } from './loaders.ts'
import { Money, type MoneyShape, tokenMoney } from './money.ts'
import { related, roundsDrawn, STAKES } from './price.ts'
import { Round, Token } from './refs.ts'

const playerName = ({ chainId, address }: PlayerKey) => Id.player(chainId, address)

const tokensOf = createLoader(listPlayerTokens, playerName)
const tokenOf = createLoader(playerTokensById)
const creditOf = createLoader(creditsById)
const stakesOf = createLoader(listStakes, playerName)
const roundsDrawnOf = createLoader(listRoundsDrawn, ({ id }: PlayerTokenRow) => id)

export const readBalances = (context: Context, player: PlayerKey) => tokensOf(context).load(player)

export const readBalance = (context: Context, { chainId, address }: PlayerKey, token: string) =>
  tokenOf(context).load(Id.accountToken(chainId, address, token))

const loadStakes = async (context: Context, row: PlayerTokenRow) =>
  (await stakesOf(context).load(row)).find(({ token }) => token === row.token) ?? Stakes.zero

const loadCredit = async (context: Context, row: PlayerTokenRow) =>
  (await creditOf(context).load(row.id)) ?? { credited: 0n, claimed: 0n }

const money = (row: PlayerTokenRow, raw: bigint): MoneyShape =>
  tokenMoney(row.chainId, row.token, raw)

export const PlayerToken = builder.objectRef<PlayerTokenRow>('PlayerToken').implement({
  description:
    "A player's money in one token. Every flow counts when its own event happened; claiming a credit moves no profit.",
  fields: (t) => {
    const sum = (description: string, raw: (row: PlayerTokenRow) => bigint) =>
      t.field({ type: Money, description, resolve: (row) => money(row, raw(row)) })
    const derived = (
      description: string,
      raw: (row: PlayerTokenRow, stakes: Stakes.Stakes) => bigint,
    ) =>
      t.field({
        type: Money,
        description,
        extensions: STAKES,
        resolve: async (row, _, context) => money(row, raw(row, await loadStakes(context, row))),
      })
    const credit = (
      description: string,
      raw: (credit: { readonly credited: bigint; readonly claimed: bigint }) => bigint,
    ) =>
      t.field({
        type: Money,
        description,
        extensions: related,
        resolve: async (row, _, context) => money(row, raw(await loadCredit(context, row))),
      })
    return {
      token: t.field({
        type: Token,
        extensions: related,
        resolve: (row, _, context) => loadToken(context, row.chainId, row.token),
      }),
      wagered: sum('All stakes, whoever paid them.', (row) => row.wagered),
      won: sum('Prizes, delivered or credited.', (row) => row.won),
      refunded: sum('Stakes that came back from cancelled rounds.', (row) => row.refunded),
      feesPaid: sum('Fees in the stakes that were not refunded.', (row) => row.feesPaid),
      pending: derived('Stakes of rounds that are not drawn yet.', (_, stakes) => stakes.pending),
      receivable: derived('Prizes and refunds that are due and not sent yet.', (_, stakes) =>
        Stakes.receivable(stakes),
      ),
      netProfit: sum('won + refunded − wagered: open stakes look like a loss.', Stakes.netProfit),
      realizedNetProfit: derived(
        'netProfit + pending + receivable: stakes whose round is not over are left out.',
        Stakes.realizedNetProfit,
      ),
      credited: credit('What could not be delivered.', ({ credited }) => credited),
      claimed: credit('What was claimed of it.', ({ claimed }) => claimed),
      claimable: credit('What waits to be claimed.', ({ credited, claimed }) => credited - claimed),
      biggestWin: sum('The largest sum taken from one round.', (row) => row.biggestWin),
      biggestWinRound: t.field({
        type: Round,
        extensions: related,
        nullable: true,
        resolve: ({ chainId, biggestWinPoolId: poolId, biggestWinRoundId: roundId }, _, context) =>
          poolId === null || roundId === null
            ? null
            : loadRound(context, { chainId, poolId, roundId }),
      }),
      roiBps: t.int({
        nullable: true,
        description: `realizedNetProfit in basis points of the stakes whose round is over, rounded down; null without any. ${BPS_LIMIT}`,
        extensions: STAKES,
        resolve: async (row, _, context) =>
          toIntBps(Stakes.roiBps(row, await loadStakes(context, row))),
      }),
      winRateBps: t.int({
        nullable: true,
        description:
          'Rounds won in basis points of the drawn rounds entered, rounded down; null without any.',
        extensions: roundsDrawn,
        resolve: async (row, _, context) =>
          Stakes.winRateBps(row.roundsWon, await roundsDrawnOf(context).load(row)),
      }),
    }
  },
})
