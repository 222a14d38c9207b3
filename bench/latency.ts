/**
 * How long from NOTIFY, as a bare listener of the database hears it, until the message is in the subscribers' hands: the API's
 * own share of what `delivery` measures from the mined block on. All subscribers ask the same; a message counts when its
 * last byte has come.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { createAudience } from './support/audience.ts'
import { spread } from './support/figures.ts'
import { onGround } from './support/ground.ts'
import { createOurs, createStory } from './support/liveServers.ts'
import { QUERIES } from './support/queries.ts'
import type { Table } from './table.ts'

const WARM = 5

/** Longer than a block takes to be told, so that each is measured alone. */
const PAUSE_MS = 20

export const latency = async ({ isQuick }: { isQuick: boolean }): Promise<Table> =>
  onGround('latency', async (ground) => {
    const story = await createStory(ground)
    const ours = await createOurs(ground, story)
    const blocks = isQuick ? 20 : 100
    const rows: Table['rows'][number][] = []
    for (const transport of ['ws', 'sse'] as const)
      for (const count of isQuick ? [1, 100] : [1, 100, 1_000, 10_000]) {
        const audience = await createAudience({
          transport,
          url: transport === 'ws' ? ours.wsUrl : ours.url,
          count,
          query: QUERIES['300 B'],
        })
        const [p50, p99]: [number[], number[]] = [[], []]
        for (let block = 0; block < blocks + WARM; block++) {
          await delay(PAUSE_MS)
          const arrival = await audience.next(await ours.tell())
          if (block < WARM) continue
          p50.push(arrival.p50)
          p99.push(arrival.p99)
        }
        await audience.stop()
        rows.push({
          name: `${transport === 'ws' ? 'WebSocket' : 'SSE'}, ${count.toLocaleString('en')} subscribers`,
          values: [spread(p50, 1), spread(p99, 1)],
        })
      }
    return {
      title: `From NOTIFY to the subscribers, ${blocks} blocks, ms: over the blocks, median (min–max) of`,
      columns: ['the median subscriber', 'the 99th of a hundred'],
      rows,
    }
  })
