/**
 * Honest listeners of one pool, in a process of their own: each notes when it heard of which head. Started by siege.ts.
 */
import { Agent, get } from 'node:http'
import { WebSocket } from 'ws'
import { clock } from '../support/clock.ts'
import { answerWords } from '../support/talker.ts'

export interface Mined {
  readonly number: number
  /** When the database told of it, on the common clock. */
  readonly at: number
}

export type Word =
  | {
      readonly type: 'join'
      readonly port: number
      readonly sockets: number
      readonly streams: number
    }
  /** Answers how long each listener took to hear of each of these blocks, or of a later one. */
  | { readonly type: 'report'; readonly mined: readonly Mined[] }

export interface Witnessed {
  /** In ms, for each listener and block. */
  readonly delays: readonly number[]
  /** Listeners times blocks that were not heard of. */
  readonly missed: number
}

const QUERY = `subscription { livePool(poolId: "1") { head { number } participants round { entryCount prizePool { raw } } } }`
const NUMBER = /"number":"?(\d+)/g

interface Heard {
  readonly number: number
  readonly at: number
}

const listeners: Heard[][] = []

const listener = () => {
  const heard: Heard[] = []
  listeners.push(heard)
  return (text: string) => {
    for (const [, number] of text.matchAll(NUMBER))
      heard.push({ number: Number(number), at: clock() })
  }
}

const joinSocket = (port: number) =>
  new Promise<void>((resolve, reject) => {
    const hear = listener()
    const socket = new WebSocket(`ws://127.0.0.1:${port}/graphql`, 'graphql-transport-ws')
    socket.on('error', reject)
    socket.on('open', () => socket.send('{"type":"connection_init"}'))
    socket.on('message', (data: Buffer) => {
      const text = data.toString()
      if (text.includes('"connection_ack"'))
        socket.send(JSON.stringify({ id: 's', type: 'subscribe', payload: { query: QUERY } }))
      if (!text.includes('"next"')) return
      hear(text)
      resolve()
    })
  })

const agent = new Agent({ maxSockets: Number.POSITIVE_INFINITY })

const joinStream = (port: number) =>
  new Promise<void>((resolve, reject) => {
    const hear = listener()
    const path = `/graphql?${new URLSearchParams({ query: QUERY })}`
    get(
      { host: '127.0.0.1', port, path, agent, headers: { accept: 'text/event-stream' } },
      (response) =>
        response.on('data', (chunk: Buffer) => {
          if (!chunk.includes('event: next')) return
          hear(chunk.toString())
          resolve()
        }),
    ).on('error', reject)
  })

const report = (mined: readonly Mined[]): Witnessed => {
  const delays: number[] = []
  let missed = 0
  for (const heard of listeners)
    for (const { number, at } of mined) {
      const first = heard.find((one) => one.number >= number)
      if (first === undefined) missed += 1
      else delays.push(Math.max(0, first.at - at))
    }
  return { delays, missed }
}

answerWords<Word>(async (word) => {
  if (word.type === 'report') return report(word.mined)
  await Promise.all([
    ...Array.from({ length: word.sockets }, () => joinSocket(word.port)),
    ...Array.from({ length: word.streams }, () => joinStream(word.port)),
  ])
  return null
})
