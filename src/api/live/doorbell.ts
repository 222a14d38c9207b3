import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import { connect } from '../db/connect.ts'
import { createWires } from '../db/wires.ts'

/** Rings when the indexer may have committed something. A ring carries nothing: look at the rows. */
export interface Doorbell {
  readonly stop: () => Promise<void>
}

export interface DoorbellOptions {
  readonly url: string
  /** The indexer's schema; Ponder notifies `<schema>_live_query` after each live block. */
  readonly schema: string
  readonly log: Logger
  readonly heartbeatMs?: number
  /** How long one LISTEN may take before its connection counts as dead. */
  readonly timeoutMs?: number
  readonly onRing: () => void
}

const FIRST_PAUSE_MS = 50
const LONGEST_PAUSE_MS = 5000

/**
 * LISTENs on a connection of its own. The heartbeat repeats the LISTEN: on a living session that changes nothing, on a
 * dead one it fails, and another one is opened after a growing pause. Each new session rings once, because bells may have been missed before it.
 * The payload is never read: any login of the database can send one.
 */
export const createDoorbell = (options: DoorbellOptions): Doorbell => {
  const { log, onRing, heartbeatMs = 5000, timeoutMs = 5000 } = options
  const stopping = new AbortController()
  const channel = `${options.schema}_live_query`

  const session = async () => {
    const closed = Promise.withResolvers<void>()
    const wires = createWires()
    const settings = {
      socket: wires.open,
      max: 1,
      idle_timeout: 0,
      max_lifetime: null,
      fetch_types: false,
      connect_timeout: Math.ceil(timeoutMs / 1000),
      connection: { application_name: 'pay402win-doorbell' },
      onnotice: () => undefined,
      onclose: () => closed.resolve(),
      /** Not in the driver's types; it is how its own `listen` hears. */
      onnotify: (name: string) => {
        if (name === channel) onRing()
      },
    }
    const sql = connect(options.url, settings)
    const listen = () =>
      Promise.race([
        sql.unsafe(`listen "${channel}"`).then(() => undefined),
        delay(timeoutMs, undefined, { ref: false }).then(() => {
          throw new Error(`no answer to LISTEN in ${timeoutMs} ms`)
        }),
      ])
    try {
      await listen()
      log.debug({ channel }, 'doorbell connected')
      onRing()
      for (;;) {
        const heartbeat = delay(heartbeatMs, 'due', { signal: stopping.signal })
        if ((await Promise.race([closed.promise, heartbeat])) !== 'due')
          throw new Error('the connection was closed')
        await listen()
        onRing()
      }
    } finally {
      // A silent peer hears no goodbye.
      wires.cut()
      await sql.end({ timeout: 0 })
    }
  }

  const run = async () => {
    let pause = FIRST_PAUSE_MS
    while (!stopping.signal.aborted) {
      const since = performance.now()
      try {
        await session()
      } catch (error) {
        if (stopping.signal.aborted) return
        if (performance.now() - since > LONGEST_PAUSE_MS) pause = FIRST_PAUSE_MS
        log.warn({ err: error, pause }, 'doorbell lost; looking every second until it is back')
        await delay(pause, undefined, { signal: stopping.signal }).catch(() => undefined)
        pause = Math.min(pause * 2, LONGEST_PAUSE_MS)
      }
    }
  }
  const running = run()

  return {
    stop: async () => {
      stopping.abort()
      await running
    },
  }
}
