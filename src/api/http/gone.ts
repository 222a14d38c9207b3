import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

/** An `abort()` without a reason makes an error with its stack each time. */
const GONE = 'the client has gone'

const requests = new WeakMap<ServerResponse, AbortSignal>()
const connections = new WeakMap<Duplex, AbortSignal>()

/**
 * Aborts when the request is over: answered, or its connection has gone. The same signal whenever it is asked for, aborted already if the
 * request is over by then, so nothing that is held until it aborts is held for good.
 */
export const goneOf = (response: ServerResponse): AbortSignal => {
  const known = requests.get(response)
  if (known !== undefined) return known
  const gone = new AbortController()
  requests.set(response, gone.signal)
  // An answer that waits behind another one of its connection does not hear that the connection closes.
  const connection = connectionGone(response.req.socket)
  const leave = () => {
    connection.removeEventListener('abort', leave)
    gone.abort(GONE)
  }
  response.once('close', leave)
  connection.addEventListener('abort', leave)
  if (response.closed || connection.aborted) leave()
  return gone.signal
}

/** Aborts when the connection has closed, also when it had before. */
export const connectionGone = (connection: Duplex): AbortSignal => {
  const known = connections.get(connection)
  if (known !== undefined) return known
  const gone = new AbortController()
  connections.set(connection, gone.signal)
  connection.once('close', () => gone.abort(GONE))
  if (connection.destroyed) gone.abort(GONE)
  return gone.signal
}
