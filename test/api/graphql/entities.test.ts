import { type GraphQLObjectType, parseValue, valueFromASTUntyped } from 'graphql'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { randomWordsFulfilled } from '../../../ponder.schema.ts'
import { readStatistics } from '../../../src/api/db/statistics.ts'
import { createJudge } from '../../../src/api/draws/judge.ts'
import { EXAMPLES } from '../../../src/api/graphql/examples.ts'
import { schema } from '../../../src/api/graphql/schema.ts'
import { encodeProof } from '../../../src/domain/Vrf.ts'
import { createProver } from '../../../stack/vrf/prover.ts'
import { FEE_RECIPIENT, hash, NATIVE } from '../../support/game.ts'
import { createOperations, type Operations } from '../../support/operation.ts'
import { ANN, BOB, CAT, DOLLAR, writeStory } from '../../support/story.ts'
import { createTables, type Tables } from '../../support/tables.ts'

let tables: Tables
let operations: Operations

beforeAll(async () => {
  tables = await createTables()
  operations = createOperations(tables)
  await writeStory(tables)
})

afterAll(async () => {
  await operations.stop()
  await tables.stop()
})

const nodes = (...rows: readonly unknown[]) => ({ edges: rows.map((node) => ({ node })) })

test('rounds in every state', async () => {
  const { rounds } = await operations.ask(`{ rounds { edges { node {
    id status phase prizePool { raw } carryOut { decimal } winningNumber winnerCount prizePerEntry { raw }
    payoutsPending refundsPending cancelReason distinctNumbers coverageBps
    openedTx { blockNumber } closedTx { blockNumber } drawnTx { blockNumber } finalizedTx { blockNumber } finality
  } } } }`)
  const open = {
    phase: 'ACCEPTING',
    status: 'OPEN',
    carryOut: null,
    winningNumber: null,
    winnerCount: null,
    prizePerEntry: null,
    payoutsPending: 0,
    refundsPending: 0,
    cancelReason: null,
    openedTx: { blockNumber: '8' },
    closedTx: null,
    drawnTx: null,
    finalizedTx: null,
    finality: 'LATEST',
  }
  const drawn = { ...open, distinctNumbers: 2, coverageBps: 49 }
  expect(rounds).toEqual(
    nodes(
      {
        ...drawn,
        id: 'Round:31337-1-1',
        status: 'SETTLED',
        phase: 'FINAL',
        prizePool: { raw: '8775000000000000' },
        carryOut: { decimal: '0' },
        winningNumber: 7,
        winnerCount: 2,
        prizePerEntry: { raw: '4387500000000000' },
        openedTx: { blockNumber: '1' },
        closedTx: { blockNumber: '3' },
        drawnTx: { blockNumber: '4' },
        finalizedTx: { blockNumber: '4' },
        finality: 'FINAL',
      },
      {
        ...drawn,
        id: 'Round:31337-1-2',
        status: 'ROLLED_OVER',
        phase: 'FINAL',
        prizePool: { raw: '5850000000000000' },
        carryOut: { decimal: '0.00585' },
        winningNumber: 402,
        winnerCount: 0,
        prizePerEntry: { raw: '0' },
        openedTx: { blockNumber: '4' },
        closedTx: { blockNumber: '7' },
        drawnTx: { blockNumber: '8' },
        finalizedTx: { blockNumber: '8' },
      },
      { ...drawn, id: 'Round:31337-1-3', prizePool: { raw: '17550000000000000' } },
      {
        ...drawn,
        id: 'Round:31337-2-1',
        status: 'CANCELLED',
        phase: 'PAYING',
        prizePool: { raw: '783900' },
        carryOut: { decimal: '0' },
        refundsPending: 1,
        cancelReason: 'BELOW_MINIMUM',
        openedTx: { blockNumber: '1' },
        closedTx: { blockNumber: '5' },
        finality: 'FINAL',
      },
      {
        ...drawn,
        id: 'Round:31337-2-2',
        status: 'DRAWN',
        phase: 'PAYING',
        prizePool: { raw: '1567800' },
        carryOut: { decimal: '0' },
        winningNumber: 5,
        winnerCount: 2,
        prizePerEntry: { raw: '522600' },
        payoutsPending: 2,
        openedTx: { blockNumber: '5' },
        closedTx: { blockNumber: '7' },
        drawnTx: { blockNumber: '8' },
      },
      {
        ...open,
        id: 'Round:31337-2-3',
        prizePool: { raw: '0' },
        distinctNumbers: 0,
        coverageBps: 0,
      },
    ),
  )
})

