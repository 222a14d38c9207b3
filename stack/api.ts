import { openSync } from 'node:fs'
import { execPath } from 'node:process'
import { fileURLToPath } from 'node:url'
import { type Guard, spawnChild, waitFor } from './process.ts'

/** The API as a process of its own. */
export interface Api {
  readonly url: string
  readonly wsUrl: string
  readonly port: number
  readonly pid: number
  /** Resolves when the process is gone. */
  readonly exited: Promise<unknown>
  kill(): Promise<void>
  stop(): Promise<void>
}

export interface ApiOptions {
  readonly port: number
  /** What src/api/config.ts reads: API_DATABASE_URL, DATABASE_SCHEMA, DEPLOYMENTS, … */
  readonly env: Readonly<Record<string, string>>
  /** Where its log goes. Absent: nowhere. */
  readonly logFile?: string
  /** Wait until it can answer from an indexed block, not only until it listens. Default true. */
  readonly waitForHead?: boolean
  /** Ends the waiting. */
  readonly signal?: AbortSignal
  readonly watchdog?: Guard
}

const main = fileURLToPath(new URL('../src/api/main.ts', import.meta.url))

/** Starts the API on loopback and waits until it is ready. */
export const createApi = async ({
  port,
  env,
  logFile,
  waitForHead = true,
  signal,
  watchdog,
}: ApiOptions): Promise<Api> => {
  const output = logFile === undefined ? 'ignore' : openSync(logFile, 'a')
  const child = await spawnChild(execPath, [main], {
    env: {
      CORS_ORIGINS: 'loopback',
      ...process.env,
      ...env,
      HOST: '127.0.0.1',
      PORT: String(port),
    },
    stdio: ['ignore', output, output],
    watchdog,
  })
  let isGone = false
  const exited = child.exited.then(() => {
    isGone = true
  })
  const origin = `http://127.0.0.1:${port}`
  const answers = waitFor(
    waitForHead ? 'the API with an indexed block' : 'the API',
    async () => {
      if (isGone) return false
      const { status } = await fetch(`${origin}${waitForHead ? '/ready' : '/health'}`, {
        signal: AbortSignal.timeout(2_000),
      })
      return status === 200 ? true : undefined
    },
    { timeoutMs: 120_000, everyMs: 100, ...(signal === undefined ? {} : { signal }) },
  )
  if (!(await answers.catch(async (error) => child.stop().then(() => Promise.reject(error)))))
    throw new Error(`the API ended at once; its log${logFile ? ` is ${logFile}` : ' was not kept'}`)
  return {
    url: `${origin}/graphql`,
    wsUrl: `ws://127.0.0.1:${port}/graphql`,
    port,
    pid: child.pid,
    exited,
    kill: async () => {
      child.process.kill('SIGKILL')
      await exited
    },
    stop: () => child.stop(),
  }
}
