import { rowsLeft, rowsLookedAt, saidBy } from '../db/estimate.ts'
import type { Filter } from '../db/filter.ts'
import type { List } from '../db/list.ts'
import type { OrderBy } from '../db/order.ts'
import type { Statistics } from '../db/statistics.ts'

/**
 * What fields cost, in units of one to two microseconds of CPU of the API and the database together. `npm run bench -- cost` measures
 * the dearest operations and says which weight is wrong.
 */
export interface Price {
  /** Of the field itself, for each parent. 1 when absent. */
  readonly complexity?: Priced
  /** Of what is done once however many parents there are: a statement. 0 when absent. */
  readonly statement?: Priced
  /** How many items a list holds at most; every list that is not paged itself has one. */
  readonly multiplier?: Priced
  /** How many a page holds at most, whatever size is asked for. */
  readonly most?: Priced
}

export type Priced = number | ((asked: Pricing) => number)

/** What an operation costs beside its fields: a request, its answer, the heads. */
export interface SchemaPrice {
  readonly operation?: number
}

export const schemaPrice = { operation: 500 } satisfies SchemaPrice

/** What a price may follow from. */
export interface Pricing {
  /** As they will be executed. */
  readonly args: Readonly<Record<string, unknown>>
  /** Size of the page of this field, or else of the nearest field above that has pages; 1 without any. */
  readonly page: number
  readonly statistics: Statistics
  /** Whether a field of this name is selected right below. */
  readonly selects: (name: string) => boolean
}

/** A statement: its way there and back, and its plan. */
export const STATEMENT = 40
/** A row that is read. */
const ROW = 7
/** A row that is looked at. */
const LOOK = 0.2
/** The same for each condition. */
const CONDITION = 0.015
/** A related row that is looked up. */
const RELATION = 0.1
/** A row that is sorted. */
const SORT = 0.12
/** A row that is counted. */
const COUNT = 0.09

/** What reads one more row by its key. */
export const related = { statement: STATEMENT, complexity: 5 } satisfies Price

/** A connection of a list. */
export const paged = <Row>(
  list: List<Row>,
  { row = ROW, look = LOOK, statement = STATEMENT } = {},
) =>
  ({
    statement: ({ selects }) => (selects('totalCount') ? 2 * statement : statement),
    complexity: ({ args, page, statistics, selects }) => {
      const where = args.where as Filter | null | undefined
      const orderBy = args.orderBy as readonly OrderBy[] | null | undefined
      const looked = rowsLookedAt(statistics, list, { where, orderBy }, page)
      const { conditions, relations } = looked.said
      const test = CONDITION * conditions + RELATION * relations
      const found = looked.page * (look + test + (looked.isSorted ? SORT : 0))
      const counted = selects('totalCount')
        ? looked.all * (COUNT + Math.max(0, look - LOOK) + test)
        : 0
      return 1 + page * row + found + counted
    },
    ...(list.parent.length > 0
      ? {}
      : { most: ({ statistics }) => mostOf(statistics, list.entity.name) }),
  }) satisfies Price

/** Rows of a small table, and some that came since it was counted. */
const mostOf = (statistics: Statistics, table: string): number =>
  table === 'pool' ? 10 + 1.2 * statistics.rows(table) : Number.POSITIVE_INFINITY

/** The items of the page above. */
export const ofPage = { multiplier: ({ page }) => page } satisfies Price

/** An entry that is counted by its number. */
export const COUNTED = 0.15
/** A proof that is judged, the first time. */
const PROOF = 7_000
/** An entry of a list that is read at once, of one player or one transaction. */
export const HELD = 5
/** An hour of a pool in a sum. */
export const BUCKET_HOUR = 0.45
/** A fact of any kind: all tables of facts are asked for it. */
export const FACTS = { row: 24, look: 0.25, statement: 24 * STATEMENT }
/** A payment: four tables say what it is. */
export const PAYMENTS = { row: 12, look: 8, statement: 3 * STATEMENT }
export const PAYMENT = { statement: 3 * STATEMENT, complexity: 15 } satisfies Price