test('entries with what became of them', async () => {
  const { entries } = await operations.ask(
    '{ entries { edges { node { entryId number status payout { id } finality } } } }',
  )
  const lost = (entryId: string, number: number) => [entryId, number, 'LOST', null, 'FINAL']
  const active = (entryId: string, number: number) => [entryId, number, 'ACTIVE', null, 'LATEST']
  const expected = [
    ['1', 7, 'WON_PAID', 'Payout:31337-4-3', 'FINAL'],
    lost('2', 8),
    ['3', 7, 'WON_CLAIMED', 'Payout:31337-4-4', 'FINAL'],
    ['4', 1, 'REFUNDED', 'Payout:31337-5-3', 'FINAL'],
    ['5', 2, 'REFUND_PENDING', null, 'FINAL'],
    lost('6', 100),
    lost('7', 101),
    ['8', 5, 'WON_PAID', 'Payout:31337-8-9', 'FINAL'],
    ['9', 5, 'WON_UNPAID', null, 'FINAL'],
    lost('10', 6),
    ['11', 5, 'WON_UNPAID', null, 'FINAL'],
    active('12', 402),
    active('13', 402),
    active('14', 3),
    active('15', 402),
  ]
  expect(entries).toEqual(
    nodes(
      ...expected.map(([entryId, number, status, payout, finality]) => ({
        entryId,
        number,
        status,
        payout: payout === null ? null : { id: payout },
        finality,
      })),
    ),
  )
})

test('payouts: delivered, credited, claimed', async () => {
  const { payouts } = await operations.ask(`{ payouts(first: 3) { edges { node {
    kind recipient state player { address } entry { entryId } amount { decimal token { symbol } } claimTx { blockNumber }
  } } } }`)
  const prize = { kind: 'PRIZE', amount: { decimal: '0.0043875', token: { symbol: 'ETH' } } }
  expect(payouts).toEqual(
    nodes(
      {
        kind: 'FEE',
        recipient: FEE_RECIPIENT,
        state: 'CREDITED',
        player: null,
        entry: null,
        amount: { decimal: '0.000225', token: { symbol: 'ETH' } },
        claimTx: null,
      },
      {
        ...prize,
        recipient: ANN,
        state: 'DELIVERED',
        player: { address: ANN },
        entry: { entryId: '1' },
        claimTx: null,
      },
      {
        ...prize,
        recipient: CAT,
        state: 'CLAIMED',
        player: { address: CAT },
        entry: { entryId: '3' },
        claimTx: { blockNumber: '5' },
      },
    ),
  )
})

test('a player’s money, token by token', async () => {
  const { player } = await operations.ask(
    `query ($ann: Address!, $dollar: Address!) { player(address: $ann) {
      balances { token { symbol } wagered { raw } won { raw } pending { raw } receivable { raw } netProfit { raw }
        realizedNetProfit { raw } roiBps winRateBps biggestWin { raw } biggestWinRound { id } }
      balance(token: $dollar) { feesPaid { decimal } claimable { decimal } }
      elsewhere: balance(token: $dollar, chainId: 8453) { feesPaid { decimal } }
    } }`,
    { ann: ANN, dollar: DOLLAR },
  )
  const raw = (value: string) => ({ raw: value })
  expect(player).toEqual({
    balances: [
      {
        token: { symbol: 'ETH' },
        wagered: raw('18000000000000000'),
        won: raw('4387500000000000'),
        pending: raw('9000000000000000'),
        receivable: raw('0'),
        netProfit: raw('-13612500000000000'),
        realizedNetProfit: raw('-4612500000000000'),
        roiBps: -5125,
        winRateBps: 5000,
        biggestWin: raw('4387500000000000'),
        biggestWinRound: { id: 'Round:31337-1-1' },
      },
      {
        token: { symbol: 'USDL' },
        wagered: raw('1206000'),
        won: raw('522600'),
        pending: raw('0'),
        receivable: raw('522600'),
        netProfit: raw('-683400'),
        realizedNetProfit: raw('-160800'),
        roiBps: -1334,
        winRateBps: 10000,
        biggestWin: raw('522600'),
        biggestWinRound: { id: 'Round:31337-2-2' },
      },
    ],
    balance: { feesPaid: { decimal: '0.03015' }, claimable: { decimal: '0' } },
    elsewhere: null,
  })
})

