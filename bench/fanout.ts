/**
 * What it costs to tell many subscribers of one query about a block: CPU of the server for each message delivered, against a
 * process that only sends the same bytes (the floor), and against Yoga and graphql-ws as they come, with an execution for each
 * subscriber. All servers run at once with their own subscribers and take turns, so that each ratio is of neighbours in time.
 */
import { readFile } from 'node:fs/promises'
import { type Audience, createAudience } from './support/audience.ts'
import { cpuSeconds } from './support/cpu.ts'
import { median, spread } from './support/figures.ts'
import { type Ground, onGround } from './support/ground.ts'
import {
  createOurs,
  createRival,
  createStory,
  type LiveServer,
  type Story,
} from './support/liveServers.ts'
import { answerOf, QUERIES, SIZES, type Size } from './support/queries.ts'
import type { Table } from './table.ts'

const sdl = new URL('../src/api/graphql/schema.graphql', import.meta.url)

interface Seat {
  readonly server: LiveServer
  readonly audience: Audience
  /** For each turn: CPU of the server a message, in µs, and how long until the last one had it, in ms. */
  readonly cpu: number[]
  readonly spread: number[]
}

type Transport = 'ws' | 'sse'

const seat = async (
  { later }: Ground,
  server: LiveServer,
  transport: Transport,
  query: string,
  count: number,
): Promise<Seat> => {
  const url = transport === 'ws' ? server.wsUrl : server.url
  const audience = await createAudience({ transport, url, query, count })
  later(audience.stop)
  return { server, audience, cpu: [], spread: [] }
}

/** So many messages for everyone; CPU is read at both ends. */
const play = async ({ server, audience, ...figures }: Seat, messages: number, isWarm: boolean) => {
  const before = cpuSeconds(server.pid)
  const lasts: number[] = []
  for (let turn = 0; turn < messages; turn++) {
    const since = await server.tell()
    lasts.push((await audience.next(since)).last)
  }
  if (!isWarm) return
  const cpu = cpuSeconds(server.pid) - before
  figures.cpu.push((1e6 * cpu) / (messages * audience.size))
  figures.spread.push(median(lasts))
}

interface Course {
  readonly transport: Transport
  readonly size: Size
  readonly count: number
  readonly turns: number
  readonly messages: number
}

const run = async (story: Story, course: Course): Promise<Table['rows'][number]> =>
  onGround('fanout-course', async (ground) => {
    const { transport, size, count, turns, messages } = course
    const query = QUERIES[size]
    const ours = await createOurs(ground, story)
    const answer = () => answerOf(ours.url, query)
    const json = await answer()
    const same = () => Promise.resolve(json)
    const raw = await createRival(ground, { name: 'raw', program: 'broadcast.ts', answer: same })
    const stock = await createRival(ground, {
      name: 'stock',
      program: 'stock.ts',
      answer: same,
      env: { BENCH_SDL: await readFile(sdl, 'utf8') },
    })
    const seats: Seat[] = []
    for (const server of [ours, raw, ...(transport === 'ws' ? [stock] : [])])
      seats.push(await seat(ground, server, transport, query, count))
    for (let turn = 0; turn <= turns; turn++)
      for (const one of seats) await play(one, messages, turn > 0)
    const [own, floor, naive] = seats
    const ratio = (one: Seat | undefined, other: Seat | undefined, digits: number) =>
      one === undefined || other === undefined
        ? ''
        : spread(
            one.cpu.map((value, at) => value / (other.cpu[at] ?? Number.NaN)),
            digits,
          )
    const share = spread(
      (floor?.cpu ?? []).map((value, at) => (100 * value) / (own?.cpu[at] ?? Number.NaN)),
    )
    return {
      name: `${transport === 'ws' ? 'WebSocket' : 'SSE'}, ${size} (${json.length} B), ${count.toLocaleString('en')} subscribers`,
      values: [
        spread(own?.cpu ?? [], 1),
        spread(floor?.cpu ?? [], 1),
        naive === undefined ? '' : spread(naive.cpu, 1),
        `${share} %`,
        ratio(naive, own, 1),
        spread(own?.spread ?? []),
        spread(floor?.spread ?? []),
        naive === undefined ? '' : spread(naive.spread),
      ],
    }
  })

export const fanout = async ({ isQuick }: { isQuick: boolean }): Promise<Table> =>
  onGround('fanout', async (ground) => {
    const story = await createStory(ground)
    const counts = isQuick ? [200] : [1_000, 10_000]
    const rows: Table['rows'][number][] = []
    for (const transport of ['ws', 'sse'] as const)
      for (const size of SIZES)
        for (const count of counts)
          rows.push(
            await run(story, {
              ...{ transport, size, count },
              turns: isQuick ? 3 : 5,
              messages: Math.max(3, Math.round((isQuick ? 10_000 : 30_000) / count)),
            }),
          )
    return {
      title:
        'A message to each subscriber: CPU of the server, µs, and time until the last has it, ms',
      columns: [
        'ours',
        'raw',
        'stock',
        'raw ÷ ours',
        'stock ÷ ours',
        'last, ours',
        'last, raw',
        'last, stock',
      ],
      rows,
    }
  })
