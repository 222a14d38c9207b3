import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { env, execPath } from 'node:process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { exportTable, type Job } from '../../export/exportTable.ts'
import * as schema from '../../ponder.schema.ts'
import { createDatabase } from '../../src/api/db/database.ts'
import type { Open } from '../../src/api/db/export.ts'
import { openSnapshot } from '../../src/api/db/snapshot.ts'
import { createGame, hash, NATIVE } from '../support/game.ts'
import { DEPLOYMENTS } from '../support/operation.ts'
import { ANN, BOB, CAT, DOLLAR } from '../support/story.ts'
import { createTables, type Tables } from '../support/tables.ts'

const CHAIN = 31337
const PROGRAM = fileURLToPath(new URL('../../export/main.ts', import.meta.url))

/** Begins like a formula, and has what CSV quotes and what ends a line for some. */
export const AWKWARD = '=Classic, "100%"\u2028\u0085'

export interface World {
  readonly tables: Tables
  readonly open: Open
  /** A file name in a folder that `stop` removes. */
  readonly file: (name: string) => string
  /** Exports in this process; the dataset's pages are read by `open` unless another one is given. */
  readonly export: (
    job: Partial<Job> & Pick<Job, 'file'>,
    open?: Open,
  ) => ReturnType<typeof exportTable>
  /** `npm run export` as a process. */
  readonly start: (...args: readonly string[]) => Running
  readonly stop: () => Promise<void>
}

export interface Running {
  /** As nobody can catch it. */
  readonly kill: () => void
  readonly ended: Promise<{
    readonly code: number | null
    readonly signal: string | null
    readonly out: string
    readonly err: string
  }>
}

