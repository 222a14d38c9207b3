import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { renderGraphiQL } from '@graphql-yoga/render-graphiql'
import { PLAIN, preferred, STREAM, STRICT } from './accept.ts'

/** An operation that is there to be run when the page is opened. */
export interface Example {
  readonly text: string
}

const HTML = 'text/html'

const compress = promisify(gzip)

/**
 * The tab bar's animation leaves every tab with an offset that shows once the tab has the focus: it would jump away from
 * under the pointer, and the first click on it would be lost.
 */
const TABS_STAY = '<style>.graphiql-tab { transform: none !important }</style>'

const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/**
 * The page runs its own scripts and no other, talks to this server alone, and stands in no frame. Its editor adds styles as it goes, and
 * works in threads that it makes of its own text.
 */
const policyOf = (page: string) => {
  const scripts = [...page.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, text = '']) =>
    // As a browser reads it.
    hashOf(text.replace(/\r\n?/g, '\n')),
  )
  return [
    "default-src 'none'",
    `script-src ${scripts.join(' ')}`,
    "style-src 'unsafe-inline'",
    "connect-src 'self'",
    'img-src data:',
    'font-src data:',
    'worker-src blob: data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

/** GraphiQL in one page that needs nothing from elsewhere. Built when it is first asked for, then kept. */
export const createGraphiql = (examples: readonly Example[]) => {
  const build = async () => {
    const page = renderGraphiQL({
      title: 'Pay402Win',
      favicon: 'data:,',
      endpoint: '/graphql',
      subscriptionsProtocol: 'SSE',
      credentials: 'omit',
      defaultTabs: examples.map(({ text }) => ({ query: text })),
    })
    const text = page.replace('</head>', `${TABS_STAY}</head>`)
    const bytes = Buffer.from(text)
    const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`
    return { bytes, gzipped: await compress(bytes), etag, policy: policyOf(text) }
  }
  let built: ReturnType<typeof build> | undefined

  /** A browser that opens the address; a program asks for JSON. */
  const isAskedFor = (request: IncomingMessage): boolean =>
    request.method === 'GET' && preferred(request, [PLAIN, STRICT, STREAM, HTML]) === HTML

  const send = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    built ??= build()
    const { bytes, gzipped, etag, policy } = await built
    const headers = {
      etag,
      'cache-control': 'no-cache',
      vary: 'Accept, Accept-Encoding',
      'content-security-policy': policy,
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    }
    if (request.headers['if-none-match'] === etag) {
      response.writeHead(304, headers).end()
      return
    }
    const isGzip = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '')
    const body = isGzip ? gzipped : bytes
    response.writeHead(200, {
      ...headers,
      'content-type': 'text/html; charset=utf-8',
      'content-length': body.length,
      ...(isGzip ? { 'content-encoding': 'gzip' } : {}),
    })
    response.end(body)
  }

  return { isAskedFor, send }
}