/** So much for each entry of a round, as many as a round may have. */
export const ofRound =
  (weight: number, rest = 2) =>
  ({ statistics }: Pricing): number =>
    rest +
    weight * Math.min(statistics.most('entry', 'pool_id'), statistics.most('entry', 'round_id'))

/** A draw: its proof is judged once, whatever is asked of the judgement. */
export const judged = (asked: Pricing): number =>
  ofRound(COUNTED, 30)(asked) + (asked.selects('verified') || asked.selects('checks') ? PROOF : 0)

export const tokens = ({ statistics }: Pricing): number =>
  Math.max(10, 1.2 * statistics.rows('token'))

/** Tokens that one player may have used. */
export const tokensOfPlayer = ({ statistics }: Pricing): number =>
  Math.max(4, 1.2 * statistics.rows('token'))

/** What is counted again each time: players and credits of each token. */
export const tokenTotals = {
  statement: ({ statistics }) =>
    STATEMENT + COUNT * (statistics.rows('player_token') + statistics.rows('credit')),
  complexity: ({ statistics }) => 5 * statistics.rows('pool'),
  multiplier: tokens,
} satisfies Price

/** Stakes of rounds that are not over. */
export const STAKES = { statement: 2 * STATEMENT, complexity: 15 } satisfies Price

/** All rounds that a player entered. */
export const roundsDrawn = {
  statement: STATEMENT,
  complexity: ({ statistics }) => 5 + statistics.most('round_player', 'address'),
} satisfies Price

/** A player that is put in order. */
const SORTED = 0.3
const HOURS = { DAY: 24, WEEK: 168 }

/** A list that is kept in memory: who asks for another window or pool than others has it read for everyone. */
export const board = ({
  args: { window, at, poolId, minEntries },
  statistics,
}: Pricing): number => {
  const sorted = minEntries == null ? 0 : SORTED * statistics.rows('player_token')
  const hours = Math.max(1, statistics.rows('pool_hour') / Math.max(1, statistics.rows('pool')))
  if (window === 'DAY' || window === 'WEEK') {
    const entries = (statistics.rows('entry') * HOURS[window]) / hours
    const read = Math.min(entries, statistics.rows('entry'))
    return 2 * STATEMENT + sorted + (at == null ? 0.01 * read : 500 + 3 * read)
  }
  const players = poolId == null ? 0 : statistics.most('pool_player', 'pool_id')
  return 2 * STATEMENT + sorted + players
}

export const ranked = {
  statement: board,
  complexity: ({ page }) => 5 + 2 * page,
} satisfies Price

/** Facts in groups: all that the filter leaves are read, grouped and sorted. */
export const aggregated = (table: 'entry' | 'payout') =>
  ({
    statement: ({ args: { where, groupBy, orderBy, having }, statistics, selects }) => {
      const { conditions, relations } = saidBy(where, ['pool', 'round'])
      const dimensions = Array.isArray(groupBy) ? groupBy.length : 0
      const orders = Array.isArray(orderBy) ? orderBy.map(({ field }) => String(field)) : []
      const isOf = (...names: readonly string[]) =>
        names.some((name) => selects(name)) ||
        orders.some((field) => names.some((name) => field.startsWith(name.toUpperCase()))) ||
        saidBy(having).conditions > 0
      const row =
        LOOK +
        CONDITION * conditions +
        RELATION * relations +
        GROUP * (1 + dimensions) +
        (isOf('players', 'recipients') ? MEMBERS : 0) +
        (isOf('amount') ? AMOUNT : 0) +
        (isOf('feeAmount', 'fee') ? AMOUNT : 0)
      return 2 * STATEMENT + row * rowsLeft(statistics, table, where)
    },
    complexity: ({ page }) => 1 + 4 * page,
  }) satisfies Price

/** A row that is put into a group, for each dimension. */
const GROUP = 0.2
/** The same for each member of a group. */
const MEMBERS = 0.3
/** A row whose amount is added up and compared. */
const AMOUNT = 0.15
