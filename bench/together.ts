/**
 * Everything at once: a chain, the indexer and the API over one database. Three kinds of phases take turns; in each, a block of twenty
 * entries comes twice a second, and the pages of a front end ask. *Quiet*: twenty times a second. *Busy*: at 80 % of the rate that the API
 * can do beside the indexer, which sixteen clients that each ask when they have been answered find out first. *Loaded*: at the same
 * rate, and analysts have as many statements, exports and aggregates over everything at once as the API lets them. Time is
 * counted from when a question was due, answered or not the one before. Front end and analysts are processes of their own.
 */
import type { Analysed } from './support/analysts.ts'
import { median, quantile, short, spread } from './support/figures.ts'
import type { Took } from './support/follower.ts'
import type { Asking } from './support/frontEnd.ts'
import { onGround } from './support/ground.ts'
import { createWhole, PACE_MS, type Whole } from './support/whole.ts'
import type { Table } from './table.ts'

const CLIENTS = 16
const QUIET_RATE = 20
const BUSY_SHARE = 0.8
/** Blocks at the beginning of each phase that do not count. */
const WARM_UP = 3

const KINDS = ['quiet', 'busy', 'loaded'] as const
type Kind = (typeof KINDS)[number]

/** What a phase came to. */
interface Phase {
  readonly blocks: readonly Took[]
  readonly asking: Asking
  readonly analysed: Analysed
  /** Processors that each part kept busy. */
  readonly cpu: Readonly<Record<'indexer' | 'api' | 'postgres' | 'chain', number>>
}

/** How many questions a second the API answers while blocks come. */
const findCapacity = async ({ front, site, mine }: Whole, ms: number): Promise<number> => {
  await front.ask({ type: 'ready', site })
  const rates: number[] = []
  // The first one warms up.
  for (let turn = 0; turn < 4; turn++) {
    const asking = front.ask<number>({ type: 'closed', site, clients: CLIENTS, ms })
    const [rate] = await Promise.all([asking, mine(Math.floor(ms / PACE_MS))])
    if (turn > 0) rates.push(rate)
  }
  return median(rates)
}

const NONE: Analysed = { statements: 0, exports: 0, aggregates: 0, refused: 0 }

const takePhase = async (all: Whole, kind: Kind, rate: number, blocks: number): Promise<Phase> => {
  const { front, site, mine } = all
  await front.ask({ type: 'open', site, rate })
  if (kind === 'loaded') await all.startAnalysts()
  await mine(WARM_UP)
  await front.ask({ type: 'count' })
  const [since, before] = [performance.now(), all.cpu()]
  const took = await mine(blocks)
  const [seconds, after] = [(performance.now() - since) / 1000, all.cpu()]
  const asking = await front.ask<Asking>({ type: 'stop' })
  const analysed = kind === 'loaded' ? await all.stopAnalysts() : NONE
  const used = (part: keyof Phase['cpu']) => (after[part] - before[part]) / seconds
  return {
    blocks: took,
    asking,
    analysed,
    cpu: {
      indexer: used('indexer'),
      api: used('api'),
      postgres: used('postgres'),
      chain: used('chain'),
    },
  }
}

type Phases = Readonly<Record<Kind, readonly Phase[]>>

const timesOf = (phases: Phases, title: string): Table => {
  const row = (name: string, of: (phase: Phase) => readonly number[], target: string) => {
    const at = (kind: Kind, share: number) => quantile(phases[kind].flatMap(of), share)
    const times = (kind: Kind, other: Kind) => short(at(kind, 0.99) / at(other, 0.99), 2)
    const byTurn = phases.quiet.map((quiet, turn) => {
      const loaded = phases.loaded[turn]
      return loaded === undefined ? Number.NaN : median(of(loaded)) / median(of(quiet))
    })
    return {
      name,
      values: [
        ...KINDS.flatMap((kind) => [at(kind, 0.5), at(kind, 0.99)]),
        spread(byTurn, 2),
        ...[times('busy', 'quiet'), times('loaded', 'busy'), times('loaded', 'quiet'), target],
      ],
    }
  }
  return {
    title,
    columns: [
      ...KINDS.flatMap((kind) => [`${kind}, p50`, `${kind}, p99`]),
      'p50, loaded ÷ quiet, by turns',
      ...['p99, busy ÷ quiet', 'loaded ÷ busy', 'loaded ÷ quiet', 'target'],
    ],
    rows: [
      row('newHeads → NOTIFY', ({ blocks }) => blocks.map(({ notify }) => notify), '≤ 1.2'),
      row("Ponder's transaction", ({ blocks }) => blocks.map(({ commit }) => commit), ''),
      row('front end', ({ asking }) => asking.latencies, '≤ 2'),
    ],
  }
}

const loadOf = (phases: Phases, rates: Readonly<Record<Kind, number>>): Table => ({
  title: 'What was asked meanwhile, and the processors that each part kept busy, median',
  columns: [
    ...['questions a second', 'questions', 'of them failed'],
    ...['statements', 'exports', 'aggregates', 'refused'],
    ...['indexer', 'API', 'PostgreSQL', 'chain'],
  ],
  rows: KINDS.map((kind) => {
    const sum = (of: (phase: Phase) => number) =>
      phases[kind].reduce((all, phase) => all + of(phase), 0).toLocaleString('en')
    const cpu = (part: keyof Phase['cpu']) =>
      short(median(phases[kind].map((phase) => phase.cpu[part])), 2)
    return {
      name: kind,
      values: [
        ...[rates[kind], sum(({ asking }) => asking.latencies.length)],
        sum(({ asking }) => asking.failed),
        ...(['statements', 'exports', 'aggregates', 'refused'] as const).map((what) =>
          sum(({ analysed }) => analysed[what]),
        ),
        ...(['indexer', 'api', 'postgres', 'chain'] as const).map(cpu),
      ],
    }
  }),
})

export const together = async ({ isQuick }: { isQuick: boolean }): Promise<readonly Table[]> =>
  onGround('together', async (ground) => {
    const all = await createWhole(ground, isQuick ? 60 : 1_000)
    const history = all.entries()
    const capacity = await findCapacity(all, isQuick ? 3_000 : 8_000)
    const busy = BUSY_SHARE * capacity
    const rates = { quiet: QUIET_RATE, busy, loaded: busy }
    const [turns, blocks] = isQuick ? [2, 10] : [6, 30]
    const phases: Record<Kind, Phase[]> = { quiet: [], busy: [], loaded: [] }
    for (let turn = 0; turn < turns; turn++)
      for (const kind of KINDS) phases[kind].push(await takePhase(all, kind, rates[kind], blocks))
    await all.check()
    const title = `Blocks and queries together, ${history.toLocaleString('en')} old entries, ${turns * blocks} blocks each, ms`
    return [timesOf(phases, title), loadOf(phases, rates)]
  })
