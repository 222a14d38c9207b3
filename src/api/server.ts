import { once } from 'node:events'
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { GraphQLError, type GraphQLSchema } from 'graphql'
import { createYoga } from 'graphql-yoga'
import type { Logger } from 'pino'
import type { CacheSize } from './cache.ts'
import type { Config } from './config.ts'
import { keptForServer } from './db/connections.ts'
import { partsSize } from './db/entity.ts'
import type { NewestHeads } from './db/newestHeads.ts'
import type { OpenFor } from './db/readings.ts'
import type { KnownStatistics } from './db/statistics.ts'
import { createTurns } from './db/turns.ts'
import { PLAIN, preferred, STREAM, STRICT } from './http/accept.ts'
import { type Access, type Client, isAnalyst } from './http/access.ts'
import { addressOf, networkOf } from './http/address.ts'
import { countAnswers } from './http/answerSize.ts'
import { createAnswers } from './http/answers.ts'
import { corsHeaders, isAllowedOrigin } from './http/client.ts'
import { createDocuments } from './http/documents.ts'
import { createDoor } from './http/door.ts'
import { apiError, createErrors, resultToJson } from './http/errors.ts'
import { createExecutor, type OperationContext, type Scope } from './http/execute.ts'
import { createExportEndpoint } from './http/export.ts'
import { connectionGone, goneOf } from './http/gone.ts'
import { createGraphiql, type Example } from './http/graphiql.ts'
import { createHostCheck } from './http/hosts.ts'
import { createJsonAnswers } from './http/json.ts'
import { createMeter } from './http/meter.ts'
import { chargeMistakes } from './http/mistakes.ts'
import { negotiate } from './http/negotiate.ts'
import type { GetEnveloped } from './http/operation.ts'
import { paceAnswers } from './http/pacing.ts'
import { type Params, readParams } from './http/params.ts'
import { createPersisted } from './http/persisted.ts'
import { createPlugin } from './http/plugin.ts'
import type { Probes } from './http/ready.ts'
import { sendError, sendJson } from './http/respond.ts'
import { unserved } from './http/serving.ts'
import { createNetworkSlots } from './http/slots.ts'
import { createSockets } from './http/sockets.ts'
import { createSqlEndpoint } from './http/sql.ts'
import { createStreams } from './http/sse.ts'
import type { Heads } from './live/heads.ts'
import { createHub } from './live/hub.ts'
import type { Pace } from './pace.ts'

export interface Server {
  /** Of the GraphQL endpoint. */
  readonly url: string
  readonly port: number
  /** Streams that are open, and distinct queries behind them. */
  readonly live: () => { readonly clients: number; readonly queries: number }
  /** What each cache holds that clients can fill. */
  readonly caches: () => Readonly<Record<string, CacheSize>>
  /** Takes no more requests, closes sockets and streams, and lets running requests finish for a while. */
  readonly stop: () => Promise<void>
}

export interface ServerOptions {
  readonly schema: GraphQLSchema
  readonly heads: Heads
  readonly openSnapshot: OpenFor
  readonly newestHeads: NewestHeads
  readonly statistics: KnownStatistics
  /** Shared by all long works of the process. */
  readonly pace: Pace
  /** The context of one operation. */
  readonly openContext: (scope: Scope) => OperationContext
  readonly config: Config
  readonly access: Access
  /** What others keep for clients, by name. */
  readonly caches?: () => Readonly<Record<string, CacheSize>>
  readonly probes: Probes
  /** Operations that GraphiQL opens with. */
  readonly examples?: readonly Example[]
  readonly log: Logger
}

const PATH = '/graphql'

/** Texts that clients named, of the memory for documents. */
const PERSISTED_SHARE = 0.25
/** Until who has spent its budget is told so: whoever asks on without a pause asks this seldom on each connection. */
const REFUSAL_MS = 250
/** A stream is told as its first message that nothing more is answered. */
const ANSWERS = [PLAIN, STRICT, STREAM] as const
/** `?maxAgeSeconds=`, in place of the configured age. */
const maxAgeOf = ({ url = '' }: IncomingMessage, fallback: number): number => {
  const given = new URLSearchParams(url.split('?')[1]).get('maxAgeSeconds')
  if (given === null) return fallback
  if (/^[1-9]\d{0,8}$/.test(given)) return Number(given)
  throw apiError('BAD_USER_INPUT', 'maxAgeSeconds: expected a whole number of seconds above 0')
}

/** Without a slash at its end. */
const pathOf = ({ url = '/' }: IncomingMessage): string => {
  const [path = '/'] = url.split('?')
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
}

