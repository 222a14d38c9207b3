import { randomBytes } from 'node:crypto'
import {
  type ExecutionResult,
  type FormattedExecutionResult,
  GraphQLError,
  type GraphQLErrorOptions,
} from 'graphql'
import type { Logger } from 'pino'
import postgres from 'postgres'
import { BusyError, GoneError, LostError, SilentError } from '../db/errors.ts'

/** What `extensions.code` may be, and the HTTP status of an answer that has no data because of it. */
const STATUS = {
  BAD_USER_INPUT: 400,
  CURSOR_FOREIGN: 400,
  CURSOR_AHEAD: 503,
  PERSISTED_QUERY_NOT_FOUND: 400,
  DOCUMENT_NOT_TRUSTED: 400,
  SQL_REFUSED: 400,
  GRAPHQL_PARSE_FAILED: 400,
  GRAPHQL_VALIDATION_FAILED: 400,
  QUERY_TOO_COMPLEX: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  HOST_NOT_ALLOWED: 421,
  LIMIT_EXCEEDED: 429,
  NOT_READY: 503,
  OVERLOADED: 503,
  TIMEOUT: 504,
  INTERNAL_SERVER_ERROR: 500,
} as const

/** What one answer says of mistakes, so that it is never much longer than the question. */
const MOST_ERRORS = 20
const MOST_LETTERS = 400
const MOST_PLACES = 5

export type ErrorCode = keyof typeof STATUS

const isCode = (code: unknown): code is ErrorCode => typeof code === 'string' && code in STATUS

/** When to ask again, in milliseconds, unless something better is known. */
const RETRY_AFTER_MS: Partial<Record<ErrorCode, number>> = { NOT_READY: 5_000 }

/** The server's own failure, not the caller's. */
const isOurs = (code: unknown) => isCode(code) && STATUS[code] >= 500

/** What is refused before execution is well understood: 200 with errors for clients that asked for application/json. */
const isRequestError = (code: ErrorCode) => STATUS[code] === 400

interface Details {
  /** Of an HTTP answer. */
  readonly headers?: Readonly<Record<string, string>>
  /** When the same would be answered, in milliseconds from now. */
  readonly retryAfterMs?: number
}

const retryHeader = (ms: number | undefined) =>
  ms === undefined ? {} : { 'retry-after': String(Math.ceil(ms / 1000)) }

/** An error of this API, with the HTTP status that goes with it when it is the whole answer. */
export const apiError = (
  code: ErrorCode,
  message: string,
  status?: number,
  { headers, retryAfterMs = RETRY_AFTER_MS[code] }: Details = {},
): GraphQLError =>
  new GraphQLError(message, {
    extensions: {
      code,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      http: {
        status: status ?? STATUS[code],
        ...(isRequestError(code) ? { spec: true } : {}),
        ...(headers === undefined && retryAfterMs === undefined
          ? {}
          : { headers: { ...retryHeader(retryAfterMs), ...headers } }),
      },
    },
  })

/** Thrown by GraphQL or by a resolver on purpose, not wrapped around something else. */
const isDeliberate = (error: GraphQLError): boolean => {
  const { originalError } = error
  if (originalError === undefined || originalError === null) return true
  return originalError instanceof GraphQLError && isDeliberate(originalError)
}

/** Codes of PostgreSQL that mean something to the caller. Without tables the indexer has not begun yet. */
const CODES: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  '57014': ['TIMEOUT', 'The database took too long; ask for less'],
  '40001': ['TIMEOUT', 'The replica had to give this read up; ask again'],
  '55P03': ['NOT_READY', 'The tables are being changed; ask again in a moment'],
  '40P01': ['NOT_READY', 'The tables are being changed; ask again in a moment'],
  '42P01': ['NOT_READY', 'No block is indexed yet'],
  '3F000': ['NOT_READY', 'No block is indexed yet'],
}

/** What passes: when to come again, for programs and for HTTP. */
export const retryAfter = (milliseconds: number): Details => ({
  retryAfterMs: Math.ceil(milliseconds),
  headers: { 'retry-after': String(Math.ceil(milliseconds / 1000)) },
})

/** The database can be reached again soon, or not at all. */
const LOST_MS = 1000

/** What is no fault of the operation, nor of this program. */
const passing = (cause: unknown): GraphQLError | undefined => {
  if (cause instanceof BusyError) {
    const [code, whose] = cause.isOwnShare
      ? (['LIMIT_EXCEEDED', 'of your operations'] as const)
      : (['OVERLOADED', 'operations'] as const)
    const message = `Too many ${whose} wait for an answer`
    return apiError(code, message, undefined, retryAfter(cause.retryAfterMs))
  }
  if (cause instanceof LostError)
    return apiError('NOT_READY', 'The database cannot be reached', undefined, retryAfter(LOST_MS))
  if (cause instanceof SilentError) return apiError('TIMEOUT', 'The database did not answer')
  // Nobody reads it.
  if (cause instanceof GoneError) return apiError('TIMEOUT', 'The operation is over')
  return undefined
}
/** No field of the answer has a value, and each error is a failure of ours. */
const isLost = (data: ExecutionResult['data'], errors: readonly GraphQLError[]) =>
  Object.values(data ?? {}).every((value) => value === null) &&
  errors.every(({ extensions }) => isOurs(extensions.code))

