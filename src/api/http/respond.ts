import type { IncomingMessage, ServerResponse } from 'node:http'
import type { GraphQLError } from 'graphql'
import { PLAIN, preferred, STRICT } from './accept.ts'
import { errorToJson } from './errors.ts'

type Headers = Readonly<Record<string, string>>

/** Answers with JSON. */
export const sendJson = (
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Headers = {},
): void => {
  const bytes = Buffer.from(JSON.stringify(body))
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': bytes.length,
    'cache-control': 'no-store',
    ...headers,
  })
  response.end(bytes)
}

/** Answers with an error in GraphQL's form and closes the connection when part of the request was not read. */
export const sendError = (
  request: IncomingMessage,
  response: ServerResponse,
  error: GraphQLError,
): void => {
  const status = error.extensions.http?.status ?? 500
  sendJson(
    response,
    status,
    { errors: [errorToJson(error)] },
    {
      ...(preferred(request, [PLAIN, STRICT]) === STRICT
        ? { 'content-type': `${STRICT}; charset=utf-8` }
        : {}),
      ...(request.complete ? {} : { connection: 'close' }),
      ...error.extensions.http?.headers,
    },
  )
}

/** What may wait in memory before the client has to read. */
const BEFORE_READING = 16_384

/** Ends the answer, and cuts a client off that takes nothing of it for so long. */
export const endWith = (response: ServerResponse, body: Buffer | string, slowMs: number): void => {
  response.end(body)
  if (response.writableLength > BEFORE_READING)
    response.setTimeout(slowMs, () => response.destroy())
}
