import type { IncomingMessage } from 'node:http'
import parseForwarded from 'forwarded-parse'
import type { Proxies } from './address.ts'

/** Whose pages may call. */
export interface Origins extends Proxies {
  /** Beside the server's own. */
  readonly corsOrigins: readonly string[]
}

/** Stands in the list for pages from this machine, whatever their port. */
export const LOOPBACK = 'loopback'

const isLoopback = (origin: string) =>
  /^https?:\/\/(localhost|[a-z0-9-]+\.localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/.test(origin)

const isListed = (origin: string, { corsOrigins }: Origins) =>
  corsOrigins.includes(origin) || (corsOrigins.includes(LOOPBACK) && isLoopback(origin))

/** The host that the browser asked for, as the trusted proxies say; undefined when they do not. */
const forwardedHost = (
  { headersDistinct }: IncomingMessage,
  { trustedProxies, forwardedHeader }: Proxies,
): string | undefined => {
  if (trustedProxies === 0) return undefined
  const lines = headersDistinct[forwardedHeader === 'forwarded' ? 'forwarded' : 'x-forwarded-host']
  if (lines === undefined) return undefined
  try {
    const hosts =
      forwardedHeader === 'forwarded'
        ? parseForwarded(lines.join(',')).map(({ host }) => host)
        : lines.flatMap((line) => line.split(',')).map((host) => host.trim())
    // The outermost trusted one; those that only pass the header on add nothing.
    return hosts.at(-Math.min(trustedProxies, hosts.length))
  } catch {
    return undefined
  }
}

/**
 * The page is the server's own: the host that was asked for is that of the page, or the browser says so in a header that no page can
 * write, which holds whatever a proxy makes of the host.
 */
const isOwnOrigin = (origin: string, request: IncomingMessage, proxies: Proxies): boolean => {
  const { headers } = request
  if (headers['sec-fetch-site'] === 'same-origin') return true
  if (!URL.canParse(origin)) return false
  const { host } = new URL(origin)
  return host === headers.host || host === forwardedHost(request, proxies)
}

/** Whether a page of this origin may call: one of the list, or the server's own. Programs send no origin. */
export const isAllowedOrigin = (request: IncomingMessage, origins: Origins): boolean => {
  const { origin } = request.headers
  return origin === undefined || isListed(origin, origins) || isOwnOrigin(origin, request, origins)
}

/** What tracing, error reports and Apollo's clients add to requests by themselves, beside what the API reads. */
const REQUEST_HEADERS = [
  ...['accept', 'authorization', 'content-type', 'last-event-id'],
  ...['traceparent', 'tracestate', 'baggage', 'sentry-trace'],
  ...['apollographql-client-name', 'apollographql-client-version'],
].join(', ')

const RESPONSE_HEADERS = 'retry-after, x-block, x-request-id'

/** Headers that let pages of the listed origins read the answer. Never with credentials: there are none. */
export const corsHeaders = (
  request: IncomingMessage,
  origins: Origins,
): Readonly<Record<string, string>> => {
  const { origin } = request.headers
  const vary = 'Origin, Accept'
  if (origin === undefined || !isListed(origin, origins)) return { vary }
  return {
    vary,
    'access-control-allow-origin': origin,
    ...(request.method === 'OPTIONS'
      ? {
          'access-control-allow-methods': 'GET, POST',
          'access-control-allow-headers': REQUEST_HEADERS,
          'access-control-max-age': '86400',
        }
      : { 'access-control-expose-headers': RESPONSE_HEADERS }),
  }
}
