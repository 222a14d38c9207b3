import type { IncomingMessage } from 'node:http'
import { getOperationAST, parse } from 'graphql'
import { apiError } from './errors.ts'
import type { Params } from './params.ts'

const accepts = ({ headers }: IncomingMessage, ...types: readonly string[]) =>
  types.some((type) => headers.accept?.includes(type) === true)

/** A text that does not parse is none: whoever answers will say so. */
const isSubscription = ({ query, operationName }: Params, maxTokens: number): boolean => {
  if (!query.includes('subscription')) return false
  try {
    return getOperationAST(parse(query, { maxTokens }), operationName)?.operation === 'subscription'
  } catch {
    return false
  }
}

/**
 * How a request is answered. A subscription needs a stream; anything else gets one when the client takes nothing else.
 *
 * @throws GraphQLError 406 for a subscription of a client that takes no stream.
 */
export const negotiate = (
  request: IncomingMessage,
  params: Params,
  maxTokens: number,
): 'stream' | 'json' => {
  const takesStream = accepts(request, 'text/event-stream')
  const takesAnything = request.headers.accept === undefined || accepts(request, '*/*', 'text/*')
  if (isSubscription(params, maxTokens)) {
    if (takesStream || takesAnything) return 'stream'
    throw apiError('BAD_USER_INPUT', 'A subscription needs accept: text/event-stream', 406)
  }
  return takesStream && !accepts(request, 'application/') ? 'stream' : 'json'
}