test('stakes that wait to be sent back are receivable', async () => {
  const { player } = await operations.ask(
    'query ($bob: Address!, $dollar: Address!) { player(address: $bob) { balance(token: $dollar) { refunded { raw } receivable { raw } netProfit { raw } realizedNetProfit { raw } roiBps winRateBps } } }',
    { bob: BOB, dollar: DOLLAR },
  )
  // Wagered 1206000, got 402000 back; 402000 to come back and one unpaid prize of 522600.
  expect(player).toEqual({
    balance: {
      refunded: { raw: '402000' },
      receivable: { raw: '924600' },
      netProfit: { raw: '-804000' },
      realizedNetProfit: { raw: '120600' },
      roiBps: 3000,
      winRateBps: 0,
    },
  })
})

test('what a player has riding on a round', async () => {
  const ask = (address: string, roundId: number) =>
    operations.ask(
      'query ($address: Address!, $roundId: BigInt!) { participation(address: $address, poolId: 1, roundId: $roundId) { entries { entryId } numbers wagered { decimal } winChance projectedPrize { raw } } }',
      { address, roundId },
    )
  // 402 has three entries, two of them hers, and 3 one: the mean of 2/3 and the whole of the pool.
  expect(await ask(ANN, 3)).toEqual({
    participation: {
      entries: [{ entryId: '12' }, { entryId: '13' }, { entryId: '14' }],
      numbers: [3, 402],
      wagered: { decimal: '0.009' },
      winChance: '0.00497512',
      projectedPrize: { raw: '14625000000000000' },
    },
  })
  expect(await ask(ANN, 1)).toMatchObject({
    participation: { projectedPrize: { raw: '4387500000000000' } },
  })
  expect(await ask(CAT, 3)).toEqual({
    participation: {
      entries: [],
      numbers: [],
      wagered: { decimal: '0' },
      winChance: '0',
      projectedPrize: { raw: '0' },
    },
  })
})

test('the 402 numbers of a round', async () => {
  const { round } = await operations.ask(
    '{ round(poolId: 1, roundId: 3) { numbers { number entryCount distinctPlayers projectedPrize { raw } expectedValue { raw } } } }',
  )
  const { numbers } = round as { numbers: readonly Record<string, unknown>[] }
  expect(numbers.map(({ number }) => number)).toEqual(
    Array.from({ length: 402 }, (_, at) => at + 1),
  )
  // (17550000000000000 + 3000000000000000 - 75000000000000) / (3 + 1), and that / 402 - 3000000000000000.
  expect(numbers[401]).toEqual({
    number: 402,
    entryCount: 3,
    distinctPlayers: 2,
    projectedPrize: { raw: '5118750000000000' },
    expectedValue: { raw: '-2987266791044777' },
  })
})

test('activity is every fact in chain order', async () => {
  const { activity } = await operations.ask(
    '{ activity(where: { blockNumber: { in: [4, 5] } }) { edges { node { kind player { address } number amount { decimal } tx { blockNumber logIndex } } } } }',
  )
  const rows = (activity as { edges: { node: Record<string, unknown> }[] }).edges
  expect(rows.map(({ node }) => [node.kind, node.player, node.number, node.amount])).toEqual([
    ['ROUND_DRAWN', null, 7, { decimal: '0.008775' }],
    ['FEE_COLLECTED', null, null, { decimal: '0.000225' }],
    ['PRIZE_PAID', { address: ANN }, null, { decimal: '0.0043875' }],
    ['PRIZE_PAID', { address: CAT }, null, { decimal: '0.0043875' }],
    ['ROUND_FINALIZED', null, null, null],
    ['ROUND_OPENED', null, null, { decimal: '0' }],
    ['CREDIT_CLAIMED', { address: CAT }, null, { decimal: '0.0043875' }],
    ['ROUND_CANCELLED', null, null, { decimal: '0.804' }],
    ['ROUND_OPENED', null, null, { decimal: '0' }],
    ['ENTRY_REFUNDED', { address: BOB }, null, { decimal: '0.402' }],
  ])
})

