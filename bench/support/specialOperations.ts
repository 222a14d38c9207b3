import { NATIVE } from '../../test/support/game.ts'
import type { Subjects } from './dearest.ts'

/** An operation that no field stands for; `n` makes each another one. */
export interface Special {
  readonly name: string
  readonly text: (n: number) => string
  /** Whose budget it needs. */
  readonly budget?: 'anonymous' | 'analyst'
  /** How many there are of it. */
  readonly most?: number
  readonly warmUp?: number
}

const NOBODY = `0x${'77'.repeat(20)}`

/** Filters, orders, counts and sums over whole tables; operations of no and of many fields. */
export const special = ({ poolId, roundId, player, since }: Subjects): readonly Special[] => {
  const none = (n: number) => `amount: {gt: "${10n ** 30n + BigInt(n + 100)}"}`
  const first = (n: number) => `first: 1, where: {${none(n)}}`
  const many = Array.from({ length: 60 }, (_, at) => `{number: {eq: ${402 + at}}, ${none(at)}}`)
  const numbers = Array.from({ length: 150 }, (_, at) => 500 + at).join()
  const LEAST = '{ edges { node { id } } }'
  const SUMS = 'amount { sum { raw } avg } players count'
  return [
    { name: 'nothing', text: () => '{ __typename }' },
    { name: 'the head', text: () => '{ head { number } }' },
    {
      name: 'a round by its id',
      text: () => `{ round(poolId: "${poolId}", roundId: "${roundId}") { status } }`,
    },
    { name: 'a node by its id', text: () => `{ node(id: "Round:31337-${poolId}-1") { id } }` },
    { name: 'a page of 25', text: () => `{ entries { edges { node { entryId number } } } }` },
    { name: 'the status', text: () => '{ status { head { number } lagBlocks openIssues ready } }' },
    { name: 'a hundred words of text', text: () => `{ head { ${'number '.repeat(90)} } }` },
    {
      name: 'thirty aliases of the head',
      text: () =>
        `{ head { ${Array.from({ length: 30 }, (_, at) => `a${at}: cursor`).join(' ')} } }`,
    },
    {
      name: 'introspection',
      text: () =>
        '{ __schema { types { name description fields { name description args { name description type { name } } type { name kind ofType { name kind } } } inputFields { name type { name } } enumValues { name description } } } }',
    },
    {
      name: 'filter: entries that are not there',
      text: (n) => `{ entries(${first(n)}) ${LEAST} }`,
    },
    {
      name: 'filter: sixty alternatives',
      text: (n) => `{ entries(first: 1, where: {OR: [${many.join()}, {${none(n)}}]}) ${LEAST} }`,
    },
    {
      name: 'filter: a list of values',
      text: (n) =>
        `{ entries(first: 1, where: {number: {in: [${numbers}]}, ${none(n)}}) ${LEAST} }`,
    },
    {
      name: 'filter: entries by their round',
      text: (n) =>
        `{ entries(first: 1, where: {${none(n)}, round: {status: {eq: OPEN}, gross: {gt: "${10n ** 40n}"}}}) ${LEAST} }`,
    },
    {
      name: 'filter: entries by their pool',
      text: (n) =>
        `{ entries(first: 1, where: {NOT: [{pool: {name: {containsInsensitive: "o"}}}], logIndex: {gt: ${n}}}) ${LEAST} }`,
    },
    {
      name: 'filter: payouts that are not there',
      text: (n) => `{ payouts(${first(n)}) ${LEAST} }`,
    },
    {
      name: 'filter: rounds that are not there',
      text: (n) =>
        `{ rounds(first: 1, where: {gross: {gt: "${10n ** 40n + BigInt(n + 100)}"}}) ${LEAST} }`,
    },
    {
      name: 'filter: pools by a part of their name',
      text: (n) => `{ pools(where: {name: {containsInsensitive: "${n}x"}}) ${LEAST} }`,
    },
    {
      name: 'filter: players that are not there',
      text: (n) => `{ players(first: 1, where: {entryCount: {gt: ${1_000_000 + n}}}) ${LEAST} }`,
    },
    {
      name: 'filter: activity of nobody',
      text: () => `{ activity(first: 25, where: {player: {eq: "${NOBODY}"}}) ${LEAST} }`,
    },
    {
      name: 'filter: activity at no time',
      text: (n) =>
        `{ activity(first: 1, where: {timestamp: {lt: ${Math.abs(n) + 100}}}) ${LEAST} }`,
    },
    {
      name: 'filter: activity of a kind',
      text: () => `{ activity(last: 25, where: {kind: {in: [ENTRY_PLACED]}}) ${LEAST} }`,
    },
    {
      name: 'filter: payments that are not there',
      text: (n) => `{ x402Payments(${first(n)}) ${LEAST} }`,
    },
    {
      name: 'order: entries by amount',
      text: () => `{ entries(first: 1, orderBy: [{field: AMOUNT}]) ${LEAST} }`,
    },
    {
      name: 'order: payouts by amount',
      text: () => `{ payouts(first: 1, orderBy: [{field: AMOUNT}]) ${LEAST} }`,
    },
    {
      name: 'order: players by entries',
      text: () =>
        `{ players(first: 1, orderBy: [{field: ENTRY_COUNT, direction: DESC}]) ${LEAST} }`,
    },
    { name: 'count: entries', text: () => '{ entries { totalCount } }' },
    {
      name: 'count: entries that are not there',
      text: (n) => `{ entries(where: {${none(n)}}) { totalCount } }`,
    },
    {
      name: 'count: entries of a player',
      text: () => `{ entries(where: {player: {eq: "${player}"}}) { totalCount } }`,
    },
    { name: 'count: activity', text: () => '{ activity { totalCount } }' },
    { name: 'count: players', text: () => '{ players { totalCount } }' },
    {
      name: 'count: entries of rounds',
      text: () => `{ rounds(first: 100) { edges { node { entries(first: 1) { totalCount } } } } }`,
    },
    {
      name: 'sums: of a pool',
      text: () =>
        `{ entryAggregates(where: {poolId: {eq: "${poolId}"}}, groupBy: [PAYMENT_METHOD]) { ${SUMS} } }`,
    },
    {
      name: 'sums: of all, in one group',
      budget: 'analyst',
      text: (n) =>
        `{ entryAggregates(where: {logIndex: {gte: ${-1 - Math.abs(n)}}, pool: {token: {eq: "${NATIVE}"}}}) { ${SUMS} } }`,
    },
    {
      name: 'sums: of all, in small groups',
      budget: 'analyst',
      text: (n) =>
        `{ entryAggregates(where: {number: {gt: ${-1 - Math.abs(n)}}}, groupBy: [POOL, ROUND, PLAYER, NUMBER, HOUR], first: 1, orderBy: [{field: AMOUNT_SUM, direction: DESC}]) { count players amount { sum { raw } avg } } }`,
    },
    {
      name: 'sums: of payouts by day',
      budget: 'analyst',
      text: () =>
        '{ payoutAggregates(groupBy: [DAY, POOL, KIND, STATE], first: 1000) { day kind state count recipients amount { sum { raw } max { raw } } } }',
    },
    {
      name: 'sums: counted alone',
      budget: 'analyst',
      text: () => '{ entryAggregates(groupBy: [DAY], first: 1000) { day count } }',
    },
    {
      name: 'a leaderboard of another day',
      most: 300,
      text: (n) =>
        `{ leaderboard(token: "${NATIVE}", window: DAY, at: ${since + 86_400 * ((n + 400) % 400)}, first: 1) { edges { node { rank } } } }`,
    },
    {
      name: 'a leaderboard by another measure',
      text: (n) =>
        `{ leaderboard(token: "${NATIVE}", metric: WAGERED, minEntries: ${Math.abs(n) % 1000}, first: 1) { totalCount } }`,
    },
    {
      name: 'buckets: a thousand weeks',
      text: () =>
        `{ tokenBuckets(token: "${NATIVE}", interval: WEEK, from: ${since}, to: ${since + 900 * 604_800}) { start uniquePlayers } }`,
    },
    {
      name: 'draws, judged for the first time',
      warmUp: 1,
      most: 3,
      text: (n) =>
        `{ rounds(first: 6, where: {poolId: {eq: "3"}, roundId: {gte: "${7 + 6 * n}"}}) { edges { node { draw { verified } } } } }`,
    },
    {
      name: 'draws, judged before',
      text: () =>
        `{ rounds(first: 6, where: {poolId: {eq: "3"}}) { edges { node { draw { verified checks { result } } } } } }`,
    },
  ]
}
