/**
 * What clients that do not read do to the others: when the 99th of a hundred has a message, with and without one stalled client in
 * a hundred, in turns on the same server. A client counts as stalled when the buffers between it and the server are full.
 */
import { type Audience, createAudience } from './support/audience.ts'
import { median, spread } from './support/figures.ts'
import { onGround } from './support/ground.ts'
import { createOurs, createStory, type LiveServer } from './support/liveServers.ts'
import { QUERIES } from './support/queries.ts'
import type { Table } from './table.ts'

/** What the system keeps for a socket that is not read, at both ends. */
const BUFFERS = 4 * 1024 * 1024

const play = async (server: LiveServer, audience: Audience, messages: number) => {
  const arrivals = []
  for (let message = 0; message < messages; message++)
    arrivals.push(await audience.next(await server.tell()))
  return arrivals
}

export const stall = async ({ isQuick }: { isQuick: boolean }): Promise<Table> =>
  onGround('stall', async (ground) => {
    const story = await createStory(ground)
    const server = await createOurs(ground, story)
    const count = isQuick ? 200 : 1_000
    const [turns, messages] = isQuick ? [2, 20] : [5, 50]
    const orders = { transport: 'ws', url: server.wsUrl, query: QUERIES['5 kB'] } as const
    const audience = await createAudience({ ...orders, count })
    ground.later(audience.stop)
    const [{ bytes = 1 } = {}] = await play(server, audience, messages)
    const filling = Math.ceil(BUFFERS / bytes)
    const p99 = async () =>
      median((await play(server, audience, messages)).map(({ p99: late }) => late))
    const [without, beside]: [number[], number[]] = [[], []]
    for (let turn = 0; turn < turns; turn++) {
      without.push(await p99())
      const stalled = await createAudience({ ...orders, count: count / 100, stalls: true })
      await play(server, audience, filling)
      beside.push(await p99())
      await stalled.stop()
    }
    const ratios = beside.map((value, turn) => 100 * (value / (without[turn] ?? Number.NaN) - 1))
    return {
      title: `${count.toLocaleString('en')} subscribers of 5 kB: time until the 99th of a hundred has a message, ms`,
      columns: ['all read', `${count / 100} do not`, 'later by'],
      rows: [
        {
          name: 'WebSocket',
          values: [spread(without), spread(beside), `${spread(ratios)} %`],
        },
      ],
    }
  })
