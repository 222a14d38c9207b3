import { argv, exit, stderr, stdout } from 'node:process'
import { parseArgs } from 'node:util'
import { simulate } from './simulate.ts'

/** `npm run simulate -- [--seeds N] [--seed N] [--steps N]`: exit code 1 at the first seed that fails. */

const { values } = parseArgs({
  args: argv.slice(2),
  options: {
    seeds: { type: 'string', default: '5' },
    seed: { type: 'string' },
    steps: { type: 'string', default: '60' },
  },
})

const first = Number(values.seed ?? 1)
const last = values.seed === undefined ? Number(values.seeds) : first
const total = {
  games: 0,
  rounds: 0,
  entries: 0,
  blocks: 0,
  reorganisations: 0,
  faults: 0,
  comparisons: 0,
}
for (let seed = first; seed <= last; seed++) {
  const start = performance.now()
  try {
    const done = await simulate({
      seed,
      steps: Number(values.steps),
      log: (message) => stderr.write(`${message}\n`),
    })
    const reorganisations = [...done.counts.reorganisations.values()].reduce((a, b) => a + b, 0)
    const faults = Object.values(done.faults).reduce((a, b) => a + b, 0)
    total.games += done.counts.games
    total.rounds += done.counts.rounds
    total.entries += done.counts.entries
    total.blocks += done.counts.blocks
    total.reorganisations += reorganisations
    total.faults += faults
    total.comparisons += done.comparisons
    const seconds = ((performance.now() - start) / 1000).toFixed(0)
    stdout.write(
      `seed ${seed}: ${done.counts.games} games, ${done.counts.entries} entries, ${reorganisations} reorganisations, ${JSON.stringify(done.faults)}, ${done.comparisons} answers, ${seconds} s\n`,
    )
  } catch (error) {
    stdout.write(`seed ${seed} failed; again with: npm run simulate -- --seed ${seed}\n`)
    stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
    exit(1)
  }
}
stdout.write(`${JSON.stringify(total)}\n`)
