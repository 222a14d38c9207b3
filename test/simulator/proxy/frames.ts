/** A message of PostgreSQL's protocol 3, whole: its type and all of its bytes. */
export interface Frame {
  readonly type: string
  readonly bytes: Buffer
}

const LENGTH = 4

/**
 * Cuts what a server sends into messages. The server answers a request for encryption with a single byte instead of a message:
 * `expectByte` says that one is due.
 */
export const createFrames = () => {
  let rest: Buffer = Buffer.alloc(0)
  let bytesDue = 0
  return {
    expectByte: () => {
      bytesDue += 1
    },
    push: (chunk: Buffer): readonly Frame[] => {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      const frames: Frame[] = []
      for (;;) {
        const size = bytesDue > 0 ? 1 : sizeOf(rest)
        if (rest.length === 0 || size > rest.length) return frames
        if (bytesDue > 0) bytesDue -= 1
        frames.push({ type: rest.toString('latin1', 0, 1), bytes: rest.subarray(0, size) })
        rest = rest.subarray(size)
      }
    },
  }
}

const sizeOf = (bytes: Buffer) =>
  bytes.length < 1 + LENGTH ? Number.POSITIVE_INFINITY : 1 + bytes.readUInt32BE(1)

/** Whether the server says by this message that it has committed. A commit of a failed transaction says ROLLBACK. */
export const isCommitted = ({ type, bytes }: Frame) =>
  type === 'C' && bytes.toString('latin1', 1 + LENGTH) === 'COMMIT\0'

/** SSLRequest and GSSENCRequest: eight bytes, before anything else. */
export const asksForEncryption = (chunk: Buffer) =>
  chunk.length === 8 &&
  chunk.readUInt32BE(0) === 8 &&
  [80877103, 80877104].includes(chunk.readUInt32BE(4))
