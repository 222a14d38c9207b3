import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { addressMistakes, EXPECTED_ADDRESS } from './db/address.ts'
import { ACCESS_SCHEMA, isSchemaName } from './db/names.ts'
import { LOOPBACK } from './http/client.ts'
import { isHostPattern } from './http/hosts.ts'
import { documentIdOf } from './http/persisted.ts'

const isWhole = (min: number, max: number) => (text: string) =>
  /^\d{1,15}$/.test(text) && Number(text) >= min && Number(text) <= max

const whole = (fallback: number, min: number, max: number) =>
  z
    .string()
    .default(String(fallback))
    .refine(isWhole(min, max), { error: `a whole number from ${min} to ${max}` })
    .transform(Number)

const count = (max: number) =>
  z
    .string()
    .refine(isWhole(1, max), { error: `a whole number from 1 to ${max}` })
    .transform(Number)
    .optional()

const isOrigin = (text: string) => URL.canParse(text) && new URL(text).origin === text

const databaseUrl = z.string({ error: EXPECTED_ADDRESS }).superRefine((text, context) => {
  for (const message of addressMistakes(text)) context.addIssue({ code: 'custom', message })
})

const schemaName = (fallback: string) =>
  z.string().default(fallback).refine(isSchemaName, {
    error: 'lower-case letters, digits and _, at most 45 of them, a letter first',
  })

const MOST_COST = 1_000_000_000
const MOST_COST_PER_MINUTE = 1_000_000_000_000

const DOCUMENTS = 'a JSON file of operations by id; an id of sha256: is the hash of its text'

/** Operations by id, from a file. */
const documents = z.string().transform((path, context): ReadonlyMap<string, string> => {
  const refuse = () => {
    context.addIssue({ code: 'custom', message: DOCUMENTS })
    return z.NEVER
  }
  try {
    const texts = z
      .record(z.string().min(1), z.string().min(1))
      .parse(JSON.parse(readFileSync(path, 'utf8')))
    const read = new Map(Object.entries(texts))
    return [...read].every(([id, text]) => !id.startsWith('sha256:') || id === documentIdOf(text))
      ? read
      : refuse()
  } catch {
    return refuse()
  }
})

