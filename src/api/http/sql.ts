import type { IncomingMessage, ServerResponse } from 'node:http'
import { GraphQLError } from 'graphql'
import type { Config } from '../config.ts'
import {
  type AnalystQuery,
  analystRows,
  LateError,
  type ResultPart,
  StatementError,
  TOO_MANY,
  WideError,
} from '../db/analystQuery.ts'
import { preferred } from './accept.ts'
import { createDrain, type Endpoint, type Write } from './drain.ts'
import { apiError } from './errors.ts'
import { createFormat, type FormatName } from './formats.ts'
import { goneOf } from './gone.ts'
import { isRecord, readJson } from './params.ts'

export interface SqlOptions extends NonNullable<Config['sql']> {
  readonly bodyBytes: number
  /** A client that takes nothing for so long is cut off. */
  readonly slowMs: number
}

const refuse = (message: string) => apiError('BAD_USER_INPUT', message)

const parameterOf = (value: unknown): string | boolean | null => {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') return String(value)
  throw refuse('parameters: expected texts, numbers, booleans and nulls')
}

/** Numbers as they are written: a double would round the long ones. */
const withDigits = (_key: string, value: unknown, context?: { readonly source?: string }) =>
  typeof value === 'number' && !Number.isSafeInteger(value) ? context?.source : value

const parse = (input: unknown): Pick<AnalystQuery, 'text' | 'parameters'> => {
  if (!isRecord(input) || typeof input.query !== 'string' || input.query.trim() === '')
    throw refuse('query: expected the text of a SELECT')
  const { query, parameters = [] } = input
  if (query.includes('\0')) throw refuse('query: expected no NUL')
  if (!Array.isArray(parameters)) throw refuse('parameters: expected a list')
  return { text: query, parameters: parameters.map(parameterOf) }
}

const FORMATS: Readonly<Record<string, FormatName>> = {
  'application/json': 'json',
  'application/x-ndjson': 'ndjson',
  'text/csv': 'csv',
}

/** What the client likes best of what there is; JSON when it takes none. */
const formatOf = (request: IncomingMessage): FormatName =>
  FORMATS[preferred(request, Object.keys(FORMATS)) ?? 'application/json'] ?? 'json'

const explain = (error: unknown, timeoutMs: number): unknown => {
  if (error instanceof LateError)
    return apiError('TIMEOUT', `No answer within ${timeoutMs} ms; ask for less`)
  if (error instanceof WideError)
    return apiError('SQL_REFUSED', 'The rows are too wide to be sent; select less of them')
  if (!(error instanceof StatementError)) return error
  if (error.state === TOO_MANY) return apiError('LIMIT_EXCEEDED', 'Too many statements are running')
  const { extensions } = apiError('SQL_REFUSED', '')
  const { state, position } = error
  return new GraphQLError(error.message, {
    extensions: { ...extensions, state, ...(position === undefined ? {} : { position }) },
  })
}

/** `Trailer: Result` says at the end whether all rows came. */
const TRAILER = 'result'

/** Answers `POST /sql`: one SELECT over the analysts' views, streamed. */
export const createSqlEndpoint = (options: SqlOptions): Endpoint => {
  const { url, timeoutMs, rows: mostRows, atOnce, atOncePerKey, slowMs } = options
  const drain = createDrain({ what: 'statements', atOnce, atOncePerHolder: atOncePerKey, slowMs })

  const send = async (
    request: IncomingMessage,
    response: ServerResponse,
    parts: AsyncGenerator<ResultPart, undefined>,
    write: Write,
  ) => {
    const format = createFormat(formatOf(request))
    let left = mostRows
    for await (const { columns, rows } of parts) {
      if (!response.headersSent) {
        response.writeHead(200, {
          'content-type': format.contentType,
          'cache-control': 'no-store',
          trailer: TRAILER,
        })
        await write(format.begin(columns))
      }
      await write(rows.slice(0, left).map(format.row).join(''))
      left -= rows.length
      if (left < 0) break
    }
    const isWhole = left >= 0
    const end = format.end(isWhole)
    // Hardly any client reads a trailer: an answer that cannot say that it is cut must not end well.
    if (end === undefined)
      throw apiError('LIMIT_EXCEEDED', `More than ${mostRows} rows: select fewer, or add a LIMIT`)
    response.addTrailers({ [TRAILER]: isWhole ? 'whole' : `the first ${mostRows} rows` })
    response.end(end)
  }

  return {
    handle: async (request, response, holder) => {
      const asked = parse(await readJson(request, options.bodyBytes, goneOf(response), withDigits))
      await drain(response, holder, (write, signal) =>
        send(request, response, analystRows(url, { ...asked, timeoutMs, signal }), write),
      ).catch((error: unknown) => {
        throw explain(error, timeoutMs)
      })
    },
  }
}
