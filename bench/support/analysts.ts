/**
 * Analysts at their worst, in a process of their own: as many statements, exports and aggregates at once as the API lets them
 * have, each over everything, and the next as soon as one is answered. Started by together.ts, which talks to it over the channel.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { answerWords } from './talker.ts'

export type Word =
  | { readonly type: 'start'; readonly origin: string; readonly keys: readonly string[] }
  /** Leaves in the middle of everything. Answers what was done. */
  | { readonly type: 'stop' }

/** How many were answered to their end, and how many with an error. */
export interface Analysed {
  readonly statements: number
  readonly exports: number
  readonly aggregates: number
  readonly refused: number
}

const STATEMENTS = [
  `select player, count(*), count(distinct number), sum(amount) from entries group by player order by 4 desc limit 1000`,
  `select pool_id, number, status, count(*), count(distinct player), sum(amount) from entries group by 1, 2, 3`,
  `select player, block_number, sum(amount) over (partition by player order by block_number, log_index) from entries`,
]
const AGGREGATES = `{ entryAggregates(groupBy: [TOKEN, PLAYER, NUMBER], orderBy: [{ field: COUNT, direction: DESC }], first: 1000) {
  player { address } number count players amount { sum { raw } max { raw } } } }`
/** Statements of one key at once that the API lets run. */
const STATEMENTS_OF_KEY = 2
const PATIENCE_MS = 100

const work = ({ origin, keys }: Extract<Word, { type: 'start' }>) => {
  const gone = new AbortController()
  const done = { statements: 0, exports: 0, aggregates: 0, refused: 0 }

  /** Reads an answer to its end, and says whether it was one. */
  const read = async (response: Response): Promise<boolean> => {
    let begin = ''
    for await (const chunk of response.body ?? [])
      if (begin.length < 100) begin += Buffer.from(chunk).toString()
    return response.ok && !begin.startsWith('{"errors"')
  }
  const client = async (
    kind: Exclude<keyof Analysed, 'refused'>,
    key: string,
    asked: (n: number) => readonly [path: string, body?: object],
  ) => {
    for (let n = 0; !gone.signal.aborted; n++) {
      const [path, body] = asked(n)
      const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
      const post = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
      const isDone = await fetch(`${origin}${path}`, { headers, signal: gone.signal, ...post })
        .then(read)
        .catch(() => false)
      if (gone.signal.aborted) return
      done[isDone ? kind : 'refused'] += 1
      if (!isDone) await wait(PATIENCE_MS)
    }
  }
  const clients = keys.flatMap((key, at) => [
    ...Array.from({ length: STATEMENTS_OF_KEY }, (_, seat) =>
      client('statements', key, (n) => [
        '/sql',
        { query: STATEMENTS[(n + at + seat) % STATEMENTS.length] },
      ]),
    ),
    client('exports', key, () => ['/export/entries?format=ndjson']),
    client('aggregates', key, () => ['/graphql', { query: AGGREGATES }]),
  ])
  return async (): Promise<Analysed> => {
    gone.abort()
    await Promise.all(clients)
    return done
  }
}

let leave: ReturnType<typeof work> | undefined

answerWords<Word>(async (word) => {
  if (word.type === 'stop') return leave?.()
  leave = work(word)
  return null
})
