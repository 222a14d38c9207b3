import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { renderGraphiQL } from '@graphql-yoga/render-graphiql'

/** An operation that is there to be run when the page is opened. */
export interface Example {
  readonly text: string
}

const compress = promisify(gzip)

/**
 * The tab bar's animation leaves every tab with an offset that shows once the tab has the focus: it would jump away from
 * under the pointer, and the first click on it would be lost.
 */
const TABS_STAY = '<style>.graphiql-tab { transform: none !important }</style>'

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
    const bytes = Buffer.from(page.replace('</head>', `${TABS_STAY}</head>`))
    const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`
    return { bytes, gzipped: await compress(bytes), etag }
  }
  let built: ReturnType<typeof build> | undefined

  /** A browser that opens the address; a program asks for JSON. */
  const isAskedFor = ({ method, headers }: IncomingMessage): boolean =>
    method === 'GET' && headers.accept?.includes('text/html') === true

  const send = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    built ??= build()
    const { bytes, gzipped, etag } = await built
    const headers = { etag, 'cache-control': 'no-cache', vary: 'Accept, Accept-Encoding' }
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
