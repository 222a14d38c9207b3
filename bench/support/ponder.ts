import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execPath, stderr } from 'node:process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { freePort, spawnChild } from '../../stack/process.ts'
import { cpuSeconds } from './cpu.ts'

/** A line of Ponder's log, when it was read (`performance.now()`), and the CPU seconds used until then. */
export interface Line {
  readonly at: number
  readonly cpu: Usage
  readonly facts: Readonly<Record<string, unknown>>
}

/** CPU seconds of the indexer, and of the PostgreSQL under it. NaN where /proc does not tell. */
export interface Usage {
  readonly indexer: number
  readonly postgres: number
}

/** One `ponder start` without a supervisor: whatever it does is what is measured. */
export interface Ponder {
  readonly pid: number
  /** Resolves with the first line, past or future, that `isIt` accepts. Rejects when the process ends without it. */
  readonly said: (isIt: (facts: Line['facts']) => boolean) => Promise<Line>
  /** Ponder's counters and histograms, by name and labels as it prints them. */
  readonly metrics: () => Promise<ReadonlyMap<string, number>>
  readonly kill: () => Promise<void>
  readonly stop: () => Promise<void>
}

export interface PonderOptions {
  /** The folder with ponder.config.ts, ponder.schema.ts and src. */
  readonly root: string
  readonly databaseUrl: string
  readonly schema: string
  /** What ponder.config.ts reads. */
  readonly env: Readonly<Record<string, string>>
  /** Process id of PostgreSQL's first process. */
  readonly postgres: () => number
}

const project = fileURLToPath(new URL('../..', import.meta.url))
const KEPT = /"msg":"(Started backfill|Completed backfill|Started returning|Indexed block")/

export const ponderBinary = () =>
  join(fileURLToPath(new URL('.', import.meta.resolve('ponder'))), 'bin/ponder.js')

const parse = (text: string): Line['facts'] | undefined => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Starts Ponder as the supervisor does: durable commits, its server on loopback. */
export const createPonder = async (options: PonderOptions): Promise<Ponder> => {
  const { root, databaseUrl, schema, env } = options
  const port = await freePort()
  const child = await spawnChild(
    execPath,
    [
      ...['--import', join(project, 'stack/preload.ts'), ponderBinary(), 'start'],
      ...['--root', root, '--schema', schema, '--hostname', '127.0.0.1', '--port', String(port)],
      ...['--log-format', 'json'],
    ],
    {
      cwd: root,
      env: { ...process.env, ...env, DATABASE_URL: databaseUrl },
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    },
  )
  const lines: Line[] = []
  let latest = ''
  const waiting = new Set<(line: Line) => void>()
  const { stdout } = child.process
  if (stdout === null) throw new Error('Ponder without its output')
  createInterface({ input: stdout }).on('line', (text) => {
    latest = text
    if (/"level":[456]0/.test(text) && !text.includes('shutdown')) stderr.write(`${text}\n`)
    if (!KEPT.test(text)) return
    const facts = parse(text)
    if (facts === undefined) return
    const cpu = { indexer: cpuSeconds(child.pid), postgres: cpuSeconds(options.postgres()) }
    const line = { at: performance.now(), cpu, facts }
    lines.push(line)
    for (const hear of waiting) hear(line)
  })
  const said: Ponder['said'] = (isIt) => {
    const known = lines.find(({ facts }) => isIt(facts))
    if (known !== undefined) return Promise.resolve(known)
    const { promise, resolve, reject } = Promise.withResolvers<Line>()
    const hear = (line: Line) => {
      if (isIt(line.facts)) resolve(line)
    }
    waiting.add(hear)
    child.exited.then(() => reject(new Error(`Ponder ended: ${latest}`)))
    return promise.finally(() => waiting.delete(hear))
  }
  return {
    pid: child.pid,
    said,
    metrics: async () => {
      const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
      return new Map(
        text.split('\n').flatMap((line) => {
          const at = line.lastIndexOf(' ')
          return line === '' || line.startsWith('#')
            ? []
            : [[line.slice(0, at), Number(line.slice(at + 1))] as const]
        }),
      )
    },
    kill: async () => {
      child.process.kill('SIGKILL')
      await child.exited
    },
    stop: () => child.stop(),
  }
}

/** The events that our handlers handle. */
export const eventNames = async (): Promise<readonly string[]> => {
  const text = await readFile(join(project, 'src/indexing/handlers.ts'), 'utf8')
  return [...text.matchAll(/ponder\.on\('([^']+)'/g)].map(([, name = '']) => name)
}
