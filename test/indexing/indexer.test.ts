import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import postgres from 'postgres'
import type { Hex } from 'viem'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { muteTokenAbi } from '../../abis/MuteToken.ts'
import { oldTokenAbi } from '../../abis/OldToken.ts'
import { muteTokenBytecode } from '../../contracts/bytecode/MuteToken.ts'
import { oldTokenBytecode } from '../../contracts/bytecode/OldToken.ts'
import { accountAt, localDeployments } from '../../stack/deploy.ts'
import { createPostgres, type Postgres } from '../../stack/postgres.ts'
import { freePort, isAlive, spawnChild, waitFor } from '../../stack/process.ts'
import { createIndexer, type Indexer } from '../../stack/supervisor.ts'
import { type Chain, createChain } from '../support/chain.ts'
import { CHOICES, ENTRIES, emitterBytecode, emitting, story } from '../support/extremes.ts'

const folder = fileURLToPath(new URL(`../../.data/test/indexing-${process.pid}`, import.meta.url))

const main = fileURLToPath(new URL('../../stack/indexer.ts', import.meta.url))

let chain: Chain
let server: Postgres
beforeAll(async () => {
  await mkdir(folder, { recursive: true })
  server = await createPostgres({ directory: join(folder, 'postgres') })
  chain = await createChain()
})
afterAll(async () => {
  await chain?.stop()
  await server?.stop()
})

const running: Indexer[] = []
afterEach(async () => {
  for (const indexer of running.splice(0)) await indexer.stop()
})

/** Where a start of Ponder is waited for: on a machine that is busy with other things it takes a while. */
const BUSY = { timeoutMs: 90_000 }

let count = 0

/** An indexer of a chain into a database of its own, with what it says. */
const index = async ({
  of = chain,
  startBlock = 0,
  url = '',
  stallMs = 60_000,
  silentMs = 10_000,
  logLevel = 'info',
  answerBytes = 2 ** 26,
} = {}) => {
  count += 1
  const database = url === '' ? await server.createDatabase(`indexing${count}`) : url
  const logFile = join(folder, `indexer-${count}.log`)
  const messages: string[] = []
  const indexer = createIndexer({
    databaseUrl: database,
    schema: 'pay402win',
    rpcUrls: new Map([[of.local.chainId, of.anvil.url]]),
    stallMs,
    silentMs,
    env: {
      DEPLOYMENTS: JSON.stringify(
        localDeployments({ ...of.local, startBlock: startBlock || of.local.startBlock }),
      ),
      RPC_URL: of.anvil.url,
      RPC_POLLING_MS: '100',
      RPC_ANSWER_BYTES: String(answerBytes),
      PONDER_LOG_LEVEL: logLevel,
    },
    logFile,
    log: (message) => messages.push(message),
  })
  running.push(indexer)
  return { indexer, database, messages, log: () => readFile(logFile, 'utf8').catch(() => '') }
}

