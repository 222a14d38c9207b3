import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import postgres from 'postgres'
import { ACCESS_SCHEMA } from '../../src/api/db/names.ts'
import { createAnalyst } from '../../stack/analyst.ts'
import { createApi } from '../../stack/api.ts'
import { createApiKey } from '../../stack/apiKeys.ts'
import { ANALYST } from '../../stack/desk.ts'
import { createPostgres } from '../../stack/postgres.ts'
import { freePort } from '../../stack/process.ts'
import type { Analysed, Word as AnalystsWord } from './analysts.ts'
import { ownApp } from './apps.ts'
import { cpuSeconds } from './cpu.ts'
import { createDice, playerAt, randomCalls } from './entries.ts'
import { follow, GENESIS, SCHEMA, type Took } from './follower.ts'
import type { Word } from './frontEnd.ts'
import type { Ground } from './ground.ts'
import { startTalker } from './talker.ts'

/** Players for each old block, so that most of them have entered. */
const PLAYERS_A_BLOCK = 20
/** Between two blocks, if the first is done by then. */
export const PACE_MS = 500

/** An operator's keys, and the analysts' role: what `POST /sql` and exports need. */
const createAccess = async (url: string): Promise<readonly string[]> => {
  const sql = postgres(url, { max: 1, onnotice: () => undefined })
  try {
    await createAnalyst(sql, {
      ...{ schema: SCHEMA, analyticsSchema: 'analytics', role: ANALYST, deployments: [] },
    })
    const keys: string[] = []
    for (const name of ['first', 'second']) {
      const options = { name, role: 'operator', costPerMinute: null } as const
      keys.push((await createApiKey(sql, ACCESS_SCHEMA, options)).key)
    }
    return keys
  } finally {
    await sql.end({ timeout: 1 })
  }
}

/** A chain with so many old blocks, the indexer, the API, and those who ask. */
export const createWhole = async (ground: Ground, blocks: number) => {
  const { folder, later } = ground
  const server = await createPostgres({ directory: join(folder, 'postgres') })
  later(server.stop)
  const dice = createDice(11)
  const players = PLAYERS_A_BLOCK * blocks
  const calls = (count: number, each: number) =>
    randomCalls(dice, { count, each, population: players })
  const backfill = Array.from({ length: blocks }, () => [...calls(50, 1), ...calls(1, 100)])
  const follower = await follow(ground, server, { name: 'together', root: ownApp, backfill })
  const keys = await createAccess(follower.databaseUrl)
  const api = await createApi({
    port: await freePort(),
    env: {
      ...follower.chain.env,
      API_DATABASE_URL: follower.databaseUrl,
      DATABASE_SCHEMA: SCHEMA,
      ANALYST_DATABASE_URL: server.url('together', ANALYST),
      COST_PER_MINUTE: '1000000000000',
      LOG_LEVEL: 'warn',
    },
    // The blocks' time is long ago.
    waitForHead: false,
  })
  later(api.stop)
  const front = await startTalker<Word>('frontEnd.ts')
  later(front.stop)
  const analysts = await startTalker<AnalystsWord>('analysts.ts')
  later(analysts.stop)

  let entries = 150 * blocks
  const mine = async (count: number) => {
    const took: Took[] = []
    for (let n = 0; n < count; n++) {
      const due = performance.now() + PACE_MS
      took.push(await follower.mine(calls(20, 1)))
      entries += 20
      await wait(Math.max(0, due - performance.now()))
    }
    return took
  }
  return {
    mine,
    front,
    site: { url: api.url, players, firstPlayer: playerAt(0), since: GENESIS },
    startAnalysts: () => analysts.ask({ type: 'start', origin: new URL(api.url).origin, keys }),
    stopAnalysts: () => analysts.ask<Analysed>({ type: 'stop' }),
    cpu: () => ({
      indexer: cpuSeconds(follower.pid),
      api: cpuSeconds(api.pid),
      postgres: cpuSeconds(server.pid()),
      chain: cpuSeconds(follower.chain.anvil.pid),
    }),
    /** @throws when an entry is missing, or there twice. */
    check: async () => {
      const [count] = (await follower.entries()).split(' ')
      if (Number(count) !== entries)
        throw new Error(`${count} entries instead of ${entries}: no figure`)
    },
    entries: () => entries,
  }
}

export type Whole = Awaited<ReturnType<typeof createWhole>>
