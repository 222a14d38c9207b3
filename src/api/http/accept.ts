import type { IncomingMessage } from 'node:http'
import Negotiator from 'negotiator'

/** What answers of operations are written in; who takes both alike gets the older one. */
export const PLAIN = 'application/json'
export const STRICT = 'application/graphql-response+json'
export const STREAM = 'text/event-stream'

const UTF8 = '; charset=utf-8'

/**
 * What the client likes best of these media types, all in UTF-8, by its Accept header: quality, then how exactly it names one, then the order in
 * which it names them. Without the header it is the first; undefined when it takes none of them.
 */
export const preferred = <Type extends string>(
  request: IncomingMessage,
  available: readonly Type[],
): Type | undefined => {
  const offered = available.flatMap((type) => [type, `${type}${UTF8}`])
  const [best] = new Negotiator(request).mediaTypes(offered)
  return available.find((type) => best === type || best === `${type}${UTF8}`)
}

export const takes = (request: IncomingMessage, type: string): boolean =>
  preferred(request, [type]) !== undefined
