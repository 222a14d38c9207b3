import type { Hex } from 'viem'
import * as activity from './activity.ts'
import { boardQuestions } from './boards.ts'
import * as bucket from './bucket.ts'
import { DRAW, draw } from './draw.ts'
import * as entry from './entry.ts'
import { type Facts, factsOf } from './facts.ts'
import { HEAD, head } from './head.ts'
import type { History } from './history.ts'
import { POOL_NUMBERS, poolNumbers } from './number.ts'
import { PARTICIPATION, participation } from './participation.ts'
import * as payment from './payment.ts'
import { PLAYER, PLAYERS, player, players, playersOf } from './player.ts'
import { POOLS, pools } from './pool.ts'
import type { Question } from './question.ts'
import * as round from './round.ts'
import { type Random, randomFrom, sample } from './sample.ts'
import { LENGTH, startOf } from './time.ts'
import { TOKEN_TOTALS, tokensOf, tokenTotals } from './totals.ts'
import * as transaction from './transaction.ts'

export type { Question } from './question.ts'
export { readHistory } from './read.ts'

/** Rows that are asked one by one, of each kind, when there are more. */
const SAMPLE = 25
/** Buckets in one answer. */
const BUCKETS = 200

/** Ranges of blocks with at most a thousand of these things each. */
const ranges = (facts: Facts, blocks: readonly number[]) => {
  const list: { from: number; to: number }[] = []
  let from = 0
  let count = 0
  for (const [block, here] of [...Map.groupBy(blocks, (at) => at)].sort(([a], [b]) => a - b)) {
    if (count + here.length > 1000) {
      list.push({ from, to: block - 1 })
      from = block
      count = 0
    }
    count += here.length
  }
  return [...list, { from, to: facts.head.number }]
}

const inRanges = (
  facts: Facts,
  name: string,
  document: string,
  blocks: readonly number[],
  answer: (from: number, to: number) => unknown,
): readonly Question[] =>
  ranges(facts, blocks).map(({ from, to }) => ({
    name: `${name} of blocks ${from} to ${to}`,
    document,
    variables: { from: `${from}`, to: `${to}` },
    expected: answer(from, to),
  }))

const lists = (facts: Facts, finalized: number): readonly Question[] => {
  const ids = facts.entries.map(({ entryId }) => entryId)
  const blockOf = ({ at }: { readonly at: { readonly block: number } }) => at.block
  return [
    ...Array.from({ length: Math.ceil((ids.length + 1) / 1000) }, (_, page) => {
      const from = BigInt(page * 1000 + 1)
      const to = from + 999n
      return {
        name: `entries ${from} to ${to}`,
        document: entry.ENTRIES,
        variables: { from: `${from}`, to: `${to}` },
        expected: entry.entries(facts, from, to, finalized),
      }
    }),
    ...inRanges(facts, 'payouts', entry.PAYOUTS, facts.payouts.map(blockOf), (from, to) =>
      entry.payouts(facts, from, to, finalized),
    ),
    ...inRanges(
      facts,
      'x402 payments',
      payment.X402_PAYMENTS,
      payment.paymentsOf(facts).map(blockOf),
      (from, to) => payment.x402Payments(facts, from, to, finalized),
    ),
    ...inRanges(facts, 'activity', activity.ACTIVITIES, facts.events.map(blockOf), (from, to) =>
      activity.activities(facts, from, to, finalized),
    ),
  ]
}

const poolQuestions = (facts: Facts, finalized: number): readonly Question[] =>
  facts.pools.flatMap((pool) => {
    const poolId = pool.poolId.toString()
    const pages = Array.from({ length: Math.ceil(pool.rounds.length / 1000) }, (_, at) => at * 1000)
    return [
      {
        name: `numbers of pool ${poolId}`,
        document: POOL_NUMBERS,
        variables: { poolId },
        expected: poolNumbers(pool),
      },
      ...pages.map((after) => ({
        name: `rounds of pool ${poolId} after ${after}`,
        document: round.POOL_ROUNDS,
        variables: { poolId, after: `${after}` },
        expected: round.poolRounds(facts, pool, BigInt(after), finalized),
      })),
    ]
  })

