import type { GraphQLSchema } from 'graphql'
import { type Logger, pino } from 'pino'
import { block, pool, poolStats, round, token } from '../../../ponder.schema.ts'
import { parseConfig } from '../../../src/api/config.ts'
import { listApiKeys } from '../../../src/api/db/apiKeys.ts'
import { createDatabase } from '../../../src/api/db/database.ts'
import { createNewestHeads } from '../../../src/api/db/newestHeads.ts'
import { createReadings } from '../../../src/api/db/readings.ts'
import { createStatistics } from '../../../src/api/db/statistics.ts'
import { createJudge } from '../../../src/api/draws/judge.ts'
import { createContext } from '../../../src/api/graphql/context.ts'
import { createAccess } from '../../../src/api/http/access.ts'
import { createProbe, createProbes } from '../../../src/api/http/ready.ts'
import { createChainHeads } from '../../../src/api/live/chainHead.ts'
import { createLive } from '../../../src/api/live/live.ts'
import { createNodeSilence, createReplacedWatch } from '../../../src/api/live/nodes.ts'
import { createPace } from '../../../src/api/pace.ts'
import { createBoards } from '../../../src/api/ranking/boards.ts'
import { createServer } from '../../../src/api/server.ts'
import * as Id from '../../../src/domain/Id.ts'
import type { Tables } from '../../support/tables.ts'

export const CHAIN = 31337
const NATIVE = `0x${'00'.repeat(20)}` as const
const SOMEONE = `0x${'11'.repeat(20)}` as const

/** The hash of a block, by its number and the branch it is on. */
export const hashOf = (number: number, branch = 'a'): `0x${string}` =>
  `0x${Buffer.from(`${branch}${number}`).toString('hex').padStart(64, '0')}`

/** Rows that the indexer would have written: a chain's blocks, and one pool whose prize follows from the head. */
export const createChain = (tables: Tables) => {
  const blockRow = (number: number, branch: string, parentBranch = branch) => ({
    id: Id.block(CHAIN, number),
    chainId: CHAIN,
    number,
    hash: hashOf(number, branch),
    parentHash: hashOf(number - 1, parentBranch),
    timestamp: Math.floor(Date.now() / 1000),
  })
  const place = {
    chainId: CHAIN,
    blockNumber: 1,
    logIndex: 0,
    blockHash: hashOf(1),
    transactionHash: hashOf(0, 't'),
    timestamp: 1,
  }
  const ofRound = { chainId: CHAIN, poolId: 1n, roundId: 1n }

  return {
    /** A fresh chain at block 1 with pool 1, round 1 open. */
    begin: async () => {
      await tables.clear()
      await tables.insert(block, blockRow(1, 'a'))
      await tables.finalize(CHAIN, 1)
      await tables.insert(token, {
        id: Id.token(CHAIN, NATIVE),
        chainId: CHAIN,
        address: NATIVE,
        symbol: 'ETH',
        name: 'Ether',
        textSource: 'CONFIGURATION',
        decimals: 18,
        isNative: true,
      })
      await tables.insert(pool, {
        ...place,
        id: Id.pool(CHAIN, 1n),
        poolId: 1n,
        token: NATIVE,
        creator: SOMEONE,
        entryFee: 1000n,
        feeBps: 250,
        feeRecipient: SOMEONE,
        roundDuration: 60,
        minEntries: 1,
        maxEntries: 100,
        drawTimeout: 600,
        name: 'Classic',
      })
      await tables.insert(poolStats, {
        id: Id.pool(CHAIN, 1n),
        chainId: CHAIN,
        poolId: 1n,
        currentRoundId: 1n,
        entryCount: 0,
        uniquePlayers: 0,
        roundCount: 1,
        drawnRounds: 0,
        settledRounds: 0,
        rolledOverRounds: 0,
        cancelledRounds: 0,
        rolloverStreak: 0,
        wagered: 0n,
        contributed: 0n,
        feesCollected: 0n,
        owed: 0n,
        prizesWon: 0n,
        prizesDelivered: 0n,
        refunded: 0n,
      })
      await tables.insert(round, {
        ...ofRound,
        id: Id.round(CHAIN, 1n, 1n),
        status: 'OPEN',
        isFinalized: false,
        opensAt: 1,
        closesAt: 61,
        carryIn: 0n,
        gross: 0n,
        feeAccrued: 0n,
        prizePool: 0n,
        feeCollected: 0n,
        prizesPaid: 0n,
        prizesDelivered: 0n,
        refunded: 0n,
        entryCount: 0,
        uniquePlayers: 0,
        paidEntries: 0,
        refundedEntries: 0,
        newPlayers: 0,
        distinctNumbers: 0,
        carried: 0n,
        entryIdSum: 0n,
        winningEntryIdSum: 0n,
        paidEntryIdSum: 0n,
        callEntries: 0,
        callX402Entries: 0,
      })
    },
    /** One transaction like the indexer's: a block, perhaps another prize, and its bell. */
    mine: async (
      number: number,
      options: {
        readonly prizePool?: bigint
        readonly branch?: string
        readonly parentBranch?: string
        readonly isSilent?: boolean
      } = {},
    ) => {
      const { branch = 'a', parentBranch = branch, prizePool, isSilent = false } = options
      const row = blockRow(number, branch, parentBranch)
      await tables.sql.begin(async (sql) => {
        await sql`insert into block ${sql({
          id: row.id,
          chain_id: row.chainId,
          number: row.number,
          hash: row.hash,
          parent_hash: row.parentHash,
          timestamp: row.timestamp,
        })}`
        if (prizePool !== undefined)
          await sql`update round set prize_pool = ${String(prizePool)}::numeric where pool_id = 1`
        if (!isSilent) await sql`select pg_notify(${`${tables.schema}_live_query`}, '["block"]')`
      })
    },
    /** One transaction like the indexer's revert, which rings no bell. */
    revertTo: async (number: number, prizePool: bigint) => {
      await tables.sql.begin(async (sql) => {
        await sql`delete from block where number > ${number}`
        await sql`update round set prize_pool = ${String(prizePool)}::numeric where pool_id = 1`
      })
    },
  }
}

