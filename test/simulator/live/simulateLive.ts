import { kill } from 'node:process'
import { WebSocket } from 'ws'
import type { FeedEvent } from '../../../client/index.ts'
import { createRandom, type Random } from '../../../stack/players/random.ts'
import { waitFor } from '../../../stack/process.ts'
import { createChain } from '../../support/chain.ts'
import { createWorld, type World } from '../../support/world.ts'
import { createScenario } from '../scenario.ts'
import { createListener, type Listener, type Page, type Told } from './listeners.ts'
import { createReplicas, type Replicas } from './replicas.ts'

export interface LiveOptions {
  readonly seed: number
  /** Blocks and reorganisations of the game. */
  readonly steps: number
  /** Clients that listen from the beginning to the end. */
  readonly listeners: number
  /** Clients that come back all at once, at the end. */
  readonly storm: number
  readonly log?: (message: string) => void
}

/** How often each thing happened to those who listened. */
export interface LiveCounts {
  reorganisations: number
  deepest: number
  indexerKills: number
  databaseKills: number
  apiKills: number
  apiRestarts: number
  cuts: number
  stalls: number
  stuck: number
}

export interface LiveResult {
  readonly seed: number
  readonly counts: LiveCounts
  readonly messages: number
  readonly undone: number
  readonly connections: number
  /** Folded states that were compared with a query of the same head. */
  readonly comparisons: number
}

const PATIENCE_MS = 180_000
const LOOKS = 3

interface Answer {
  readonly head: { readonly cursor: string }
  readonly activity: {
    readonly edges: readonly { readonly node: FeedEvent & Told }[]
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
  }
}

/** What a fresh query says the events are, while the chain stands still. */
const ask = async ({ query }: World, where: object): Promise<Page> => {
  const events: (FeedEvent & Told)[] = []
  for (let after: string | null = null; ; ) {
    const answer: Answer = await query<Answer>(
      /* GraphQL */ `query ($where: ActivityFilter, $after: Cursor) {
        head { cursor }
        activity(where: $where, first: 1000, after: $after) {
          edges { node { id tx { blockNumber blockHash } } } pageInfo { hasNextPage endCursor }
        }
      }`,
      { where, after },
    )
    const { edges, pageInfo } = answer.activity
    events.push(...edges.map(({ node }) => node))
    if (!pageInfo.hasNextPage) return { cursor: answer.head.cursor, events }
    after = pageInfo.endCursor
  }
}

const places = (nodes: Iterable<readonly [string, Told]>) =>
  [...nodes].map(([id, { tx }]) => `${id} ${tx.blockHash}`)

const complain = (seed: number, listener: Listener, what: string): never => {
  throw new Error(`seed ${seed}: ${JSON.stringify(listener.where)}: ${what}`)
}

/** Every listener has come to the head, or to what is final, and has what a query of that head has. */
const compare = async (world: World, listeners: readonly Listener[], seed: number) => {
  await world.settled(PATIENCE_MS)
  const { head } = await world.query<{
    head: { number: string; hash: string; finalizedNumber: string }
  }>('{ head { number hash finalizedNumber } }')
  const fresh = new Map<string, Promise<Page>>()
  for (const listener of listeners) {
    const isThere = () =>
      listener.isFinal
        ? Number(head.finalizedNumber) < world.chain.local.startBlock ||
          listener.head()?.number === head.finalizedNumber
        : listener.head()?.hash === head.hash
    await waitFor('every listener at the head', async () => (isThere() ? true : undefined), {
      timeoutMs: PATIENCE_MS,
    }).catch((error: unknown) =>
      complain(
        seed,
        listener,
        `${String(error)}: ${JSON.stringify([listener.head(), listener.counts])}`,
      ),
    )
    if (listener.violations.length > 0) complain(seed, listener, listener.violations.join(', '))
    const key = JSON.stringify(listener.where)
    const asked = fresh.get(key) ?? ask(world, listener.where)
    fresh.set(key, asked)
    const expected = (await asked).events.filter(
      ({ tx }) => !listener.isFinal || Number(tx.blockNumber) <= Number(head.finalizedNumber),
    )
    const [has, should] = [
      places(listener.events),
      places(expected.map((node) => [node.id, node] as const)),
    ]
    if (has.join() === should.join()) continue
    const missing = should.filter((one) => !has.includes(one))
    const wrong = has.filter((one) => !should.includes(one))
    complain(
      seed,
      listener,
      `lost ${missing.join(', ')}; wrong ${wrong.join(', ')}, or in another order`,
    )
  }
  return listeners.length
}

/** The newest block is indexed, and some listener was told of it. */
const told = async (world: World, listeners: readonly Listener[]) => {
  const number = await world.settled(PATIENCE_MS)
  await waitFor(
    'somebody to be told',
    async () => listeners.some((one) => Number(one.head()?.number) >= number) || undefined,
    { timeoutMs: PATIENCE_MS },
  )
}

/** A socket that subscribes to much and then does not read. */
const stick = (url: string): WebSocket => {
  const socket = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws')
  socket.on('error', () => undefined)
  socket.on('open', () => socket.send('{"type":"connection_init"}'))
  socket.once('message', () => {
    const query = `subscription { feed(fromStart: true) { ... on FeedAppend { events { tx {
      ${Array.from({ length: 25 }, (_, at) => `h${at}: blockHash`).join(' ')} } } } } }`
    socket.send(JSON.stringify({ id: 'stuck', type: 'subscribe', payload: { query } }))
    socket.pause()
  })
  return socket
}

