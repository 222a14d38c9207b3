/**
 * Many subscribers in a process of their own, as cheap as they can be: nothing is parsed but what tells a message from a
 * greeting. Started by audience.ts, which talks to it over the channel.
 */
import { Agent, get } from 'node:http'
import { WebSocket } from 'ws'
import { clock } from './clock.ts'
import { quantile } from './figures.ts'
import { answerWords } from './talker.ts'

export interface Orders {
  readonly transport: 'ws' | 'sse'
  readonly url: string
  readonly count: number
  readonly query: string
  /** Takes the first message and reads no more. */
  readonly stalls?: boolean
}

export type Word =
  | { readonly type: 'join'; readonly orders: Orders }
  /** Answers when everyone has so many messages. */
  | { readonly type: 'await'; readonly messages: number; readonly since: number }
  | { readonly type: 'leave' }

/** Times in ms after `since`, over all subscribers. */
export interface Arrival {
  readonly p50: number
  readonly p99: number
  readonly last: number
  readonly bytes: number
}

const counts: number[] = []
/** When the n-th message came, for everyone who has it. */
const arrivals: number[][] = []
let bytes = 0
const leaves: (() => void)[] = []
let waiting: (() => void) | undefined

const arrive = (who: number, size: number) => {
  const at = counts[who] ?? 0
  counts[who] = at + 1
  const times = arrivals[at] ?? []
  arrivals[at] = times
  times.push(clock())
  bytes = size
  if (times.length === counts.length) waiting?.()
}

const joinSocket = (who: number, { url, query, stalls }: Orders) =>
  new Promise<void>((resolve, reject) => {
    const socket = new WebSocket(url, 'graphql-transport-ws', { perMessageDeflate: false })
    socket.on('error', reject)
    socket.on('open', () => socket.send('{"type":"connection_init"}'))
    socket.on('message', (data: Buffer) => {
      if (data.includes('"next"')) {
        arrive(who, data.length)
        if (stalls === true) socket.pause()
        resolve()
      } else if (data.includes('"connection_ack"'))
        socket.send(JSON.stringify({ id: `s${who}`, type: 'subscribe', payload: { query } }))
    })
    leaves.push(() => socket.terminate())
  })

const agent = new Agent({ maxSockets: Number.POSITIVE_INFINITY })

const joinStream = (who: number, { url, query }: Orders) =>
  new Promise<void>((resolve, reject) => {
    const address = new URL(url)
    address.searchParams.set('query', query)
    const request = get(address, { agent, headers: { accept: 'text/event-stream' } }, (response) =>
      response.on('data', (chunk: Buffer) => {
        if (!chunk.includes('event: next')) return
        arrive(who, chunk.length)
        resolve()
      }),
    )
    request.on('error', reject)
    leaves.push(() => request.destroy())
  })

const AT_ONCE = 200

const join = async (orders: Orders) => {
  const one = orders.transport === 'ws' ? joinSocket : joinStream
  for (let who = 0; who < orders.count; who++) counts.push(0)
  for (let from = 0; from < orders.count; from += AT_ONCE)
    await Promise.all(
      Array.from({ length: Math.min(AT_ONCE, orders.count - from) }, (_, at) =>
        one(from + at, orders),
      ),
    )
}

const awaitMessages = async (messages: number, since: number): Promise<Arrival> => {
  while ((arrivals[messages - 1]?.length ?? 0) < counts.length)
    await new Promise<void>((resolve) => {
      waiting = resolve
    })
  const times = (arrivals[messages - 1] ?? []).map((time) => time - since)
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99), last: Math.max(...times), bytes }
}

const hear = async (word: Word): Promise<unknown> => {
  if (word.type === 'join') return join(word.orders)
  if (word.type === 'await') return awaitMessages(word.messages, word.since)
  for (const leave of leaves.splice(0)) leave()
  return null
}

answerWords(hear)
