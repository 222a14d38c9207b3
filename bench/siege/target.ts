import { Agent, request } from 'node:http'

/** What is attacked, and from where. */
export interface Site {
  readonly port: number
  /** Of the attacker: an address of the loopback range. */
  readonly from: string
}

/** How often it was answered what: a status, and a code of the answer if it has one. */
export type Tally = ReadonlyMap<string, number>

/** Goes on until the signal, then leaves everything open behind. */
export type Attack = (site: Site, gone: AbortSignal) => Promise<Tally>

export interface Asked {
  readonly method?: 'GET' | 'POST'
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
}

/** An operation as a POST. */
export const operation = (query: string, variables?: object): Asked => ({
  body: JSON.stringify({ query, ...(variables === undefined ? {} : { variables }) }),
})

const CODE = /"code":"(\w+)"/

/** Counts answers. */
export const createTally = () => {
  const counts = new Map<string, number>()
  return {
    counts,
    add: (answer: string) => void counts.set(answer, (counts.get(answer) ?? 0) + 1),
  }
}

/** One request; what it was answered. Only the beginning of an answer is looked at. */
export const ask = (
  { port, from }: Site,
  { method = 'POST', path = '/graphql', headers = {}, body }: Asked,
  { agent, signal }: { readonly agent: Agent; readonly signal: AbortSignal },
): Promise<string> =>
  new Promise((resolve) => {
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }
    const sent = request(
      {
        ...{ host: '127.0.0.1', port, method, path, agent, localAddress: from, signal },
        headers: { 'content-type': 'application/json', ...length, ...headers },
      },
      (response) => {
        let begin = ''
        response.on('data', (chunk: Buffer) => {
          if (begin.length < 4096) begin += chunk.toString('latin1')
        })
        const end = () =>
          resolve([response.statusCode, CODE.exec(begin)?.[1]].filter(Boolean).join(' '))
        response.on('end', end)
        response.on('error', end)
      },
    )
    sent.on('error', () => resolve('cut'))
    sent.end(body)
  })

/** Asks without pause, `clients` at once. */
export const askAll =
  (clients: number, asked: (n: number) => Asked): Attack =>
  async (site, signal) => {
    const agent = new Agent({ keepAlive: true, maxSockets: clients })
    const { counts, add } = createTally()
    let n = 0
    const client = async () => {
      while (!signal.aborted) {
        const answer = await ask(site, asked(n++), { agent, signal })
        if (!signal.aborted) add(answer)
      }
    }
    await Promise.all(Array.from({ length: clients }, client))
    agent.destroy()
    return counts
  }

/** Resolves when the signal aborts. */
export const untilGone = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