export const createWorld = async (): Promise<World> => {
  const tables = await createTables()
  const folder = await mkdtemp(join(tmpdir(), 'pay402win-export-'))
  const database = createDatabase({
    url: tables.url,
    schema: tables.schema,
    maxConnections: 2,
    lockTimeoutMs: 500,
    statementTimeoutMs: 20_000,
  })
  const open: Open = () => openSnapshot(database)
  return {
    tables,
    open,
    file: (name) => join(folder, name),
    export: (job, from = open) =>
      exportTable(
        from,
        { dataset: 'entries', format: 'csv', at: 'finalized', isRestart: false, ...job },
        () => undefined,
      ),
    start: (...args) => {
      const child = spawn(execPath, [PROGRAM, ...args], {
        env: {
          ...env,
          API_DATABASE_URL: tables.url,
          DATABASE_SCHEMA: tables.schema,
          DEPLOYMENTS: JSON.stringify(DEPLOYMENTS),
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      const exited = new Promise<[number | null, string | null]>((resolve) =>
        child.once('exit', (code, signal) => resolve([code, signal])),
      )
      const ended = Promise.all([exited, text(child.stdout), text(child.stderr)])
      return {
        kill: () => child.kill('SIGKILL'),
        ended: ended.then(([[code, signal], out, err]) => ({ code, signal, out, err })),
      }
    },
    stop: async () => {
      await database.stop()
      await tables.stop()
      await rm(folder, { recursive: true })
    },
  }
}

const place = (blockNumber: number, logIndex: number) => ({
  id: `${CHAIN}-${blockNumber}-${logIndex}`,
  chainId: CHAIN,
  blockNumber,
  logIndex,
  blockHash: hash(0xb000 + blockNumber),
  transactionHash: hash(0x7000_0000 + blockNumber),
  timestamp: 1_700_000_000 + blockNumber,
})

/** BOB's authorisations in a block: one that paid for an entry, one for nothing, one cancelled. */
const payX402 = async (tables: Tables, blockNumber: number, entryId: bigint) => {
  const authorization = (logIndex: number, kind: 'USED' | 'CANCELED') => ({
    ...place(blockNumber, logIndex),
    token: DOLLAR,
    kind,
    authorizer: BOB,
    nonce: hash(0x900 + logIndex),
    sender: CAT,
  })
  const transfer = (logIndex: number) => ({
    ...place(blockNumber, logIndex),
    token: DOLLAR,
    sender: BOB,
    recipient: CAT,
    value: 402_000n,
  })
  await tables.insert(
    schema.tokenAuthorization,
    authorization(100, 'USED'),
    authorization(103, 'USED'),
    authorization(105, 'CANCELED'),
  )
  await tables.insert(schema.tokenTransfer, transfer(101), transfer(104))
  await tables.insert(schema.x402PaymentSettled, {
    ...place(blockNumber, 102),
    poolId: 2n,
    roundId: 1n,
    payer: BOB,
    nonce: hash(0x900 + 100),
    player: BOB,
    token: DOLLAR,
    facilitator: CAT,
    amount: 402_000n,
    firstEntryId: entryId,
    entryCount: 1n,
    salt: hash(5),
  })
  await tables.sql.unsafe(`update entry set payment_ref = $1 where entry_id = $2`, [
    hash(0x900 + 100),
    String(entryId),
  ])
}

/** Plays ten blocks with every state of rounds, entries, payouts and payments, and calls `seen` after each. */
export const playBlocks = async (tables: Tables, seen: (block: number) => Promise<void>) => {
  const game = createGame(CHAIN)
  const block = async (seconds: number, work: () => Promise<unknown>) => {
    const number = await game.block(seconds)
    await work()
    await game.save(tables)
    if (number === 2) await payX402(tables, 2, 4n)
    await tables.finalize(CHAIN, Math.max(1, number - 2))
    await seen(number)
  }
  await block(1, async () => {
    await game.token(NATIVE, 'ETH', 18)
    await game.token(DOLLAR, 'USDL', 6)
    await game.pool(1n, NATIVE, { entryFee: 3_000_000_000_000_000n, name: AWKWARD })
    await game.pool(2n, DOLLAR, { entryFee: 402_000n, minEntries: 3 })
  })
  await block(1, async () => {
    await game.enter(1n, ANN, [7, 8])
    await game.enter(1n, CAT, [7], BOB)
    await game.enter(2n, BOB, [1, 2])
  })
  await block(60, () => game.close(1n))
  await block(1, () => game.draw(1n, 7, 1, [CAT]))
  await block(1, () => game.settle(1n, 1n, 1000, [CAT]))
  await block(1, async () => {
    await game.claim(CAT, NATIVE)
    await game.cancel(2n, 'BELOW_MINIMUM')
    await game.refund(2n, 1n, 1, [BOB])
  })
  await block(1, async () => {
    await game.claim(BOB, DOLLAR)
    await game.refund(2n, 1n)
    await game.enter(1n, BOB, [100])
    await game.enter(1n, ANN, [101])
    await game.enter(2n, ANN, [5, 5, 6])
  })
  await block(60, async () => {
    await game.close(1n)
    await game.close(2n)
  })
  await block(1, async () => {
    await game.draw(1n, 402)
    await game.draw(2n, 5, 1)
  })
  await block(1, () => game.enter(1n, ANN, [402, 3]))
}

/** Blocks 1 to 100, a pool, and so many entries, evenly in the first 99 of them. */
export const insertEntries = async ({ sql, insert, finalize }: Tables, count: number) => {
  await sql.unsafe(`
    insert into block select '${CHAIN}-' || n, ${CHAIN}, n, '0xb' || n, '0xb' || n - 1, 1700000000 + n
    from generate_series(1, 100) n`)
  await insert(schema.token, {
    id: `${CHAIN}-${NATIVE}`,
    ...{
      chainId: CHAIN,
      address: NATIVE,
      symbol: 'ETH',
      name: 'Ether',
      textSource: 'CONFIGURATION',
      decimals: 18,
      isNative: true,
    },
  })
  await insert(schema.pool, {
    ...place(1, 0),
    id: `${CHAIN}-1`,
    ...{ poolId: 1n, token: NATIVE, creator: ANN, entryFee: 1n, feeBps: 250, feeRecipient: BOB },
    ...{ roundDuration: 60, minEntries: 2, maxEntries: 1000, drawTimeout: 600, name: 'Big' },
  })
  await sql.unsafe(
    `
    insert into entry (id, chain_id, block_number, log_index, block_hash, transaction_hash, timestamp,
      pool_id, round_id, entry_id, player, payer, number, amount, fee_amount, payment_method, payment_ref)
    select '${CHAIN}-' || n, ${CHAIN}, 1 + n * 99 / ($1::int + 1), n, '0xb' || (1 + n * 99 / ($1::int + 1)),
      '0x' || lpad(to_hex(n), 64, '0'), 1700000000 + n, 1, 1, n, '0x' || lpad(to_hex(n % 1000), 40, '0'),
      '0x' || lpad(to_hex(n % 1000), 40, '0'), 1 + n % 402, power(10::numeric, 77) + n, n, 'NATIVE', '0x' || lpad('', 64, '0')
    from generate_series(1, $1::int) n`,
    [count],
  )
  await sql.unsafe('analyze')
  await finalize(CHAIN, 90)
}
