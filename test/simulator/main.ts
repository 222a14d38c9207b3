import { argv, exit, stderr, stdout } from 'node:process'
import { parseArgs } from 'node:util'
import type { FaultCounts } from './faults.ts'
import { type LiveOptions, type LiveResult, simulateLive } from './live/simulateLive.ts'
import { type Simulated, simulate } from './simulate.ts'

const USAGE = `npm run simulate -- [options]
  --seeds N   so many games (5)
  --first N   the first of them (1)
  --seed N    this game alone
  --steps N   blocks and reorganisations of a game (60)
  --looks N   how often everything is compared in a game (4)
  --jobs N    games played at the same time (2)
  --faults    nodes, databases and processes have accidents of every kind, one after the other
  --live      clients listen to the feed instead, while everything is killed and cut off
  --rounds N  so many games of that kind (10), one after the other
  --listeners N, --storm N  clients from beginning to end (200); who come back all at once (2000)
Exit code 1 at the first game that fails; it can be played again by its seed.
`

const whole = (name: string, text: string): number => {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value > 0) return value
  stderr.write(`--${name}: expected a whole number from 1 on\n${USAGE}`)
  return exit(2)
}

const read = () => {
  try {
    return parseArgs({
      args: argv.slice(2),
      options: {
        seeds: { type: 'string', default: '5' },
        first: { type: 'string', default: '1' },
        seed: { type: 'string' },
        steps: { type: 'string', default: '60' },
        looks: { type: 'string', default: '4' },
        jobs: { type: 'string', default: '2' },
        faults: { type: 'boolean', default: false },
        live: { type: 'boolean', default: false },
        rounds: { type: 'string', default: '10' },
        listeners: { type: 'string', default: '200' },
        storm: { type: 'string', default: '2000' },
      },
    }).values
  } catch (error) {
    stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`)
    return exit(2)
  }
}

const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0)

const list = (faults: FaultCounts) =>
  Object.entries(faults).map(([name, count]) => `${count} × ${name}`)

const describe = (
  { seed, counts, faults, comparisons, slowestRecoveryMs }: Simulated,
  seconds: number,
) =>
  [
    `seed ${seed}: ${counts.blocks} blocks, ${counts.rounds} rounds, ${counts.entries} entries`,
    `${sum(counts.reorganisations.values())} reorganisations`,
    list(faults).join(', '),
    ...(slowestRecoveryMs === undefined
      ? []
      : [`all well again after ${(slowestRecoveryMs / 1000).toFixed(1)} s at the most`]),
    `${comparisons} answers, ${seconds.toFixed(0)} s`,
  ].join('; ')

const added = (all: readonly FaultCounts[]): FaultCounts => {
  const sums: Record<string, number> = {}
  for (const [name, count] of all.flatMap(Object.entries<number>))
    sums[name] = (sums[name] ?? 0) + count
  return sums
}

const total = (done: readonly Simulated[]) => {
  const of = (value: (each: Simulated) => number) => sum(done.map(value))
  const cases = new Set(
    done.flatMap(({ counts }) =>
      Object.entries(counts.cases).flatMap(([name, count]) => (count > 0 ? name : [])),
    ),
  )
  return [
    `${done.length} games: ${of(({ counts }) => counts.blocks)} blocks`,
    `${of(({ counts }) => counts.rounds)} rounds, ${of(({ counts }) => counts.games)} of them to the end`,
    `${of(({ counts }) => counts.entries)} entries`,
    `${of(({ counts }) => sum(counts.reorganisations.values()))} reorganisations`,
    list(added(done.map(({ faults }) => faults))).join(', '),
    `${cases.size} kinds of case`,
    `${of(({ comparisons }) => comparisons)} answers compared, ${done.length} times live and fresh tables`,
  ].join('; ')
}

const describeLive = ({ seed, counts, ...result }: LiveResult, seconds: number) =>
  [
    `seed ${seed}: ${counts.reorganisations} reorganisations, the deepest of ${counts.deepest} blocks`,
    `${counts.indexerKills} kills of the indexer, ${counts.databaseKills} of PostgreSQL, ${counts.apiKills} of an API`,
    `${counts.apiRestarts} restarts of an API, ${counts.cuts} cuts and ${counts.stalls} stalls of its connections, ${counts.stuck} clients that do not read`,
    `${result.messages} messages, ${result.undone} undone, ${result.connections} connections`,
    `${result.comparisons} states compared, ${seconds.toFixed(0)} s`,
  ].join('; ')

const playLive = async (first: number, rounds: number, options: Omit<LiveOptions, 'seed'>) => {
  for (let seed = first; seed < first + rounds; seed++) {
    const start = performance.now()
    try {
      const result = await simulateLive({ seed, ...options })
      stdout.write(`${describeLive(result, (performance.now() - start) / 1000)}\n`)
    } catch (error) {
      stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
      stdout.write(`seed ${seed} failed; again with: npm run simulate -- --live --seed ${seed}\n`)
      return exit(1)
    }
  }
}

const values = read()
const first = values.seed === undefined ? whole('first', values.first) : whole('seed', values.seed)
if (values.live) {
  const rounds = values.seed === undefined ? whole('rounds', values.rounds) : 1
  await playLive(first, rounds, {
    steps: whole('steps', values.steps),
    listeners: whole('listeners', values.listeners),
    storm: whole('storm', values.storm),
  })
  exit()
}
const last = values.seed === undefined ? first + whole('seeds', values.seeds) - 1 : first
const options = {
  steps: whole('steps', values.steps),
  looks: whole('looks', values.looks),
  hasAccidents: values.faults,
}
const seeds = Array.from({ length: last - first + 1 }, (_, at) => first + at)
const done: Simulated[] = []

const play = async () => {
  for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
    const start = performance.now()
    try {
      const simulated = await simulate({ seed, ...options })
      done.push(simulated)
      stdout.write(`${describe(simulated, (performance.now() - start) / 1000)}\n`)
    } catch (error) {
      stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
      stdout.write(
        `seed ${seed} failed; again with: npm run simulate -- ${values.faults ? '--faults ' : ''}--seed ${seed}\n`,
      )
      seeds.length = 0
      process.exitCode = 1
    }
  }
}
await Promise.all(Array.from({ length: whole('jobs', values.jobs) }, play))
stdout.write(`${total(done)}\n`)
