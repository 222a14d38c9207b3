import { isIP } from 'node:net'

/** `example.com`, `.example.com` with all below it, or `*` for any name. */
export type HostPattern = string

const LOOPBACK: readonly HostPattern[] = ['localhost', '.localhost']

/** The name in a `Host` header, without its port. */
const nameOf = (host: string): string =>
  host
    .toLowerCase()
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')

const fits = (name: string, pattern: HostPattern) =>
  pattern === '*' || name === pattern || (pattern.startsWith('.') && name.endsWith(pattern))

/** Whether a text can stand in the list. */
export const isHostPattern = (text: string): boolean =>
  text === '*' || /^\.?[a-z0-9_-]+(\.[a-z0-9_-]+)*$/.test(text) || isIP(text) !== 0

/**
 * Says whether a request may be answered by the name that its client gave the server. A page of another site may have its own name in the
 * DNS point here and ask like a page of this server; the header tells. Numbers are allowed: no name leads to them. Browsers always send the
 * header, so a program of HTTP/1.0 may leave it out.
 *
 * @param allowed beside the loopback's names.
 */
export const createHostCheck = (allowed: readonly HostPattern[]) => {
  const patterns = [...LOOPBACK, ...allowed.map((each) => each.toLowerCase())]
  return (host: string | undefined): boolean => {
    if (host === undefined) return true
    const name = nameOf(host)
    return isIP(name) !== 0 || patterns.some((pattern) => fits(name, pattern))
  }
}