const roundQuestions = (facts: Facts, random: Random): readonly Question[] =>
  sample(random, facts.rounds, SAMPLE).flatMap((at) => {
    const variables = { poolId: at.pool.poolId.toString(), roundId: at.roundId.toString() }
    const name = `round ${variables.poolId}-${variables.roundId}`
    const addresses = sample(random, playersOf(facts), 2)
    const own = sample(random, [...new Set(at.entries.map((of) => of.player))], 2)
    return [
      {
        name: `cells of ${name}`,
        document: round.ROUND_CELLS,
        variables,
        expected: round.roundCells(at),
      },
      { name: `draw of ${name}`, document: DRAW, variables, expected: draw(facts, at) },
      ...[...new Set([...addresses, ...own])].map((address) => ({
        name: `participation of ${address} in ${name}`,
        document: PARTICIPATION,
        variables: { ...variables, address },
        expected: participation(at, address),
      })),
    ]
  })

const playerQuestions = (facts: Facts, finalized: number, random: Random): readonly Question[] => {
  const stranger: Hex = '0x00000000000000000000000000000000000000aa'
  const known = playersOf(facts)
  return [
    { name: 'players', document: PLAYERS, variables: {}, expected: players(facts) },
    ...[...sample(random, known, SAMPLE), stranger].flatMap((address) => {
      const [token] = sample(random, tokensOf(facts), 1)
      if (token === undefined) return []
      return {
        name: `player ${address}`,
        document: PLAYER,
        variables: { address, token },
        expected: player(facts, address, token),
      }
    }),
    ...sample(random, known, SAMPLE).map((address) => ({
      name: `history of ${address}`,
      document: activity.PLAYER_HISTORY,
      variables: { address },
      expected: activity.playerHistory(facts, address, finalized),
    })),
  ]
}

/** The newest buckets of each interval, and as many around an event by chance, to bounds that are not full hours. */
const bucketQuestions = (facts: Facts, random: Random): readonly Question[] =>
  (['HOUR', 'DAY', 'WEEK'] as const).flatMap((interval) => {
    const now = facts.head.timestamp
    const past = sample(random, facts.events, 1).map(({ at }) => at.timestamp)
    const times = [...new Set([now, ...past])]
    return times.flatMap((time) =>
      [true, false].flatMap((fillGaps) => {
        const earliest = startOf(interval, facts.pools[0]?.at.timestamp ?? now) - LENGTH[interval]
        const from = Math.max(earliest, time - BUCKETS * LENGTH[interval], 0)
        const asked = { interval, from, to: time + 1, fillGaps }
        const name = `${interval} from ${from} to ${asked.to}, ${fillGaps ? 'all' : 'not empty'}`
        return [
          ...facts.pools.map((pool) => ({
            name: `buckets of pool ${pool.poolId} by ${name}`,
            document: bucket.POOL_BUCKETS,
            variables: { ...asked, poolId: pool.poolId.toString() },
            expected: bucket.poolBuckets(facts, pool, asked),
          })),
          ...tokensOf(facts).map((token) => ({
            name: `buckets of token ${token} by ${name}`,
            document: bucket.TOKEN_BUCKETS,
            variables: { ...asked, token },
            expected: bucket.tokenBuckets(facts, token, asked),
          })),
        ]
      }),
    )
  })

const transactionQuestions = (
  facts: Facts,
  finalized: number,
  random: Random,
): readonly Question[] => {
  const nowhere: Hex = `0x${'ab'.repeat(32)}`
  return [...sample(random, transaction.transactionsOf(facts), SAMPLE), nowhere].map((hash) => ({
    name: `transaction ${hash}`,
    document: transaction.TRANSACTION,
    variables: { hash },
    expected: transaction.transaction(facts, hash, finalized),
  }))
}

/**
 * Everything that can be asked about a history, with the answers. The long lists are whole; rounds, players and transactions are
 * chosen by chance when there are many.
 * @param options.finalizedNumber what `head.finalizedNumber` says in the answer that is compared
 * @param options.random from 0 to 1, 1 excluded; without it the same choice each time
 */
export const questions = (
  history: History,
  { finalizedNumber, random = randomFrom(402) }: { finalizedNumber: number; random?: Random },
): readonly Question[] => {
  const facts = factsOf(history)
  return [
    { name: 'head', document: HEAD, variables: {}, expected: head(history, finalizedNumber) },
    { name: 'pools', document: POOLS, variables: {}, expected: pools(facts) },
    {
      name: 'token totals',
      document: TOKEN_TOTALS,
      variables: {},
      expected: tokenTotals(facts),
    },
    ...lists(facts, finalizedNumber),
    ...poolQuestions(facts, finalizedNumber),
    ...roundQuestions(facts, random),
    ...playerQuestions(facts, finalizedNumber, random),
    ...bucketQuestions(facts, random),
    ...boardQuestions(facts, random),
    ...transactionQuestions(facts, finalizedNumber, random),
  ]
}
