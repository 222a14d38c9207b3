import type { IncomingMessage } from 'node:http'
import parseForwarded from 'forwarded-parse'
import ipaddr from 'ipaddr.js'

/** Which proxies are believed. */
export interface Proxies {
  /** How many there are in front of the server, one behind the other. */
  readonly trustedProxies: number
  /** Where each of them adds the address that it saw. Only one of the two: a proxy hands on what it does not know. */
  readonly forwardedHeader: 'x-forwarded-for' | 'forwarded'
}

/**
 * Where a request comes from, in one form for each address. With n trusted proxies the n-th entry from the right is the first
 * that no client can make up. What is no address there leaves the address of the connection.
 */
export const addressOf = (request: IncomingMessage, proxies: Proxies): string => {
  const own = parse(request.socket.remoteAddress ?? '')?.toString() ?? 'unknown'
  const { trustedProxies } = proxies
  if (trustedProxies === 0) return own
  const forwarded = entriesOf(request, proxies).at(-trustedProxies) ?? ''
  return parse(forwarded)?.toString() ?? own
}

/** What one client holds of addresses: one of IPv4, or the /64 of an IPv6 address, which all belong to one site. */
export const networkOf = (address: string): string => {
  const parsed = parse(address)
  if (parsed === undefined || parsed instanceof ipaddr.IPv4) return parsed?.toString() ?? address
  const network = parsed.parts.slice(0, 4).map((part) => part.toString(16))
  return `${network.join(':')}::/64`
}

/** What a network is part of: the /48 that a site of IPv6 is given, which has 65,536 networks. */
export const siteOf = (network: string): string =>
  network.endsWith('::/64') ? `${network.split(':').slice(0, 3).join(':')}::/48` : network

const entriesOf = (
  { headersDistinct }: IncomingMessage,
  { forwardedHeader }: Proxies,
): readonly string[] => {
  const lines = headersDistinct[forwardedHeader] ?? []
  if (forwardedHeader === 'x-forwarded-for')
    return lines.flatMap((line) => line.split(',')).map((entry) => entry.trim())
  try {
    return parseForwarded(lines.join(',')).map((entry) => entry.for ?? '')
  } catch {
    return []
  }
}

/** An address that a proxy may have written with a port, or an IPv6 address in brackets. */
const WRITTEN = /^(?:\[(?<inner>[^[\]]+)\]|(?<four>[\d.]+))(?::[\w.-]+)?$/

/** IPv4 of a client that came by a translator, which has the whole of IPv4 in one network of IPv6, or a network for each. */
const EMBEDDED: readonly { readonly range: [ipaddr.IPv6, number]; readonly at: number }[] = [
  // A socket for both versions.
  { range: ipaddr.IPv6.parseCIDR('::ffff:0:0/96'), at: 12 },
  // NAT64.
  { range: ipaddr.IPv6.parseCIDR('64:ff9b::/96'), at: 12 },
  // 6to4.
  { range: ipaddr.IPv6.parseCIDR('2002::/16'), at: 2 },
]

const parse = (text: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined => {
  const { inner, four } = WRITTEN.exec(text)?.groups ?? {}
  const bare = inner ?? four ?? text
  if (ipaddr.IPv4.isValidFourPartDecimal(bare)) return ipaddr.IPv4.parse(bare)
  if (!ipaddr.IPv6.isValid(bare)) return undefined
  const address = ipaddr.IPv6.parse(bare)
  const embedded = EMBEDDED.find(({ range }) => address.match(range))
  if (embedded !== undefined)
    return new ipaddr.IPv4(address.toByteArray().slice(embedded.at, embedded.at + 4))
  // The zone is the name of an interface of ours.
  return new ipaddr.IPv6(address.parts)
}
