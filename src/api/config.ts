import { type RpcSettings, readRpcSettings } from '../../rpc/settings.ts'
import { type Deployment, parseDeployments } from '../domain/Deployment.ts'
import { ConfigError } from '../domain/errors.ts'
import type { Budget, Role } from './http/access.ts'
import { variables } from './variables.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** What a request may ask for, and how much of the server it may hold. */
export interface Limits {
  /** HTTP body and WebSocket message, in bytes. */
  readonly bodyBytes: number
  readonly messageBytes: number
  readonly tokens: number
  readonly depth: number
  readonly aliases: number
  readonly rootFields: number
  /** Operations running at once on one WebSocket. */
  readonly operationsPerSocket: number
  /** Connections from one address, whatever they carry. */
  readonly connectionsPerAddress: number
  /** WebSockets and event streams open at once from one address. */
  readonly socketsPerAddress: number
  /** Subscriptions open at once in this process: of all, of one address and of one key. */
  readonly subscriptions: number
  readonly subscriptionsPerAddress: number
  readonly subscriptionsPerKey: number
  /** Operations that wait for their turn, of one client (a key, or a network) and of all. */
  readonly waitingPerClient: number
  readonly waiting: number
}

export interface Config {
  readonly database: {
    readonly url: string
    /** A streaming replica that answers instead, as long as it keeps up. */
    readonly readUrl?: string
    readonly replicaPatienceMs: number
    readonly schema: string
    readonly maxConnections: number
    readonly lockTimeoutMs: number
    readonly statementTimeoutMs: number
  }
  /** What `POST /sql` is answered with; absent, it is not offered. */
  readonly sql?: {
    /** Connects as the analysts' role. */
    readonly url: string
    readonly timeoutMs: number
    /** More are left out, and the answer says so. */
    readonly rows: number
    /** Statements at once, of all and of one key. */
    readonly atOnce: number
    readonly atOncePerKey: number
  }
  readonly deployments: readonly Deployment[]
  /** By chain id; a chain without one is not asked. */
  readonly rpcUrls: ReadonlyMap<number, RpcSettings>
  readonly host: string
  /** Names by which clients may ask for the server, beside its own and those of the loopback. */
  readonly allowedHosts: readonly string[]
  /** Whether a browser that opens `/graphql` gets GraphiQL. */
  readonly hasGraphiql: boolean
  /** 0 for a free one. */
  readonly port: number
  /** Of one answer, or one message of a subscription. */
  readonly answerBytes: number
  /** Memory of the answers that are kept while their head is the newest. */
  readonly answerCacheBytes: number
  /** Memory of operations that were parsed. */
  readonly documentCacheBytes: number
  /** Memory of leaderboards. */
  readonly leaderboardBytes: number
  /** Origins whose pages may call, beside the server's own. */
  readonly corsOrigins: readonly string[]
  /** Proxies in front of the server that append to `forwardedHeader`. */
  readonly trustedProxies: number
  readonly forwardedHeader: 'x-forwarded-for' | 'forwarded'
  readonly logLevel: string
  readonly limits: Limits
  readonly budgets: Readonly<Record<Role, Budget>>
  /** Where keys are kept. */
  readonly accessSchema: string
  /** Operations that are asked for by id; whether any other is answered. */
  readonly documents: {
    readonly trusted?: ReadonlyMap<string, string>
    readonly trustedOnly: boolean
  }
  /** Time of one operation, waiting for blocks not counted. */
  readonly operationTimeoutMs: number
  readonly connectionInitTimeoutMs: number
  /** Between two pings or heartbeats; a WebSocket that leaves two unanswered is gone. */
  readonly keepAliveMs: number
  /** How long a WebSocket may be open without an operation. */
  readonly idleSocketMs: number
  /** How long a feed's client may leave what there is for it untaken. */
  readonly slowConsumerMs: number
  /** After so much time without a message a feed sends an empty one. */
  readonly quietFeedMs: number
  /** How long a feed waits for the chain to come to the block of a cursor. */
  readonly cursorPatienceMs: number
  /** Between two looks at the head when no bell rings. */
  readonly lookIntervalMs: number
  /** How long a head that went back may stand still before it is believed. */
  readonly rewindPatienceMs: number
  readonly maxHeadAgeSeconds: number
  /** How long running requests may take to finish when the server stops. */
  readonly stopTimeoutMs: number
}

/** Connections of an address for what is no socket and no stream. */
const REQUESTS = 1000

const readDeployments = (text: string | undefined, mistakes: string[]) => {
  try {
    return parseDeployments(text)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    mistakes.push(...error.mistakes)
    return []
  }
}

/** Of each chain that has an address. */
const readRpc = (
  given: Environment,
  deployments: readonly Deployment[],
  mistakes: string[],
): ReadonlyMap<number, RpcSettings> =>
  new Map(
    deployments.flatMap(({ chainId }) => {
      const settings = readRpcSettings(given, chainId, deployments.length === 1, mistakes)
      return settings === undefined ? [] : [[chainId, settings]]
    }),
  )

/**
 * The configuration of the API. A variable that is empty counts as absent.
 *
 * @throws ConfigError that names every mistaken variable with what was expected.
 */
