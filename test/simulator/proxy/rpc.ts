import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import { createRandom, type Random } from '../../../stack/players/random.ts'
import { type Ask, bend } from './bend.ts'
import type { Outage, RpcMode, RpcReply, RpcRequest } from './mode.ts'

/** Stands before a node's HTTP, as a node of the kind that one cannot rely on. */
export interface RpcProxy {
  /** Where to ask, on loopback. */
  readonly url: string
  /** From the next request on. */
  set(mode: RpcMode): void
  /** Posts so far, and how many of them were failed on purpose. */
  readonly counts: { readonly posts: number; readonly failed: number }
  stop(): Promise<void>
}

const post = async (url: string, body: unknown): Promise<unknown> => {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  return answer.json()
}

/** A proxy that is NORMAL to begin with. The seed decides which requests fail. */
export const createRpcProxy = async ({
  url,
  seed,
}: {
  readonly url: string
  readonly seed: number
}): Promise<RpcProxy> => {
  const random = createRandom(seed)
  const counts = { posts: 0, failed: 0 }
  const stopping = new AbortController()
  let mode: RpcMode = { kind: 'NORMAL' }

  const ask: Ask = async (method, params) => {
    const reply = (await post(url, { jsonrpc: '2.0', id: 0, method, params })) as RpcReply
    return reply.result
  }
  /** Answers a post by the mode that was set when it came. */
  const reply = async (asked: unknown, current: RpcMode): Promise<unknown> => {
    const requests = (Array.isArray(asked) ? asked : [asked]) as readonly RpcRequest[]
    const bent = await Promise.all(requests.map((each) => bend(current, each, random, ask)))
    const sent = bent.map(({ request }) => request)
    const answers = (await post(url, Array.isArray(asked) ? sent : sent[0])) as
      | RpcReply
      | readonly RpcReply[]
    if (!Array.isArray(answers)) return bent[0]?.answer(answers as RpcReply)
    // A server may answer a batch in any order.
    const bentById = new Map(bent.map((each) => [each.request.id, each]))
    return (answers as readonly RpcReply[]).map((each) => bentById.get(each.id)?.answer(each))
  }

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const current = mode
    const asked: unknown = JSON.parse(await text(request))
    counts.posts += 1
    if (current.kind === 'SLOW')
      await wait(current.milliseconds, undefined, { signal: stopping.signal })
    if (current.kind === 'OUT') {
      counts.failed += 1
      await out(current.how, response, stopping.signal)
      return
    }
    if (current.kind === 'SINGLE' && Array.isArray(asked) && asked.length > current.most) {
      json(response, 200, refused(`batch of more than ${current.most} requests`))
      return
    }
    const answer = () => reply(asked, current)
    if (current.kind === 'FLAKY' && random.chance(current.share)) {
      counts.failed += 1
      await fail(random, asked, response, answer)
    } else json(response, 200, await answer())
  }
  const server = createServer((request, response) => {
    // A node that is gone, or a client that is: neither is told more than that.
    handle(request, response).catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts,
    set: (next) => {
      mode = next
    },
    stop: async () => {
      stopping.abort()
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

const json = (response: ServerResponse, status: number, body: unknown) =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))

/** As many providers refuse a batch: with one error for all of it. */
const refused = (message: string) => ({
  jsonrpc: '2.0',
  id: null,
  error: { code: -32_600, message },
})

const out = async (how: Outage, response: ServerResponse, stopping: AbortSignal) => {
  switch (how) {
    case 'STATUS_429':
      return response.writeHead(429, { 'retry-after': '1' }).end('Too Many Requests')
    case 'STATUS_503':
      return response.writeHead(503).end('Service Unavailable')
    case 'EMPTY':
      return response.writeHead(200, { 'content-type': 'application/json' }).end()
    case 'HTML':
      return response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Welcome</html>')
    case 'DROPPED':
      return response.destroy()
    case 'SILENT':
      // Until the client gives up, or this ends.
      return once(response, 'close', { signal: stopping })
  }
}

/** Fails a post in one of four ways; the last one only after the node has done what was asked. */
const fail = async (
  random: Random,
  asked: unknown,
  response: ServerResponse,
  answer: () => Promise<unknown>,
) => {
  const error = { code: -32603, message: 'Internal error' }
  const refuse = ({ id }: RpcRequest): RpcReply => ({ jsonrpc: '2.0', id: id ?? null, error })
  const luck = random.below(4)
  if (luck === 0) return response.writeHead(500).end('Internal Server Error')
  if (luck === 1) return response.destroy()
  if (luck === 2)
    return json(
      response,
      200,
      Array.isArray(asked) ? asked.map(refuse) : refuse(asked as RpcRequest),
    )
  const body = JSON.stringify(await answer())
  response.writeHead(200, { 'content-length': body.length })
  return response.write(body.slice(0, body.length / 2), () => response.destroy())
}