/** `npm run indexer` without npm, once it has started Ponder; the lines that it says go on being read. */
const supervise = async (databaseUrl: string, env: Readonly<Record<string, string>> = {}) => {
  const { DATABASE_SCHEMA, ...inherited } = process.env
  const supervisor = await spawnChild(execPath, [main], {
    env: {
      ...inherited,
      DATABASE_URL: databaseUrl,
      DEPLOYMENTS: JSON.stringify(localDeployments(chain.local)),
      RPC_URL: chain.anvil.url,
      RPC_POLLING_MS: '100',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const { stdout } = supervisor.process
  if (stdout === null) throw new Error('a supervisor without its output')
  const lines: string[] = []
  createInterface({ input: stdout }).on('line', (line) => lines.push(line))
  const started = await waitFor(
    'Ponder',
    async () => lines.find((line) => line.includes('indexer started')),
    BUSY,
  )
  return { supervisor, lines, pid: (JSON.parse(started) as { pid: number }).pid }
}

const ask = async <Row extends object>(url: string, query: string): Promise<readonly Row[]> => {
  const sql = postgres(url, { max: 1, onnotice: () => undefined })
  try {
    return await sql.unsafe<Row[]>(query)
  } finally {
    await sql.end({ timeout: 1 })
  }
}

const said = (log: () => Promise<string>, text: string) =>
  waitFor(`the log to say ${text}`, async () => ((await log()).includes(text) ? true : undefined))

/** A deployment all of whose events come from one contract. */
const emits = (address: Hex) => ({
  ...{ contract: address, coordinator: address, tokens: { dollar: address, odd: address } },
})

/** What creates a token with these decimals, whose other functions do something else: code that begins at byte 15. */
const oddToken = (does: string, decimals: number): Hex => {
  const byte = (value: number) => value.toString(16).padStart(2, '0')
  const code = `60003560e01c63313ce5671460${byte(15 + does.length / 2)}57${does}5b60${byte(decimals)}60005260206000f3`
  return `0x60${byte(code.length / 2)}80600b6000396000f3${code}`
}

/** By what symbol() and name() do: code, decimals, and what is read of it. */
const ODD_TOKENS: Readonly<
  Record<string, readonly [does: string, decimals: number, says?: string]>
> = {
  'invalid opcode': ['fe', 18],
  'endless loop': ['5b600f56', 0],
  'stack underflow': ['50', 77],
  'an invalid jump': ['600056', 255],
  'no answer': ['00', 6],
  'a megabyte of zeros': ['621000006000f3', 18],
  'a string of 100,000 letters': [
    // 32, 100000, 'AAAA…': the first word of the text is enough to see.
    `6020600052620186a06020527f${'41'.repeat(32)}604052620186e06000f3`,
    18,
    `${'A'.repeat(32)}${'\uFFFD'.repeat(992)}`,
  ],
  'an offset beyond the answer': [`7f${'ff'.repeat(32)}60005260406000f3`, 18],
  'a length beyond the answer': [`60206000527f${'ff'.repeat(32)}60205260606000f3`, 18],
  'bytes32 that are no UTF-8': [
    `7f${'41ff00c3'.padEnd(64, '0')}60005260206000f3`,
    18,
    'A\uFFFD\uFFFD\uFFFD',
  ],
}

/** Until the chain's newest block is indexed. */
const caughtUp = async (url: string, timeoutMs = 90_000, of = chain) => {
  const newest = Number(await of.client.getBlockNumber())
  await waitFor(
    'the newest block',
    async () => {
      const [row] = await ask<{ number: string | null }>(
        url,
        'select max(number) as number from pay402win.block',
      )
      return Number(row?.number ?? 0) >= newest ? true : undefined
    },
    { timeoutMs },
  )
}

describe('the indexer', () => {
  it('commits durably, although Ponder asks for the opposite', async () => {
    const { database } = await index()
    await chain.mine()
    await caughtUp(database)
    // Asked inside the very transactions that write blocks.
    await ask(
      database,
      `create table public.setting (value text);
       create function public.note() returns trigger language plpgsql as $$ begin
         insert into public.setting values (current_setting('synchronous_commit')); return null;
       end $$;
       create trigger note after insert on pay402win.block for each row execute function public.note();`,
    )
    await chain.mine()
    await caughtUp(database)
    expect([...(await ask(database, 'select distinct value from public.setting'))]).toEqual([
      { value: 'on' },
    ])
  })

  it('reads the rows of a live block at once', async () => {
    const startBlock = Number(await chain.client.getBlockNumber()) + 1
    const poolId = await chain.createPool()
    await chain.mine()
    const { log, database } = await index({ startBlock, logLevel: 'debug' })
    await caughtUp(database)
    for (const number of [1, 2, 3, 4]) {
      await chain.enter({ poolId, player: 2, numbers: [number] })
      await chain.mine()
    }
    await caughtUp(database)
    const read = /"msg":"Pre-queried database rows","table":"pool_number"/
    expect((await log()).split('\n').filter((line) => read.test(line)).length).toBeGreaterThan(0)
  })

  it('asks for fewer blocks at once when their logs are more than it reads of one answer', async () => {
    const startBlock = Number(await chain.client.getBlockNumber()) + 1
    const poolId = await chain.createPool()
    const numbers = Array.from({ length: 10 }, (_, at) => at + 1)
    for (let block = 0; block < 20; block++) {
      await chain.enter({ poolId, player: 2, numbers })
      await chain.mine()
    }
    // Finalized blocks are asked for in ranges.
    for (let block = 0; block < 40; block++) await chain.mine()
    const { database, log } = await index({ startBlock, answerBytes: 100_000, logLevel: 'debug' })
    await caughtUp(database)
    expect([...(await ask(database, 'select count(*)::int from pay402win.entry'))]).toEqual([
      { count: 200 },
    ])
    expect(await log()).toContain('an answer of more bytes than RPC_ANSWER_BYTES')
  })

  it('refuses a database that would not commit durably', async () => {
    const url = await server.createDatabase('careless')
    await ask(url, 'alter database careless set synchronous_commit = off')
    const { log } = await index({ url })
    await said(log, 'would not be durable: synchronous_commit is off')
  })

  it('stops loudly at an event of a pool it does not know', async () => {
    const poolId = await chain.createPool()
    const startBlock = Number(await chain.client.getBlockNumber()) + 1
    await chain.enter({ poolId, player: 2, numbers: [7] })
    await chain.mine()
    const { log, database } = await index({ startBlock })
    await said(log, 'EntryPlaced: unknown pool')
    expect(await log()).toContain(`poolId: ${poolId}`)
    expect(await ask(database, 'select * from pay402win.entry')).toEqual([])
  })

  it('reads tokens that name themselves oddly or not at all, and pools with hostile names', async () => {
    const old = await chain.deployContract(oldTokenAbi, oldTokenBytecode)
    const mute = await chain.deployContract(muteTokenAbi, muteTokenBytecode)
    const name = `'; drop table pool; --\0<script>\u202e`
    const pools = [
      await chain.createPool({ token: old, name }),
      await chain.createPool({ token: mute, name: '' }),
    ]
    for (const [does, decimals] of Object.values(ODD_TOKENS)) {
      const token = await chain.deployContract([], oddToken(does, decimals))
      pools.push(await chain.createPool({ token, name: 'odd' }))
    }
    const { database } = await index()
    await caughtUp(database)
    const rows = await ask(
      database,
      `select pool.name, symbol, token.name as token, decimals from pay402win.pool pool
       join pay402win.token token on token.address = pool.token where pool_id in (${pools.join(',')}) order by pool_id`,
    )
    expect([...rows]).toEqual([
      { name: name.replace('\0', '\uFFFD'), symbol: 'OLD', token: 'Old Token', decimals: 2 },
      { name: '', symbol: '', token: '', decimals: 18 },
      ...Object.values(ODD_TOKENS).map(([, decimals, says = '']) => ({
        ...{ name: 'odd', symbol: says, token: says, decimals },
      })),
    ])
  })

  it('indexes every event with every argument at its extremes', async () => {
    const emitter = await chain.deployContract([], emitterBytecode())
    const startBlock = Number(await chain.client.getBlockNumber()) + 1
    const account = accountAt(0)
    for (const choice of CHOICES) {
      for (const log of story(choice, emitter)) {
        const data = emitting(log)
        const gas = 200_000n + BigInt(data.length) * 40n
        await chain.client.sendTransaction({ account, chain: null, to: emitter, data, gas })
      }
      await chain.mine()
    }
    const of = { ...chain, local: { ...chain.local, ...emits(emitter) } }
    const { database } = await index({ of, startBlock })
    await caughtUp(database)
    const rows = await ask(
      database,
      `select pool.max_entries::text as most, stats.wagered::text, length(name) as letters, (
         select count(*)::int from pay402win.entry where pool_id = pool.pool_id) as entries
       from pay402win.pool pool join pay402win.pool_stats stats using (id) order by pool.pool_id`,
    )
    expect([...rows]).toEqual(
      CHOICES.map(({ whole, text }) => ({
        most: String(whole(32)),
        wagered: String(whole(256) * BigInt(2 * ENTRIES)),
        letters: [...text].length,
        entries: 3 * ENTRIES,
      })),
    )
  })

  it('needs no state of old blocks', async () => {
    const old = await createChain({ states: 4 })
    try {
      await old.createPool({ token: old.local.tokens.dollar, entryFee: 402_000n })
      for (let block = 0; block < 8; block++) await old.mine()
      const { database } = await index({ of: old })
      await caughtUp(database, 90_000, old)
      expect([
        ...(await ask(database, 'select symbol, name, text_source from pay402win.token')),
      ]).toEqual([{ symbol: 'LUSD', name: 'Local Dollar', text_source: 'LATEST' }])
    } finally {
      await old.stop()
    }
  })

  it('is started again when the chain moves on without it', async () => {
    const { indexer, database, messages } = await index({
      ...{ stallMs: 1_500, silentMs: 600_000 },
    })
    await chain.mine()
    await caughtUp(database)
    const pid = await waitFor('an indexer', async () => indexer.pid())
    // It lives and keeps its connections, and hears nothing, as behind a WebSocket that fell silent.
    process.kill(pid, 'SIGSTOP')
    await chain.mine()
    await caughtUp(database)
    expect(isAlive(pid)).toBe(false)
    expect(indexer.starts()).toBeGreaterThan(1)
    expect(messages.some((message) => message.startsWith('indexer ended: chain'))).toBe(true)
  }, 240_000)

  it('does not outlive a supervisor that is killed', async () => {
    const { supervisor, pid } = await supervise(await server.createDatabase('orphan'))
    supervisor.process.kill('SIGKILL')
    await supervisor.exited
    await waitFor('the end of Ponder', async () => (isAlive(pid) ? undefined : true), BUSY)
  }, 240_000)

  it('that is frozen with its supervisor is replaced, and cannot write when it wakes', async () => {
    const url = await server.createDatabase('frozen')
    const port = await freePort()
    // The API's, from an environment that both share.
    const { supervisor, pid, lines } = await supervise(url, { PORT: String(port) })
    await chain.mine()
    await caughtUp(url)
    expect(await freePort(port)).toBe(port)
    const standby = await index({ url })
    await waitFor('the other to stand by', async () => standby.messages[0], BUSY)
    supervisor.process.kill('SIGSTOP')
    process.kill(pid, 'SIGSTOP')
    await waitFor('the other to start', async () => standby.indexer.pid(), BUSY)
    await chain.mine()
    await caughtUp(url)
    process.kill(pid, 'SIGCONT')
    await chain.mine()
    await caughtUp(url)
    // Nobody but its supervisor can bury it.
    supervisor.process.kill('SIGCONT')
    await waitFor('it to end', async () => (isAlive(pid) ? undefined : true), BUSY)
    await waitFor(
      'its supervisor to stand by',
      async () => lines.some((line) => line.includes('standing by')) || undefined,
      BUSY,
    )
    // Whichever its supervisor notices first.
    expect(lines.join()).toMatch(
      /indexer ended: (another indexer has taken over|its process did not answer|it exited with 1)/,
    )
    await chain.mine()
    await caughtUp(url)
    expect(standby.indexer.starts()).toBe(1)
    await supervisor.stop()
  }, 240_000)

  it('works alone: a second one waits until the first has left', async () => {
    const first = await index()
    await chain.mine()
    await caughtUp(first.database)
    const second = await index({ url: first.database })
    await waitFor('the second to say why it waits', async () =>
      second.messages.some(
        (message) => message === 'standing by: another indexer holds schema pay402win',
      )
        ? true
        : undefined,
    )
    expect(second.indexer.starts()).toBe(0)
    await first.indexer.stop()
    await chain.mine()
    await caughtUp(first.database)
    expect(second.indexer.starts()).toBe(1)
  }, 240_000)
})
