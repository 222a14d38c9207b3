/**
 * One anonymous client attacks, in every known way, while honest ones ask and listen: pages of a front end, twenty questions a second from
 * twenty addresses, and a hundred listeners of a pool, with two blocks a second. Before each attack the same is measured in quiet, and
 * after it until the memory is read again; what is usual in quiet is told from all quiet phases together. Time is counted from when a question was due, and for a listener from when the database rang.
 * Attacker, front end and listeners are processes of their own; the attacker's has the lowest priority, since a real one would have
 * a machine of its own.
 */
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { createTables } from '../test/support/tables.ts'
import type { Word as AttackerWord, AttackName } from './siege/attacker.ts'
import { proveDraws } from './siege/proofs.ts'
import type { Mined, Witnessed, Word as WitnessWord } from './siege/witness.ts'
import { fillGame, playerAt } from './support/bigGame.ts'
import { quantile, short } from './support/figures.ts'
import type { Asking, Word as FrontWord, Site } from './support/frontEnd.ts'
import { type Ground, onGround } from './support/ground.ts'
import { apiEnv, createMiner, createOurs, type LiveServer } from './support/liveServers.ts'
import { startTalker, type Talker } from './support/talker.ts'
import { envOfUsage, held, usageOf } from './support/usage.ts'
import type { Table } from './table.ts'

const ATTACKS = [
  ...['proofs of draws', 'wide charts', 'nested lists', 'aggregates', 'aggregates, abandoned'],
  ...['leaderboards', 'undeclared variables', 'declared variables', 'ever other texts'],
  ...['introspection', 'mistakes', 'guessed keys', 'all subscriptions', 'distinct live queries'],
  ...['distinct feeds from the start', 'distinct live leaderboards', 'forged cursors'],
  ...[
    'streams given up',
    'answers that nobody reads',
    'requests without an end',
    'idle connections',
  ],
] as readonly AttackName[]

const RATE = 20
const PACE_MS = 500
const HONEST = Array.from({ length: RATE }, (_, at) => `127.0.4.${1 + at}`)
/** Most that the slowest hundredth may take, times what it takes in quiet; most that memory may grow. */
const TARGET = { times: 3, growth: 1.1 }

interface Besieged {
  readonly server: LiveServer
  readonly site: Site
  readonly port: number
  readonly mine: () => Promise<Mined>
  readonly front: Talker<FrontWord>
  readonly witness: Talker<WitnessWord>
  readonly memoryFile: string
}

/** What honest clients met in a phase. */
interface Met {
  readonly asking: Asking
  readonly witnessed: Witnessed
}

const besiege = async (ground: Ground, isQuick: boolean): Promise<Besieged> => {
  const tables = await createTables()
  ground.later(tables.stop)
  const players = isQuick ? 2_000 : 20_000
  await fillGame(tables, { rounds: players, entries: 10 * players, players })
  await proveDraws(tables, 300)
  await tables.sql.unsafe('analyze')
  const mine = await createMiner(
    ground,
    tables,
    `update round set prize_pool = prize_pool + 1 from pool_stats
      where pool_stats.chain_id = round.chain_id and pool_stats.pool_id = round.pool_id and pool_stats.current_round_id = round.round_id`,
  )
  const memoryFile = join(ground.folder, 'memory.json')
  const { API_DATABASE_URL = '', DATABASE_SCHEMA = '', DEPLOYMENTS = '' } = apiEnv(tables)
  const server = await createOurs(
    ground,
    {
      env: { API_DATABASE_URL, DATABASE_SCHEMA, DEPLOYMENTS, MAX_HEAD_AGE_SECONDS: '86400' },
      mine: async () => (await mine()).at,
    },
    envOfUsage(memoryFile),
  )
  const front = await startTalker<FrontWord>('frontEnd.ts')
  ground.later(front.stop)
  const witness = await startTalker<WitnessWord>('../siege/witness.ts')
  ground.later(witness.stop)
  const site = {
    ...{ url: server.url, players, firstPlayer: playerAt(0), since: 1_700_000_000 },
    addresses: HONEST,
  }
  const port = Number(new URL(server.url).port)
  await front.ask({ type: 'ready', site })
  await witness.ask({ type: 'join', port, sockets: 50, streams: 50 })
  return { server, site, port, mine, front, witness, memoryFile }
}

