import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ExecutionResult } from 'graphql'
import { isLiveStream } from '../live/sink.ts'
import { PLAIN, preferred, STRICT } from './accept.ts'
import type { Client } from './access.ts'
import type { Answer } from './answers.ts'
import { apiError, type Errors, resultToJson } from './errors.ts'
import { goneOf } from './gone.ts'
import { type GetEnveloped, prepare } from './operation.ts'
import type { Params } from './params.ts'
import { endWith } from './respond.ts'

export interface JsonOptions {
  readonly getEnveloped: GetEnveloped
  readonly errors: Errors
  /** A client that takes nothing of its answer for so long is cut off. */
  readonly slowMs: number
}

/** Answers an operation with JSON: GraphQL over HTTP. */
export type AnswerJson = (
  params: Params,
  request: IncomingMessage,
  response: ServerResponse,
  client: Client,
) => Promise<void>

/**
 * Of those who took the older type, many read a body only with status 200: what was executed has that, whatever came of it, and an
 * error of the request's own.
 */
const statusOf = ({ errors = [], ...result }: ExecutionResult, mediaType: string): number =>
  errors.reduce((status, { extensions: { http } }) => {
    const isOk =
      http === undefined || (mediaType === PLAIN && (http.spec === true || 'data' in result))
    return isOk ? status : Math.max(status, http.status ?? 500)
  }, 200)

const textOf = (result: Answer): string =>
  result.stringify?.() ?? JSON.stringify(resultToJson(result))

const send = (
  response: ServerResponse,
  mediaType: string,
  result: ExecutionResult,
  slowMs: number,
) => {
  const { errors = [] } = result
  const body = Buffer.from(textOf(result))
  response.writeHead(
    statusOf(result, mediaType),
    Object.assign(
      {
        'content-type': `${mediaType}; charset=utf-8`,
        'content-length': body.length,
        'cache-control': 'no-store',
      },
      ...errors.map(({ extensions }) => extensions.http?.headers),
    ),
  )
  endWith(response, body, slowMs)
}

export const createJsonAnswers =
  (options: JsonOptions): AnswerJson =>
  async (params, request, response, client) => {
    const mediaType = preferred(request, [PLAIN, STRICT])
    if (mediaType === undefined)
      throw apiError('BAD_USER_INPUT', `Expected accept: ${STRICT} or ${PLAIN}`, 406)
    const signal = goneOf(response)
    if (signal.aborted) return
    const prepared = await prepare(options, params, { client, signal })
    const result = prepared.errors === undefined ? await prepared.run() : prepared
    if (isLiveStream(result)) throw new Error('A stream is no JSON')
    if (!signal.aborted) send(response, mediaType, result, options.slowMs)
  }