/** Every variable but `DEPLOYMENTS` and `RPC_URL…`: how it is written, in the unit of its name, and what it is when absent. */
export const variables = z.object({
  API_DATABASE_URL: databaseUrl,
  DATABASE_READ_URL: databaseUrl.optional(),
  ANALYST_DATABASE_URL: databaseUrl.optional(),
  SQL_TIMEOUT_MS: whole(30_000, 10, 3_600_000),
  SQL_MAX_ROWS: whole(100_000, 1, 1_000_000_000),
  SQL_AT_ONCE: whole(4, 1, 100),
  SQL_AT_ONCE_PER_KEY: whole(2, 1, 100),
  REPLICA_PATIENCE_MS: whole(250, 0, 10_000),
  DATABASE_SCHEMA: schemaName('pay402win'),
  ACCESS_SCHEMA: schemaName(ACCESS_SCHEMA),
  DATABASE_CONNECTIONS: whole(10, 2, 200),
  LOCK_TIMEOUT_MS: whole(500, 1, 60_000),
  STATEMENT_TIMEOUT_MS: whole(5000, 1, 60_000),

  HOST: z.string().default('127.0.0.1'),
  PORT: whole(4000, 0, 65_535),
  CORS_ORIGINS: z
    .string()
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((origin) => origin.trim())
        .filter((origin) => origin !== ''),
    )
    .refine((origins) => origins.every((one) => one === LOOPBACK || isOrigin(one)), {
      error:
        'origins with commas between them, such as https://example.com,http://localhost:3000, or the word loopback',
    }),
  ALLOWED_HOSTS: z
    .string()
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((name) => name.trim().toLowerCase())
        .filter((name) => name !== ''),
    )
    .refine((names) => names.every(isHostPattern), {
      error: 'names of hosts with commas between them, such as api.example.com,.internal, or *',
    }),
  TRUSTED_PROXIES: whole(0, 0, 10),
  FORWARDED_HEADER: z
    .string()
    .default('x-forwarded-for')
    .transform((text) => text.toLowerCase())
    .pipe(z.enum(['x-forwarded-for', 'forwarded'], { error: 'X-Forwarded-For or Forwarded' })),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
      error: 'one of fatal, error, warn, info, debug, trace, silent',
    })
    .default('info'),

  MAX_BODY_BYTES: whole(65_536, 1024, 16_777_216),
  MAX_MESSAGE_BYTES: whole(65_536, 1024, 16_777_216),
  MAX_ANSWER_BYTES: whole(16_777_216, 1024, 1_073_741_824),
  MAX_TOKENS: whole(1000, 10, 100_000),
  MAX_DEPTH: whole(12, 1, 100),
  MAX_ALIASES: whole(30, 0, 1000),
  MAX_ROOT_FIELDS: whole(20, 1, 1000),
  MAX_COST: whole(100_000, 1, MOST_COST),
  MAX_COST_PLAYER: count(MOST_COST),
  MAX_COST_ANALYST: count(MOST_COST),
  MAX_COST_OPERATOR: count(MOST_COST),
  COST_PER_MINUTE: whole(3_000_000, 1, MOST_COST_PER_MINUTE),
  COST_PER_MINUTE_PLAYER: count(MOST_COST_PER_MINUTE),
  COST_PER_MINUTE_ANALYST: count(MOST_COST_PER_MINUTE),
  COST_PER_MINUTE_OPERATOR: count(MOST_COST_PER_MINUTE),
  MAX_OPERATIONS_PER_SOCKET: whole(100, 1, 100_000),
  MAX_CONNECTIONS_PER_ADDRESS: count(1_000_000),
  MAX_SOCKETS_PER_ADDRESS: whole(1000, 1, 1_000_000),
  MAX_SUBSCRIPTIONS: whole(20_000, 1, 10_000_000),
  MAX_SUBSCRIPTIONS_PER_ADDRESS: count(10_000_000),
  MAX_SUBSCRIPTIONS_PER_KEY: count(10_000_000),
  MAX_WAITING_PER_CLIENT: whole(500, 0, 100_000),
  MAX_WAITING: whole(2000, 0, 1_000_000),

  TRUSTED_DOCUMENTS: documents.optional(),
  TRUSTED_DOCUMENTS_ONLY: z
    .enum(['true', 'false'], { error: 'true or false' })
    .default('false')
    .transform((text) => text === 'true'),
  GRAPHIQL: z
    .enum(['true', 'false'], { error: 'true or false' })
    .transform((text) => text === 'true')
    .optional(),
  ANSWER_CACHE_BYTES: whole(67_108_864, 0, 17_179_869_184),
  DOCUMENT_CACHE_BYTES: whole(33_554_432, 65_536, 17_179_869_184),
  LEADERBOARD_BYTES: whole(2_147_483_648, 65_536, 1_099_511_627_776),
  OPERATION_TIMEOUT_MS: whole(10_000, 10, 600_000),
  CONNECTION_INIT_TIMEOUT_MS: whole(3000, 10, 60_000),
  KEEP_ALIVE_MS: whole(12_000, 10, 600_000),
  IDLE_SOCKET_MS: whole(600_000, 10, 86_400_000),
  SLOW_CONSUMER_MS: whole(10_000, 10, 600_000),
  QUIET_FEED_MS: whole(20_000, 10, 30_000),
  CURSOR_PATIENCE_MS: whole(60_000, 10, 3_600_000),
  LOOK_INTERVAL_MS: whole(1000, 10, 60_000),
  REWIND_PATIENCE_MS: whole(30_000, 10, 3_600_000),
  MAX_HEAD_AGE_SECONDS: whole(120, 1, 86_400),
  STOP_TIMEOUT_MS: whole(5000, 0, 600_000),
})