/** Blocks and questions for so long. */
const live = async ({ front, site, mine, witness }: Besieged, ms: number): Promise<Met> => {
  await front.ask({ type: 'open', site, rate: RATE })
  await front.ask({ type: 'count' })
  const mined: Mined[] = []
  for (const until = performance.now() + ms; performance.now() < until; ) {
    const due = performance.now() + PACE_MS
    mined.push(await mine())
    await wait(Math.max(0, due - performance.now()))
  }
  const asking = await front.ask<Asking>({ type: 'stop' })
  const witnessed = await witness.ask<Witnessed>({ type: 'report', mined: mined.slice(0, -1) })
  return { asking, witnessed }
}

interface Times {
  readonly quiet: number
  readonly attacked: number
  readonly settle: number
}

const attack = async (all: Besieged, name: AttackName, from: string, times: Times) => {
  const memory = async () => held(await usageOf(all.server, all.memoryFile)) / 2 ** 20
  const before = await memory()
  const quiet = await live(all, times.quiet)
  const attacker = await startTalker<AttackerWord>('../siege/attacker.ts')
  try {
    await attacker.ask({ type: 'attack', name, site: { port: all.port, from } })
    const attacked = await live(all, times.attacked)
    const during = await memory()
    const tally = await attacker.ask<Readonly<Record<string, number>>>({ type: 'stop' })
    await attacker.stop()
    const settled = await live(all, times.settle)
    return { quiet, attacked, settled, tally, memory: [before, during, await memory()] as const }
  } finally {
    await attacker.stop()
  }
}

const p99 = (values: readonly number[]) => quantile(values, 0.99)

type Found = Awaited<ReturnType<typeof attack>>

/** What is slowest in a hundred when nobody attacks: of all quiet phases together, since one alone has two such questions. */
const quietOf = (found: readonly Found[]) => ({
  asking: p99(found.flatMap(({ quiet }) => quiet.asking.latencies)),
  listening: p99(found.flatMap(({ quiet }) => quiet.witnessed.delays)),
})

const rowOf = (
  name: string,
  found: Found,
  usual: ReturnType<typeof quietOf>,
): Table['rows'][number] => {
  const { quiet, attacked, settled, tally, memory } = found
  const asked = p99(attacked.asking.latencies) / usual.asking
  const heard = p99(attacked.witnessed.delays) / usual.listening
  const phases = [quiet, attacked, settled]
  const failed = phases.reduce((sum, { asking }) => sum + asking.failed, 0)
  const missed = phases.reduce((sum, { witnessed }) => sum + witnessed.missed, 0)
  const [before, , after] = memory
  const isMet =
    asked <= TARGET.times &&
    heard <= TARGET.times &&
    failed + missed === 0 &&
    after <= before * TARGET.growth
  const most = Object.entries(tally)
    .toSorted(([, one], [, other]) => other - one)
    .slice(0, 3)
    .map(([answer, count]) => `${count.toLocaleString('en')} × ${answer}`)
  return {
    name,
    values: [
      most.join(', '),
      short(usual.asking, 0),
      short(p99(attacked.asking.latencies), 0),
      short(asked, 1),
      short(usual.listening, 0),
      short(p99(attacked.witnessed.delays), 0),
      short(heard, 1),
      failed,
      missed,
      memory.map((mb) => short(mb, 0)).join(' / '),
      isMet ? 'met' : 'missed',
    ],
  }
}

interface Options {
  readonly isQuick: boolean
  /** Of the attacks; all of them when it is empty. */
  readonly only: readonly string[]
}

export const siege = async ({ isQuick, only }: Options): Promise<Table> =>
  onGround('siege', async (ground) => {
    const all = await besiege(ground, isQuick)
    const times = isQuick
      ? { quiet: 2_000, attacked: 4_000, settle: 1_000 }
      : { quiet: 10_000, attacked: 20_000, settle: 5_000 }
    await live(all, times.quiet)
    const found = new Map<string, Found>()
    for (const [at, name] of ATTACKS.entries()) {
      if (only.length > 0 && !only.some((part) => name.includes(part))) continue
      found.set(name, await attack(all, name, `127.0.66.${1 + at}`, times))
      process.stderr.write(`${name}\n`)
    }
    const usual = quietOf([...found.values()])
    return {
      title: `One client attacks, ${RATE} questions a second and 100 listeners are honest: p99 in ms`,
      columns: [
        'the attacker was answered',
        ...['asking, quiet', 'attacked', '÷', 'listening, quiet', 'attacked', '÷'],
        ...['failed', 'missed', 'memory before / during / after, MB', 'targets'],
      ],
      rows: [...found].map(([name, each]) => rowOf(name, each, usual)),
    }
  })
