import * as Game from '../../domain/Leaderboard.ts'
import { decodeCursor, encodeCursor } from '../db/cursor.ts'
import { type Head, listHeads } from '../db/head.ts'
import { DEFAULT_PAGE, MAX_PAGE } from '../db/list.ts'
import type { Scope } from '../db/standing.ts'
import { countRows, findRow, type ListKey, listRows, type Ranked } from '../ranking/board.ts'
import { contractId } from './arguments.ts'
import { BPS_LIMIT, toIntBps } from './bps.ts'
import { builder } from './builder.ts'
import { PageInfo } from './connection.ts'
import type { Context } from './context.ts'
import { LeaderboardMetric, Window } from './enums.ts'
import { asUserError, NotReadyError, UserInputError } from './errors.ts'
import { loadPlayer } from './loaders.ts'
import { Money, tokenMoney } from './money.ts'
import { ofPage, type Pricing, ranked, related } from './price.ts'
import { Player } from './refs.ts'

const MAX_SPAN = 100

/** How many may lie around a player, with the player. */
const spanned = ({ args }: Pricing) => 2 * Math.min(Number(args.span), MAX_SPAN) + 1

interface Shape extends Ranked {
  readonly token: string
}

export const LeaderboardEntry = builder.objectRef<Shape>('LeaderboardEntry').implement({
  description: 'One player in one list. All but the player belongs to the window of the list.',
  fields: (t) => {
    const money = (raw: (shape: Shape) => bigint) =>
      t.field({
        type: Money,
        resolve: (shape) => tokenMoney(shape.standing.chainId, shape.token, raw(shape)),
      })
    return {
      rank: t.exposeInt('rank', {
        description: '1 + the number of players with a strictly better value: 1, 2, 2, 4.',
      }),
      player: t.field({
        type: Player,
        extensions: related,
        resolve: ({ standing }, _, context) =>
          loadPlayer(context, standing.chainId, standing.address),
      }),
      value: t.expose('value', {
        type: 'BigInt',
        description: 'Base units for money, a count for WINS, basis points for ROI.',
      }),
      wagered: money(({ wagered }) => wagered),
      realizedNetProfit: money(({ standing }) => Game.realizedNetProfit(standing)),
      wins: t.int({ resolve: ({ standing }) => standing.wins }),
      biggestWin: money(({ standing }) => standing.biggestWin),
      roiBps: t.int({
        nullable: true,
        description: BPS_LIMIT,
        resolve: ({ standing }) => toIntBps(Game.roiBps(standing)),
      }),
      entryCount: t.int({ resolve: ({ standing }) => standing.entryCount }),
    }
  },
})

interface Asked {
  readonly token: string
  readonly metric: Game.Metric
  readonly window: Game.Window
  readonly at?: number | null | undefined
  readonly poolId?: bigint | null | undefined
  readonly minEntries?: number | null | undefined
  readonly chainId?: number | null | undefined
}

/** The list that is asked for, with the head's time for windows that name none. @throws UserInputError */
const listOf = (
  context: Context,
  asked: Asked,
  headTime: number,
): { scope: Scope; key: ListKey } => {
  const { token, metric, window, at, poolId, minEntries, chainId } = asked
  if (window === 'ALL_TIME' && at != null)
    throw new UserInputError('at: expected only with a window, DAY or WEEK')
  if (minEntries != null && minEntries < 0)
    throw new UserInputError('minEntries: expected a number from 0 on')
  return {
    scope: {
      chainId: context.deployment(chainId).chainId,
      token,
      poolId: poolId == null ? null : contractId('poolId', poolId),
      window: Game.windowOf(window, at ?? headTime),
    },
    key: { metric, minEntries: minEntries ?? Game.defaultMinEntries(metric) },
  }
}