export const parseConfig = (environment: Environment): Config => {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value.trim() !== ''),
  )
  const mistakes: string[] = []
  const deployments = readDeployments(given.DEPLOYMENTS, mistakes)
  const rpcUrls = readRpc(given, deployments, mistakes)
  const parsed = variables.safeParse({
    ...given,
    API_DATABASE_URL: given.API_DATABASE_URL ?? given.DATABASE_URL,
  })
  if (!parsed.success) {
    for (const { path, message } of parsed.error.issues)
      mistakes.push(`${path.join('.')} should be ${message}`)
    throw new ConfigError(mistakes)
  }
  const values = parsed.data
  if (values.TRUSTED_DOCUMENTS_ONLY && values.TRUSTED_DOCUMENTS === undefined)
    mistakes.push('TRUSTED_DOCUMENTS should be there when nothing else is answered')
  if (values.TRUSTED_DOCUMENTS_ONLY && values.GRAPHIQL === true)
    mistakes.push('GRAPHIQL should not be true where trusted documents alone are answered')
  if (mistakes.length > 0) throw new ConfigError(mistakes)
  const { MAX_COST: cost, COST_PER_MINUTE: costPerMinute } = values
  return {
    database: {
      url: values.API_DATABASE_URL,
      ...(values.DATABASE_READ_URL === undefined ? {} : { readUrl: values.DATABASE_READ_URL }),
      replicaPatienceMs: values.REPLICA_PATIENCE_MS,
      schema: values.DATABASE_SCHEMA,
      maxConnections: values.DATABASE_CONNECTIONS,
      lockTimeoutMs: values.LOCK_TIMEOUT_MS,
      statementTimeoutMs: values.STATEMENT_TIMEOUT_MS,
    },
    ...(values.ANALYST_DATABASE_URL === undefined
      ? {}
      : {
          sql: {
            url: values.ANALYST_DATABASE_URL,
            timeoutMs: values.SQL_TIMEOUT_MS,
            rows: values.SQL_MAX_ROWS,
            atOnce: values.SQL_AT_ONCE,
            atOncePerKey: values.SQL_AT_ONCE_PER_KEY,
          },
        }),
    deployments,
    rpcUrls,
    host: values.HOST,
    allowedHosts: [values.HOST, ...values.ALLOWED_HOSTS],
    // With trusted documents alone it could run none.
    hasGraphiql: values.GRAPHIQL ?? !values.TRUSTED_DOCUMENTS_ONLY,
    port: values.PORT,
    corsOrigins: values.CORS_ORIGINS,
    trustedProxies: values.TRUSTED_PROXIES,
    forwardedHeader: values.FORWARDED_HEADER,
    logLevel: values.LOG_LEVEL,
    limits: {
      bodyBytes: values.MAX_BODY_BYTES,
      messageBytes: values.MAX_MESSAGE_BYTES,
      tokens: values.MAX_TOKENS,
      depth: values.MAX_DEPTH,
      aliases: values.MAX_ALIASES,
      rootFields: values.MAX_ROOT_FIELDS,
      operationsPerSocket: values.MAX_OPERATIONS_PER_SOCKET,
      connectionsPerAddress:
        values.MAX_CONNECTIONS_PER_ADDRESS ?? values.MAX_SOCKETS_PER_ADDRESS + REQUESTS,
      socketsPerAddress: values.MAX_SOCKETS_PER_ADDRESS,
      subscriptions: values.MAX_SUBSCRIPTIONS,
      subscriptionsPerAddress:
        values.MAX_SUBSCRIPTIONS_PER_ADDRESS ?? Math.ceil(values.MAX_SUBSCRIPTIONS / 10),
      subscriptionsPerKey:
        values.MAX_SUBSCRIPTIONS_PER_KEY ?? Math.ceil(values.MAX_SUBSCRIPTIONS / 4),
      waitingPerClient: values.MAX_WAITING_PER_CLIENT,
      waiting: values.MAX_WAITING,
    },
    budgets: {
      anonymous: { cost, costPerMinute },
      player: {
        cost: values.MAX_COST_PLAYER ?? cost * 2,
        costPerMinute: values.COST_PER_MINUTE_PLAYER ?? costPerMinute * 2,
      },
      analyst: {
        cost: values.MAX_COST_ANALYST ?? cost * 20,
        costPerMinute: values.COST_PER_MINUTE_ANALYST ?? costPerMinute * 10,
      },
      operator: {
        cost: values.MAX_COST_OPERATOR ?? cost * 100,
        costPerMinute: values.COST_PER_MINUTE_OPERATOR ?? costPerMinute * 100,
      },
    },
    accessSchema: values.ACCESS_SCHEMA,
    documents: {
      ...(values.TRUSTED_DOCUMENTS === undefined ? {} : { trusted: values.TRUSTED_DOCUMENTS }),
      trustedOnly: values.TRUSTED_DOCUMENTS_ONLY,
    },
    answerBytes: values.MAX_ANSWER_BYTES,
    answerCacheBytes: values.ANSWER_CACHE_BYTES,
    documentCacheBytes: values.DOCUMENT_CACHE_BYTES,
    leaderboardBytes: values.LEADERBOARD_BYTES,
    operationTimeoutMs: values.OPERATION_TIMEOUT_MS,
    connectionInitTimeoutMs: values.CONNECTION_INIT_TIMEOUT_MS,
    keepAliveMs: values.KEEP_ALIVE_MS,
    idleSocketMs: values.IDLE_SOCKET_MS,
    slowConsumerMs: values.SLOW_CONSUMER_MS,
    quietFeedMs: values.QUIET_FEED_MS,
    cursorPatienceMs: values.CURSOR_PATIENCE_MS,
    lookIntervalMs: values.LOOK_INTERVAL_MS,
    rewindPatienceMs: values.REWIND_PATIENCE_MS,
    maxHeadAgeSeconds: values.MAX_HEAD_AGE_SECONDS,
    stopTimeoutMs: values.STOP_TIMEOUT_MS,
  }
}

/** The process's own environment, read here and nowhere else in the API. */
export const loadConfig = (): Config => parseConfig(process.env)

/** Whether `npm run api` started this process. */
export const isOfNpm = (): boolean => process.env.npm_lifecycle_event === 'api'