test('a player’s history, newest first', async () => {
  const { player } = await operations.ask(
    'query ($cat: Address!) { player(address: $cat) { history { edges { node { kind tx { blockNumber } } } } } }',
    { cat: CAT },
  )
  expect(player).toEqual({
    history: nodes(
      { kind: 'CREDIT_CLAIMED', tx: { blockNumber: '5' } },
      { kind: 'PRIZE_PAID', tx: { blockNumber: '4' } },
      { kind: 'ENTRY_PLACED', tx: { blockNumber: '2' } },
    ),
  })
})

test.each([
  'Pool:31337-1',
  'Round:31337-1-2',
  'Entry:31337-3',
  'Payout:31337-4-3',
  `Player:31337-${ANN}`,
  'Activity:31337-1-0',
  'Activity:31337-2-0',
  'Activity:31337-8-9',
])('node %s', async (id) => {
  expect(
    await operations.ask('query ($id: ID!) { node(id: $id) { id __typename } }', { id }),
  ).toEqual({ node: { id, __typename: id.split(':')[0] } })
})

test('what does not exist is null', async () => {
  expect(
    await operations.ask(`{ node(id: "Round:31337-1-99") { id } pool(poolId: 99) { id } round(poolId: 1, roundId: 0) { id }
      entry(entryId: "115792089237316195423570985008687907853269984665640564039457584007913129639935") { id }
      player(address: "${FEE_RECIPIENT}") { id } other: player(address: "${ANN}", chainId: 8453) { id } }`),
  ).toEqual({ node: null, pool: null, round: null, entry: null, player: null, other: null })
})

test('a pool as it is now', async () => {
  expect(
    await operations.ask(`subscription { livePool(poolId: 1) { head { number } pool { name token { address } stats { biggestPrize { decimal } biggestPrizePlayer { address } rolloverStreak } }
      round { roundId } lastEntries { entryId } participants } }`),
  ).toEqual({
    livePool: {
      head: { number: '9' },
      pool: {
        name: 'Classic 100%',
        token: { address: NATIVE },
        stats: {
          biggestPrize: { decimal: '0.0043875' },
          biggestPrizePlayer: { address: ANN },
          rolloverStreak: 1,
        },
      },
      round: { roundId: '3' },
      lastEntries: ['15', '14', '13', '12', '7', '6', '3', '2', '1'].map((entryId) => ({
        entryId,
      })),
      participants: 2,
    },
  })
})

test('what a transaction did', async () => {
  const { entry } = await operations.ask('{ entry(entryId: 8) { tx { hash } } }')
  const { hash } = (entry as { tx: { hash: string } }).tx
  expect(
    await operations.ask(
      'query ($hash: Hex!) { transaction(hash: $hash) { hash indexed finality entries { entryId } payouts { id } } }',
      { hash },
    ),
  ).toEqual({
    transaction: {
      hash,
      indexed: true,
      finality: 'FINAL',
      entries: ['6', '7', '8', '9', '10', '11'].map((entryId) => ({ entryId })),
      payouts: [],
    },
  })
})

test('the status compares the head with the chain', async () => {
  const text =
    '{ status { head { number finalizedNumber } chainHeadNumber lagBlocks lagSeconds ready backfillProgressBps buildId version } }'
  const { timestamp } = { timestamp: 1_700_000_127 }
  const status = {
    head: { number: '9', finalizedNumber: '6' },
    chainHeadNumber: null,
    lagBlocks: null,
    lagSeconds: null,
    ready: true,
    backfillProgressBps: null,
    buildId: 'build-1',
    version: '1.2.3',
  }
  expect(await operations.ask(text)).toEqual({ status })
  const chainHead = async () => ({ number: 29n, timestamp: timestamp + 40 })
  expect(await operations.ask(text, {}, { probe: { chainHead } })).toEqual({
    status: { ...status, chainHeadNumber: '29', lagBlocks: 20, lagSeconds: 40, ready: false },
  })
})

