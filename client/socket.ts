import type { Connection, Result, Socket } from './connection.ts'
import { closedWith, FeedError, type Problem, refusedBy } from './errors.ts'
import { createInbox } from './inbox.ts'

const PROTOCOL = 'graphql-transport-ws'
const ID = 'feed'

/** A page cannot stop a WebSocket from reading: one that is so far behind comes back later with its cursor instead. */
const MOST_WAITING = 1000

type Said =
  | { readonly type: 'next'; readonly payload: Result }
  | { readonly type: 'error'; readonly payload: readonly Problem[] }
  | { readonly type: 'connection_ack' | 'complete' | 'ping' | 'pong' }

/** Calls `ask` after a while of silence, and `onSilence` when that is not answered either. */
const createWatch = (silenceMs: number, ask: () => void, onSilence: () => void) => {
  let quiet = 0
  const timer = setInterval(() => {
    quiet += 1
    if (quiet === 2) ask()
    if (quiet > 3) onSilence()
  }, silenceMs / 4)
  return {
    heard: () => {
      quiet = 0
    },
    stop: () => clearInterval(timer),
  }
}

const answer = (
  socket: Socket,
  { payload }: Connection,
  inbox: ReturnType<typeof createInbox<Result>>,
) => {
  const say = (message: object) => socket.send(JSON.stringify(message))
  return (said: Said) => {
    if (said.type === 'connection_ack') say({ id: ID, type: 'subscribe', payload })
    else if (said.type === 'ping') say({ type: 'pong' })
    else if (said.type === 'next') inbox.put(said.payload)
    else if (said.type === 'error') inbox.fail(refusedBy(said.payload))
    else if (said.type === 'complete')
      inbox.fail(new FeedError('COMPLETE', 'the server ended the feed'))
    if (inbox.size() >= MOST_WAITING) {
      inbox.fail(new FeedError('BEHIND', `${MOST_WAITING} messages wait for the handlers`))
      socket.close(1000)
    }
  }
}

/** GraphQL over WebSocket: the protocol graphql-transport-ws, for one operation. */
export async function* readSocket(connection: Connection): AsyncGenerator<Result, never> {
  const { url, authorization, silenceMs, signal, webSocket: WebSocket } = connection
  if (WebSocket === undefined)
    throw new FeedError('NO_WEBSOCKET', 'There is no WebSocket here: pass one as `webSocket`', {
      isFinal: true,
    })
  const inbox = createInbox<Result>()
  const socket = new WebSocket(url.replace(/^http/, 'ws'), PROTOCOL)
  const hear = answer(socket, connection, inbox)
  let isOpen = false
  const say = (type: string, payload?: object) => {
    if (isOpen) socket.send(JSON.stringify({ type, payload }))
  }
  const watch = createWatch(
    silenceMs,
    () => say('ping'),
    () => inbox.fail(new FeedError('SILENCE', `nothing came for ${silenceMs} ms`)),
  )
  const leave = () => inbox.fail(signal.reason)
  signal.addEventListener('abort', leave)
  socket.addEventListener('open', () => {
    isOpen = true
    say('connection_init', authorization === undefined ? undefined : { authorization })
  })
  socket.addEventListener('message', ({ data }) => {
    watch.heard()
    try {
      if (isOpen) hear(JSON.parse(String(data)))
    } catch (cause) {
      inbox.fail(new FeedError('BAD_ANSWER', 'the server does not speak the protocol', { cause }))
    }
  })
  // What it says is told by the close that follows.
  socket.addEventListener('error', () => {})
  socket.addEventListener('close', ({ code, reason }) => {
    isOpen = false
    inbox.fail(closedWith(code, reason))
  })
  try {
    for (;;) yield await inbox.take()
  } finally {
    isOpen = false
    watch.stop()
    signal.removeEventListener('abort', leave)
    socket.close(1000)
  }
}