const rootCause = (error: unknown): unknown =>
  error instanceof GraphQLError && error.originalError ? rootCause(error.originalError) : error

/** What failed at one time fails for many: so many lines in so long. */
const MOST_LOGGED = 100
const LOG_WINDOW_MS = 10_000

const isStackOverflow = (error: unknown): boolean =>
  error instanceof RangeError && error.message.includes('call stack')

export interface Errors {
  /** The error as a client may see it. One of ours stays as it is; any other gets an id that the log has too. */
  readonly mask: (error: unknown) => GraphQLError
  /** A result whose errors are masked, with an HTTP status when it has no data. */
  readonly maskResult: (result: ExecutionResult) => ExecutionResult
}

export const createErrors = (log: Logger): Errors => {
  const masked = new WeakSet<GraphQLError>()
  let failures = { until: 0, count: 0 }

  /** The first failures of a while in full; of the others their number. */
  const logFailure = (failure: Readonly<Record<string, unknown>>) => {
    const now = performance.now()
    if (now > failures.until) {
      if (failures.count > MOST_LOGGED)
        log.error({ operations: failures.count - MOST_LOGGED }, 'more operations failed')
      failures = { until: now + LOG_WINDOW_MS, count: 0 }
    }
    failures.count += 1
    if (failures.count <= MOST_LOGGED) log.error(failure, 'operation failed')
  }

  const replace = (
    error: unknown,
    { message, extensions }: GraphQLError,
    errorId?: string,
  ): GraphQLError => {
    const place = error instanceof GraphQLError ? error : undefined
    const options: GraphQLErrorOptions = {
      nodes: place?.nodes ?? null,
      source: place?.source ?? null,
      positions: place?.positions ?? null,
      path: place?.path ?? null,
      extensions: {
        ...extensions,
        ...(errorId === undefined ? {} : { errorId }),
      },
    }
    return new GraphQLError(message, options)
  }

  const expose = (error: unknown): GraphQLError => {
    if (error instanceof GraphQLError && isDeliberate(error)) {
      const { code, http } = error.extensions
      if (isCode(code) && http !== undefined) return error
      if (isCode(code)) return replace(error, apiError(code, error.message))
      // Yoga and graphql-js refuse requests in their own words: a bad body, an unknown operation, a wrong variable.
      const refused = replace(error, apiError('BAD_USER_INPUT', error.message))
      if (http !== undefined) refused.extensions.http = http
      return refused
    }
    const cause = rootCause(error)
    const known = cause instanceof postgres.PostgresError ? CODES[cause.code] : undefined
    if (known !== undefined) return replace(error, apiError(...known))
    const passes = passing(cause)
    if (passes !== undefined) {
      if (cause instanceof LostError || cause instanceof SilentError)
        log.warn({ err: cause }, 'no answer of the database')
      return replace(error, passes)
    }
    const path = error instanceof GraphQLError ? error.path?.join('.') : undefined
    if (isStackOverflow(cause)) {
      log.warn({ path }, 'too deep')
      return replace(error, apiError('QUERY_TOO_COMPLEX', 'The operation is nested too deeply'))
    }
    const errorId = randomBytes(6).toString('hex')
    logFailure({ err: cause, errorId, path })
    const shown = apiError('INTERNAL_SERVER_ERROR', 'Something went wrong on our side')
    return replace(error, shown, errorId)
  }

  const mask = (error: unknown): GraphQLError => {
    if (error instanceof GraphQLError && masked.has(error)) return error
    const shown = expose(error)
    masked.add(shown)
    return shown
  }

  return {
    mask,
    maskResult: (result) => {
      if (result.errors === undefined) return result
      const errors = result.errors.map(mask)
      // The operation was executed, and that is a 200, unless our own failure left nothing of it.
      if ('data' in result && !isLost(result.data, errors))
        for (const error of errors) delete error.extensions.http
      return { ...result, errors }
    },
  }
}

/** An error as it goes over the wire. */
export const errorToJson = (error: GraphQLError) => {
  const { extensions, message, locations, ...rest } = error.toJSON()
  const { http, ...shown } = extensions ?? {}
  return {
    message: message.length > MOST_LETTERS ? `${message.slice(0, MOST_LETTERS)}…` : message,
    ...(locations === undefined ? {} : { locations: locations.slice(0, MOST_PLACES) }),
    ...rest,
    extensions: shown,
  }
}

/** The first errors as they go over the wire, and how many more there are. */
export const errorsToJson = (errors: readonly GraphQLError[]) => {
  const left = errors[MOST_ERRORS]
  if (left === undefined) return errors.map(errorToJson)
  const { code } = left.extensions
  const more = { message: `and ${errors.length - MOST_ERRORS} more errors`, extensions: { code } }
  return [...errors.slice(0, MOST_ERRORS).map(errorToJson), more]
}

interface Result {
  readonly errors?: readonly GraphQLError[] | undefined
  readonly data?: Readonly<Record<string, unknown>> | null | undefined
  readonly extensions?: Readonly<Record<string, unknown>> | undefined
}

/** A result as it goes over the wire. */
export const resultToJson = ({ errors, data, extensions }: Result): FormattedExecutionResult => ({
  ...(errors === undefined ? {} : { errors: errorsToJson(errors) }),
  ...(data === undefined ? {} : { data }),
  ...(extensions === undefined ? {} : { extensions }),
})
