import { randomBytes } from 'node:crypto'
import { Agent } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { zeroAddress } from 'viem'
import { type Attack, ask, askAll, createTally, operation } from './target.ts'

/** Attacks by requests that are answered once. Each has values of its own in every request, so that no kept answer serves it. */

const START = 1_700_000_000
const aliases = (count: number, field: string) =>
  Array.from({ length: count }, (_, n) => `a${n}: ${field}`).join(' ')

const PROOFS = `query ($n: BigInt) { rounds(last: 12, where: { winningNumber: { gte: 1 }, roundId: { lt: $n } }) {
  edges { node { draw { ${aliases(30, 'verified')} } } } } }`

const BUCKETS = `query ($from: Timestamp!, $to: Timestamp!) { tokenBuckets(token: "${zeroAddress}", interval: HOUR, from: $from, to: $to) {
  start entryCount fees { raw } wagered { raw decimal token { symbol } } } }`

const NESTED = `query ($n: BigInt) { rounds(first: 40, where: { roundId: { gte: $n } }) { edges { node {
  roundId prizePool { raw decimal token { symbol } } pool { name stats { wagered { raw decimal } } }
  entries(first: 40) { edges { node { entryId number amount { raw decimal token { symbol } }
    player { address entryCount } tx { hash blockHash } } } } } } } }`

/** As many entries as one operation may look at. */
const AGGREGATES = `query ($n: Int) { entryAggregates(where: { poolId: { eq: "1" }, number: { gt: $n } }, groupBy: [POOL, ROUND, PLAYER, NUMBER, HOUR], first: 1,
  orderBy: [{ field: AMOUNT_SUM, direction: DESC }]) { count players amount { sum { raw } avg } } }`
const aggregates = (n: number) => operation(AGGREGATES, { n: -1 - n })

const BOARD = `query ($n: Int) { leaderboard(token: "${zeroAddress}", metric: ROI, minEntries: $n, first: 5) {
  totalCount edges { node { rank player { address } } } } }`

const INTROSPECTION = `{ __schema { types { name description fields { name description args { name type { name } } type { name } }
  inputFields { name } enumValues { name } } } }`

const MISTAKES = [
  // Nested lists in a variable that is declared, and in one that is not.
  (n: number) =>
    operation('query ($w: EntryFilter) { entries(where: $w) { totalCount } }', {
      w: { OR: JSON.parse(`${'['.repeat(2_000)}${n}${']'.repeat(2_000)}`) },
    }),
  (n: number) => ({
    body: `{"query":"{ head { number } }","variables":{"x":${'['.repeat(25_000)}${n}${']'.repeat(25_000)}}}`,
  }),
  (n: number) => ({
    body: `{"query":"query ($w: EntryFilter) { entries(where: $w) { totalCount } }","variables":{"w":${'{"NOT":'.repeat(4_000)}{"number":{"eq":${n}}}${'}'.repeat(4_000)}}}`,
  }),
  // Many mistakes beside a long text.
  (n: number) =>
    operation('query ($w: EntryFilter) { entries(where: $w) { totalCount } }', {
      w: {
        ...Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`key${at}x${n}`, at])),
        player: { eq: 'x'.repeat(55_000) },
      },
    }),
]

/** Many at once whose client does not wait. */
const abandoned: Attack = async (site, signal) => {
  const { counts, add } = createTally()
  for (let round = 0; !signal.aborted; round++) {
    const agent = new Agent({ maxSockets: 1_000 })
    const leave = new AbortController()
    const given = AbortSignal.any([signal, leave.signal])
    const all = Array.from({ length: 1_000 }, (_, n) =>
      ask(site, aggregates(1_000 * round + n), { agent, signal: given }),
    )
    await wait(2_700, undefined, { signal }).catch(() => undefined)
    leave.abort()
    for (const answer of await Promise.all(all)) add(answer)
    agent.destroy()
  }
  return counts
}

const fields = (n: number) =>
  ['number', 'hash', 'timestamp', 'finalizedNumber']
    .map((field, at) => `f${n}x${at}: ${field}`)
    .join(' ')

export const ASKING = {
  'proofs of draws': askAll(20, (n) => operation(PROOFS, { n: String(1_000_000 + n) })),
  'wide charts': askAll(60, (n) =>
    operation(BUCKETS, { from: START + 3600 * (n % 24), to: START + 3600 * (999 + (n % 24)) }),
  ),
  'nested lists': askAll(30, (n) => operation(NESTED, { n: String(1 + (n % 1_000)) })),
  aggregates: askAll(100, aggregates),
  'aggregates, abandoned': abandoned,
  leaderboards: askAll(30, (n) => operation(BOARD, { n: 1 + n })),
  'undeclared variables': askAll(50, (n) =>
    operation('{ head { number } }', { x: `${n}`.padStart(8_000, 'x') }),
  ),
  'declared variables': askAll(50, (n) =>
    operation(
      'query ($w: EntryFilter) { entries(where: $w, first: 1) { edges { node { entryId } } } }',
      {
        w: { number: { in: Array.from({ length: 400 }, (_, at) => at + n) } },
      },
    ),
  ),
  'ever other texts': askAll(50, (n) => {
    const query = `{ head { ${fields(n)} } ${aliases(18, `pool(poolId: "${n}") { name }`)} }`
    return operation(query)
  }),
  introspection: askAll(20, () => operation(INTROSPECTION)),
  mistakes: askAll(30, (n) => MISTAKES[n % MISTAKES.length]?.(n) ?? {}),
  'guessed keys': askAll(50, () => ({
    ...operation('{ head { number } }'),
    headers: {
      authorization: `Bearer p402_${randomBytes(4).toString('hex')}_${randomBytes(30).toString('hex').slice(0, 43)}`,
    },
  })),
} as const satisfies Record<string, Attack>
