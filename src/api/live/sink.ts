/** One message of a subscription, as it goes over the wire. */
export interface Message {
  /** The result, serialised. */
  readonly json: string
  /** Where to go on from after it. */
  readonly cursor?: string
}

/** Why a subscription ends: it has nothing more to say, or its client does not read. */
export type EndReason = 'complete' | 'slow'

/** The client's end of one subscription. */
export interface Sink {
  readonly send: (message: Message) => void
  /** False while what was sent has not left this process. */
  readonly isReady: () => boolean
  /** Calls once, when more may be sent. */
  readonly whenReady: (listener: () => void) => void
  readonly end: (reason: EndReason) => void
}

/** A subscription that has been accepted. Nothing is sent before it is attached. */
export interface LiveStream {
  /** Begins. Returns how to leave: nothing is sent after that, not even an end. */
  readonly attach: (sink: Sink) => () => void
}

const streams = new WeakSet<object>()

export const createLiveStream = (attach: LiveStream['attach']): LiveStream => {
  const stream = { attach }
  streams.add(stream)
  return stream
}

export const isLiveStream = (value: unknown): value is LiveStream =>
  typeof value === 'object' && value !== null && streams.has(value)