interface Scene {
  readonly world: World
  readonly replicas: Replicas
  readonly counts: LiveCounts
  readonly stuck: WebSocket[]
}

const killIndexer = async ({ world: { indexer }, counts }: Scene) => {
  const pid = indexer.pid()
  if (pid === undefined) return
  kill(pid, 'SIGKILL')
  counts.indexerKills += 1
}

const killDatabase = async ({ world: { postgres }, counts }: Scene) => {
  await postgres.kill()
  await postgres.start()
  counts.databaseKills += 1
}

/** What may happen after a step, and how often out of a hundred. */
const FAULTS: readonly (readonly [number, (scene: Scene) => Promise<void>])[] = [
  [4, killIndexer],
  [2, killDatabase],
  [
    6,
    async ({ replicas, counts }) => {
      await replicas.kill()
      counts.apiKills += 1
    },
  ],
  [
    3,
    async ({ replicas, counts }) => {
      await replicas.restart()
      counts.apiRestarts += 1
    },
  ],
  [
    4,
    async ({ replicas, counts }) => {
      replicas.database.cut()
      counts.cuts += 1
    },
  ],
  [
    4,
    async ({ replicas, counts }) => {
      // Long enough for a heartbeat of the doorbell to be missed.
      replicas.database.stall(8_000).catch(() => undefined)
      counts.stalls += 1
    },
  ],
  [
    5,
    async ({ replicas, counts, stuck }) => {
      stuck.push(stick(replicas.url()))
      counts.stuck += 1
    },
  ],
]

const perhaps = async (scene: Scene, random: Random) => {
  let luck = random.below(100)
  for (const [weight, happen] of FAULTS) {
    if (luck < weight) return happen(scene)
    luck -= weight
  }
}

/**
 * Plays a game with reorganisations while clients listen through API processes that are killed, restarted and cut off, as are
 * the indexer and PostgreSQL. At quiet moments each client's folded state is compared with a fresh query of the same head.
 *
 * @throws with the seed, the client's filter and what is lost, repeated or wrong.
 */
export const simulateLive = async (options: LiveOptions): Promise<LiveResult> => {
  const { seed, steps, log = () => undefined } = options
  const chain = await createChain({ genesisTimestamp: 1_799_999_999 })
  const scenario = await createScenario({ seed, chain, reorgShare: 0.25 }).catch(
    async (error: unknown) => {
      await chain.stop()
      throw error
    },
  )
  const random = createRandom(seed + 1_402)
  const world = await createWorld({
    name: `live-${seed}`,
    chain,
    tokens: scenario.tokens,
    apiEnv: { MAX_COST: '10000000' },
  })
  const counts: LiveCounts = {
    ...{ reorganisations: 0, deepest: 0, indexerKills: 0, databaseKills: 0, apiKills: 0 },
    ...{ apiRestarts: 0, cuts: 0, stalls: 0, stuck: 0 },
  }
  const stops: (() => Promise<unknown>)[] = [world.stop]
  try {
    await world.settled(PATIENCE_MS)
    const replicas = await createReplicas(world, random, 3)
    stops.push(replicas.stop)
    const scene: Scene = { world, replicas, counts, stuck: [] }
    stops.push(async () => {
      for (const socket of scene.stuck) socket.terminate()
    })
    const listeners = Array.from({ length: options.listeners }, (_, at) =>
      createListener(random, at, replicas.url),
    )
    stops.push(() => Promise.all(listeners.map(({ stop }) => stop())))
    let comparisons = 0
    for (let step = 1; step <= steps; step++) {
      await scenario.step()
      await perhaps(scene, random)
      // What is reorganised away later must have been told to some.
      if (random.chance(0.7)) await told(world, listeners)
      if (step % Math.ceil(steps / LOOKS) !== 0 && step !== steps) continue
      comparisons += await compare(world, listeners, seed)
      log(`seed ${seed}: step ${step} of ${steps}, ${comparisons} states compared`)
    }

    // All who come back bring the same cursor at the same moment, some of a block that is gone.
    const page = await ask(world, {})
    for (let step = 0; step < 5; step++) await scenario.step()
    await replicas.kill()
    const storm = Array.from({ length: options.storm }, (_, at) =>
      createListener(random, at, replicas.url, page),
    )
    stops.push(() => Promise.all(storm.map(({ stop }) => stop())))
    comparisons += await compare(world, [...storm, ...listeners], seed)

    const depths = [...scenario.counts.reorganisations]
    counts.reorganisations = depths.reduce((sum, [, times]) => sum + times, 0)
    counts.deepest = Math.max(0, ...depths.map(([depth]) => depth))
    const all = [...listeners, ...storm]
    const sum = (of: (listener: Listener) => number) =>
      all.reduce((total, listener) => total + of(listener), 0)
    return {
      seed,
      counts,
      comparisons,
      messages: sum((one) => one.counts.messages),
      undone: sum((one) => one.counts.undone),
      connections: sum((one) => one.counts.connections),
    }
  } finally {
    for (const stop of stops.reverse()) await stop()
  }
}
