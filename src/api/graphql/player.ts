import * as Id from '../../domain/Id.ts'
import { playerHistory } from '../db/activity.ts'
import { playerEntries } from '../db/entry.ts'
import { playerPayouts } from '../db/payout.ts'
import { players } from '../db/player.ts'
import { builder } from './builder.ts'
import { pageArgs } from './connection.ts'
import { encodeGlobalId } from './globalId.ts'
import { LeaderboardEntry, rankArgs, readRank } from './leaderboard.ts'
import {
  ActivityConnection,
  EntryConnection,
  entryArgs,
  PayoutConnection,
  PlayerConnection,
  playerArgs,
  readHistory,
  readPlayerEntries,
  readPlayerPayouts,
  readPlayers,
} from './lists.ts'
import { playerById } from './loaders.ts'
import { PlayerToken, readBalance, readBalances } from './playerToken.ts'
import { board, FACTS, paged, related, tokensOfPlayer } from './price.ts'
import { Node, Player } from './refs.ts'

Player.implement({
  description: 'One address on one chain, as the owner of entries.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({ resolve: (player) => encodeGlobalId('Player', player.id) }),
    chainId: t.exposeInt('chainId'),
    address: t.expose('address', { type: 'Address' }),
    firstSeenAt: t.expose('firstSeenAt', { type: 'Timestamp' }),
    lastSeenAt: t.expose('lastSeenAt', {
      type: 'Timestamp',
      description: 'The newest entry, prize or refund.',
    }),
    entryCount: t.exposeInt('entryCount'),
    roundsEntered: t.exposeInt('roundsEntered'),
    roundsWon: t.exposeInt('roundsWon', { description: 'Rounds with a prize, sent or credited.' }),
    winningEntries: t.exposeInt('winningEntries'),
    poolsEntered: t.exposeInt('poolsEntered'),
    balances: t.field({
      type: [PlayerToken],
      description: 'One for each token the player has used.',
      extensions: { ...related, multiplier: tokensOfPlayer },
      resolve: (player, _, context) => readBalances(context, player),
    }),
    balance: t.field({
      type: PlayerToken,
      nullable: true,
      description: 'Null for a token the player has not used.',
      args: { token: t.arg({ type: 'Address', required: true }), chainId: t.arg.int() },
      extensions: related,
      resolve: (player, { token, chainId }, context) =>
        readBalance(context, { ...player, chainId: chainId ?? player.chainId }, token),
    }),
    entries: t.field({
      type: EntryConnection,
      description: 'Oldest first unless asked otherwise.',
      args: entryArgs,
      extensions: paged(playerEntries),
      resolve: (player, args, context, info) =>
        readPlayerEntries(context, args, [player.address, player.chainId], info),
    }),
    payouts: t.field({
      type: PayoutConnection,
      description: 'Oldest first.',
      args: pageArgs,
      extensions: paged(playerPayouts),
      resolve: (player, args, context) =>
        readPlayerPayouts(context, args, [player.address, player.chainId]),
    }),
    history: t.field({
      type: ActivityConnection,
      description: 'Everything that happened to this player, newest first.',
      args: { first: pageArgs.first, after: pageArgs.after },
      extensions: paged(playerHistory, FACTS),
      resolve: (player, args, context) =>
        readHistory(context, args, [player.address, player.chainId]),
    }),
    rank: t.field({
      type: LeaderboardEntry,
      nullable: true,
      description: 'Null when the player is not in that list.',
      extensions: { statement: board, complexity: 10 },
      args: rankArgs,
      resolve: (player, args, context) =>
        readRank(context, { ...args, chainId: args.chainId ?? player.chainId }, player.address),
    }),
  }),
})

builder.queryFields((t) => ({
  player: t.field({
    type: Player,
    extensions: related,
    nullable: true,
    args: { address: t.arg({ type: 'Address', required: true }), chainId: t.arg.int() },
    resolve: (_, { address, chainId }, context) =>
      playerById(context).load(Id.player(context.deployment(chainId).chainId, address)),
  }),
  players: t.field({
    type: PlayerConnection,
    description: 'In the order of their addresses unless asked otherwise.',
    args: playerArgs,
    extensions: paged(players, { look: 0.9 }),
    resolve: (_, args, context) => readPlayers(context, args),
  }),
}))
