import type { IncomingMessage } from 'node:http'

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
