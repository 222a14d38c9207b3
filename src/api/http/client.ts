import type { IncomingMessage } from 'node:http'
import { isIPv6 } from 'node:net'

/**
 * Where a request comes from. Each trusted proxy appends the address it saw to X-Forwarded-For, so with n of them the
 * n-th entry from the right is the first that no client can make up.
 */
export const addressOf = (request: IncomingMessage, trustedProxies: number): string => {
  const own = request.socket.remoteAddress ?? 'unknown'
  if (trustedProxies === 0) return own
  const forwarded = (request.headersDistinct['x-forwarded-for'] ?? [])
    .flatMap((line) => line.split(','))
    .map((address) => address.trim())
  return forwarded.at(-trustedProxies) ?? own
}

/** What one client holds of addresses: one of IPv4, or the /64 of an IPv6 address, which all belong to one site. */
export const networkOf = (address: string): string => {
  if (!isIPv6(address) || address.includes('.')) return address
  const [front = '', back] = address.split('::')
  const groups = (text: string) => text.split(':').filter((group) => group !== '')
  const before = groups(front)
  const zeros = back === undefined ? 0 : 8 - before.length - groups(back).length
  const all = [...before, ...Array<string>(zeros).fill('0'), ...groups(back ?? '')]
  const network = all.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16))
  return `${network.join(':')}::/64`
}

const isOwnOrigin = (origin: string, { headers }: IncomingMessage) =>
  URL.canParse(origin) && new URL(origin).host === headers.host

/** Whether a page of this origin may call: one of the list, or the server's own. Programs send no origin. */
export const isAllowedOrigin = (request: IncomingMessage, origins: readonly string[]): boolean => {
  const { origin } = request.headers
  return origin === undefined || origins.includes(origin) || isOwnOrigin(origin, request)
}

/** Headers that let pages of the listed origins read the answer. Never with credentials: there are none. */
export const corsHeaders = (
  request: IncomingMessage,
  origins: readonly string[],
): Readonly<Record<string, string>> => {
  const { origin } = request.headers
  if (origin === undefined || !origins.includes(origin)) return { vary: 'Origin' }
  return {
    vary: 'Origin',
    'access-control-allow-origin': origin,
    ...(request.method === 'OPTIONS'
      ? {
          'access-control-allow-methods': 'GET, POST',
          'access-control-allow-headers': 'accept, authorization, content-type, last-event-id',
          'access-control-max-age': '86400',
        }
      : {}),
  }
}
