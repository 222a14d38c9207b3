import type { Connection, Result } from './connection.ts'
import { answeredWith, FeedError, type Problem, refusedBy } from './errors.ts'
import { createEventParser } from './events.ts'

const isStream = (response: Response) =>
  response.headers.get('content-type')?.startsWith('text/event-stream') === true

/** The errors of an answer that is no stream; none when it is not the API's. */
const problemsOf = async (response: Response): Promise<readonly Problem[]> => {
  try {
    const { errors } = (await response.json()) as Result
    return errors ?? []
  } catch {
    return []
  }
}

/** Waits for work of the server, but not for ever. */
const createPatience =
  (silenceMs: number, giveUp: (error: FeedError) => void) =>
  async <T>(work: Promise<T>): Promise<T> => {
    const timer = setTimeout(
      () => giveUp(new FeedError('SILENCE', `nothing came for ${silenceMs} ms`)),
      silenceMs,
    )
    try {
      return await work
    } finally {
      clearTimeout(timer)
    }
  }

/**
 * GraphQL over Server-Sent Events, one stream for the operation. It reads no further than what was taken, so a server with more to
 * say notices.
 */
export async function* readStream(connection: Connection): AsyncGenerator<Result, never> {
  const { url, payload, authorization, silenceMs, signal } = connection
  const over = new AbortController()
  const within = createPatience(silenceMs, (error) => over.abort(error))
  const leave = () => over.abort(signal.reason)
  signal.addEventListener('abort', leave)
  try {
    const response = await within(
      fetch(url.replace(/^ws/, 'http'), {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'text/event-stream',
          ...(authorization === undefined ? {} : { authorization }),
        },
        body: JSON.stringify(payload),
        cache: 'no-store',
        signal: over.signal,
      }),
    )
    if (!response.ok) throw answeredWith(response.status, await within(problemsOf(response)))
    if (!isStream(response) || response.body === null)
      throw new FeedError('BAD_ANSWER', 'the answer is not an event stream')
    const reader = response.body.getReader()
    const decoder = new TextDecoder()
    const parse = createEventParser()
    for (;;) {
      const { value, done } = await within(reader.read())
      if (done) throw new FeedError('CONNECTION_LOST', 'the stream ended')
      for (const { event, data } of parse(decoder.decode(value, { stream: true }))) {
        if (event === 'next') yield JSON.parse(data) as Result
        if (event === 'error') throw refusedBy([JSON.parse(data) as Problem])
        if (event === 'complete') throw new FeedError('COMPLETE', 'the server ended the feed')
      }
    }
  } finally {
    signal.removeEventListener('abort', leave)
    over.abort()
  }
}
