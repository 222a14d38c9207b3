import { appendFileSync } from 'node:fs'
import { env, exit, stderr, stdout } from 'node:process'
import { type Level, type Logger, pino } from 'pino'
import { createRedact } from './redact.ts'

/** Takes the secrets of this process's environment out of a text. */
export const redact = createRedact(env)

interface LogOptions {
  readonly level?: Level | 'silent' | (string & {})
  /** Absent: standard output. */
  readonly file?: string
}

/** One line of JSON for each event, without secrets. */
export const createLog = (name: string, { level = 'info', file }: LogOptions = {}): Logger =>
  pino(
    { name, level },
    {
      write: (line: string) => {
        if (file === undefined) stdout.write(redact(line))
        else appendFileSync(file, redact(line))
      },
    },
  )

/** What this process writes of an error that nobody handled, Node's own words included, has no secrets either. */
export const redactCrashes = () => {
  process.on('uncaughtException', (error) => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    stderr.write(`${redact(text)}\n`)
    exit(1)
  })
}
