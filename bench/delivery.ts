/**
 * How long from a mined block to the message in a subscriber's hands: chain, indexer, PostgreSQL and API on one machine, once
 * with the chain followed by WebSocket and once by polling, one after the other, so that they do not share the processors.
 *
 * The clock starts when a bare `newHeads` client has parsed the block, and ends when the subscriber has parsed the message
 * that names it. Each block holds one entry, and is delivered everywhere before the next is mined. Ponder's own share is what
 * its log says that it took for the same blocks.
 */
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createClient as createSseClient } from 'graphql-sse'
import { createClient as createWsClient } from 'graphql-ws'
import { createPublicClient, createWalletClient, http } from 'viem'
import { WebSocket } from 'ws'
import { pay402WinAbi } from '../abis/Pay402Win.ts'
import { createAnvil } from '../stack/anvil.ts'
import { createApi } from '../stack/api.ts'
import { accountAt, createPools, defaultPools, deploy, localDeployments } from '../stack/deploy.ts'
import { createPostgres } from '../stack/postgres.ts'
import { freePort, waitFor } from '../stack/process.ts'
import { createIndexer } from '../stack/supervisor.ts'
import { createSightings, watchHeads } from './support/heads.ts'
import type { Table } from './table.ts'

const LIVE = /* GraphQL */ `
  subscription { livePool(poolId: "1") { head { number } participants round { entryCount prizePool { raw } } } }
`
interface Live {
  livePool: { head: { number: string } }
}

const root = fileURLToPath(new URL('..', import.meta.url))

interface Route {
  readonly name: string
  readonly env: (wsUrl: string) => Readonly<Record<string, string>>
}

const row = (name: string, delays: readonly number[]) => {
  const sorted = delays.toSorted((a, b) => a - b)
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
  return { name, values: [at(0.5), at(0.99), at(0), at(1)] }
}

/** What Ponder's log says that each live block took, in ms. */
const ponderDurations = async (logFile: string): Promise<readonly number[]> =>
  (await readFile(logFile, 'utf8'))
    .split('\n')
    .filter((line) => line.includes('"Indexed block"'))
    .map((line) => (JSON.parse(line) as { duration: number }).duration)

const measure = async (route: Route, blocks: number): Promise<Table['rows']> => {
  const folder = join(root, `.data/bench-${process.pid}`)
  await mkdir(folder, { recursive: true })
  const stops: (() => Promise<unknown>)[] = []
  try {
    const anvil = await createAnvil()
    stops.push(anvil.stop)
    const local = await deploy({ rpcUrl: anvil.url })
    await createPools({ rpcUrl: anvil.url }, local.contract, defaultPools(local, 86_400))
    const postgres = await createPostgres({ directory: join(folder, 'postgres') })
    stops.push(postgres.stop)

    const reader = createPublicClient({ transport: http(anvil.url), cacheTime: 0 })
    const wallet = createWalletClient({ account: accountAt(2), transport: http(anvil.url) })
    const enter = async (number: number) => {
      const hash = await wallet.writeContract({
        chain: null,
        address: local.contract,
        abi: pay402WinAbi,
        functionName: 'enter',
        args: [1n, [number], accountAt(2).address],
        value: 3_000_000_000_000_000n,
        gas: 1_000_000n,
      })
      const { blockNumber } = await reader.waitForTransactionReceipt({ hash, pollingInterval: 10 })
      return Number(blockNumber)
    }

    const database = await postgres.createDatabase('delivery')
    await postgres.createRole('pay402win_api')
    const env: Record<string, string> = {
      ...route.env(anvil.wsUrl),
      COST_PER_MINUTE: '1000000000000',
      DEPLOYMENTS: JSON.stringify(localDeployments(local)),
      DATABASE_SCHEMA: 'pay402win',
      API_DATABASE_URL: postgres.url('delivery', 'pay402win_api'),
      RPC_URL: anvil.url,
    }
    const logFile = join(folder, 'indexer.log')
    const indexer = createIndexer({
      databaseUrl: database,
      schema: 'pay402win',
      apiRole: 'pay402win_api',
      rpcUrls: new Map([[local.chainId, anvil.url]]),
      env,
      logFile,
      log: () => undefined,
    })
    stops.push(indexer.stop)
    const api = await createApi({ port: await freePort(), env, waitForHead: false })
    stops.push(api.stop)
    const indexedHead = async () => {
      const response = await fetch(api.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"query":"{ head { number } }"}',
      })
      const { data } = (await response.json()) as { data?: { head: { number: string } } | null }
      return Number(data?.head.number ?? 0)
    }
    // A WebSocket only tells of blocks that are mined after the indexer subscribed, so mine until it follows.
    await waitFor(
      'the API at the newest block',
      async () => {
        const block = await enter(1)
        return waitFor(
          `block ${block}`,
          async () => {
            return (await indexedHead()) >= block ? true : undefined
          },
          { timeoutMs: 2_000 },
        )
      },
      { timeoutMs: 60_000 },
    )

    const floor = await watchHeads(anvil.wsUrl)
    stops.push(floor.stop)
    const socket = createWsClient({ url: api.wsUrl, webSocketImpl: WebSocket })
    const stream = createSseClient({ url: api.url })
    stops.push(async () => {
      await socket.dispose()
      stream.dispose()
    })
    const subscribers = Object.entries({ WebSocket: socket, SSE: stream }).map(([name, client]) => {
      const sightings = createSightings()
      const present = Promise.withResolvers<void>()
      client.subscribe<Live>(
        { query: LIVE },
        {
          next: ({ data }) => {
            sightings.see(Number(data?.livePool.head.number ?? -1))
            present.resolve()
          },
          error: (error) => {
            throw error
          },
          complete: () => undefined,
        },
      )
      return { name, sightings, first: present.promise, delays: [] as number[] }
    })
    // Subscribed once the present state has come.
    await Promise.all(subscribers.map(({ first }) => first))
    for (let turn = 0; turn < blocks + 5; turn++) {
      const block = await enter(1 + (turn % 402))
      const mined = await floor.of(block)
      for (const { sightings, delays } of subscribers) {
        const delay = (await sightings.of(block)) - mined
        // The first five warm up what is compiled and cached on the way.
        if (turn >= 5) delays.push(delay)
      }
    }
    return [
      ...subscribers.map(({ name, delays }) => row(`${name}, chain ${route.name}`, delays)),
      row(`of which Ponder, chain ${route.name}`, (await ponderDurations(logFile)).slice(-blocks)),
    ]
  } finally {
    for (const stop of stops.reverse()) await stop()
    await rm(folder, { recursive: true, force: true })
  }
}

const routes: readonly Route[] = [
  { name: 'followed by WebSocket', env: (wsUrl) => ({ RPC_WS_URL: wsUrl }) },
  { name: 'polled every 100 ms', env: () => ({ RPC_POLLING_MS: '100' }) },
]

export const delivery = async ({ isQuick }: { isQuick: boolean }): Promise<Table> => {
  const blocks = isQuick ? 30 : 100
  const rows: Table['rows'][number][] = []
  for (const route of routes) rows.push(...(await measure(route, blocks)))
  return {
    title: `Mined block to delivered message, ${blocks} blocks, ms`,
    columns: ['median', 'p99', 'min', 'max'],
    rows,
  }
}
