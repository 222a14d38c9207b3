import { connect, type Socket } from 'node:net'
import { type Attack, createTally, operation, type Site, untilGone } from './target.ts'

/** Attacks by connections that do not do what a client does. */

/** Opens so many connections, says something on each, and then does nothing more, not even read. */
const hold =
  (count: number, say: (n: number) => string): Attack =>
  async (site: Site, signal) => {
    const { counts, add } = createTally()
    const open: Socket[] = []
    for (let n = 0; n < count && !signal.aborted; n++) {
      const socket = connect({ host: '127.0.0.1', port: site.port, localAddress: site.from })
      open.push(socket)
      socket.pause()
      socket.on('connect', () => {
        add('connected')
        socket.write(say(n))
      })
      socket.on('error', () => add('refused'))
      socket.on('close', () => {
        if (!signal.aborted) add('closed')
      })
      if (n % 100 === 99) await new Promise((resolve) => setImmediate(resolve))
    }
    await untilGone(signal)
    for (const socket of open) socket.destroy()
    return counts
  }

const HEAD = 'POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n'
const post = (body: string) => `${HEAD}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`

const WIDE = `query ($n: BigInt) { entries(first: 1000, where: { entryId: { gt: $n } }) { edges { cursor node {
  id entryId number amount { raw decimal token { symbol } } player { address } payer tx { hash blockHash timestamp } } } } }`

const wide = (n: number) => String(operation(WIDE, { n: String(n) }).body)

export const CONNECTING = {
  'answers that nobody reads': hold(200, (n) => post(wide(n)).repeat(5)),
  'requests without an end': hold(2_000, (n) =>
    n % 2 === 0 ? HEAD : `${HEAD}content-length: 60000\r\n\r\n{"query":"`,
  ),
  'idle connections': hold(3_000, () => ''),
} as const satisfies Record<string, Attack>
