import { execPath } from 'node:process'
import { fileURLToPath } from 'node:url'
import postgres from 'postgres'
import { createApi } from '../../stack/api.ts'
import { freePort, spawnChild } from '../../stack/process.ts'
import { createGame, NATIVE } from '../../test/support/game.ts'
import { createTables, type Tables } from '../../test/support/tables.ts'
import { clock } from './clock.ts'
import type { Ground } from './ground.ts'

/** A server whose subscribers get another state whenever it is told to. */
export interface LiveServer {
  readonly name: string
  readonly url: string
  readonly wsUrl: string
  readonly pid: number
  /** Another state; when it was there to be told, on the common clock. */
  readonly tell: () => Promise<number>
}

/** The game that is told of: a pool with its ten newest entries. */
export interface Story {
  readonly tables: Tables
  readonly env: Readonly<Record<string, string>>
  /** One more block, in one transaction with its bell; when a bare listener heard the bell. */
  readonly mine: () => Promise<number>
}

const CHAIN = 31337
const GAME = `0x${'11'.repeat(20)}`
const hash = (number: number) => `0x${number.toString(16).padStart(64, '0')}`

/** What an API needs to serve these tables. */
export const apiEnv = (
  tables: Pick<Tables, 'url' | 'schema'>,
): Readonly<Record<string, string>> => ({
  API_DATABASE_URL: tables.url,
  DATABASE_SCHEMA: tables.schema,
  DEPLOYMENTS: JSON.stringify([
    {
      chainId: CHAIN,
      name: 'local',
      address: GAME,
      startBlock: 1,
      coordinator: GAME,
      tokens: [],
    },
  ]),
  MAX_HEAD_AGE_SECONDS: '86400',
  MAX_SOCKETS_PER_ADDRESS: '100000',
  MAX_SUBSCRIPTIONS: '100000',
  MAX_SUBSCRIPTIONS_PER_ADDRESS: '100000',
  COST_PER_MINUTE: '1000000000000',
})

/** A block that a bare listener was told of, and when, on the common clock. */
export interface Mined {
  readonly number: number
  readonly at: number
}

/** Mines blocks on these tables, as the indexer would: each in one transaction with its bell, and with this change of the rows. */
export const createMiner = async (
  { later }: Ground,
  { url, schema, sql }: Tables,
  change: string,
): Promise<() => Promise<Mined>> => {
  const [newest] = await sql`select number, hash from block order by number desc limit 1`
  let [number, parent] = [Number(newest?.number), String(newest?.hash)]
  const channel = `${schema}_live_query`
  const bell = postgres(url, { max: 1, onnotice: () => undefined })
  later(() => bell.end({ timeout: 1 }))
  let rung = Promise.withResolvers<number>()
  await bell.listen(channel, () => rung.resolve(clock()))
  return async () => {
    number += 1
    rung = Promise.withResolvers()
    await sql.begin(async (sql) => {
      await sql`insert into block ${sql({
        id: `${CHAIN}-${number}`,
        chain_id: CHAIN,
        number,
        hash: hash(number),
        parent_hash: parent,
        timestamp: 1_700_000_000 + number,
      })}`
      await sql.unsafe(change)
      await sql`select pg_notify(${channel}, '["round"]')`
    })
    parent = hash(number)
    return { number, at: await rung.promise }
  }
}

export const createStory = async (ground: Ground): Promise<Story> => {
  const tables = await createTables()
  ground.later(tables.stop)
  const game = createGame()
  await game.block()
  await game.token(NATIVE, 'ETH', 18)
  await game.pool(1n, NATIVE, { entryFee: 3_000_000_000_000_000n, name: 'Classic' })
  for (let player = 1; player <= 10; player++)
    await game.enter(1n, `0x${player.toString(16).padStart(40, '0')}`, [player, player + 1])
  await game.save(tables)
  await tables.finalize(CHAIN, 1)
  const mine = await createMiner(ground, tables, 'update round set prize_pool = prize_pool + 1')
  return { tables, env: apiEnv(tables), mine: async () => (await mine()).at }
}

export const createOurs = async (
  { later }: Ground,
  story: Pick<Story, 'env' | 'mine'>,
  env = {},
): Promise<LiveServer> => {
  const api = await createApi({
    port: await freePort(),
    env: { ...story.env, ...env },
    waitForHead: false,
  })
  later(api.stop)
  return { name: 'ours', url: api.url, wsUrl: api.wsUrl, pid: api.pid, tell: story.mine }
}

/** A server of bench/rivals that is told what to send; it sends what ours sends for the same query. */
export const createRival = async (
  { later }: Ground,
  { name, program, answer, env = {} }: RivalOptions,
): Promise<LiveServer> => {
  const child = await spawnChild(
    execPath,
    [fileURLToPath(new URL(`../rivals/${program}`, import.meta.url))],
    { env: { ...process.env, ...env }, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
  )
  later(() => child.stop())
  const port = await new Promise<number>((resolve) => {
    child.process.once('message', (said) => resolve(Number(said)))
  })
  const tell = async () => {
    const json = await answer()
    const since = clock()
    child.process.send(json)
    return since
  }
  await tell()
  const origin = `127.0.0.1:${port}`
  return {
    name,
    url: `http://${origin}/graphql`,
    wsUrl: `ws://${origin}/graphql`,
    pid: child.pid,
    tell,
  }
}

export interface RivalOptions {
  readonly name: string
  readonly program: string
  readonly answer: () => Promise<string>
  readonly env?: Readonly<Record<string, string>>
}