interface ApiOptions {
  readonly log?: Logger
  readonly keyCacheMs?: number
  /** Told the text of each statement of the API. */
  readonly onStatement?: (text: string) => void
}

/** The API in this process, on a free port, over tables filled by hand. */
export const createApi = async (
  tables: Tables,
  schema: GraphQLSchema,
  variables: Record<string, string> = {},
  {
    log = pino({ level: 'silent' }),
    keyCacheMs: cacheMs = 10_000,
    onStatement = () => undefined,
  }: ApiOptions = {},
) => {
  const config = parseConfig({
    DATABASE_URL: tables.url,
    DATABASE_SCHEMA: tables.schema,
    DEPLOYMENTS: JSON.stringify([
      {
        chainId: CHAIN,
        name: 'local',
        address: SOMEONE,
        startBlock: 1,
        coordinator: SOMEONE,
        tokens: [],
      },
    ]),
    PORT: '0',
    STOP_TIMEOUT_MS: '200',
    // All tests come from one address.
    COST_PER_MINUTE: '1000000000000',
    ...variables,
  })
  const database = createDatabase({ ...config.database, onStatement })
  const heads = createLive({
    database,
    ...config.database,
    lookIntervalMs: config.lookIntervalMs,
    rewindPatienceMs: config.rewindPatienceMs,
    log,
  })
  const { deployments } = config
  const { readUrl, replicaPatienceMs: patienceMs } = config.database
  const replica =
    readUrl === undefined ? undefined : createDatabase({ ...config.database, url: readUrl })
  const newestHeads = createNewestHeads(database)
  const readings = createReadings({ primary: database, newestHeads, replica, patienceMs, log })
  const judge = createJudge()
  const pace = createPace()
  const boards = createBoards({
    pace,
    database: replica ?? database,
    mostBytes: config.leaderboardBytes,
  })
  const nodeSilence = createNodeSilence(createChainHeads(config.rpcUrls, log), config.rpcUrls)
  const probes = createProbes({
    ...{ heads, deployments, nodeSilence, isReplaced: createReplacedWatch(database.db) },
  })
  const probe = createProbe(heads, config.maxHeadAgeSeconds)
  let executed = 0
  const server = await createServer({
    schema,
    pace,
    heads,
    openSnapshot: readings.openSnapshot,
    newestHeads,
    statistics: createStatistics(database.db),
    openContext: ({ isPinned, ...scope }) => {
      executed += 1
      return createContext({
        database,
        openSnapshot: readings.openSnapshot,
        openLoose: isPinned ? undefined : readings.openLoose,
        deployments,
        boards,
        judge,
        pace,
        mostBytes: config.answerBytes,
        version: 'test',
        probe,
        ...scope,
      })
    },
    config,
    access: createAccess({
      listKeys: (ids) => listApiKeys(database.db, config.accessSchema, ids),
      budgets: config.budgets,
      cacheMs,
    }),
    caches: () => ({
      leaderboards: boards.size(),
      draws: judge.size(),
      statements: database.plansSize(),
    }),
    probes,
    log,
  })
  const stop = async () => {
    await server.stop()
    await heads.stop()
    await judge.stop()
    await database.stop()
    await replica?.stop()
  }
  return {
    config,
    heads,
    server,
    url: server.url,
    socketUrl: server.url.replace('http', 'ws'),
    /** Operations executed so far, whoever asked. */
    executed: () => executed,
    stop,
  }
}

export type Api = Awaited<ReturnType<typeof createApi>>

/** An answer with what tests look at. */
export const read = async (response: Response) => {
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? null : JSON.parse(text),
    codes: text === '' ? [] : codesOf(JSON.parse(text)),
  }
}

/** The codes of an answer's errors. */
export const codesOf = (result: {
  readonly errors?: readonly { readonly extensions?: { readonly code?: unknown } }[]
}): readonly unknown[] => (result.errors ?? []).map(({ extensions }) => extensions?.code)
