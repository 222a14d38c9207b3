import { createClient as createStreamClient } from 'graphql-sse'
import { type Client, createClient as createSocketClient } from 'graphql-ws'
import WebSocket from 'ws'

/** What arrived and was not read yet; reading waits for the next. */
export const createInbox = <Message>(waitMs = 10_000) => {
  const arrived: Message[] = []
  const readers: ((message: Message) => void)[] = []
  return {
    put: (message: Message) => {
      const reader = readers.shift()
      if (reader === undefined) arrived.push(message)
      else reader(message)
    },
    /** The next message. Fails when none comes. */
    next: () =>
      new Promise<Message>((resolve, reject) => {
        const [first] = arrived.splice(0, 1)
        if (first !== undefined) return resolve(first)
        // Made here, so that its trace says who waited.
        const late = new Error(`no message in ${waitMs} ms`)
        const timer = setTimeout(() => reject(late), waitMs)
        readers.push((message) => {
          clearTimeout(timer)
          resolve(message)
        })
      }),
    /** Messages that arrived and were not read. */
    unread: () => arrived.length,
  }
}

export interface Subscription {
  readonly next: () => Promise<unknown>
  readonly unread: () => number
  /** Resolves with `complete`, or with what the client says went wrong. */
  readonly ended: Promise<unknown>
  readonly close: () => void
}

interface Operation {
  readonly query: string
  readonly variables?: Record<string, unknown>
}

type Subscribe = (
  operation: Operation,
  sink: { next: (value: unknown) => void; error: (error: unknown) => void; complete: () => void },
) => () => void

const subscription = (subscribe: Subscribe, operation: Operation): Subscription => {
  const inbox = createInbox<unknown>()
  const ended = Promise.withResolvers<unknown>()
  const close = subscribe(operation, {
    next: inbox.put,
    error: ended.resolve,
    complete: () => ended.resolve('complete'),
  })
  return { next: inbox.next, unread: inbox.unread, ended: ended.promise, close }
}

/** A real graphql-ws client; one socket for all its subscriptions. */
export const createSocket = (url: string) => {
  const client: Client = createSocketClient({
    url,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    lazy: true,
  })
  return {
    subscribe: (operation: Operation) =>
      subscription((payload, sink) => client.subscribe(payload, sink), operation),
    close: () => client.dispose(),
  }
}

/** A real graphql-sse client; one event stream each subscription. */
export const createStream = (url: string) => {
  const client = createStreamClient({ url, retryAttempts: 0 })
  return {
    subscribe: (operation: Operation) =>
      subscription((payload, sink) => client.subscribe(payload, sink), operation),
    close: () => client.dispose(),
  }
}

/** A bare WebSocket with an inbox, to say what no proper client would. */
export const createRawSocket = async (url: string, options: WebSocket.ClientOptions = {}) => {
  const socket = new WebSocket(url, 'graphql-transport-ws', options)
  const inbox = createInbox<Record<string, unknown>>()
  const closed = Promise.withResolvers<{ code: number; reason: string }>()
  socket.on('message', (data) => inbox.put(JSON.parse(String(data))))
  socket.on('close', (code, reason) => closed.resolve({ code, reason: String(reason) }))
  await new Promise((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
  })
  socket.on('error', () => undefined)
  const send = (message: unknown) => socket.send(JSON.stringify(message))
  return {
    send,
    sendText: (text: string) => socket.send(text),
    next: inbox.next,
    unread: inbox.unread,
    /** Stops reading from the network, and goes on. */
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    closed: closed.promise,
    close: () => {
      socket.close()
      return closed.promise
    },
    /** Introduces itself and waits for the answer. */
    init: async () => {
      send({ type: 'connection_init' })
      return inbox.next()
    },
    subscribe: (id: string, query: string) => send({ type: 'subscribe', id, payload: { query } }),
  }
}
