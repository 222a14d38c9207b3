import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { execPath, platform } from 'node:process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import postgres from 'postgres'
import { createPublicClient, http, parseEventLogs } from 'viem'
import { afterEach, describe, expect, it } from 'vitest'
import { pay402WinAbi } from '../../abis/Pay402Win.ts'
import { readDraw } from '../../audit/readDraw.ts'
import { CHECKS, checks } from '../../src/domain/Draw.ts'
import { type Child, isAlive, spawnChild, waitFor } from '../../stack/process.ts'
import { flatten, TOTALS, type Totals, totalsOf } from '../support/logs.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

interface Ready {
  graphql: string
  ws: string
  rpc: string
  database: string
  analyst: { database: string; key: string }
  contract: `0x${string}`
  tokens: Record<string, string>
  deployments: { startBlock: number }[]
  pids: Record<string, number>
}

const started: Child[] = []
afterEach(async () => {
  for (const child of started.splice(0)) await child.stop()
})

/** The command itself, with its output. */
const start = async (flags: readonly string[], env: Record<string, string> = {}) => {
  const child = await spawnChild(execPath, [join(root, 'stack/main.ts'), ...flags], {
    cwd: root,
    env: { ...process.env, DATABASE_URL: '', RPC_URL: '', DEPLOYMENTS: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  started.push(child)
  const { stdout, stderr } = child.process
  if (stdout === null || stderr === null) throw new Error('no output')
  const said: string[] = []
  stderr.on('data', (chunk: Buffer) => said.push(chunk.toString()))
  const lines = createInterface({ input: stdout })
  const firstLine = new Promise<string>((resolve, reject) => {
    lines.once('line', resolve)
    child.exited.then(() => reject(new Error(`it ended: ${said.join('')}`)))
  })
  firstLine.catch(() => undefined)
  return { child, firstLine, errors: () => said.join('') }
}

/** Processes that a process has started and that still run, as Linux knows them. */
const childrenOf = async (pid: number) =>
  (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ').map(Number)

/** Of a process's program; empty when it is gone. */
const nameOf = async (pid: number) =>
  (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')).trim()

const dataFolder = async (name: string) => {
  const folder = join(root, '.data/test', `start-${name}-${process.pid}`)
  await mkdir(folder, { recursive: true })
  return folder
}

const ask = async <Data>(url: string, query: string): Promise<Data> => {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  })
  const { data } = (await response.json()) as { data: Data }
  return data
}

const logsAt = async ({ rpc, contract, deployments }: Ready, toBlock: string) => {
  const client = createPublicClient({ transport: http(rpc) })
  const fromBlock = BigInt(deployments[0]?.startBlock ?? 0)
  const logs = await client.getLogs({ address: contract, fromBlock, toBlock: BigInt(toBlock) })
  return parseEventLogs({ abi: pay402WinAbi, logs })
}

describe('npm start', () => {
  it('brings up a game whose answers equal the chain’s logs, and leaves nothing behind', async () => {
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    const address = taken.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const data = await dataFolder('game')
    const { child, firstLine, errors } = await start([
      ...['--json', '--seed', '7', '--round', '8', '--port', String(port), '--data', data],
    ])
    const ready = JSON.parse(await firstLine) as Ready
    expect(new URL(ready.graphql).port).not.toBe(String(port))
    expect(errors()).toContain(`port ${port} is taken`)
    taken.close()

    const DRAWS = '{ pools { edges { node { stats { drawnRounds settledRounds } } } } }'
    interface Draws {
      pools: { edges: { node: { stats: { drawnRounds: number; settledRounds: number } } }[] }
    }
    await waitFor(
      'a draw in every pool, and a prize',
      async () => {
        const { pools } = await ask<Draws>(ready.graphql, DRAWS)
        const stats = pools.edges.map(({ node }) => node.stats)
        const isDone =
          stats.every(({ drawnRounds }) => drawnRounds > 0) &&
          stats.some(({ settledRounds }) => settledRounds > 0)
        return isDone ? true : undefined
      },
      { timeoutMs: 120_000, everyMs: 250 },
    )
    const METHODS = `{ ${['NATIVE', 'ERC20', 'X402_DIRECT', 'X402_GATEWAY']
      .map(
        (method) =>
          `${method}: entries(first: 1, where: { paymentMethod: { eq: ${method} } }) { totalCount }`,
      )
      .join(' ')} }`
    await waitFor(
      'an entry paid in each way',
      async () => {
        const methods = await ask<Record<string, { totalCount: number }>>(ready.graphql, METHODS)
        return Object.values(methods).every(({ totalCount }) => totalCount > 0) || undefined
      },
      { timeoutMs: 120_000, everyMs: 250 },
    )

    const answer = await ask<Totals>(ready.graphql, TOTALS)
    expect(flatten(answer)).toEqual(totalsOf(await logsAt(ready, answer.head.number)))

    const client = createPublicClient({ transport: http(ready.rpc) })
    const draws = (await logsAt(ready, answer.head.number)).filter(
      (log) => log.eventName === 'RoundDrawn',
    )
    for (const { args } of draws) {
      const facts = await readDraw(client, { contract: ready.contract, fromBlock: 0n, ...args })
      expect(checks(facts).map(({ result }) => result)).toEqual(CHECKS.map(() => 'PASSED'))
    }

    const COUNT = 'select count(*)::int as count from pools'
    const pools = answer.pools.edges.length
    const asked = await fetch(new URL('/sql', ready.graphql), {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${ready.analyst.key}`,
      },
      body: JSON.stringify({ query: COUNT }),
    })
    expect(await asked.json()).toMatchObject({ rows: [[pools]] })
    const session = postgres(ready.analyst.database, { max: 1 })
    expect([...(await session.unsafe(COUNT))]).toEqual([{ count: pools }])
    const NATIVE =
      'select distinct token_symbol from rounds join tokens using (token) where is_native'
    expect([...(await session.unsafe(NATIVE))]).toEqual([{ token_symbol: 'ETH' }])
    await session.end({ timeout: 1 })

    // Nobody comes in without a password, and no password is where others can read it.
    const logs = join(data, `run-${ready.pids.stack}`, 'logs')
    for (const url of [ready.database, ready.analyst.database]) {
      const { password } = new URL(url)
      expect(password).toHaveLength(43)
      for (const guess of ['', 'wrong']) {
        const stranger = postgres(url.replace(password, guess), { max: 1 })
        await expect(stranger`select 1`).rejects.toMatchObject({ code: '28P01' })
        await stranger.end({ timeout: 1 })
      }
      for (const pid of platform === 'linux' ? Object.values(ready.pids) : [])
        expect(await readFile(`/proc/${pid}/cmdline`, 'utf8')).not.toContain(password)
      for (const name of await readdir(logs))
        expect(await readFile(join(logs, name), 'utf8')).not.toContain(password)
    }

    child.process.kill('SIGINT')
    expect(await child.exited).toEqual({ code: 0, signal: null })
    expect(Object.values(ready.pids).filter(isAlive)).toEqual([])
    expect(await readdir(data)).toEqual([])
    await rm(data, { recursive: true })
  })

  it('leaves nothing behind when it is killed without warning', async () => {
    const data = await dataFolder('killed')
    const { child, firstLine } = await start(['--json', '--no-players', '--data', data])
    const { pids } = JSON.parse(await firstLine) as Ready
    child.process.kill('SIGKILL')
    await waitFor('the end of every part', async () =>
      Object.values(pids).some(isAlive) ? undefined : true,
    )
    await waitFor('an empty folder', async () =>
      (await readdir(data)).length === 0 ? true : undefined,
    )
    await rm(data, { recursive: true })
  })

  it.runIf(platform === 'linux').each(['initdb', 'postgres', 'anvil', 'indexer started'])(
    'leaves nothing behind when it is killed as soon as there is “%s”',
    async (what) => {
      const data = await dataFolder(`early-${what.replaceAll(' ', '-')}`)
      const { child, errors } = await start(['--json', '--no-players', '--data', data])
      const parts = await waitFor(
        what,
        async () => {
          const pids = await childrenOf(child.pid)
          const names = await Promise.all(pids.map(nameOf))
          return errors().includes(what) || names.includes(what) ? pids : undefined
        },
        { everyMs: 2 },
      )
      expect(parts.length).toBeGreaterThan(1)
      child.process.kill('SIGKILL')
      await waitFor('the end of every part', async () => (parts.some(isAlive) ? undefined : true))
      await waitFor('an empty folder', async () =>
        (await readdir(data)).length === 0 ? true : undefined,
      )
      await rm(data, { recursive: true })
    },
  )

  it.each<[string, string[], Record<string, string>, string | RegExp]>([
    ['an unknown flag', ['--sped', '7'], {}, "'--sped'"],
    ['a port that is none', ['--port', 'x'], {}, '--port should be a whole number from 1 to 65535'],
    ['no players by number', ['--players', '-1'], {}, '--players'],
    ['an RPC without a contract', [], { RPC_URL: 'http://127.0.0.1:1' }, 'DEPLOYMENTS should say'],
    ['a wrong RPC', [], { RPC_URL: 'x', DEPLOYMENTS: '[{}]' }, 'DEPLOYMENTS[0].chainId'],
    [
      'wrong addresses and numbers of a node',
      [],
      {
        RPC_WS_URL: 'http://127.0.0.1:1',
        RPC_POLLING_MS: '0',
        DEPLOYMENTS: JSON.stringify([
          {
            ...{ chainId: 1, name: 'main', startBlock: 1, tokens: [] },
            ...{ address: `0x${'11'.repeat(20)}`, coordinator: `0x${'22'.repeat(20)}` },
          },
        ]),
      },
      /RPC_URL should be.*\n.*RPC_WS_URL should be.*\n.*RPC_POLLING_MS should be/,
    ],
    ['a wrong database', [], { DATABASE_URL: 'mysql://x' }, 'DATABASE_URL should be'],
    ['a wrong schema', [], { DATABASE_SCHEMA: 'Big' }, 'DATABASE_SCHEMA should be'],
  ])('names %s and ends with code 2', async (_, flags, env, expected) => {
    const data = join(root, '.data/never')
    const { child, errors } = await start([...flags, '--data', data], env)
    expect((await child.exited).code).toBe(2)
    expect(errors()).toMatch(expected)
    expect(existsSync(data)).toBe(false)
  })

  it('explains itself', async () => {
    const { firstLine, child } = await start(['--help'])
    expect(await firstLine).toContain('npm start')
    expect((await child.exited).code).toBe(0)
  })
})