/** Refuses a WebSocket before it is one. */
const refuseUpgrade = (socket: Duplex, status: string): void => {
  socket.on('error', () => socket.destroy())
  // A client that never closes its own half would keep the connection.
  socket.once('finish', () => socket.destroy())
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`)
}

/**
 * The API on one HTTP server: `/graphql` over HTTP, event streams and WebSocket with the same plugins, `/sql` and `/export` for
 * analysts, `/health` (the process lives), `/ready` (it can answer), `/fresh` (the data are new), and 404.
 */
export const createServer = async (options: ServerOptions): Promise<Server> => {
  const { heads, openContext, config, access, probes, log } = options
  const schema = paceAnswers(countAnswers(options.schema))
  const { limits } = config
  const { maxConnections } = config.database
  const errors = createErrors(log)
  /** More than there are connections: some compute while others read. */
  const mostOfClients = 2 * (maxConnections - keptForServer(maxConnections))
  const turns = createTurns({
    most: mostOfClients,
    mostOfClients,
    mostPerHolder: Math.ceil(mostOfClients / 2),
    waiting: limits.waiting,
    waitingPerHolder: limits.waitingPerClient,
    patienceMs: config.operationTimeoutMs,
  })
  const isServed = () => heads.health().serving !== 'BACKFILL'
  const execute = createExecutor({
    openContext,
    turns,
    pace: options.pace,
    waitForHead: heads.waitForHead,
    timeoutMs: config.operationTimeoutMs,
    errors,
    log,
  })
  const meter = createMeter()
  const hub = createHub({
    heads,
    openSnapshot: options.openSnapshot,
    execute: (args, turn, listener) => execute(args, { turn, listener }),
    chains: config.deployments,
    slowMs: config.slowConsumerMs,
    quietMs: config.quietFeedMs,
    aheadMs: config.cursorPatienceMs,
    retryMs: config.lookIntervalMs,
    serialise: (result) => JSON.stringify(resultToJson(result)),
    purse: meter,
    concurrency: Math.max(1, Math.floor(maxConnections / 2)),
    log,
  })
  const answers = createAnswers({
    newestHeads: options.newestHeads,
    mostBytes: config.answerCacheBytes,
  })
  const parsed = createDocuments(config.documentCacheBytes * (1 - PERSISTED_SHARE))
  /** Parses, validates and keeps what it parsed. The transports are ours. */
  const yoga = createYoga({
    schema,
    plugins: [
      createPlugin({
        limits,
        execute,
        answers,
        hub,
        meter,
        statistics: options.statistics,
        isServed,
      }),
    ],
    parserAndValidationCache: parsed,
    maskedErrors: { maskError: errors.mask },
    logging: false,
  })
  const documents = createPersisted({
    ...config.documents,
    mostBytes: config.documentCacheBytes * PERSISTED_SHARE,
  })
  const getEnveloped: GetEnveloped = chargeMistakes((context) => yoga.getEnveloped(context), meter)
  const answerJson = createJsonAnswers({ getEnveloped, errors, slowMs: config.slowConsumerMs })
  const streams = createStreams({ getEnveloped, errors, keepAliveMs: config.keepAliveMs })
  const door = createDoor()
  const sockets = createSockets({
    door,
    getEnveloped,
    access,
    errors,
    documents,
    messageBytes: limits.messageBytes,
    operationsPerSocket: limits.operationsPerSocket,
    connectionInitTimeoutMs: config.connectionInitTimeoutMs,
    keepAliveMs: config.keepAliveMs,
    idleMs: config.idleSocketMs,
    log,
  })
  const graphiql = createGraphiql(options.examples ?? [])
  const isAllowedHost = createHostCheck(config.allowedHosts)
  /** WebSockets and event streams, by network. */
  const open = createNetworkSlots(limits.socketsPerAddress)

  /** Whose request it is, once it is its turn. */
  const admit = async (request: IncomingMessage): Promise<Client> => {
    const address = addressOf(request, config)
    await door.enter(networkOf(address))
    return access.identify(request.headers.authorization, address)
  }

  const stream = async (
    params: Params,
    request: IncomingMessage,
    response: ServerResponse,
    client: Client,
  ) => {
    if (!isAllowedOrigin(request, config))
      throw apiError('BAD_USER_INPUT', 'Pages of this origin may not open streams', 403)
    if (!open.take(networkOf(addressOf(request, config)), goneOf(response)))
      throw apiError('LIMIT_EXCEEDED', 'Too many streams from this address')
    await streams.handle(params, request, response, client)
  }

  const graphql = async (request: IncomingMessage, response: ServerResponse) => {
    if (request.method !== 'GET' && request.method !== 'POST') {
      response.setHeader('allow', 'GET, POST')
      throw apiError('BAD_USER_INPUT', 'Expected GET or POST', 405)
    }
    if (config.hasGraphiql && graphiql.isAskedFor(request)) return graphiql.send(request, response)
    const readBefore = request.socket.bytesRead
    const client = await admit(request)
    const spent = meter.refusal(client, 1)
    if (spent !== undefined && preferred(request, ANSWERS) !== STREAM) {
      await wait(REFUSAL_MS)
      throw spent
    }
    const params = await readParams(request, documents, {
      mostBytes: limits.bodyBytes,
      gone: goneOf(response),
    }).catch((error: unknown) => {
      meter.chargeMistake(client, request.socket.bytesRead - readBefore)
      throw error
    })
    if (negotiate(request, params, limits.tokens) === 'stream')
      return stream(params, request, response, client)
    return answerJson(params, request, response, client)
  }

  const slowMs = config.slowConsumerMs
  const sql =
    config.sql && createSqlEndpoint({ ...config.sql, bodyBytes: limits.bodyBytes, slowMs })
  const exports = createExportEndpoint({
    open: () => options.openSnapshot({ holder: 'exports' }),
    atOnce: Math.max(1, Math.floor(maxConnections / 4)),
    atOncePerHolder: 1,
    slowMs,
  })

  type Endpoint = Pick<typeof exports, 'handle'>
  const forAnalysts = async (
    { handle }: Endpoint,
    method: 'GET' | 'POST',
    request: IncomingMessage,
    response: ServerResponse,
  ) => {
    if (request.method !== method) {
      response.setHeader('allow', method)
      throw apiError('BAD_USER_INPUT', `Expected ${method}`, 405)
    }
    const client = await admit(request)
    if (!isAnalyst(client))
      throw apiError('FORBIDDEN', 'This is answered to keys of analysts and operators')
    if (!isServed()) throw unserved()
    await handle(request, response, client.holder)
  }

  const methodsOf = (path: string): string | undefined => {
    if (path === PATH) return 'GET, POST'
    if (path === '/sql' && sql !== undefined) return 'POST'
    return path.startsWith('/export/') ? 'GET' : undefined
  }

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    if (!isAllowedHost(request.headers.host))
      throw apiError('HOST_NOT_ALLOWED', 'This server has other names; ALLOWED_HOSTS says which')
    const path = pathOf(request)
    for (const [name, value] of Object.entries(corsHeaders(request, config)))
      response.setHeader(name, value)
    if (request.method === 'OPTIONS' && methodsOf(path) !== undefined) {
      response.writeHead(204, { allow: methodsOf(path) }).end()
      return
    }
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    if (path === PATH) return graphql(request, response)
    if (path === '/sql' && sql !== undefined) return forAnalysts(sql, 'POST', request, response)
    if (path.startsWith('/export/')) return forAnalysts(exports, 'GET', request, response)
    if (path === '/health' && isRead) return sendJson(response, 200, { status: 'ok' })
    if (path === '/ready' && isRead) {
      const state = probes.ready()
      return sendJson(response, state.ready ? 200 : 503, state)
    }
    if (path === '/fresh' && isRead) {
      const state = await probes.fresh(maxAgeOf(request, config.maxHeadAgeSeconds))
      return sendJson(response, state.fresh ? 200 : 503, state)
    }
    throw apiError('BAD_USER_INPUT', 'There is nothing here; ask /graphql', 404)
  }

  const server = createHttpServer(
    {
      requestTimeout: 30_000,
      headersTimeout: 10_000,
      keepAliveTimeout: 65_000,
      // Between two looks for requests that come too slowly.
      connectionsCheckingInterval: 5000,
    },
    (request, response) => {
      goneOf(response)
      handle(request, response).catch((error: unknown) => {
        const shown = error instanceof GraphQLError ? error : errors.mask(error)
        if (response.headersSent) response.destroy()
        else sendError(request, response, shown)
      })
    },
  )

  /** Of any kind. Behind a proxy they are all the proxy's. */
  const connected = createNetworkSlots(limits.connectionsPerAddress)
  if (config.trustedProxies === 0)
    server.on('connection', (socket: Socket) => {
      const network = networkOf(socket.remoteAddress ?? 'unknown')
      if (!connected.take(network, connectionGone(socket))) socket.destroy()
    })

  let isStopping = false
  server.on('upgrade', (request, socket, head) => {
    const path = pathOf(request)
    const refuse = (status: string) => refuseUpgrade(socket, status)
    if (isStopping) return refuse('503 Service Unavailable')
    if (!isAllowedHost(request.headers.host)) return refuse('421 Misdirected Request')
    if (path !== PATH) return refuse('404 Not Found')
    if (!isAllowedOrigin(request, config)) return refuse('403 Forbidden')
    const address = addressOf(request, config)
    if (!open.take(networkOf(address), connectionGone(socket)))
      return refuse('429 Too Many Requests')
    return sockets.upgrade(request, socket, head, address)
  })

  server.listen(config.port, config.host)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const host = config.host.includes(':') ? `[${config.host}]` : config.host

  return {
    url: `http://${host}:${port}${PATH}`,
    port,
    live: hub.size,
    caches: () => ({
      answers: answers.size(),
      documents: parsed.size(),
      persisted: documents.size(),
      keys: access.size(),
      clients: meter.size(),
      columns: partsSize(),
      ...options.caches?.(),
    }),
    stop: async () => {
      isStopping = true
      const closed = once(server, 'close')
      server.close()
      streams.stop()
      await sockets.stop(config.stopTimeoutMs)
      hub.stop()
      server.closeIdleConnections()
      const cut = setTimeout(() => server.closeAllConnections(), config.stopTimeoutMs)
      await closed
      clearTimeout(cut)
    },
  }
}