/** Lists without pages, each with arguments that make it long. */
const LISTS: readonly (readonly [type: string, field: string, args: string, text: string])[] = [
  ['Query', 'tokenBuckets', `from: 1699999999, to: 1700003601, interval: HOUR`, '{ X { start } }'],
  ['Query', 'tokenBuckets', `from: 1699999999, to: 1703596399, interval: HOUR`, '{ X { start } }'],
  ['Query', 'tokenBuckets', `from: 1699999999, to: 1800003601, interval: WEEK`, '{ X { start } }'],
  ['Query', 'neighbours', `address: "${BOB}", span: 1`, '{ X { rank } }'],
  ['Query', 'tokens', '', '{ X { symbol } }'],
  ['Query', 'tokenTotals', '', '{ X { players } }'],
  [
    'Pool',
    'buckets',
    'from: 1699999999, to: 1700090001, interval: DAY',
    '{ pool(poolId: 1) { X { start } } }',
  ],
  ['Pool', 'numbers', '', '{ pool(poolId: 1) { X { number } } }'],
  ['Round', 'numbers', '', '{ round(poolId: 1, roundId: 1) { X { number } } }'],
  ['Player', 'balances', '', `{ player(address: "${BOB}") { X { roiBps } } }`],
  [
    'Participation',
    'entries',
    '',
    `{ participation(address: "${ANN}", poolId: 1, roundId: 1) { X { id } } }`,
  ],
  [
    'Participation',
    'numbers',
    '',
    `{ participation(address: "${ANN}", poolId: 1, roundId: 1) { X } }`,
  ],
]

test.each(LISTS)('%s.%s(%s) holds no more than its price says', async (type, name, args, text) => {
  const field = (schema.getType(type) as GraphQLObjectType).getFields()[name]
  const isOfToken = ['tokenBuckets', 'neighbours'].includes(name)
  const given = [isOfToken ? `token: "${NATIVE}"` : '', args].filter((each) => each !== '').join()
  const wanted = `${name}${given === '' ? '' : `(${given})`}`
  const answer = await operations.ask(text.replace('X', wanted))
  const listIn = (value: unknown): readonly unknown[] =>
    Array.isArray(value) ? value : listIn(Object.values(value as object)[0])
  const values = parseValue(`{${args}}`)
  const priced: unknown = field?.extensions.multiplier
  const most =
    typeof priced === 'function'
      ? priced({
          ...{ args: valueFromASTUntyped(values), page: 1, selects: () => false },
          statistics: await readStatistics(operations.database.db),
        })
      : priced
  expect(listIn(answer).length).toBeGreaterThan(0)
  expect(listIn(answer).length).toBeLessThanOrEqual(most)
})

test('a draw is judged once, however often and under whatever name it is asked for', async () => {
  const judge = createJudge()
  onTestFinished(judge.stop)
  await tables.insert(randomWordsFulfilled, {
    ...{ id: 'fulfilled', chainId: 31337, blockNumber: 6, logIndex: 402, timestamp: 1_700_000_100 },
    ...{ blockHash: hash(0xb006), transactionHash: hash(0x402), coordinator: FEE_RECIPIENT },
    ...{ requestId: 2n, outputSeed: 1n, subId: 1n, payment: 0n, success: true },
    proof: encodeProof(createProver(402n).prove(1n, hash(0xb006))),
  })
  onTestFinished(async () => {
    await tables.sql`delete from random_words_fulfilled`
  })
  const names = Array.from({ length: 15 }, (_, at) => `a${at}: verified b${at}: checks { result }`)
  const draw = `draw { proof ${names.join(' ')} }`
  const text = `{ round(poolId: 1, roundId: 2) { a: ${draw} b: ${draw} }
    drawVerification(poolId: 1, roundId: 2) { verified checks { name result } } }`
  const asked = await Promise.all([
    operations.ask(text, {}, { judge }),
    operations.ask(text, {}, { judge }),
  ])
  expect(asked[0]).toEqual(asked[1])
  expect(asked[0]).toMatchObject({
    round: { a: { proof: expect.stringMatching(/^0x/), a0: false } },
    drawVerification: { verified: false },
  })
  await operations.ask(text, {}, { judge })
  expect(judge.judged()).toBe(1)
})

test.each(EXAMPLES)('the example $name is answered', async ({ text }) => {
  await operations.ask(text)
})
