import type { Writable } from 'node:stream'
import type { Message } from '../live/sink.ts'

/** A whole text message, from a server: RFC 6455, 5.2. */
const FINAL_TEXT = 0x81
const TWO_BYTES = 126
const EIGHT_BYTES = 127

/** The length that no longer fits into the first byte, and the one that does not fit into two more. */
const MEDIUM = 126
const LONG = 65_536

/** Shorter texts are copied behind their header; longer ones are shared by all sockets. */
const SHARED = 1024

const bodies = new WeakMap<Message, Buffer>()

/** What is the same for everyone who gets the message. */
const bodyOf = (message: Message): Buffer => {
  const body = bodies.get(message) ?? Buffer.from(`${message.json}}`)
  bodies.set(message, body)
  return body
}

const headerSize = (length: number) => (length < MEDIUM ? 2 : length < LONG ? 4 : 10)

const writeHeader = (frame: Buffer, length: number) => {
  frame[0] = FINAL_TEXT
  if (length < MEDIUM) frame[1] = length
  else if (length < LONG) {
    frame[1] = TWO_BYTES
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = EIGHT_BYTES
    frame.writeBigUInt64BE(BigInt(length), 2)
  }
}

/**
 * Sends a message that many get as one frame. Its text is encoded once for all; the library that speaks the protocol would
 * do so for each, which is most of what sending costs beside the system's own part.
 *
 * @param connection a socket whose WebSocket is open; nothing else may be half written on it.
 * @param start the client's own beginning of the message, up to the payload.
 */
export const writeFrame = (connection: Writable, start: Buffer, message: Message): void => {
  const body = bodyOf(message)
  const length = start.length + body.length
  const header = headerSize(length)
  const isShared = body.length >= SHARED
  const frame = Buffer.allocUnsafe(header + (isShared ? start.length : length))
  writeHeader(frame, length)
  start.copy(frame, header)
  if (!isShared) {
    body.copy(frame, header + start.length)
    connection.write(frame)
    return
  }
  connection.cork()
  connection.write(frame)
  connection.write(body)
  connection.uncork()
}