/** Reads what the list is made of before the snapshot opens, so that nothing is held open meanwhile. */
const prepare = async (context: Context, asked: Asked): Promise<void> => {
  const { boards } = context.options
  const { chainId } = context.deployment(asked.chainId)
  const head = (await listHeads(context.newest)).find((each) => each.chainId === chainId)
  if (head === undefined) return
  const { scope, key } = listOf(context, asked, head.timestamp)
  await boards.prepare(scope, key)
}

const prepared = async (context: Context, asked: Asked) => {
  const preparing = prepare(context, asked)
  context.openAfter(preparing)
  await preparing
}

const readRanking = async (context: Context, asked: Asked) => {
  const snapshot = await context.snapshot()
  const { timestamp } = await context.head(context.deployment(asked.chainId).chainId)
  const { scope, key } = listOf(context, asked, timestamp)
  const ranking = await context.options.boards.at(scope, key, snapshot)
  if (ranking === null)
    throw new NotReadyError('This leaderboard is being read for the first time: ask again')
  return { ...ranking, scope, key, shape: (row: Ranked): Shape => ({ ...row, token: scope.token }) }
}

/** A player's place in a list; null when the player is not in it. */
export const readRank = async (
  context: Context,
  asked: Asked,
  address: string,
): Promise<Shape | null> => {
  const { board, list, shape } = await readRanking(context, asked)
  const row = findRow(board, list, address)
  return row && shape(row)
}

const readNeighbours = async (
  context: Context,
  asked: Asked & { readonly address: string; readonly span: number },
): Promise<readonly Shape[]> => {
  const { address, span } = asked
  if (span < 0 || span > MAX_SPAN)
    throw new UserInputError(`span: expected a number from 0 to ${MAX_SPAN}`)
  await prepared(context, asked)
  const { board, list, shape } = await readRanking(context, asked)
  const row = findRow(board, list, address)
  if (row === null) return []
  const { before } = countRows(list, row)
  const start = Math.max(0, before - span)
  return listRows(list, start, before + span + 1 - start).map(shape)
}

interface Connection {
  readonly edges: readonly { readonly cursor: () => string; readonly node: Shape }[]
  readonly hasNextPage: boolean
  readonly hasPreviousPage: boolean
  readonly totalCount: number
}

const ORDER = [{ field: 'value', direction: 'DESC' }] as const

const listName = ({ chainId, token, poolId, window }: Scope, { metric, minEntries }: ListKey) =>
  ['leaderboard', chainId, token, poolId ?? '', window?.from ?? '', metric, minEntries].join(' ')

const INTEGER = /^-?\d{1,90}$/
const isAddress = (value: unknown): value is `0x${string}` =>
  typeof value === 'string' && /^0x[0-9a-f]{40}$/.test(value)

/** A place in a list, from outside. It need not be anybody's any more. @throws UserInputError */
const placeOf = (name: string, cursor: string): Game.Place => {
  const read = () => {
    try {
      return decodeCursor(name, ORDER, cursor)
    } catch (error) {
      return asUserError(error)
    }
  }
  const [value, wagered, firstSeenAt, address, ...rest] = read()
  const isPlace =
    rest.length === 0 &&
    [value, wagered].every((each) => typeof each === 'string' && INTEGER.test(each)) &&
    typeof firstSeenAt === 'string' &&
    /^\d{1,15}$/.test(firstSeenAt) &&
    isAddress(address)
  if (!isPlace) throw new UserInputError('after: not a cursor')
  return {
    value: BigInt(String(value)),
    wagered: BigInt(String(wagered)),
    firstSeenAt: Number(firstSeenAt),
    address,
  }
}

