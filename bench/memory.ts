/**
 * What an idle subscriber costs the server in memory, against a bare `ws` socket; whether it comes back when they leave; and
 * whether it grows while blocks come. Garbage is collected before each reading.
 */
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createAudience } from './support/audience.ts'
import { type Ground, onGround } from './support/ground.ts'
import { createOurs, createRival, createStory, type LiveServer } from './support/liveServers.ts'
import { answerOf, QUERIES } from './support/queries.ts'
import { envOfUsage, held, usageOf } from './support/usage.ts'
import type { Table } from './table.ts'

interface Figures {
  readonly each: number
  readonly rss: number
  readonly returned: number
}

const SETTLE_MS = 2_000

const measure = async (
  { later }: Ground,
  server: LiveServer,
  file: string,
  count: number,
): Promise<Figures> => {
  const orders = { transport: 'ws', url: server.wsUrl, query: QUERIES['300 B'] } as const
  // The first audience compiles what the others need.
  const first = await createAudience({ ...orders, count: 200 })
  await first.stop()
  await delay(SETTLE_MS)
  const before = await usageOf(server, file)
  const audience = await createAudience({ ...orders, count })
  later(audience.stop)
  await delay(SETTLE_MS)
  const during = await usageOf(server, file)
  await audience.leave()
  await delay(SETTLE_MS)
  const after = await usageOf(server, file)
  const taken = held(during) - held(before)
  return {
    each: taken / count / 1024,
    rss: (during.rss - before.rss) / count / 1024,
    returned: (100 * (held(during) - held(after))) / taken,
  }
}

/** KB a minute by which the heap grows while blocks come to a full house. */
const slope = async (server: LiveServer, file: string, minutes: number): Promise<number> => {
  const audience = await createAudience({
    ...{ transport: 'ws', url: server.wsUrl, query: QUERIES['300 B'], count: 500 },
  })
  try {
    const points: (readonly [minute: number, kb: number])[] = []
    const start = performance.now()
    for (let minute = 0; minute < minutes; ) {
      await audience.next(await server.tell())
      await delay(50)
      minute = (performance.now() - start) / 60_000
      if (minute < (points.length * minutes) / 20) continue
      points.push([minute, held(await usageOf(server, file)) / 1024])
    }
    // What is cached at first is no growth: the second half counts.
    const half = points.slice(points.length / 2)
    const mean = (of: readonly number[]) => of.reduce((sum, value) => sum + value, 0) / of.length
    const [x, y] = [mean(half.map(([at]) => at)), mean(half.map(([, kb]) => kb))]
    const covariance = mean(half.map(([at, kb]) => (at - x) * (kb - y)))
    return covariance / mean(half.map(([at]) => (at - x) ** 2))
  } finally {
    await audience.stop()
  }
}

export const memory = async ({ isQuick }: { isQuick: boolean }): Promise<Table> =>
  onGround('memory', async (ground) => {
    const story = await createStory(ground)
    const count = isQuick ? 1_000 : 10_000
    const minutes = isQuick ? 0.5 : 10
    const [ownFile, rawFile] = [join(ground.folder, 'own.json'), join(ground.folder, 'raw.json')]
    const ours = await createOurs(ground, story, envOfUsage(ownFile))
    const json = await answerOf(ours.url, QUERIES['300 B'])
    const raw = await createRival(ground, {
      ...{ name: 'raw', program: 'broadcast.ts', env: envOfUsage(rawFile) },
      answer: () => Promise.resolve(json),
    })
    const [own, floor] = [
      await measure(ground, ours, ownFile, count),
      await measure(ground, raw, rawFile, count),
    ]
    const digits = (value: number) => value.toFixed(1)
    const values = ({ each, rss, returned }: Figures) => [
      digits(each),
      digits(rss),
      `${digits(returned)} %`,
    ]
    return {
      title: `${count.toLocaleString('en')} idle subscribers on WebSocket, a minute's growth over ${minutes} minutes of blocks`,
      columns: ['KB each, held', 'KB each, resident', 'returned', '÷ raw', 'KB a minute'],
      rows: [
        {
          name: 'ours',
          values: [
            ...values(own),
            digits(own.each / floor.each),
            digits(await slope(ours, ownFile, minutes)),
          ],
        },
        { name: 'raw', values: [...values(floor), '', ''] },
      ],
    }
  })
