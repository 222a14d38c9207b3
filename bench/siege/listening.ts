import { Agent } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { zeroAddress } from 'viem'
import { WebSocket } from 'ws'
import { type Attack, ask, createTally, type Site, untilGone } from './target.ts'

/** Attacks by subscriptions. */

const CODE = /"code":"(\w+)"/

interface Payload {
  readonly query: string
  readonly variables?: object
}

/** Opens sockets, ten at a time, each with so many operations, and keeps what is not refused. */
const subscribe =
  (sockets: number, operations: number, payload: (n: number) => Payload): Attack =>
  async ({ port, from }, signal) => {
    const { counts, add } = createTally()
    const open: WebSocket[] = []
    let n = 0
    const join = () =>
      new Promise<void>((resolve) => {
        const socket = new WebSocket(`ws://127.0.0.1:${port}/graphql`, 'graphql-transport-ws', {
          localAddress: from,
          perMessageDeflate: false,
        })
        open.push(socket)
        socket.on('error', (error) => {
          add(error.message)
          resolve()
        })
        socket.on('close', (code) => {
          if (!signal.aborted) add(`closed ${code}`)
          resolve()
        })
        socket.on('open', () => {
          socket.send('{"type":"connection_init"}')
          for (let id = 0; id < operations; id++)
            socket.send(JSON.stringify({ id: `${id}`, type: 'subscribe', payload: payload(n++) }))
          resolve()
        })
        socket.on('message', (data: Buffer) => {
          const begin = data.toString('latin1', 0, 600)
          if (begin.includes('"ping"')) socket.send('{"type":"pong"}')
          else add(CODE.exec(begin)?.[1] ?? (begin.includes('"next"') ? 'message' : 'other'))
        })
      })
    for (let at = 0; at < sockets && !signal.aborted; at += 10)
      await Promise.all(Array.from({ length: Math.min(10, sockets - at) }, join))
    await untilGone(signal)
    for (const socket of open) socket.terminate()
    return counts
  }

const LIVE_POOLS = `subscription ($w: PoolFilter) { livePools(where: $w, first: 1) {
  head { number } pool { name } round { prizePool { raw } entryCount } participants lastEntries { number } } }`
const FEED = `subscription ($w: ActivityFilter) { feed(fromStart: true, where: $w) {
  ... on FeedAppend { head { number } events { kind } } } }`
const SAME = 'subscription { livePool(poolId: "1") { head { number } } }'
const BOARD = `subscription ($n: Int!) { leaderboard(token: "${zeroAddress}", metric: WAGERED, first: $n) {
  head { number } entries { rank player { address } } moves { from to } } }`

/** A true cursor with a place that cannot be: a log without number, or a head that nobody has. */
const forge = (cursor: string, n: number): string => {
  const parts: unknown[] = JSON.parse(Buffer.from(cursor, 'base64url').toString())
  const [version, kind, chain, contract, number, hash, , finalized] = parts
  const most = Number.MAX_SAFE_INTEGER - n
  const bent =
    n % 2 === 0
      ? [version, kind, chain, contract, number, hash, most, finalized]
      : [version, kind, chain, contract, most, hash, null, finalized]
  return Buffer.from(JSON.stringify(bent)).toString('base64url')
}

const stream = (query: string, variables: object, headers = {}) => ({
  method: 'GET' as const,
  path: `/graphql?${new URLSearchParams({ query, variables: JSON.stringify(variables) })}`,
  headers: { accept: 'text/event-stream', ...headers },
})

const cursorOf = async ({ port }: Site): Promise<string> => {
  const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"query":"{ head { cursor } }"}',
  })
  const { data } = (await response.json()) as { data: { head: { cursor: string } } }
  return data.head.cursor
}

const forged: Attack = async (site, signal) => {
  const { counts, add } = createTally()
  const cursor = await cursorOf(site)
  const agent = new Agent({ maxSockets: 1_000 })
  const query = `subscription ($after: Cursor) { feed(after: $after) { ... on FeedAppend { cursor } } }`
  const all = Array.from({ length: 300 }, async (_, n) => {
    const after = forge(cursor, n)
    add(await ask(site, stream(query, { after }), { agent, signal }))
  })
  await Promise.all(all)
  await untilGone(signal)
  agent.destroy()
  return counts
}

/** Streams with a key that has to be looked up, each given up at once. */
const givenUp: Attack = async (site, signal) => {
  const { counts, add } = createTally()
  while (!signal.aborted) {
    const agent = new Agent({ maxSockets: 400 })
    const all = Array.from({ length: 400 }, async (_, n) => {
      const leave = AbortSignal.any([signal, AbortSignal.timeout(15 + (n % 30))])
      const authorization = `Bearer p402_${String(n).padStart(8, 'A')}_${'k'.repeat(43)}`
      add(await ask(site, stream(SAME, {}, { authorization }), { agent, signal: leave }))
    })
    await Promise.all(all)
    agent.destroy()
    await wait(100)
  }
  return counts
}

export const LISTENING = {
  'all subscriptions': subscribe(250, 100, () => ({ query: SAME })),
  'distinct live queries': subscribe(60, 80, (n) => ({
    query: LIVE_POOLS,
    variables: { w: { feeBps: { gte: -1 - n } } },
  })),
  'distinct feeds from the start': subscribe(40, 25, (n) => ({
    query: FEED,
    variables: { w: { blockNumber: { gte: -1 - n } } },
  })),
  'distinct live leaderboards': subscribe(10, 50, (n) => ({
    query: BOARD,
    variables: { n: 1 + (n % 1_000) },
  })),
  'forged cursors': forged,
  'streams given up': givenUp,
} as const satisfies Record<string, Attack>
