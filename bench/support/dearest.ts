import {
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isLeafType,
  isListType,
  isObjectType,
} from 'graphql'
import { NATIVE } from '../../test/support/game.ts'

/** The dearest operations of a schema: for each field of each type, one that asks for as much of it as there may be. */

/** An operation of any size: rows of the type, and times that the field is asked for on each. */
export interface Pattern {
  readonly name: string
  readonly text: (size: number, times: number) => string
  /** As often on each row as its text can say. */
  readonly most: number
}

/** What makes the arguments of all patterns: rows that are as large as rows may be. */
export interface Subjects {
  /** Has a thousand entries in the round, by one transaction. */
  readonly player: string
  readonly poolId: bigint
  readonly roundId: bigint
  readonly transactionHash: string
  /** Begins an hour that has things happen in it, and a thousand after it. */
  readonly since: number
}

const HOUR = 3600

const values = (subjects: Subjects): Readonly<Record<string, string>> => ({
  ...{ token: `"${NATIVE}"`, interval: 'HOUR', span: '100' },
  ...{ address: `"${subjects.player}"`, poolId: `"${subjects.poolId}"` },
  ...{ roundId: `"${subjects.roundId}"`, hash: `"${subjects.transactionHash}"` },
  ...{ from: String(subjects.since), to: String(subjects.since + 999 * HOUR) },
  ...{ entryId: '"1"', last: '100', groupBy: '[PLAYER, NUMBER]' },
  'payoutAggregates.groupBy': '[RECIPIENT, ROUND]',
})

/** How rows of each type are reached, as many as `n`, with the selection of their fields. */
const ways = (subjects: Subjects): Readonly<Record<string, (n: number, of: string) => string>> => {
  const { player, poolId, roundId, transactionHash, since } = subjects
  const round = `poolId: "${poolId}", roundId: "${roundId}"`
  const nodes = (list: string) => (n: number, of: string) =>
    `${list}(first: ${n}) { edges { node { ${of} } } }`
  const below = (list: string, field: string) => (n: number, of: string) =>
    nodes(list)(n, `${field} { ${of} }`)
  const token = `token: "${NATIVE}"`
  return {
    Pool: nodes('pools'),
    PoolStats: below('pools', 'stats'),
    Round: nodes('rounds'),
    Entry: nodes('entries'),
    Payout: nodes('payouts'),
    Player: nodes('players'),
    Activity: nodes('activity'),
    X402Payment: nodes('x402Payments'),
    PlayerToken: below('players', 'balances'),
    PoolNumber: below('pools', 'numbers'),
    RoundNumber: below('rounds', 'numbers'),
    PrizePoolPoint: below('rounds', 'prizePoolHistory'),
    DrawVerification: below('rounds', 'draw'),
    Money: below('entries', 'amount'),
    Token: below('pools', 'token'),
    TransactionRef: below('entries', 'tx'),
    Bucket: (n, of) =>
      `tokenBuckets(${token}, interval: HOUR, from: ${since}, to: ${since + n * HOUR}) { ${of} }`,
    EntryAggregate: (n, of) =>
      `entryAggregates(groupBy: [PLAYER, POOL, ROUND], where: {poolId: {eq: "${poolId}"}}, first: ${n}) { ${of} }`,
    PayoutAggregate: (n, of) =>
      `payoutAggregates(groupBy: [RECIPIENT, POOL, ROUND], first: ${n}) { ${of} }`,
    MoneyAggregate: (n, of) =>
      `entryAggregates(groupBy: [PLAYER, POOL], where: {poolId: {eq: "${poolId}"}}, first: ${n}) { amount { ${of} } }`,
    LeaderboardEntry: (n, of) => `leaderboard(${token}, first: ${n}) { edges { node { ${of} } } }`,
    Participation: (_, of) => `participation(address: "${player}", ${round}) { ${of} }`,
    TransactionStatus: (_, of) => `transaction(hash: "${transactionHash}") { ${of} }`,
    Query: (_, of) => of,
  }
}

