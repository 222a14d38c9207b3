/**
 * `npm run bench -- [name …] [--quick] [--only=row,…]`: prints a table for each benchmark and keeps it as JSON in bench/results/.
 * `--only` names rows of a benchmark that can do some without the others.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { join } from 'node:path'
import process, { argv, exit, stderr, stdout, version } from 'node:process'
import { fileURLToPath } from 'node:url'
import { backfill } from './backfill.ts'
import { cost } from './cost.ts'
import { delivery } from './delivery.ts'
import { exported } from './export.ts'
import { fanout } from './fanout.ts'
import { latency } from './latency.ts'
import { live } from './live.ts'
import { memory } from './memory.ts'
import { peers } from './peers.ts'
import { query } from './query.ts'
import { rank } from './rank.ts'
import { siege } from './siege.ts'
import { stall } from './stall.ts'
import { type Table, toMarkdown } from './table.ts'
import { together } from './together.ts'

type Benchmark = (options: {
  readonly isQuick: boolean
  readonly only: readonly string[]
}) => Promise<Table | readonly Table[]>
const benchmarks = {
  backfill,
  cost,
  delivery,
  export: exported,
  fanout,
  latency,
  live,
  memory,
  peers,
  query,
  rank,
  siege,
  stall,
  together,
} satisfies Record<string, Benchmark>

const isName = (name: string): name is keyof typeof benchmarks => name in benchmarks

const args = argv.slice(2)
const isQuick = args.includes('--quick')
const ONLY = '--only='
const only = args
  .filter((arg) => arg.startsWith(ONLY))
  .flatMap((arg) => arg.slice(ONLY.length).split(','))
const wished = args.filter((arg) => arg !== '--quick' && !arg.startsWith(ONLY))
const unknown = wished.filter((name) => !isName(name))
if (unknown.length > 0) {
  stderr.write(
    `no benchmark ${unknown.join(', ')}; there are ${Object.keys(benchmarks).join(', ')}\n`,
  )
  exit(2)
}
const results = fileURLToPath(new URL('results', import.meta.url))
await mkdir(results, { recursive: true })
for (const name of wished.length > 0
  ? wished.filter(isName)
  : Object.keys(benchmarks).filter(isName)) {
  const benchmark: Benchmark = benchmarks[name]
  const tables = [await benchmark({ isQuick, only })].flat()
  for (const table of tables) stdout.write(`${toMarkdown(table)}\n`)
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: version }
  const text = JSON.stringify({ name, at: new Date().toISOString(), machine, tables }, null, 2)
  for (const { failure } of tables)
    if (failure !== undefined) {
      stderr.write(`${name}: ${failure}\n`)
      process.exitCode = 1
    }
  await writeFile(join(results, `${name}.json`), `${text}\n`)
}
