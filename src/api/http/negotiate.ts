import type { IncomingMessage } from 'node:http'
import { getOperationAST, parse } from 'graphql'
import { PLAIN, preferred, STREAM, STRICT, takes } from './accept.ts'
import { apiError } from './errors.ts'
import type { Params } from './params.ts'

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
 * How a request is answered. A subscription needs a stream; anything else gets one when the client likes it best.
 *
 * @throws GraphQLError 406 for a subscription of a client that takes no stream.
 */
export const negotiate = (
  request: IncomingMessage,
  params: Params,
  maxTokens: number,
): 'stream' | 'json' => {
  if (isSubscription(params, maxTokens)) {
    if (takes(request, STREAM)) return 'stream'
    throw apiError('BAD_USER_INPUT', `A subscription needs accept: ${STREAM}`, 406)
  }
  return preferred(request, [PLAIN, STRICT, STREAM]) === STREAM ? 'stream' : 'json'
}