const readLeaderboard = async (
  context: Context,
  asked: Asked & {
    readonly first?: number | null | undefined
    readonly after?: string | null | undefined
  },
): Promise<Connection> => {
  const size = asked.first ?? DEFAULT_PAGE
  if (size < 0 || size > MAX_PAGE)
    throw new UserInputError(`first: expected a number from 0 to ${MAX_PAGE}`)
  await prepared(context, asked)
  const { list, scope, key, shape } = await readRanking(context, asked)
  const name = listName(scope, key)
  const start = asked.after == null ? 0 : countRows(list, placeOf(name, asked.after)).upTo
  const rows = listRows(list, start, size)
  return {
    edges: rows.map((row) => ({
      cursor: () =>
        encodeCursor(name, ORDER, [
          String(row.value),
          String(row.wagered),
          String(row.firstSeenAt),
          row.address,
        ]),
      node: shape(row),
    })),
    hasNextPage: start + rows.length < list.rows.size,
    hasPreviousPage: start > 0,
    totalCount: list.rows.size,
  }
}

/** The shown part of a list, with the head that it belongs to. */
export interface LiveBoard {
  readonly head: Head
  readonly shown: readonly Shape[]
}

export const readLiveBoard = async (
  context: Context,
  asked: Asked & { readonly first: number },
): Promise<LiveBoard> => {
  const { edges } = await readLeaderboard(context, asked)
  return {
    head: await context.head(context.deployment(asked.chainId).chainId),
    shown: edges.map(({ node }) => node),
  }
}

const LeaderboardEdge = builder
  .objectRef<Connection['edges'][number]>('LeaderboardEdge')
  .implement({
    fields: (t) => ({
      cursor: t.field({
        type: 'Cursor',
        extensions: { complexity: 2 },
        resolve: (edge) => edge.cursor(),
      }),
      node: t.field({ type: LeaderboardEntry, resolve: (edge) => edge.node }),
    }),
  })

const LeaderboardConnection = builder.objectRef<Connection>('LeaderboardConnection').implement({
  fields: (t) => ({
    edges: t.field({ type: [LeaderboardEdge], extensions: ofPage, resolve: (page) => page.edges }),
    pageInfo: t.field({ type: PageInfo, resolve: (page) => page }),
    totalCount: t.exposeInt('totalCount', { description: 'Players in the list.' }),
  }),
})

const listArgs = builder.args((t) => ({
  token: t.field({ type: 'Address', required: true }),
  metric: t.field({
    type: LeaderboardMetric,
    required: true,
    defaultValue: 'REALIZED_NET_PROFIT',
  }),
  window: t.field({ type: Window, required: true, defaultValue: 'ALL_TIME' }),
  chainId: t.int(),
}))
const atArg = builder.args((t) => ({
  at: t.field({
    type: 'Timestamp',
    description: 'Any time in the window; the time of the head block when absent.',
  }),
}))

export const rankArgs = { ...listArgs, ...atArg }
export const liveArgs = {
  ...listArgs,
  ...builder.args((t) => ({
    first: t.int({ required: true, defaultValue: 10, description: `At most ${MAX_PAGE}.` }),
  })),
}

builder.queryFields((t) => ({
  leaderboard: t.field({
    type: LeaderboardConnection,
    extensions: ranked,
    description:
      'Players with an entry, a prize or a refund in the window, best first; equal ones by stakes, then by who came first.',
    args: {
      ...rankArgs,
      poolId: t.arg({ type: 'BigInt', description: 'Flows of this pool alone.' }),
      minEntries: t.arg.int({
        description: 'Only players with so many entries in the window; 5 for ROI when absent.',
      }),
      first: t.arg.int({ description: `At most ${MAX_PAGE}, 25 when absent.` }),
      after: t.arg({ type: 'Cursor' }),
    },
    resolve: (_, args, context) => readLeaderboard(context, args),
  }),
  neighbours: t.field({
    type: [LeaderboardEntry],
    description: 'A player and the `span` players above and below; empty when not in the list.',
    extensions: {
      ...ranked,
      complexity: (asked: Pricing) => 5 + 5 * spanned(asked),
      multiplier: spanned,
    },
    args: {
      address: t.arg({ type: 'Address', required: true }),
      ...listArgs,
      span: t.arg.int({ required: true, defaultValue: 5, description: `At most ${MAX_SPAN}.` }),
    },
    resolve: (_, args, context) => readNeighbours(context, args),
  }),
}))
