import { activity, activityEntity, playerHistory } from '../db/activity.ts'
import {
  type EntryRow,
  entries,
  entryEntity,
  playerEntries,
  poolEntries,
  roundEntries,
} from '../db/entry.ts'
import { type PayoutRow, payoutEntity, payouts, playerPayouts, roundPayouts } from '../db/payout.ts'
import { type PlayerRow, playerEntity, players } from '../db/player.ts'
import { type PoolRow, poolEntity, pools, statsFields } from '../db/pool.ts'
import { poolRounds, type RoundRow, roundEntity, rounds } from '../db/round.ts'
import { builder } from './builder.ts'
import { createConnection, createPages, pageArgs } from './connection.ts'
import type { Context } from './context.ts'
import { createFilter, createOrder } from './inputs.ts'
import { entryById, payoutById, playerById, poolById, roundById } from './loaders.ts'
import { entryReads, roundReads } from './reads.ts'
import { Activity, Entry, Payout, Player, Pool, Round } from './refs.ts'

/** Every list of the API: its filter, its order, its connection, and who reads its pages. */

const PoolStatsFilter = createFilter('PoolStatsFilter', statsFields)
const PoolFilter = createFilter('PoolFilter', poolEntity.fields, { stats: PoolStatsFilter })
const RoundFilter = createFilter('RoundFilter', roundEntity.fields, { pool: PoolFilter })
const ofRound = { pool: PoolFilter, round: RoundFilter }
const EntryFilter = createFilter('EntryFilter', entryEntity.fields, ofRound)
const PayoutFilter = createFilter('PayoutFilter', payoutEntity.fields, ofRound)
const PlayerFilter = createFilter('PlayerFilter', playerEntity.fields)
const ActivityFilter = createFilter('ActivityFilter', activityEntity.fields)

const PoolOrder = createOrder('PoolOrder', poolEntity)
const RoundOrder = createOrder('RoundOrder', roundEntity)
const EntryOrder = createOrder('EntryOrder', entryEntity)
const PayoutOrder = createOrder('PayoutOrder', payoutEntity)
const PlayerOrder = createOrder('PlayerOrder', playerEntity)

export const poolWhere = builder.args((t) => ({ where: t.field({ type: PoolFilter }) }))
export const poolArgs = {
  ...poolWhere,
  ...builder.args((t) => ({ orderBy: t.field({ type: [PoolOrder] }) })),
  ...pageArgs,
}
export const roundArgs = {
  ...builder.args((t) => ({
    where: t.field({ type: RoundFilter }),
    orderBy: t.field({ type: [RoundOrder] }),
  })),
  ...pageArgs,
}
export const entryWhere = builder.args((t) => ({ where: t.field({ type: EntryFilter }) }))
export const entryArgs = {
  ...entryWhere,
  ...builder.args((t) => ({ orderBy: t.field({ type: [EntryOrder] }) })),
  ...pageArgs,
}
export const payoutWhere = builder.args((t) => ({ where: t.field({ type: PayoutFilter }) }))
export const payoutArgs = {
  ...payoutWhere,
  ...builder.args((t) => ({ orderBy: t.field({ type: [PayoutOrder] }) })),
  ...pageArgs,
}
export const playerArgs = {
  ...builder.args((t) => ({
    where: t.field({ type: PlayerFilter }),
    orderBy: t.field({ type: [PlayerOrder] }),
  })),
  ...pageArgs,
}
export const activityWhere = builder.args((t) => ({ where: t.field({ type: ActivityFilter }) }))
export const activityArgs = { ...activityWhere, ...pageArgs }

export const PoolConnection = createConnection('Pool', Pool)
export const RoundConnection = createConnection('Round', Round)
export const EntryConnection = createConnection('Entry', Entry)
export const PayoutConnection = createConnection('Payout', Payout)
export const PlayerConnection = createConnection('Player', Player)
export const ActivityConnection = createConnection('Activity', Activity)

const seenPool = (context: Context, row: PoolRow) => {
  poolById(context).prime(row.id, row)
}
const seenRound = (context: Context, row: RoundRow) => {
  roundById(context).prime(row.id, row)
}
const seenEntry = (context: Context, row: EntryRow) => {
  entryById(context).prime(row.id, row)
}
const seenPayout = (context: Context, row: PayoutRow) => {
  payoutById(context).prime(row.id, row)
}
const seenPlayer = (context: Context, row: PlayerRow) => {
  playerById(context).prime(row.id, row)
}

export const readPools = createPages(pools, seenPool)
export const readRounds = createPages(rounds, seenRound, roundReads)
export const readPoolRounds = createPages(poolRounds, seenRound, roundReads)
export const readEntries = createPages(entries, seenEntry, entryReads)
export const readPoolEntries = createPages(poolEntries, seenEntry, entryReads)
export const readRoundEntries = createPages(roundEntries, seenEntry, entryReads)
export const readPlayerEntries = createPages(playerEntries, seenEntry, entryReads)
export const readPayouts = createPages(payouts, seenPayout)
export const readRoundPayouts = createPages(roundPayouts, seenPayout)
export const readPlayerPayouts = createPages(playerPayouts, seenPayout)
export const readPlayers = createPages(players, seenPlayer)
export const readActivity = createPages(activity)
export const readHistory = createPages(playerHistory)