type Field = GraphQLField<unknown, unknown>

/** Answers from something else than the tables, or from nothing here. */
const LEFT_OUT = [
  'status',
  'node',
  'integrityIssues',
  'reconciliations',
  'draw',
  'drawVerification',
]

const PRICES = ['complexity', 'statement', 'multiplier']
const isPlain = ({ type, args, extensions }: Field) =>
  isLeafType(getNamedType(type)) &&
  args.length === 0 &&
  PRICES.every((name) => extensions[name] === undefined)

/** The least that can be asked of a type. */
const leastOf = (type: unknown, depth = 0): string => {
  if (!isObjectType(type)) return '__typename'
  const fields = Object.values(type.getFields())
  const edges = fields.find(({ name }) => name === 'edges')
  const node = fields.find(({ name }) => name === 'node')
  for (const inner of [edges, node])
    if (inner !== undefined)
      return `${inner.name} { ${leastOf(getNamedType(inner.type), depth + 1)} }`
  const leaf = fields.find((field) => isPlain(field) && field.name !== 'id')
  if (leaf !== undefined) return leaf.name
  const other = fields.find(
    (field) => field.args.length === 0 && !isLeafType(getNamedType(field.type)),
  )
  return depth > 3 || other === undefined
    ? '__typename'
    : `${other.name} { ${leastOf(getNamedType(other.type), depth + 1)} }`
}

const isPaged = ({ args }: Field) => args.some(({ name }) => name === 'first')

/** A field with its arguments, asked for `times` times. */
const asked = (field: Field, times: number, size: number, known: ReturnType<typeof values>) => {
  const args = field.args.flatMap(({ name }) => {
    if (name === 'first') return [`first: ${size}`]
    if (name === 'last' && isPaged(field)) return []
    if (
      ['before', 'after', 'where', 'orderBy', 'at', 'chainId', 'minEntries', 'waitMs'].includes(
        name,
      )
    )
      return []
    if (['poolId'].includes(name) && isPaged(field)) return []
    const value = known[`${field.name}.${name}`] ?? known[name]
    return value === undefined ? [] : [`${name}: ${value}`]
  })
  const type = getNamedType(field.type)
  const below = isCompositeType(type) ? ` { ${leastOf(type)} }` : ''
  const text = `${field.name}${args.length > 0 ? `(${args.join(', ')})` : ''}${below}`
  return Array.from({ length: times }, (_, at) => (times > 1 ? `a${at}: ${text}` : text)).join(' ')
}

/** A pattern for each field of each type that can be reached, the plain ones of a type together. */
export const dearest = (schema: GraphQLSchema, subjects: Subjects): readonly Pattern[] => {
  const known = values(subjects)
  return Object.entries(ways(subjects)).flatMap(([name, way]) => {
    const type = schema.getType(name)
    if (!isObjectType(type)) throw new Error(`There is no type ${name}`)
    const fields = Object.values(type.getFields()).filter((each) => !LEFT_OUT.includes(each.name))
    const plain = fields.filter(isPlain)
    const together: Pattern[] =
      plain.length === 0
        ? []
        : [
            {
              name: `${name}: plain fields`,
              text: (size) => `{ ${way(size, plain.map((each) => each.name).join(' '))} }`,
              most: 1,
            },
          ]
    const others = fields.filter((each) => !isPlain(each))
    return [
      ...together,
      ...others.map(
        (field): Pattern => ({
          name: `${name}.${field.name}`,
          text: (size, times) => {
            const inner = name === 'Query' || !isListType(field.type) ? size : 1
            return `{ ${way(isPaged(field) && name !== 'Query' ? Math.min(size, 100) : size, asked(field, times, isPaged(field) ? Math.max(1, inner) : 1, known))} }`
          },
          most: name === 'Query' ? 15 : 8,
        }),
      ),
    ]
  })
}
