import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createClient as createSseClient } from 'graphql-sse'
import { createClient as createWsClient } from 'graphql-ws'
import { WebSocket } from 'ws'
import { type Api, createApi } from '../../stack/api.ts'
import { localDeployments } from '../../stack/deploy.ts'
import { createPostgres, type Postgres } from '../../stack/postgres.ts'
import { freePort, waitFor } from '../../stack/process.ts'
import { createIndexer, type Indexer } from '../../stack/supervisor.ts'
import { type Chain, createChain } from './chain.ts'
import { createQueue, type Queue } from './queue.ts'

type Variables = Record<string, unknown>

/** What a subscription delivered, oldest first. */
export interface Subscription<Data> {
  readonly messages: Queue<Data>
  stop(): Promise<void>
}

/** The whole path, as users have it: chain, database, supervised indexer, API; asked through GraphQL alone. */
export interface World {
  readonly chain: Chain
  readonly api: Api
  readonly indexer: Indexer
  readonly postgres: Postgres
  /** Address of the database that is indexed into. */
  readonly database: string
  /** The environment that another indexer or API of the same chain needs. */
  readonly env: Readonly<Record<string, string>>
  readonly folder: string
  /** @throws when the answer has errors. */
  query<Data>(document: string, variables?: Variables): Promise<Data>
  /** Until the API answers from the chain's newest block. Returns its number. */
  settled(timeoutMs?: number): Promise<number>
  /** Mines one block, then waits until the API answers from it. */
  mine(seconds?: number): Promise<number>
  overWebSocket<Data>(query: string, variables?: Variables): Subscription<Data>
  overSse<Data>(query: string, variables?: Variables): Subscription<Data>
  stop(): Promise<void>
}

const root = fileURLToPath(new URL('../..', import.meta.url))

export interface WorldOptions {
  /** Names the folder below .data/test. */
  readonly name: string
  /**
   * Follow the chain by WebSocket instead of by polling. A WebSocket tells of a block when the next one is mined after the
   * indexer subscribed, so such a world must keep mining.
   */
  readonly ws?: boolean
  /** A chain that is there already, with the tokens of its pools. It is stopped with the world. */
  readonly chain?: Chain
  readonly tokens?: readonly string[]
  /** What stands between the indexer and its sources: from the real address to the one that the indexer is given. */
  readonly rpcProxy?: (url: string) => Promise<string>
  readonly databaseProxy?: (url: string) => Promise<string>
  /** What stands between the API and the database. */
  readonly apiDatabaseProxy?: (url: string) => Promise<string>
  /** More of the API's environment. */
  readonly apiEnv?: Readonly<Record<string, string>>
}

/** Starts a world of its own: nothing is shared with another one. */
export const createWorld = async (options: WorldOptions): Promise<World> => {
  const stops: (() => Promise<void>)[] = []
  const stop = async () => {
    for (const end of stops.splice(0).reverse()) await end()
  }
  try {
    return { ...(await start(options, stops)), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

const start = async (
  {
    name,
    ws = false,
    tokens,
    rpcProxy,
    databaseProxy,
    apiDatabaseProxy,
    apiEnv,
    ...options
  }: WorldOptions,
  stops: (() => Promise<void>)[],
): Promise<Omit<World, 'stop'>> => {
  const chain = options.chain ?? (await createChain())
  stops.push(() => chain.stop())
  const folder = join(root, '.data/test', `${name}-${process.pid}`)
  await mkdir(folder, { recursive: true })
  const postgres = await createPostgres({ directory: join(folder, 'postgres') })
  stops.push(() => postgres.stop())
  const database = await postgres.createDatabase('world')
  const apiDatabase = postgres.url('world', 'pay402win_api')
  await postgres.createRole('pay402win_api')
  const { local, anvil } = chain
  const env = {
    DEPLOYMENTS: JSON.stringify(
      localDeployments(local).map((deployment) => ({
        ...deployment,
        tokens: tokens ?? deployment.tokens,
      })),
    ),
    DATABASE_SCHEMA: 'pay402win',
    API_DATABASE_URL: (await apiDatabaseProxy?.(apiDatabase)) ?? apiDatabase,
    RPC_URL: (await rpcProxy?.(anvil.url)) ?? anvil.url,
    RPC_POLLING_MS: '100',
    ...(ws ? { RPC_WS_URL: anvil.wsUrl } : {}),
  }
  const indexer = createIndexer({
    databaseUrl: (await databaseProxy?.(database)) ?? database,
    schema: env.DATABASE_SCHEMA,
    apiRole: 'pay402win_api',
    rpcUrls: new Map([[local.chainId, anvil.url]]),
    env,
    logFile: join(folder, 'indexer.log'),
    log: () => undefined,
  })
  stops.push(() => indexer.stop())
  const api = await createApi({
    port: await freePort(),
    // The chain's clock is the test's, years away from the server's.
    env: {
      ...env,
      MAX_HEAD_AGE_SECONDS: '86400',
      COST_PER_MINUTE: '1000000000000',
      ...apiEnv,
    },
    logFile: join(folder, 'api.log'),
    waitForHead: false,
  })
  stops.push(() => api.stop())
  const webSocket = createWsClient({ url: api.wsUrl, webSocketImpl: WebSocket, lazy: true })
  const sse = createSseClient({ url: api.url })
  stops.push(async () => {
    await webSocket.dispose()
    sse.dispose()
  })

  const query: World['query'] = async <Data>(document: string, variables: Variables = {}) => {
    const response = await fetch(api.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: document, variables }),
    })
    const { data, errors } = (await response.json()) as { data?: Data; errors?: unknown }
    if (data == null || errors !== undefined)
      throw new Error(`no clean answer: ${JSON.stringify(errors)}`)
    return data
  }
  const settled = (timeoutMs = 60_000) =>
    waitFor(
      'the API at the chain’s newest block',
      async () => {
        const [block, { head }] = await Promise.all([
          chain.client.getBlock(),
          query<{ head: { hash: string; number: string } }>('{ head { number hash } }'),
        ])
        return head.hash === block.hash ? Number(head.number) : undefined
      },
      { timeoutMs, everyMs: 40 },
    )
  const collect = <Data>(
    subscribe: (sink: {
      next(message: { data?: Data | null | undefined; errors?: unknown }): void
      error(error: unknown): void
      complete(): void
    }) => () => void,
  ): Subscription<Data> => {
    const messages = createQueue<Data>()
    const end = subscribe({
      next: ({ data, errors }) =>
        data == null ? messages.fail(new Error(JSON.stringify(errors))) : messages.push(data),
      error: (error) => messages.fail(error instanceof Error ? error : new Error(String(error))),
      complete: () => undefined,
    })
    return { messages, stop: async () => end() }
  }

  return {
    chain,
    api,
    indexer,
    postgres,
    database,
    env,
    folder,
    query,
    settled,
    mine: async (seconds) => {
      const number = await chain.mine(seconds)
      await settled()
      return number
    },
    overWebSocket: <Data>(document: string, variables: Variables = {}) =>
      collect<Data>((sink) => webSocket.subscribe<Data>({ query: document, variables }, sink)),
    overSse: <Data>(document: string, variables: Variables = {}) =>
      collect<Data>((sink) => sse.subscribe<Data>({ query: document, variables }, sink)),
  }
}
