/**
 * The pages of a front end, asking from a process of its own: as fast as they are answered, or at a rate that does not care
 * whether they are. Started by together.ts, which talks to it over the channel.
 */
import { Agent, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { waitFor } from '../../stack/process.ts'
import { PAGES, type Screens, screenAt } from './screens.ts'
import { answerWords } from './talker.ts'

export type Word =
  /** Waits until each page is answered: a large leaderboard is not, while it is read for the first time. */
  | { readonly type: 'ready'; readonly site: Site }
  /** So many clients, each asking when it has been answered, for so long. Answers how many questions a second. */
  | { readonly type: 'closed'; readonly site: Site; readonly clients: number; readonly ms: number }
  /** Asks so many questions a second from now on. */
  | { readonly type: 'open'; readonly site: Site; readonly rate: number }
  /** From now on it counts. */
  | { readonly type: 'count' }
  /** Asks no more. Answers with what was counted, when the last one is answered. */
  | { readonly type: 'stop' }

export interface Site extends Screens {
  readonly url: string
  /** The pages take turns to ask from these addresses of the loopback range. */
  readonly addresses?: readonly string[]
}

export interface Asking {
  /** From the moment at which a question was due to the last byte of its answer, in ms. */
  readonly latencies: readonly number[]
  /** Of them those that were answered with an error, or not at all. */
  readonly failed: number
}

/** Browsers have a connection each; past so many, questions wait here, and their time runs. */
const SOCKETS = 256
const TICK_MS = 2

const agent = new Agent({ keepAlive: true, maxSockets: SOCKETS })
let asked = 0

const answerTo = (site: Site, n: number): Promise<string> =>
  new Promise((resolve, reject) => {
    const body = JSON.stringify(screenAt(n, site))
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    }
    const from = site.addresses?.[n % site.addresses.length]
    const local = from === undefined ? {} : { localAddress: from }
    request(site.url, { method: 'POST', agent, headers, ...local }, (response) =>
      text(response).then(resolve, reject),
    )
      .on('error', reject)
      .end(body)
  })

const isFine = (answer: string) => answer.startsWith('{"data"') && !answer.includes('"errors"')

const ask = (site: Site): Promise<string> => answerTo(site, asked++).catch(String)

const askUntilReady = async (site: Site) => {
  for (let n = 0; n < PAGES; n++)
    await waitFor(`page ${n}`, async () => {
      const answer = await answerTo(site, n)
      if (isFine(answer)) return true
      throw new Error(answer)
    })
}

const askClosed = async (site: Site, clients: number, ms: number): Promise<number> => {
  const since = performance.now()
  let answered = 0
  const client = async () => {
    while (performance.now() < since + ms) {
      const answer = await ask(site)
      if (!isFine(answer)) throw new Error(`no figure: the front end was answered ${answer}`)
      answered += 1
    }
  }
  await Promise.all(Array.from({ length: clients }, client))
  return (1000 * answered) / (performance.now() - since)
}

const askOpen = (site: Site, rate: number) => {
  const since = performance.now()
  const latencies: number[] = []
  const pending = new Set<Promise<void>>()
  let due = 0
  let failed = 0
  let countsFrom = Number.POSITIVE_INFINITY
  const timer = setInterval(() => {
    for (; since + (1000 * due) / rate <= performance.now(); due++) {
      const at = since + (1000 * due) / rate
      const one = ask(site).then((answer) => {
        pending.delete(one)
        if (at < countsFrom) return
        latencies.push(performance.now() - at)
        if (!isFine(answer)) failed += 1
      })
      pending.add(one)
    }
  }, TICK_MS)
  return {
    count: () => {
      countsFrom = performance.now()
    },
    stop: async (): Promise<Asking> => {
      clearInterval(timer)
      await Promise.all(pending)
      return { latencies, failed }
    },
  }
}

let running: ReturnType<typeof askOpen> | undefined

answerWords<Word>(async (word) => {
  switch (word.type) {
    case 'ready':
      return askUntilReady(word.site)
    case 'closed':
      return askClosed(word.site, word.clients, word.ms)
    case 'open':
      running = askOpen(word.site, word.rate)
      return null
    case 'count':
      return running?.count()
    case 'stop':
      return running?.stop()
  }
})
